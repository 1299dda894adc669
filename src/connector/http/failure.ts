import { MillraceError, messageOf } from "../../errors.ts";

/** Why a poll brought nothing. */
export interface PollFailure {
  readonly error: MillraceError;
  /** True where another attempt a moment later may well succeed. */
  readonly mayHeal: boolean;
  /** How long the server wants to be left alone, where it says so. */
  readonly retryAfterMs?: number | undefined;
}

export interface Asked {
  readonly method: string;
  /** As messages show it. */
  readonly url: string;
}

/** What the operating system and the client say, in plain words; other causes are shown as they are. */
const plainWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (connection refused)",
  ECONNRESET: "the connection was reset",
  EHOSTUNREACH: "no route leads to the host",
  ENETUNREACH: "the network cannot be reached",
  ENOTFOUND: "no host has this name",
  EAI_AGAIN: "the host's name cannot be looked up just now",
  ETIMEDOUT: "the connection timed out",
  EPIPE: "the server closed the connection",
  HPE_INVALID_CONSTANT: "what answers does not speak HTTP",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an authority that is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an authority that is not trusted here",
};

/** For a request that got no whole response, from what the client threw. */
export function unreachable({ method, url }: Asked, thrown: unknown): PollFailure {
  const cause = rootOf(thrown);
  const code = codeOf(cause);
  const reason =
    code === undefined ? messageOf(cause) : (plainWords[code] ?? `${messageOf(cause)} (${code})`);
  const error = new MillraceError("http.unreachable", `${method} failed: ${reason}`, {
    where: { url },
    hint: "check that the server runs, and `http.endpoint`",
    cause: thrown,
  });
  return { error, mayHeal: true };
}

export function timeoutFailure({
  method,
  url,
  timeoutMs,
}: Asked & { readonly timeoutMs: number }): PollFailure {
  const error = new MillraceError(
    "http.unreachable",
    `${method} had no whole answer within ${timeoutMs} ms`,
    {
      where: { url },
      hint: "check the server, or set a longer `http.timeout`; a response that does not end is read with `http.stream: true`",
    },
  );
  return { error, mayHeal: true };
}

/** For a connection that is there, and over which nothing comes. */
export function idleFailure({ method, url }: Asked, idleMs: number): PollFailure {
  const error = new MillraceError("http.unreachable", `${method} brought nothing more for ${idleMs} ms`, {
    where: { url },
    hint: "check the server, or set a longer `http.idle_timeout`",
  });
  return { error, mayHeal: true };
}

/** Statuses after which the same request may succeed a moment later. */
export function mayHeal(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

export function statusFailure(
  { method, url }: Asked,
  { status, statusText }: { readonly status: number; readonly statusText: string },
  retryAfterMs?: number,
): PollFailure {
  const answer = statusText === "" ? String(status) : `${status} ${statusText}`;
  const error = new MillraceError("http.status", `${method} was answered with ${answer}`, {
    where: { url },
    hint: hintFor(status),
  });
  return { error, mayHeal: mayHeal(status), retryAfterMs };
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return "check the credentials in `http.headers`";
  if (status === 404 || status === 410) return "check `http.endpoint`";
  if (status === 429) return "the server wants fewer requests: set a longer `http.interval`";
  if (status >= 500) return "the fault is with the server: try again later, or look into its log";
  return "check `http.endpoint`, `http.method` and `http.headers`";
}

/** A name with several addresses wraps one reason for each. */
function rootOf(thrown: unknown): unknown {
  return thrown instanceof AggregateError && thrown.errors.length > 0 ? rootOf(thrown.errors[0]) : thrown;
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string"
    ? thrown.code
    : undefined;
}
