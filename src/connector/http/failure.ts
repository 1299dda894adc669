import { MillraceError, messageOf } from "../../errors.ts";

/** Why a poll brought nothing. */
export interface PollFailure {
  readonly error: MillraceError;
  /** True where another attempt a moment later may well succeed. */
  readonly mayHeal: boolean;
}

interface Asked {
  readonly method: string;
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
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
  UND_ERR_SOCKET: "the server closed the connection",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an authority that is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an authority that is not trusted here",
};

/** For a request that got no whole response, from what `fetch` threw. */
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
      hint: "check the server, or set a longer `http.timeout`",
    },
  );
  return { error, mayHeal: true };
}

export function statusFailure({ method, url }: Asked, status: number, statusText: string): PollFailure {
  const answer = statusText === "" ? String(status) : `${status} ${statusText}`;
  const error = new MillraceError("http.status", `${method} was answered with ${answer}`, {
    where: { url },
    hint: hintFor(status),
  });
  return { error, mayHeal: status >= 500 || [408, 425, 429].includes(status) };
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return "check the credentials in `http.headers`";
  if (status === 404 || status === 410) return "check `http.endpoint`";
  if (status === 429) return "the server wants fewer requests: set a longer `http.interval`";
  if (status >= 500) return "the fault is with the server: try again later, or look into its log";
  return "check `http.endpoint`, `http.method` and `http.headers`";
}

/** `fetch` wraps the reason, and a name with several addresses wraps one reason for each. */
function rootOf(thrown: unknown): unknown {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return rootOf(thrown.errors[0]);
  if (thrown instanceof Error && thrown.cause instanceof Error) return rootOf(thrown.cause);
  return thrown;
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string"
    ? thrown.code
    : undefined;
}
