import { z } from "zod";

import { durationMs, sizeBytes } from "../schema.ts";

export const settings = z.strictObject({
  path: z
    .string()
    .min(1, "expected the path of a file")
    .describe(
      "Path of the file; a relative path counts from the folder of the config. For a source it may be a pattern with " +
        "`*`, `?`, `[a-z]`, `{a,b}` and `**` for folders of any depth; the files are read in the order of their names. A " +
        "file that ends with `.gz` is read and written as a gzip archive.",
    ),
  follow: z
    .boolean()
    .optional()
    .describe(
      "Source only. True waits at the end for what is appended, as `tail -F` does: a file that is renamed or emptied is " +
        "read to its end, and then the new one under its name; new files that fit a pattern are picked up. With " +
        "`--once` it ends at the end all the same.",
    ),
  append: z
    .boolean()
    .optional()
    .describe(
      "Sink only. True (the default) writes behind what the file holds; false empties the file each time the pipeline starts.",
    ),
  rotate: z
    .strictObject({
      size: sizeBytes()
        .optional()
        .describe(
          "Size that a file does not pass, such as `100 MB`, unless a single record is larger; an archive passes it once.",
        ),
      interval: durationMs()
        .optional()
        .describe("How old a file may be when another record comes, such as `1h`."),
    })
    .refine(
      ({ size, interval }) => size !== undefined || interval !== undefined,
      "expected `size`, `interval` or both",
    )
    .optional()
    .describe(
      "Sink only. When a new file is begun. The one before is synced and closed first, and gets a number into its " +
        "name: of `out.ndjson`, `out-000001.ndjson` is the oldest.",
    ),
});

export type FileSettings = z.output<typeof settings>;
