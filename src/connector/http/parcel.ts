import { type Batch, findJsonElements } from "../../record/index.ts";
import type { Refusal } from "./record-headers.ts";
import type { HttpSinkSettings } from "./settings.ts";

const lineFeed = 10;
const comma = 44;
const openBracket = 91;
const closeBracket = 93;

/** The kind of body that a config leaves open. */
export const contentTypes = {
  record: "application/octet-stream",
  lines: "application/x-ndjson",
  "json-array": "application/json",
} as const satisfies Record<HttpSinkSettings["batch"], string>;

export interface ParcelLimits {
  readonly recordsMax: number;
  readonly bytesMax: number;
}

/** Indexes of records that share a request, in order: as many as the limits allow, and at least one. */
export function parcelsOf(
  batch: Batch,
  records: readonly number[],
  { recordsMax, bytesMax }: ParcelLimits,
): number[][] {
  const parcels: number[][] = [];
  let parcel: number[] = [];
  let byteCount = 0;
  for (const record of records) {
    // Each record has one byte beside its own, and an array one more in all.
    const bytes = (batch.columns.values[record * 2 + 1] as number) + 1;
    if (parcel.length > 0 && (parcel.length === recordsMax || byteCount + bytes + 1 > bytesMax)) {
      parcels.push(parcel);
      parcel = [];
      byteCount = 0;
    }
    parcel.push(record);
    byteCount += bytes;
  }
  if (parcel.length > 0) parcels.push(parcel);
  return parcels;
}

/** A body with the values of records, copied: a server may answer before it has read all of it. */
export function bodyOf(
  batch: Batch,
  records: readonly number[],
  form: HttpSinkSettings["batch"],
): Uint8Array {
  const { bytes, columns } = batch;
  const { values } = columns;
  if (form === "record") {
    const [record = 0] = records;
    const at = values[record * 2] as number;
    return bytes.slice(at, at + (values[record * 2 + 1] as number));
  }
  const isArray = form === "json-array";
  const total = records.reduce(
    (sum, record) => sum + (values[record * 2 + 1] as number) + 1,
    isArray ? 1 : 0,
  );
  const body = new Uint8Array(total);
  let to = 0;
  if (isArray) body[to++] = openBracket;
  for (const record of records) {
    const at = values[record * 2] as number;
    const length = values[record * 2 + 1] as number;
    body.set(bytes.subarray(at, at + length), to);
    to += length;
    body[to++] = isArray ? comma : lineFeed;
  }
  if (isArray) body[to - 1] = closeBracket;
  return body;
}

/** Why a value cannot stand among others in a body of this form; undefined where it can. */
export function misfit(value: Uint8Array, form: HttpSinkSettings["batch"]): Refusal | undefined {
  if (form === "lines" && value.includes(lineFeed)) {
    const message = `the value has a line feed at byte ${value.indexOf(lineFeed)}, so it cannot be sent as one line`;
    return { code: "record.line-feed", message };
  }
  if (form === "json-array" && !isJson(value)) {
    return { code: "json.invalid", message: "the value is not JSON, so it cannot be an element of an array" };
  }
  return undefined;
}

/** True when a value is one JSON value, with nothing but blanks around it. */
function isJson(value: Uint8Array): boolean {
  const array = new Uint8Array(value.length + 2);
  array[0] = openBracket;
  array.set(value, 1);
  array[array.length - 1] = closeBracket;
  try {
    return findJsonElements(array, "").count === 1;
  } catch {
    return false;
  }
}
