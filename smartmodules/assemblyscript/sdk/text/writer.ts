import { advance, closePiece, hasRoom, openPiece, position } from "../memory/output";
import { escapeBytes, escapedBytesMax } from "../json/quote";
import { formatInteger, numberBytesMax } from "../number/format";
import { copyBytes } from "./bytes";
import { Slice } from "./slice";
import { borrowedAt, borrowedLength, borrowText } from "./utf8";

/** Longer texts are written piece by piece, so that only what is needed is asked for. */
const pieceBytes: i32 = 4096;

/**
 * Writes a text of any form to where new values go, so that it is not copied again. All methods return the writer, so that they can
 * be chained. Between `begin` and `end` nothing else may be written, in particular not to `record.output`.
 *
 *     record.value = writer.begin().add(place).add(": ").integer(count).end();
 */
export class TextWriter {
  private slice: Slice = new Slice();

  begin(): TextWriter {
    openPiece();
    return this;
  }

  /** Writes a `Slice` or a `string`. */
  add<T>(text: T): TextWriter {
    if (isString<T>(text)) {
      borrowText(changetype<string>(text));
      return this.addBytes(borrowedAt, borrowedLength);
    }
    const slice = changetype<Slice>(text);
    return this.addBytes(slice.at, slice.length);
  }

  /** Writes bytes by address. Up to 15 bytes after them must be readable. */
  addBytes(at: usize, length: usize): TextWriter {
    if (!hasRoom(length)) return this;
    copyBytes(position, at, length);
    advance(length);
    return this;
  }

  byte(byte: u8): TextWriter {
    if (!hasRoom(1)) return this;
    store<u8>(position, byte);
    advance(1);
    return this;
  }

  integer(value: i64): TextWriter {
    if (hasRoom(numberBytesMax)) advance(formatInteger(value, position) - position);
    return this;
  }

  /** Writes UTF-8 with the escapes that it needs inside of a JSON string, without quotes. */
  escaped(text: Slice): TextWriter {
    const end = text.at + text.length;
    for (let at = text.at; at < end; at += pieceBytes) {
      const pieceEnd = min(end, at + pieceBytes);
      if (!hasRoom((pieceEnd - at) * escapedBytesMax)) return this;
      advance(escapeBytes(at, pieceEnd, position) - position);
    }
    return this;
  }

  /** Writes UTF-8 as a JSON string, in quotes. */
  quoted(text: Slice): TextWriter {
    return this.byte(0x22).escaped(text).byte(0x22);
  }

  /** The text written. As a value or key of the record it is not copied. It is good until your function returns. */
  end(): Slice {
    const at = closePiece();
    this.slice.set(at, <i32>(position - at));
    return this.slice;
  }
}
