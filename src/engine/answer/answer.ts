/**
 * What a module says of the records [first, end) of the batch in hand. Columns are indexed by record, addresses are
 * addresses of `memory`. All of it is borrowed: valid until the next call into the instance, or until its memory grows.
 * Nothing in it has been checked.
 */
export interface Answer {
  readonly first: number;
  readonly end: number;
  /** A `verdict` code in the low four bits, `change` bits in the high four. */
  readonly verdicts: Uint8Array;
  /** Pairs (address, length): the new value of a replaced record, the error text of a failed one. */
  readonly values: Uint32Array;
  readonly keys: Uint32Array;
  /** Pairs (low, high) of signed 64-bit milliseconds. */
  readonly timestamps: Uint32Array;
  readonly headers: Uint32Array;
  /** The whole memory that addresses count in. */
  readonly memory: Uint8Array;
}

/** What an array-map says: as an answer, but its columns are indexed by emitted record, in the order of their sources. */
export interface Expansion extends Answer {
  readonly emitted: number;
  /** Index of the record that each emitted one was made of. */
  readonly sources: Uint32Array;
  /** `change` bits of each emitted record. */
  readonly changes: Uint8Array;
}

/** What became of one record. 0 is left out, so that a record a module forgot cannot pass for a kept or dropped one. */
export const verdict = {
  kept: 1,
  dropped: 2,
  replaced: 3,
  expanded: 4,
  failed: 5,
} as const;

export const verdictMask = 0x0f;

/** Which columns a replaced record sets; what it does not set stays as it was. */
export const change = {
  value: 0x10,
  key: 0x20,
  timestamp: 0x40,
  headers: 0x80,
} as const;
