import { textOf, utf8 } from "../../base/index.ts";
import type { Response } from "./poll.ts";

export interface WholeBodyOptions {
  readonly output_parts: "body" | "full";
  readonly output_type: "text" | "json";
}

/** The one record that a whole response makes, in the forms that Fluvio's http-source has. */
export function wholeBody(response: Response, options: WholeBodyOptions): Uint8Array {
  const isFull = options.output_parts === "full";
  if (options.output_type === "json") {
    const body = textOf(response.body);
    return utf8(
      JSON.stringify(isFull ? { status: statusOf(response), header: headersOf(response), body } : { body }),
    );
  }
  if (!isFull) return response.body;
  const { version, status, statusText, headers } = response;
  const lines = [
    `HTTP/${version} ${status} ${statusText}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    "",
    "",
  ];
  const head = utf8(lines.join("\n"));
  const record = new Uint8Array(head.length + response.body.length);
  record.set(head);
  record.set(response.body, head.length);
  return record;
}

function statusOf({ version, status, statusText }: Response): object {
  return { version: `HTTP/${version}`, code: status, string: statusText };
}

/** Headers by name; one that came several times has a list of its values. */
function headersOf({ headers }: Response): Record<string, string | string[]> {
  const byName: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of headers) {
    const before = byName[name];
    byName[name] = before === undefined ? value : [before, value].flat();
  }
  return byName;
}
