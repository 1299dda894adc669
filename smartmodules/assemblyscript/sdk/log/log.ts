import { controlAt, controlWord, setControlWord } from "../abi/control";
import { logAtPlace, logBytesPlace, logLostPlace } from "../abi/layout";
import { bytesPerUnit, encodeText, slackBytes } from "../text/utf8";

/* A line: { level u32, length u32, UTF-8 bytes, padded to a multiple of 4 }. */
const lineHeaderBytes: usize = 8;
const bufferBytes: usize = 16 << 10;

const error: u32 = 0;
const warn: u32 = 1;
const info: u32 = 2;
const debug: u32 = 3;

let buffer: usize = 0;

/** Lines for the people who run the pipeline. The host takes them after each batch; what does not fit in 16 KiB until then is counted. */
export class Log {
  error(text: string): void {
    write(error, text);
  }

  warn(text: string): void {
    write(warn, text);
  }

  info(text: string): void {
    write(info, text);
  }

  debug(text: string): void {
    write(debug, text);
  }
}

export const log: Log = new Log();

function write(level: u32, text: string): void {
  if (buffer == 0) {
    buffer = heap.alloc(bufferBytes + slackBytes);
    setControlWord(logAtPlace, <u32>buffer);
  }
  const used = controlWord(logBytesPlace);
  if (used + lineHeaderBytes + <usize>text.length * bytesPerUnit + 3 > bufferBytes) {
    setControlWord(logLostPlace, <u32>controlWord(logLostPlace) + 1);
    return;
  }
  const at = buffer + used;
  const length = encodeText(text, at + lineHeaderBytes);
  store<u32>(at, level);
  store<u32>(at, length, 4);
  setControlWord(logBytesPlace, <u32>((used + lineHeaderBytes + length + 3) & ~3));
}
