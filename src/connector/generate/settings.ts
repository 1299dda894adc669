import { z } from "zod";
import { durationMs } from "../schema.ts";
import { kindNames } from "./kinds.ts";
import { parseTemplate, placeholderNames } from "./template.ts";

export const settings = z
  .strictObject({
    count: z
      .int("expected a whole number of records")
      .min(0, "expected 0 records or more")
      .optional()
      .describe("Number of records; without it there is no end."),
    rate: z
      .number("expected a number of records per second")
      .min(0.001, "expected 0.001 records per second or more")
      .optional()
      .describe("Records per second; without it they come as fast as they are taken."),
    kind: z
      .enum(kindNames)
      .optional()
      .describe(
        "What the records look like: `log` (the default), JSON log lines of about 200 bytes, or `order`, JSON orders.",
      ),
    template: z
      .string()
      .optional()
      .describe(
        "Text of each record, instead of a kind, with {{index}} (0, 1, 2 …), {{timestamp}} and {{random}} (0 to 999999).",
      ),
    seed: z
      .int("expected a whole number")
      .default(1)
      .describe("The same seed gives the same bytes, on every machine; another one gives others."),
    start: z.iso
      .datetime({ error: "expected a time such as 2024-01-01T00:00:00Z" })
      .default("2024-01-01T00:00:00Z")
      .describe("Time that the first record speaks of, in UTC."),
    step: durationMs()
      .prefault("10ms")
      .describe("How much later each further record speaks of than the one before."),
  })
  .check(({ value, issues }) => {
    if (value.template === undefined) return;
    const report = (message: string): void => {
      issues.push({ code: "custom", message, path: ["template"], input: value.template });
    };
    if (value.kind !== undefined) report("`kind` and `template` cannot be used together; remove one of them");
    for (const part of parseTemplate(value.template)) {
      if (part.placeholder === undefined || part.name !== undefined) continue;
      report(
        `"{{${part.placeholder}}}" is no placeholder; there are ${placeholderNames.map((name) => `{{${name}}}`).join(", ")}`,
      );
    }
  });

export type GenerateSettings = z.output<typeof settings>;
