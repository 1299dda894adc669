import { parseShare, parseSizeBytes, shareExamples, sizeExamples } from "../../base/index.ts";
import type { ConfigOptions } from "../session.ts";
import { parseWhole, wrongValue } from "../whole-number.ts";

export interface CaptureCommandOptions extends ConfigOptions {
  readonly once?: boolean;
  readonly output?: string;
  readonly records?: number;
  readonly bytes?: number;
  readonly sample?: number;
  readonly mask?: readonly string[];
}

/** @throws MillraceError `cli.usage` */
export function parseRecords(text: string): number {
  const count = parseWhole(text);
  if (count === undefined || count === 0) throw wrongValue("--records", text, "a whole number from 1 on");
  return count;
}

/** @throws MillraceError `cli.usage` */
export function parseBytes(text: string): number {
  const bytes = parseSizeBytes(text);
  if (bytes === undefined || bytes === 0) throw wrongValue("--bytes", text, `a size such as ${sizeExamples}`);
  return bytes;
}

/** @throws MillraceError `cli.usage` */
export function parseSample(text: string): number {
  const share = parseShare(text);
  if (share === undefined) throw wrongValue("--sample", text, `a share such as ${shareExamples}`);
  return share;
}

/** Fields with commas between them; given again, they are added. */
export function parseMask(text: string, before: readonly string[] = []): readonly string[] {
  return [
    ...before,
    ...text
      .split(",")
      .map((field) => field.trim())
      .filter((field) => field !== ""),
  ];
}
