import { MillraceError, type Where } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Reading, Rejection } from "../../pipeline/index.ts";
import {
  type FrameBuffer,
  FrameBuilder,
  findJsonElements,
  frameOfJsonElements,
  type JsonElements,
  type OversizeRecord,
} from "../../record/index.ts";

/** What was taken out of one response, and not read yet. */
export interface Harvest {
  /** How many records were given; undefined when all were. */
  readonly taken: number | undefined;
  /** The next records, in an empty buffer; undefined when all were given. */
  next(buffer: FrameBuffer): Reading | undefined;
}

/** Of a response that is the same as before. */
export const emptyHarvest: Harvest = { taken: undefined, next: () => undefined };

export interface HarvestOptions {
  readonly url: string;
  /** Time of the poll, in ms since 1970. */
  readonly timestamp: number;
  readonly batchBytes: number;
  readonly batchRecords: number;
}

/** The whole record is one reading. */
export class WholeHarvest implements Harvest {
  readonly taken = undefined;
  readonly #options: HarvestOptions;
  #record: Uint8Array | undefined;

  constructor(record: Uint8Array, options: HarvestOptions) {
    this.#record = record;
    this.#options = options;
  }

  next(buffer: FrameBuffer): Reading | undefined {
    const record = this.#record;
    if (record === undefined) return undefined;
    this.#record = undefined;
    const { url, timestamp } = this.#options;
    const isTooLarge = record.length > limits.recordBytesMax.default;
    const builder = new FrameBuilder(buffer);
    if (!isTooLarge) builder.add({ value: record });
    const rejections = isTooLarge ? [tooLarge({ url }, record)] : [];
    return { frame: builder.finish({ timestamp }), rejections, position: undefined };
  }
}

/**
 * The elements of a JSON array are the records, and their indexes the offsets. The whole response is checked before
 * the first of them is given.
 */
export class ElementHarvest implements Harvest {
  readonly #body: Uint8Array;
  readonly #pointer: string;
  readonly #options: HarvestOptions;
  readonly #elements: JsonElements;
  #next = 0;

  /**
   * @param taken records that were given before
   * @throws MillraceError `json.invalid` or `json.pointer`, naming the URL
   */
  constructor(body: Uint8Array, pointer: string, options: HarvestOptions, taken = 0) {
    this.#body = body;
    this.#pointer = pointer;
    this.#options = options;
    this.#elements = elementsOf(body, pointer, options.url);
    this.#next = taken;
  }

  get taken(): number | undefined {
    return this.#next < this.#elements.count ? this.#next : undefined;
  }

  next(buffer: FrameBuffer): Reading | undefined {
    const rejections = this.#rejectTooLarge();
    if (this.#next >= this.#elements.count && rejections.length === 0) return undefined;
    const { timestamp, batchBytes, batchRecords } = this.#options;
    const { frame, next } = frameOfJsonElements(buffer, this.#body, this.#elements, {
      from: this.#next,
      offset: this.#next,
      timestamp,
      bytesMax: batchBytes,
      recordsMax: batchRecords,
    });
    this.#next = next;
    return { frame, rejections, position: undefined };
  }

  /** Passes over elements that are too large, up to the next one that is not. */
  #rejectTooLarge(): Rejection[] {
    const { spans, count } = this.#elements;
    const rejections: Rejection[] = [];
    for (; this.#next < count; this.#next++) {
      const at = spans[this.#next * 2] as number;
      const length = spans[this.#next * 2 + 1] as number;
      if (length <= limits.recordBytesMax.default) break;
      rejections.push(
        tooLarge(
          placeOfElement(this.#options.url, this.#pointer, this.#next),
          this.#body.subarray(at, at + length),
        ),
      );
    }
    return rejections;
  }
}

/** An element of an array as its URL with its JSON pointer as the fragment. */
export function placeOfElement(url: string, pointer: string, index: number): Where {
  return { url: `${url}#${pointer}/${index}` };
}

function elementsOf(body: Uint8Array, pointer: string, url: string): JsonElements {
  try {
    return findJsonElements(body, pointer);
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    const hint = error.hint ?? "look at what the URL answers, and at `millrace.extract`";
    throw new MillraceError(error.code, `the answer cannot be used: ${error.message}`, {
      where: { url },
      hint,
      cause: error,
    });
  }
}

function tooLarge(where: Where, record: Uint8Array): Rejection {
  return rejectionOf(where, {
    byteCount: record.length,
    sample: record.slice(0, limits.sampleBytesMax.default),
  });
}

/** What is said of a record that is too large. */
export function rejectionOf(where: Where, { byteCount, sample }: OversizeRecord): Rejection {
  return {
    where,
    code: "record.too-large",
    message: `the record has ${byteCount} bytes, and ${limits.recordBytesMax.default} is the limit`,
    sample,
  };
}
