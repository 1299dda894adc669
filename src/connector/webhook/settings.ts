import { z } from "zod";
import { limits } from "../../limits.ts";
import { parseJsonPointer } from "../../record/index.ts";
import { durationMs, sizeBytes } from "../schema.ts";

const headerName = (): z.ZodString =>
  z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, "expected the name of a header");

const secret = (what: string): z.ZodString => z.string(`expected ${what}`).min(1, `expected ${what}`);

export const settings = z.strictObject({
  host: z
    .string()
    .min(1, "expected an address or a name")
    .default("127.0.0.1")
    .describe(
      "Address to listen on. The default takes requests of this machine only; `0.0.0.0` or `::` take those of others too.",
    ),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .describe("Port to listen on; 0 takes any that is free, which is logged."),
  path: z
    .string()
    .regex(/^\/[^?#\s]*$/, "expected a path that begins with a slash, such as `/events`")
    .default("/")
    .describe("Path that takes requests; all others are answered with 404. A query does not matter."),
  token: secret("a token")
    .optional()
    .describe("Token that a request must have as `Authorization: Bearer …`; others are answered with 401."),
  shared_secret: z
    .strictObject({
      header: headerName().describe("Name of the header, such as `X-Webhook-Token`."),
      value: secret("the value of the header").describe("Value that it must have."),
    })
    .optional()
    .describe("A header that a request must have, for senders that have no bearer tokens."),
  signature: z
    .strictObject({
      header: headerName().describe("Name of the header that carries it, such as `X-Hub-Signature-256`."),
      secret: secret("a secret").describe("Secret that the sender signs with."),
      algorithm: z
        .enum(["sha256", "sha512", "sha1"])
        .default("sha256")
        .describe("Hash of the HMAC; `sha1` only for senders that have no other."),
      encoding: z.enum(["hex", "base64"]).default("hex").describe("How the signature is written."),
      prefix: z.string().default("").describe("What stands before it, such as `sha256=`."),
    })
    .optional()
    .describe("An HMAC of the body that a request must carry."),
  max_body: sizeBytes()
    .pipe(z.number().max(limits.recordBytesMax.default, "a body cannot be larger than a record, 16 MiB"))
    .prefault(`${limits.webhookBodyBytesMax.default / 1024 / 1024} MiB`)
    .describe("Largest body, such as `512 KiB`; a larger one is answered with 413."),
  max_waiting: z
    .int()
    .min(1)
    .default(limits.webhookWaitingMax.default)
    .describe(
      "Most requests that wait for their records to be stored; further ones are answered with 503 and `Retry-After`.",
    ),
  request_timeout: durationMs()
    .prefault(`${limits.webhookRequestMsMax.default / 1000}s`)
    .describe("How long a request may take to arrive whole."),
  key_header: headerName()
    .optional()
    .describe("Header of the request whose value is the key of its records."),
  headers: z
    .array(headerName())
    .default([])
    .describe("Headers of the request that its records get too, such as `X-GitHub-Event`."),
});

export const extract = z
  .union(
    [
      z.enum(["content-type", "body", "lines"]),
      z.strictObject({
        "json-array": z
          .string("expected a JSON pointer such as `/events`, or an empty text for the whole document")
          .refine(
            (text) => parseJsonPointer(text) !== undefined,
            "a JSON pointer begins with a slash, such as `/events`",
          )
          .describe(
            "JSON pointer (RFC 6901) to the array in the body whose elements are the records; empty for the whole body.",
          ),
      }),
    ],
    "expected `content-type`, `body`, `lines`, or `json-array` with a JSON pointer such as `/events`",
  )
  .default("content-type")
  .describe(
    "What of a request is a record: its `body`, each of its `lines`, or each element of a JSON array; `content-type` decides.",
  );

export type WebhookSettings = z.output<typeof settings>;
export type WebhookExtract = z.output<typeof extract>;
