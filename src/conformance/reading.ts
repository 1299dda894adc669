import assert from "node:assert/strict";
import type { Source } from "../pipeline/index.ts";
import { Batch, FrameBuffer, openFrame } from "../record/index.ts";
import type { Position } from "../topic/index.ts";

/** Values of records, in a form that compares and prints well: short ones as text, long ones by length and ends. */
export function shown(values: Iterable<Uint8Array>): string[] {
  return Array.from(values, (value) => {
    const bytes = Buffer.from(value);
    if (bytes.length <= 300) return bytes.toString("latin1");
    let sum = 0;
    for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) | 0;
    return `${bytes.length} bytes, sum ${sum}, ${bytes.toString("latin1", 0, 20)}…`;
  });
}

/** What one reading brought, copied out of its buffer. */
export interface Kept {
  readonly values: readonly Uint8Array[];
  readonly position: Position | undefined;
  readonly acknowledge: () => Promise<void>;
}

const never = new AbortController().signal;

/** The next reading of a source, checked against the rules that hold for all; undefined at the end. */
export async function readOne(source: Source, signal: AbortSignal = never): Promise<Kept | undefined> {
  const reading = await source.read(new FrameBuffer(), signal);
  if (reading === undefined) return undefined;
  assert.deepEqual(reading.rejections, []);
  // Frames of other processes are checked in full when they are opened: a source has to make such frames.
  const frame = openFrame(reading.frame.bytes);
  const values = [...Batch.of(frame)].map((record) => record.value.slice());
  // A position has to survive a restart, so what JSON keeps of it is all that may count.
  const position = reading.position === undefined ? undefined : JSON.parse(JSON.stringify(reading.position));
  return { values, position, acknowledge: async () => reading.acknowledge?.() };
}

/** All that an opened source still has. */
export async function readAll(source: Source): Promise<Kept[]> {
  const all: Kept[] = [];
  for (let next = await readOne(source); next !== undefined; next = await readOne(source)) all.push(next);
  return all;
}

export function valuesOf(readings: readonly Kept[]): Uint8Array[] {
  return readings.flatMap(({ values }) => values);
}
