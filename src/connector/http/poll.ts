import type { Clock } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { readBody } from "./body.ts";
import { type HttpClient, type HttpRequest, type HttpResponse, headerOf } from "./client.ts";
import { Deadline } from "./deadline.ts";
import { type PollFailure, statusFailure, timeoutFailure, unreachable } from "./failure.ts";
import type { HeaderPair } from "./header.ts";
import { sendFollowing } from "./redirect.ts";
import { retryAfterMs } from "./retry-after.ts";
import { shownUrl } from "./shown-url.ts";

export interface PollOptions {
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Headers that ask for a body only where it is another than a known one. */
  readonly conditions: readonly HeaderPair[];
}

/** A response with status 2xx, read to its end. */
export interface Response extends Omit<HttpResponse, "body"> {
  readonly body: Uint8Array;
}

/** No response where the conditions say that nothing has changed. */
export type PollResult = { readonly response: Response | undefined } | { readonly failure: PollFailure };

/** Sends one request and reads its response. When the signal aborts, that is a failure too. */
export async function poll(
  request: HttpRequest,
  options: PollOptions,
  signal: AbortSignal,
): Promise<PollResult> {
  const { timeoutMs } = options;
  const asked = { method: request.method, url: shownUrl(request.url) };
  const deadline = new Deadline(timeoutMs, options.clock, signal);
  try {
    return await exchange(request, options, deadline.signal);
  } catch (error) {
    if (MillraceError.is(error)) return { failure: { error, mayHeal: false } };
    return {
      failure: deadline.isOver ? timeoutFailure({ ...asked, timeoutMs }) : unreachable(asked, error),
    };
  } finally {
    await deadline.end();
  }
}

async function exchange(
  request: HttpRequest,
  { client, clock, conditions }: PollOptions,
  signal: AbortSignal,
): Promise<PollResult> {
  const headers = [...request.headers, ...conditions];
  const response = await sendFollowing(client, { ...request, headers }, signal);
  const url = shownUrl(request.url);
  if (response.status === 304 && conditions.length > 0) {
    response.body.destroy();
    return { response: undefined };
  }
  if (!isSuccess(response.status)) {
    // What the rest of the body comes to does not matter any more.
    response.body.destroy();
    const waitMs = retryAfterMs(headerOf(response, "retry-after"), clock.now());
    return { failure: statusFailure({ method: request.method, url }, response, waitMs) };
  }
  const bodyBytesMax = limits.responseBytesMax.default;
  return { response: { ...response, body: await readBody(response, { url, bodyBytesMax }) } };
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
