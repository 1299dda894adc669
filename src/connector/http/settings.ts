import { z } from "zod";
import { limits } from "../../limits.ts";
import { parseJsonPointer } from "../../record/index.ts";
import { durationMs, notYet } from "../schema.ts";
import { headerProblem } from "./header.ts";

export const settings = z
  .strictObject({
    endpoint: z
      .string()
      .check(({ value, issues }) => {
        const problem = endpointProblem(value);
        if (problem !== undefined) issues.push({ code: "custom", message: problem, input: value });
      })
      .describe(
        "URL that is asked for records, with http: or https:. A user and password in it are sent as basic authentication.",
      ),
    method: z
      .string()
      .regex(/^[A-Za-z]+$/, "expected an HTTP method such as GET or POST")
      .transform((name) => name.toUpperCase())
      .prefault("GET")
      .describe("HTTP method of the request."),
    body: z.string().optional().describe("Body of the request, for methods that have one, such as POST."),
    headers: z
      .array(
        z.string().check(({ value, issues }) => {
          const problem = headerProblem(value);
          if (problem !== undefined) issues.push({ code: "custom", message: problem, input: value });
        }),
      )
      .default([])
      .describe('Headers of the request, each as "Name: value".'),
    user_agent: z.string().optional().describe("User agent that the request names; `millrace` without it."),
    "user-agent": z
      .string()
      .optional()
      .describe("The same as `user_agent`, as Fluvio's documentation writes it."),
    interval: durationMs()
      .prefault("10s")
      .describe("Time from the start of one poll to the start of the next, such as `10s` or `1h 30m`."),
    timeout: durationMs()
      .prefault(`${limits.requestMsMax.default / 1000}s`)
      .describe("How long a poll may take, to the last byte of the body, before it counts as failed."),
    output_parts: z
      .enum(["body", "full"])
      .default("body")
      .describe("What of a response goes into its record: the `body`, or status, headers and body (`full`)."),
    output_type: z
      .enum(["text", "json"])
      .default("text")
      .describe("Form of the record: `text`, or a `json` object that holds the body as a string."),
    stream: z
      .literal(false, "not available yet: streaming responses; leave it out to poll instead")
      .optional()
      .describe("Not available yet: reading a response that does not end."),
    delimiter: notYet("it splits streaming responses").describe(
      "Not available yet: what separates the records of a stream.",
    ),
    websocket_config: notYet("websocket endpoints").describe(
      "Not available yet: settings of websocket endpoints.",
    ),
  })
  .check(({ value, issues }) => {
    if (value.body !== undefined && (value.method === "GET" || value.method === "HEAD")) {
      const message = `a ${value.method} request has no body; set \`method: POST\`, or remove \`body\``;
      issues.push({ code: "custom", message, path: ["body"], input: value.body });
    }
    if (value.user_agent !== undefined && value["user-agent"] !== undefined) {
      const message = "`user_agent` and `user-agent` are the same; remove one of them";
      issues.push({ code: "custom", message, path: ["user-agent"], input: value["user-agent"] });
    }
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
export type HttpExtract = z.output<typeof extract>;

function endpointProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "ws:" || url?.protocol === "wss:") return "not available yet: websocket endpoints";
  if (url?.protocol === "http:" || url?.protocol === "https:") return undefined;
  return `"${text}" is no URL with http: or https:, such as https://example.com/data.json`;
}
