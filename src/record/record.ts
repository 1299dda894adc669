import { utf8 } from "../base/index.ts";
import { limits } from "../limits.ts";

/** One header of a record. Order and duplicates are kept. */
export interface Header {
  readonly name: string;
  readonly value: Uint8Array;
}

/** One record as people and tests write it; on the data path records live in frames instead. */
export interface RecordInput {
  readonly value: Uint8Array | string;
  /** Absent (undefined) and empty are different keys. */
  readonly key?: Uint8Array | string | undefined;
  /** Whole milliseconds since 1970, where -1 stands for none. */
  readonly timestamp?: number | undefined;
  readonly headers?: readonly Header[] | undefined;
}

// A name may begin with U+FEFF, which would pass for a mark of the encoding otherwise.
const names = new TextDecoder("utf-8", { ignoreBOM: true });

/** The names of headers are few and come again with each record, so the bytes of some are kept. */
const knownNames = new Map<string, Uint8Array>();

function nameBytes(name: string): Uint8Array {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const bytes = utf8(name);
  if (knownNames.size < limits.headerNamesKeptMax.default) knownNames.set(name, bytes);
  return bytes;
}

/** Bytes of a header block, in the form drawn in `layout.ts`. */
export function encodeHeaders(headers: readonly Header[]): Uint8Array {
  const parts = headers.map((header) => ({
    name: nameBytes(header.name),
    value: header.value,
  }));
  const total = parts.reduce((sum, part) => sum + 8 + part.name.length + part.value.length, 4);
  const block = new Uint8Array(total);
  const view = new DataView(block.buffer);
  view.setUint32(0, parts.length, true);
  let at = 4;
  for (const { name, value } of parts) {
    view.setUint32(at, name.length, true);
    view.setUint32(at + 4, value.length, true);
    block.set(name, at + 8);
    block.set(value, at + 8 + name.length);
    at += 8 + name.length + value.length;
  }
  return block;
}

/** True when a span is a well-formed header block, or empty; it must lie inside of `bytes`. */
export function isHeaderBlock(bytes: Uint8Array, at: number, length: number): boolean {
  if (length === 0) return true;
  if (length < 4) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  let position = 4;
  for (let left = view.getUint32(0, true); left > 0; left--) {
    if (position + 8 > length) return false;
    position += 8 + view.getUint32(position, true) + view.getUint32(position + 4, true);
  }
  return position === length;
}

/** Headers of a block that was checked by `openFrame` or written by `encodeHeaders`; empty for an empty span. */
export function decodeHeaders(block: Uint8Array): readonly Header[] {
  if (block.length === 0) return [];
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const headers: Header[] = [];
  let at = 4;
  for (let left = view.getUint32(0, true); left > 0; left--) {
    const nameAt = at + 8;
    const valueAt = nameAt + view.getUint32(at, true);
    const end = valueAt + view.getUint32(at + 4, true);
    headers.push({
      name: names.decode(block.slice(nameAt, valueAt)),
      value: block.slice(valueAt, end),
    });
    at = end;
  }
  return headers;
}
