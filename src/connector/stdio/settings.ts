import { z } from "zod";

export const settings = z.strictObject({});

export type StdioSettings = z.output<typeof settings>;
