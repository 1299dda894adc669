import type { FileHandle } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import type { Logger } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { FrameBuffer } from "../../record/index.ts";
import { type ByteInput, type Format, FormatReader, placeIn } from "../format/index.ts";
import { FileInput } from "./format-file-reader.ts";
import { GzipInput, packedBytes } from "./gzip-input.ts";
import type { OutputFile } from "./output-file.ts";

const never = new AbortController().signal;
/** How the members begin that are written here; those of others may begin with other flags. */
const memberStart = Buffer.from([0x1f, 0x8b, 0x08]);

export interface OutputOptions {
  readonly path: string;
  readonly format: Format;
  readonly isArchive: boolean;
  readonly log: Logger;
}

/**
 * Makes a file that a crash may have left fit to be appended to, and gives what its start tells of the columns of its
 * records, as the state of a decoder.
 *
 * A last line that breaks off is ended before the first record. Where records are told apart by what they begin with,
 * whatever came behind a torn one would be taken for a part of it, so that one is taken away: it was not acknowledged,
 * and comes again.
 *
 * @throws MillraceError where the file holds something that is not in the format
 */
export async function makeAppendable(file: OutputFile, options: OutputOptions): Promise<string | undefined> {
  if (!file.isRegular || file.size === 0) return undefined;
  const { format, isArchive } = options;
  if (isArchive) await cutTornMember(file, options);
  else if (format.kind === "lines") file.isTorn = !(await file.endsLine());
  if (file.size === 0 || format.kind === "lines") return undefined;
  const input = isArchive ? new GzipInput(options.path, file.handle) : new FileInput(file.handle, 0);
  const reader = new FormatReader({ format, place: (offset) => placeIn(options.path, format, offset) });
  await readToEnd(reader, input, false);
  if (!isArchive && reader.takenBytes < file.size) await mendEnd(file, reader, input, options);
  return reader.state;
}

/** Ends a whole record that lacks its end, and takes away one that is torn. */
async function mendEnd(
  file: OutputFile,
  reader: FormatReader,
  input: ByteInput,
  { path, log }: OutputOptions,
): Promise<void> {
  const end = reader.takenBytes;
  const isWhole = await readToEnd(reader, input, true);
  if (isWhole) {
    file.isTorn = true;
    return;
  }
  log.warn(`${path} ends in the middle of a record; its ${file.size - end} bytes are taken away`);
  await file.cut(end);
}

/** Reads all there is; gives whether there was no damage. */
async function readToEnd(reader: FormatReader, input: ByteInput, isComplete: boolean): Promise<boolean> {
  const buffer = new FrameBuffer();
  let isSound = true;
  for (;;) {
    buffer.reset();
    const reading = await reader.read(buffer, input, { signal: never, timestamp: 0, isComplete });
    if (reading === undefined) return isSound;
    if (reading.rejections.length > 0) isSound = false;
  }
}

/** Takes away a member of an archive that breaks off, since nothing behind it could be unpacked. */
async function cutTornMember(file: OutputFile, { path, log }: OutputOptions): Promise<void> {
  if (await isWhole(file.handle, file.size)) return;
  for await (const end of memberStarts(file.handle, file.size)) {
    if (end > 0 && !(await isWhole(file.handle, end))) continue;
    log.warn(`${path} ends in the middle of a member; its ${file.size - end} bytes are taken away`);
    await file.cut(end);
    return;
  }
  throw new MillraceError("gzip.invalid", "the file to append to is no gzip archive", {
    where: { file: path },
    hint: "choose another path, or one that does not end with .gz",
  });
}

/** Places where a member may begin, the last one first. */
async function* memberStarts(handle: FileHandle, size: number): AsyncGenerator<number> {
  const bytes = Buffer.allocUnsafe(limits.batchBytes.default);
  // The mark itself may break off.
  for (let length = 1; length < memberStart.length; length++) {
    const { bytesRead } = await handle.read(bytes, 0, length, Math.max(0, size - length));
    if (bytesRead === length && memberStart.subarray(0, length).equals(bytes.subarray(0, length)))
      yield size - length;
  }
  // Each part reaches into the one behind it, so that no mark is cut in two.
  for (let to = size; to > 0; ) {
    const from = Math.max(0, to - (bytes.length - memberStart.length));
    const { bytesRead } = await handle.read(
      bytes,
      0,
      Math.min(size, to + memberStart.length - 1) - from,
      from,
    );
    const part = bytes.subarray(0, bytesRead);
    for (
      let at = part.lastIndexOf(memberStart);
      at >= 0;
      at = at === 0 ? -1 : part.lastIndexOf(memberStart, at - 1)
    ) {
      yield from + at;
    }
    to = from;
  }
}

/** Whether the first `end` bytes of a file are an archive that does not break off. */
function isWhole(handle: FileHandle, end: number): Promise<boolean> {
  return new Promise((resolve) => {
    const gunzip = createGunzip();
    const packed = packedBytes(handle, end);
    const done = (result: boolean): void => {
      packed.destroy();
      resolve(result);
    };
    gunzip.once("end", () => done(true));
    gunzip.once("error", () => done(false));
    packed.once("error", () => done(false));
    gunzip.resume();
    packed.pipe(gunzip);
  });
}
