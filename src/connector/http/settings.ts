import { z } from "zod";
import { limits } from "../../limits.ts";
import { parseJsonPointer } from "../../record/index.ts";
import { durationMs, sizeBytes } from "../schema.ts";
import { headerProblem } from "./header.ts";

const sinkProtocols: readonly string[] = ["http:", "https:"];
const sourceProtocols: readonly string[] = [...sinkProtocols, "ws:", "wss:"];

const endpoint = (what: string, protocols: readonly string[]): z.ZodType<string, string> =>
  z
    .string()
    .check(({ value, issues }) => {
      const problem = endpointProblem(value, protocols);
      if (problem !== undefined) issues.push({ code: "custom", message: problem, input: value });
    })
    .describe(
      `${what}, with ${listed(protocols)}. A user and password in it are sent as basic authentication.`,
    );

const method = z
  .string()
  .regex(/^[A-Za-z]+$/, "expected an HTTP method such as GET or POST")
  .transform((name) => name.toUpperCase());

const headers = z
  .array(
    z.string().check(({ value, issues }) => {
      const problem = headerProblem(value);
      if (problem !== undefined) issues.push({ code: "custom", message: problem, input: value });
    }),
  )
  .default([])
  .describe('Headers of the request, each as "Name: value".');

const agents = {
  user_agent: z.string().optional().describe("User agent that the request names; `millrace` without it."),
  "user-agent": z
    .string()
    .optional()
    .describe("The same as `user_agent`, as Fluvio's documentation writes it."),
};

interface Agents {
  readonly user_agent?: string | undefined;
  readonly "user-agent"?: string | undefined;
}

type Check<Value> = z.core.ParsePayload<Value>;

function checkAgents({ value, issues }: Check<Agents>): void {
  if (value.user_agent === undefined || value["user-agent"] === undefined) return;
  const message = "`user_agent` and `user-agent` are the same; remove one of them";
  issues.push({ code: "custom", message, path: ["user-agent"], input: value["user-agent"] });
}

export const settings = z
  .strictObject({
    endpoint: endpoint(
      "URL that is asked for records, or of a websocket whose messages are records",
      sourceProtocols,
    ),
    method: method.prefault("GET").describe("HTTP method of the request."),
    body: z.string().optional().describe("Body of the request, for methods that have one, such as POST."),
    headers,
    ...agents,
    interval: durationMs()
      .prefault("10s")
      .describe(
        "Time from the start of one poll, or of a stream that ended, to the start of the next, such as `10s` or `1h 30m`.",
      ),
    timeout: durationMs()
      .prefault(`${limits.requestMsMax.default / 1000}s`)
      .describe(
        "How long a poll may take before it counts as failed: to the last byte of the body, or the head of a stream.",
      ),
    output_parts: z
      .enum(["body", "full"])
      .default("body")
      .describe("What of a response goes into its record: the `body`, or status, headers and body (`full`)."),
    output_type: z
      .enum(["text", "json"])
      .default("text")
      .describe("Form of the record: `text`, or a `json` object that holds the body as a string."),
    stream: z
      .boolean()
      .default(false)
      .describe(
        "True reads a response that does not end: records are what is between delimiters, or the events of a server.",
      ),
    delimiter: z
      .string()
      .min(1, "expected at least one character")
      .optional()
      .describe(
        "What separates records of a stream; a line feed without it. A `text/event-stream` is split only where it is given.",
      ),
    idle_timeout: durationMs()
      .prefault(`${limits.streamIdleMsMax.default / 1000}s`)
      .describe("How long a stream may bring nothing before its connection counts as broken."),
    websocket_config: z
      .strictObject({
        subscription_message: z
          .string()
          .optional()
          .describe("Message that is sent once the connection is there, ahead of `subscription_messages`."),
        subscription_messages: z
          .array(z.string())
          .default([])
          .describe("Messages that are sent once the connection is there, in this order."),
        ping_interval_ms: z
          .int()
          .min(1, "expected 1 or more")
          .max(2 ** 31 - 1, "expected at most 2147483647")
          .default(limits.websocketPingMs.default)
          .describe("Milliseconds between pings, by which a connection is known to be there."),
      })
      .prefault({})
      .describe("What a websocket gets to hear. Only for an endpoint with ws: or wss:."),
  })
  .check((payload) => {
    const { value, issues } = payload;
    // Fluvio's examples write an empty one with a GET.
    if ((value.body ?? "") !== "" && (value.method === "GET" || value.method === "HEAD")) {
      const message = `a ${value.method} request has no body; set \`method: POST\`, or remove \`body\``;
      issues.push({ code: "custom", message, path: ["body"], input: value.body });
    }
    const { subscription_message: first, subscription_messages: others } = value.websocket_config;
    if ((first !== undefined || others.length > 0) && !isWebsocket(value.endpoint)) {
      const message = "only a websocket is sent messages; write the endpoint with ws: or wss:";
      issues.push({ code: "custom", message, path: ["websocket_config"], input: value.websocket_config });
    }
    if (value.delimiter !== undefined && !value.stream) {
      const message = "only a stream is split at a delimiter; set `stream: true`, or remove `delimiter`";
      issues.push({ code: "custom", message, path: ["delimiter"], input: value.delimiter });
    }
    checkAgents(payload);
  });

const headerName = (): z.ZodType<string, string> =>
  z.string().check(({ value, issues }) => {
    const problem = headerProblem(`${value}: `);
    if (problem !== undefined) issues.push({ code: "custom", message: problem, input: value });
  });

export const sinkSettings = z
  .strictObject({
    endpoint: endpoint("URL that records are sent to", sinkProtocols),
    method: method.prefault("POST").describe("HTTP method of the requests."),
    headers,
    ...agents,
    http_request_timeout: durationMs()
      .prefault(`${limits.sendMsMax.default / 1000}s`)
      .describe("How long a request may take, to the end of its answer."),
    http_connect_timeout: durationMs()
      .prefault(`${limits.connectMsMax.default / 1000}s`)
      .describe("How long it may take to connect, as a part of that."),
    backoff_min: durationMs()
      .prefault(`${limits.sendFirstDelayMsMax.default / 1000}s`)
      .describe("Longest delay before the second attempt; the delays double from there."),
    backoff_max: durationMs()
      .prefault(`${limits.retryDelayMsMax.default / 1000}s`)
      .describe(
        "Longest delay between two attempts. A server that asks for more with `Retry-After` gets it.",
      ),
    attempts: z
      .int()
      .min(1)
      .default(limits.sendAttemptsMax.default)
      .describe(
        "How often a request is sent that gets no answer, or 408, 425, 429 or 5xx, before the pipeline ends; nothing is lost.",
      ),
    batch: z
      .enum(["record", "lines", "json-array"])
      .default("record")
      .describe(
        "What one request carries: a `record`, or many, as `lines` or as the elements of a `json-array`.",
      ),
    batch_records: z
      .int()
      .min(1)
      .max(limits.batchRecordsMax.default)
      .default(limits.requestRecordsMax.default)
      .describe("Most records of a request, where it carries many."),
    batch_bytes: sizeBytes()
      .prefault(`${limits.requestBytesMax.default / 1024 / 1024} MiB`)
      .describe(
        "Most bytes of a request that carries many records, such as `512 KiB`; a larger record goes alone.",
      ),
    concurrency: z
      .int()
      .min(1)
      .max(limits.sendConcurrencyMax.default)
      .default(1)
      .describe(
        "Requests that are under way at once. With more than 1 they may arrive in another order than the topic has.",
      ),
    idempotency_header: z
      .union([z.literal(false), headerName()])
      .default("Idempotency-Key")
      .describe(
        "Header with `topic/offset`, the same when a record is sent again; of many records from first to last. `false`: none.",
      ),
    key_header: headerName()
      .optional()
      .describe(
        "Header that carries the key of the record. A key that cannot be a header's value fails its record.",
      ),
    header_prefix: headerName()
      .optional()
      .describe(
        "Sends the headers of the record as headers of the request, each name with this in front, such as `X-Record-`.",
      ),
  })
  .check((payload) => {
    const { value, issues } = payload;
    if (value.method === "GET" || value.method === "HEAD") {
      const message = `a ${value.method} request has no body, and so no record; use POST, PUT or PATCH`;
      issues.push({ code: "custom", message, path: ["method"], input: value.method });
    }
    if (value.backoff_min > value.backoff_max) {
      const message = "`backoff_min` is longer than `backoff_max`";
      issues.push({ code: "custom", message, path: ["backoff_min"], input: value.backoff_min });
    }
    for (const key of ["key_header", "header_prefix"] as const) {
      if (value[key] === undefined || value.batch === "record") continue;
      const message = `a request with many records has no header for each; set \`batch: record\`, or remove \`${key}\``;
      issues.push({ code: "custom", message, path: [key], input: value[key] });
    }
    checkAgents(payload);
  });

export const extract = z
  .union(
    [
      z.literal("body"),
      z.strictObject({
        "json-array": z
          .string("expected a JSON pointer such as `/features`, or an empty text for the whole document")
          .refine(
            (text) => parseJsonPointer(text) !== undefined,
            "a JSON pointer begins with a slash, such as `/features`",
          )
          .describe(
            "JSON pointer (RFC 6901) to the array in the body whose elements are the records, such as `/features`.",
          ),
      }),
    ],
    "expected `body`, or `json-array` with a JSON pointer such as `/features`",
  )
  .default("body")
  .describe(
    "How records are taken out of a response: its `body` is one record, or each element of a JSON array in it is.",
  );

export type HttpSettings = z.output<typeof settings>;
export type HttpSinkSettings = z.output<typeof sinkSettings>;
export type HttpExtract = z.output<typeof extract>;

export function isWebsocket(endpoint: string): boolean {
  return /^wss?:/i.test(endpoint);
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function endpointProblem(text: string, protocols: readonly string[]): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && protocols.includes(url.protocol)) {
    const isEncoded = canDecode(url.username) && canDecode(url.password);
    return isEncoded
      ? undefined
      : "the user or password in the URL is not encoded as it should: write % as %25";
  }
  return `${JSON.stringify(text)} is no URL with ${listed(protocols)}, such as https://example.com/data.json`;
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
