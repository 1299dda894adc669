import { limits } from "../../limits.ts";
import { type HeaderPair, parseHeader } from "./header.ts";
import type { PollRequest } from "./poll.ts";
import type { HttpSettings } from "./settings.ts";

const defaultUserAgent = "millrace";

/**
 * The request that the settings describe. A user and password in the URL become a header, since `fetch` refuses them
 * there.
 */
export function requestOf(settings: HttpSettings): PollRequest {
  const url = new URL(settings.endpoint);
  const headers: HeaderPair[] = settings.headers.map(parseHeader);
  const has = (name: string): boolean => headers.some(([given]) => given.toLowerCase() === name);
  const userAgent = settings.user_agent ?? settings["user-agent"] ?? defaultUserAgent;
  if (!has("user-agent")) headers.push(["user-agent", userAgent]);
  if (url.username !== "" || url.password !== "") {
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    if (!has("authorization"))
      headers.push(["authorization", `Basic ${Buffer.from(login).toString("base64")}`]);
    url.username = "";
    url.password = "";
  }
  // A fragment is never sent, and would be in the way where records are named by one.
  url.hash = "";
  return {
    url: url.href,
    method: settings.method,
    headers,
    body: settings.body,
    timeoutMs: settings.timeout,
    bodyBytesMax: limits.responseBytesMax.default,
  };
}
