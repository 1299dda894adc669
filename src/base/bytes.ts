const encoder = new TextEncoder();
// A byte order mark is part of the text: it would be lost where a text is written back.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of UTF-8 bytes; malformed sequences become U+FFFD, so that any bytes can be shown. */
export function textOf(bytes: Uint8Array): string {
  // A view on shared memory cannot be decoded in browsers, so it is copied first.
  const plain = bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
  return decoder.decode(plain);
}

/** The next multiple of 8: frames and regions start there so that their columns can be viewed as 32-bit arrays. */
export function align8(byteCount: number): number {
  return Math.ceil(byteCount / 8) * 8;
}
