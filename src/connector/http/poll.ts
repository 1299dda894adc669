import { STATUS_CODES } from "node:http";
import type { Clock } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { readBody } from "./body.ts";
import { type PollFailure, statusFailure, timeoutFailure, unreachable } from "./failure.ts";
import type { HeaderPair } from "./header.ts";

export interface PollRequest {
  /** Without user and password, since it is named in messages. */
  readonly url: string;
  readonly method: string;
  readonly headers: readonly HeaderPair[];
  readonly body: string | undefined;
  readonly timeoutMs: number;
  readonly bodyBytesMax: number;
}

/** A response with status 2xx, read to its end. */
export interface Response {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array;
}

export type PollResult = { readonly response: Response } | { readonly failure: PollFailure };

/** Sends one request and reads its response. When the signal aborts, that is a failure too. */
export async function poll(request: PollRequest, clock: Clock, signal: AbortSignal): Promise<PollResult> {
  const exchange = new AbortController();
  const finished = new AbortController();
  const stop = (): void => exchange.abort();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  let isLate = false;
  const timer = clock.sleep(request.timeoutMs, finished.signal).then(() => {
    isLate = !finished.signal.aborted;
    if (isLate) stop();
  });
  try {
    return await exchangeOnce(request, exchange.signal);
  } catch (error) {
    if (MillraceError.is(error)) return { failure: { error, mayHeal: false } };
    return { failure: isLate ? timeoutFailure(request) : unreachable(request, error) };
  } finally {
    signal.removeEventListener("abort", stop);
    finished.abort();
    await timer;
  }
}

async function exchangeOnce(request: PollRequest, signal: AbortSignal): Promise<PollResult> {
  const { url, method, body = null } = request;
  const response = await fetch(url, {
    method,
    body,
    headers: request.headers.map(([...pair]) => pair),
    signal,
  });
  const { status, headers } = response;
  const statusText = response.statusText || (STATUS_CODES[status] ?? "");
  if (!response.ok) {
    // What the rest of the body comes to does not matter any more.
    await response.body?.cancel().catch(() => undefined);
    return { failure: statusFailure(request, status, statusText) };
  }
  return { response: { status, statusText, headers: [...headers], body: await readBody(response, request) } };
}
