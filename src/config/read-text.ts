import { readdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { nearMiss } from "../base/index.ts";
import { MillraceError, messageOf } from "../errors.ts";
import { limits } from "../limits.ts";
import { readBytes } from "./read-bytes.ts";

/**
 * Reads a config file as text.
 *
 * @throws MillraceError `config.not-found` when it is not there or cannot be read
 * @throws MillraceError `config.syntax` when it is too large or no UTF-8
 */
export async function readText(file: string): Promise<string> {
  const most = limits.configBytesMax.default;
  const bytes = await readBytes(file, most).catch(async (cause: unknown) => {
    throw await notFound(file, cause);
  });
  if (bytes.length > most) {
    throw new MillraceError("config.syntax", `the file is larger than ${most} bytes`, {
      where: { file },
      hint: "name the config of a pipeline, not its data",
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new MillraceError("config.syntax", "the file is not UTF-8 text", {
      where: { file },
      hint: "save it as UTF-8; if it is not a config, name the YAML file instead",
      cause,
    });
  }
}

async function notFound(file: string, cause: unknown): Promise<MillraceError> {
  const code = (cause as NodeJS.ErrnoException).code;
  const details = { where: { file }, cause };
  if (code === "EISDIR") {
    return new MillraceError("config.not-found", "this is a folder, not a config file", {
      ...details,
      hint: "name a file in it",
    });
  }
  if (code !== "ENOENT" && code !== "ENOTDIR") {
    return new MillraceError(
      "config.not-found",
      `the config file cannot be read: ${messageOf(cause)}`,
      details,
    );
  }
  const neighbours = await readdir(dirname(file)).catch(() => []);
  const near = nearMiss(basename(file), neighbours);
  return new MillraceError("config.not-found", "there is no such config file", {
    ...details,
    hint: near === undefined ? "check the path" : `did you mean "${near}"?`,
  });
}
