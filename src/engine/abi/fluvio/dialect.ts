import { MillraceError } from "../../../errors.ts";
import type { Wasi } from "../../wasi/contract.ts";
import type { OpenableModule, TransformKind } from "../contract.ts";
import { FluvioGuest } from "./guest.ts";
import { emptyInput, InputTail, type InputVersion, recordsAlone } from "./wire/input.ts";
import { readAccumulator, readError, readRecordCount } from "./wire/output.ts";
import { encodeParameterMap } from "./wire/parameters.ts";
import { WireReader } from "./wire/reader.ts";

/** The transform that a module exports. */
export interface ExportedTransform {
  readonly kind: TransformKind;
  readonly name: string;
  readonly argumentCount: number;
}

/**
 * Version 22 is the only one whose input has parameters and base timestamp at once, and modules that are older pass over what
 * they do not know at its end. For an aggregate the accumulator stands there, so it has to be told what it knows: 19 for those
 * that do not know the base timestamp. Modules of 2021 take two arguments and are told nothing; 15 has what they read, but
 * for the first of them, filters that read records alone.
 */
const current: InputVersion = 22;
const beforeTimestamps: InputVersion = 19;
const beforeVersions: InputVersion = 15;

/**
 * The version of the input that a module understands. An aggregate is asked, without records, in an instance of its own, for
 * the accumulator that it was given.
 */
export function inputVersionOf(
  module: OpenableModule,
  { kind, name, argumentCount }: ExportedTransform,
  wasi: () => Wasi,
): InputVersion {
  if (argumentCount === 2) {
    return name === "filter" && takesRecordsAlone(module, wasi()) ? recordsAlone : beforeVersions;
  }
  if (kind !== "aggregate") return current;
  return [current, beforeTimestamps].find((version) => understands(module, name, version, wasi())) ?? current;
}

/**
 * Asked without records, in an instance of its own. The first word of the input is a count for such a module, so that it sees
 * none either way; what it says is that count alone, where others say behind it that there was no error.
 */
function takesRecordsAlone(module: OpenableModule, wasi: Wasi): boolean {
  const input = emptyInput(new InputTail(beforeVersions, encodeParameterMap(new Map(), module.name)), 0);
  return asked(
    module,
    "filter",
    input,
    beforeVersions,
    wasi,
    (reader) => readRecordCount(reader) === 0 && reader.left === 0,
  );
}

function understands(module: OpenableModule, name: string, version: InputVersion, wasi: Wasi): boolean {
  const accumulator = Uint8Array.of(77, 105, 108, 108);
  const parameters = encodeParameterMap(new Map(), module.name);
  const tail = new InputTail(version, version >= 20 ? Uint8Array.of(...parameters, 0) : parameters);
  // A base timestamp that is not 0, so that who does not know it takes it for something else.
  const input = emptyInput(tail, 1, accumulator);
  return asked(module, name, input, version, wasi, (reader) => {
    if (readRecordCount(reader) > 0 || readError(reader) !== undefined) return false;
    const span = readAccumulator(reader);
    if (span?.length !== accumulator.length) return false;
    return accumulator.every((byte, i) => reader.memory[span.at + i] === byte);
  });
}

/** What is made of the answer to an input, in an instance of its own; false where there is none that can be read. */
function asked(
  module: OpenableModule,
  name: string,
  input: Uint8Array,
  version: InputVersion,
  wasi: Wasi,
  judge: (reader: WireReader) => boolean,
): boolean {
  try {
    const guest = FluvioGuest.start(module, wasi);
    const at = guest.allocate(input.length);
    guest.bytes.set(input, at);
    if (guest.call(name, at, input.length, version) !== 0) return false;
    return judge(guest.output(name, new WireReader(module.name)));
  } catch (error) {
    if (MillraceError.is(error)) return false;
    throw error;
  }
}
