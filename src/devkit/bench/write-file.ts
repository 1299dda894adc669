import { writeFile } from "node:fs/promises";
import { MillraceError, messageOf } from "../../errors.ts";

/** @throws MillraceError `file.unwritable` */
export async function writeTextFile(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new MillraceError("file.unwritable", `${file} cannot be written: ${messageOf(error)}`, {
      where: { file },
      hint: "name a file in a folder that is there and that you may write to",
      cause: error,
    });
  }
}
