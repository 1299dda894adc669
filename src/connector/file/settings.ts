import { z } from "zod";

export const settings = z.strictObject({
  path: z
    .string()
    .min(1, "expected the path of a file")
    .describe("Path of the file; a relative path counts from the folder of the config."),
  append: z
    .boolean()
    .optional()
    .describe(
      "Sink only. True (the default) writes behind what the file holds; false empties the file each time the pipeline starts.",
    ),
});

export type FileSettings = z.output<typeof settings>;
