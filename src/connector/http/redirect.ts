import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { type HttpClient, type HttpRequest, type HttpResponse, headerOf } from "./client.ts";
import { shownUrl } from "./shown-url.ts";

/** Headers that say nothing about who asks, and that another host may get. */
const harmlessHeaders: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "content-type",
  "if-modified-since",
  "if-none-match",
  "last-event-id",
  "user-agent",
]);

export interface RedirectOptions {
  /** True where a redirect that makes a GET of the request, and so loses its body, is not followed. */
  readonly keepsMethod?: boolean;
}

/**
 * Sends a request and follows where the responses lead, as far as that is safe: another host gets none of the headers
 * that may hold credentials, no body goes to another host, and what was encrypted stays so.
 * @throws MillraceError `http.redirect`; and what the client throws
 */
export async function sendFollowing(
  client: HttpClient,
  first: HttpRequest,
  signal: AbortSignal,
  options: RedirectOptions = {},
): Promise<HttpResponse> {
  let request = first;
  for (let count = 0; ; count++) {
    const response = await client.send(request, signal);
    const location = isRedirect(response.status) ? headerOf(response, "location") : undefined;
    if (location === undefined) return response;
    response.body.destroy();
    if (count === limits.redirectsMax.default) {
      throw refused(first, `more than ${limits.redirectsMax.default} redirects followed one another`);
    }
    request = next(request, response.status, location, options);
  }
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function next(
  request: HttpRequest,
  status: number,
  location: string,
  { keepsMethod = false }: RedirectOptions,
): HttpRequest {
  if (!URL.canParse(location, request.url.href)) throw refused(request, "the redirect leads to no URL");
  const url = new URL(location, request.url);
  url.username = "";
  url.password = "";
  url.hash = "";
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw refused(request, `the redirect leads to ${url.protocol}`);
  }
  if (request.url.protocol === "https:" && url.protocol === "http:") {
    throw refused(request, `the redirect leads from https: to ${shownUrl(url)}, where nothing is encrypted`);
  }
  const isSame = isSameHost(request.url, url);
  const becomesGet = status === 303 ? request.method !== "HEAD" : status < 303 && request.method === "POST";
  if (becomesGet && keepsMethod) {
    throw refused(request, `the redirect (${status}) leads to ${shownUrl(url)} without the body`);
  }
  if (!becomesGet && !isSame && request.body !== undefined) {
    throw refused(request, `the redirect leads to another host, ${shownUrl(url)}, which would get the body`);
  }
  const headers = request.headers.filter(([name]) => {
    const lower = name.toLowerCase();
    if (becomesGet && lower === "content-type") return false;
    return isSame || harmlessHeaders.has(lower);
  });
  return becomesGet ? { url, method: "GET", headers, body: undefined } : { ...request, url, headers };
}

/** The step from http: to https: on the usual ports stays with the host. */
function isSameHost(from: URL, to: URL): boolean {
  if (from.origin === to.origin) return true;
  return from.hostname === to.hostname && from.protocol === "http:" && from.port === "" && to.port === "";
}

function refused({ url, method }: HttpRequest, message: string): MillraceError {
  return new MillraceError("http.redirect", `${method} was not followed: ${message}`, {
    where: { url: shownUrl(url) },
    hint: "set `http.endpoint` to the address that is meant",
  });
}
