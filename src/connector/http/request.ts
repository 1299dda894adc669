import type { HttpRequest } from "./client.ts";
import { type HeaderPair, parseHeader } from "./header.ts";

const defaultUserAgent = "millrace";

/** What settings of both ends say about a request. */
export interface RequestSettings {
  readonly endpoint: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body?: string | undefined;
  readonly user_agent?: string | undefined;
  readonly "user-agent"?: string | undefined;
}

/**
 * The request that the settings describe. A user and password in the URL become a header.
 * @param defaults headers for what the settings do not say
 */
export function requestOf(settings: RequestSettings, defaults: readonly HeaderPair[]): HttpRequest {
  const url = new URL(settings.endpoint);
  const headers: HeaderPair[] = settings.headers.map(parseHeader);
  const userAgent = settings.user_agent ?? settings["user-agent"] ?? defaultUserAgent;
  const fallbacks: HeaderPair[] = [["user-agent", userAgent], ...defaults];
  if (url.username !== "" || url.password !== "") {
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    fallbacks.push(["authorization", `Basic ${Buffer.from(login).toString("base64")}`]);
    url.username = "";
    url.password = "";
  }
  for (const [name, value] of fallbacks) {
    if (!headers.some(([given]) => given.toLowerCase() === name)) headers.push([name, value]);
  }
  // A fragment is never sent, and would be in the way where records are named by one.
  url.hash = "";
  return { url, method: settings.method, headers, body: settings.body };
}
