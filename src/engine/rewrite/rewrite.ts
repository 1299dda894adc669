import { MillraceError } from "../../errors.ts";
import { BinaryReader, unreadable } from "../module/binary-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { type FunctionBody, functionsPaidByCallers } from "./callers-pay.ts";
import { FunctionScan } from "./function-scan.ts";
import { restorableSection, stateGlobalName, stateGlobalsIn } from "./instance-state.ts";
import { ScanKernel } from "./kernel/scan-kernel.ts";
import { Meter } from "./meter.ts";
import { opcode, valueType } from "./opcodes.ts";
import { type CappedSize, capSizes, type SizeCaps, writeCapped } from "./size-caps.ts";
import { rankOf, type Section, type Signature, type Survey, sectionId, surveyModule } from "./survey.ts";

/** Names under which a rewritten module exports what is not its own. */
export const ownExport = {
  /** A mutable i64; below 0: the module has run out of fuel. */
  fuel: "millrace_fuel",
  /** Its start function, which an instance does not run by itself any more. */
  start: "millrace_start",
} as const;

export interface RewriteOptions extends SizeCaps {
  /** What an instance begins with; undefined: the module gets no meter. */
  readonly fuel: number | undefined;
}

const magicAndVersion = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const isMutable = 1;
const exportedFunction = 0;
const exportedGlobal = 3;
/** Custom sections that speak of positions within functions, which are others now. */
const positionsPrefix = "metadata.code.";

/**
 * A module that does the same with bounded memory, tables and steps.
 *
 * Memories and tables get maxima. With `fuel`, the code counts what it costs (`prices.ts`) and traps when there is no
 * fuel left, which the global `millrace_fuel` tells from other traps. The start function is exported instead of run, so that
 * its failures can be told apart too. A module whose instances can be put back to an earlier state exports what that takes
 * (`instance-state.ts`). Indexes of functions, types, locals and globals stay as they are; what is
 * ours comes behind.
 *
 * The bytes must be a module that the platform takes: what it would refuse may come out as something that it takes.
 *
 * @throws MillraceError `module.rewrite` for what is beyond core 2.0, tail calls and threads, with the place in
 * the file; `module.memory` when it begins with more than the caps
 */
export function rewriteModule(bytes: Uint8Array, name: string, options: RewriteOptions): Uint8Array {
  try {
    return new Rewriter(bytes, options).write();
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    const { code, message, hint } = error;
    throw new MillraceError(code, `${name} cannot be run within limits: ${message}`, {
      where: { module: name },
      hint:
        hint ?? "build it without features beyond WebAssembly 2.0, such as exceptions or garbage collection",
      cause: error,
    });
  }
}

class Rewriter {
  readonly #bytes: Uint8Array;
  readonly #fuel: number | undefined;
  readonly #survey: Survey;
  readonly #sizes: readonly CappedSize[];
  readonly #out: ByteWriter;
  /** Globals that are, with the memory, all of an instance's state, unless its code changes more. */
  readonly #stateGlobals: readonly number[];
  #isRestorable: boolean;

  constructor(bytes: Uint8Array, options: RewriteOptions) {
    if (magicAndVersion.some((byte, at) => bytes[at] !== byte))
      throw unreadable("it does not begin as a module of version 1 does", 0);
    this.#bytes = bytes;
    this.#fuel = options.fuel;
    this.#survey = surveyModule(bytes);
    this.#sizes = capSizes(this.#survey, options);
    this.#out = new ByteWriter(Math.ceil(bytes.length * 1.25) + 256, bytes);
    // Without a meter nobody looks at the code, which may change more.
    const stateGlobals = options.fuel === undefined ? undefined : stateGlobalsIn(this.#survey);
    this.#isRestorable = stateGlobals !== undefined;
    this.#stateGlobals = stateGlobals ?? [];
    for (const own of [
      ...Object.values(ownExport),
      ...this.#stateGlobals.map((_, i) => stateGlobalName(i)),
    ]) {
      if (this.#survey.exportNames.has(own)) throw takenName(own);
    }
  }

  write(): Uint8Array {
    this.#out.all(magicAndVersion);
    const { sections } = this.#survey;
    // Sections that the module does not have and that something of ours goes into.
    const missing = [sectionId.global, sectionId.export].filter(
      (id) => this.#countOf(id) > 0 && !sections.some((section) => section.id === id),
    );
    for (const section of sections) {
      while (missing[0] !== undefined && rankOf(section.id) > rankOf(missing[0])) {
        this.#writeOwn(missing[0]);
        missing.shift();
      }
      this.#writeSection(section);
    }
    for (const id of missing) this.#writeOwn(id);
    if (this.#isRestorable) {
      this.#section(sectionId.custom, () => this.#writeName(restorableSection));
    }
    // Not the whole of what was kept ready for it.
    return this.#out.written.slice();
  }

  #writeSection(section: Section): void {
    const { id, at, end } = section;
    if (id === sectionId.start) return;
    if (id === sectionId.custom && this.#tellsPositions(section)) return;
    const isOurs = id === sectionId.global || id === sectionId.export;
    if (isOurs && this.#countOf(id) > 0) this.#writeOwn(id, section);
    else if (id === sectionId.code && this.#fuel !== undefined)
      this.#section(id, () => this.#writeCode(section));
    else this.#section(id, () => writeCapped(this.#out, { at, end }, this.#sizes));
  }

  #section(id: number, write: () => void): void {
    this.#out.byte(id);
    this.#out.sized(write);
  }

  #tellsPositions({ at, end }: Section): boolean {
    return new BinaryReader(this.#bytes, at, end).name().startsWith(positionsPrefix);
  }

  /** How many entries of ours a section has. */
  #countOf(id: number): number {
    const fuel = this.#fuel === undefined ? 0 : 1;
    if (id === sectionId.global) return fuel;
    return fuel + (this.#survey.start === undefined ? 0 : 1) + this.#stateGlobals.length;
  }

  /** A section with our entries behind the module's own. */
  #writeOwn(id: number, section?: Section): void {
    const out = this.#out;
    this.#section(id, () => {
      const reader = new BinaryReader(this.#bytes, section?.at ?? 0, section?.end ?? 0);
      out.unsigned((section === undefined ? 0 : reader.unsigned32()) + this.#countOf(id));
      out.copy(reader.at, reader.end);
      if (id === sectionId.global) this.#writeFuel();
      else this.#writeExports();
    });
  }

  #writeFuel(): void {
    const out = this.#out;
    out.all([valueType.i64, isMutable, opcode.i64Const]);
    out.signed(this.#fuel ?? 0);
    out.byte(opcode.end);
  }

  #writeExports(): void {
    const { start, globalCount } = this.#survey;
    const put = (name: string, kind: number, index: number): void => {
      this.#writeName(name);
      this.#out.byte(kind);
      this.#out.unsigned(index);
    };
    if (this.#fuel !== undefined) put(ownExport.fuel, exportedGlobal, globalCount);
    if (start !== undefined) put(ownExport.start, exportedFunction, start);
    this.#stateGlobals.forEach((index, i) => void put(stateGlobalName(i), exportedGlobal, index));
  }

  #writeName(name: string): void {
    this.#out.unsigned(name.length);
    this.#out.all(Array.from(name, (letter) => letter.charCodeAt(0)));
  }

  #writeCode(section: Section): void {
    const survey = this.#survey;
    const out = this.#out;
    const bytes = this.#bytes;
    const bodies = this.#bodiesOf(section);
    const kernel = ScanKernel.on(bytes, survey.importedFunctionCount + survey.functionTypes.length);
    const paidByCallers = functionsPaidByCallers(bytes, survey, bodies, kernel);
    for (const [index, cost] of paidByCallers) kernel?.pay(index, cost);
    const scan = new FunctionScan(bytes, (index) => paidByCallers.get(index), kernel);
    const meter = new Meter(out, survey.globalCount);
    out.unsigned(bodies.length);
    bodies.forEach(({ at, end }, own) => {
      out.sized(() => {
        if (paidByCallers.has(survey.importedFunctionCount + own)) return out.copy(at, end);
        const { parameterCount, results } = this.#signatureOf(own);
        scan.scan(at, end);
        if (scan.changesOtherState) this.#isRestorable = false;
        meter.write(scan, parameterCount, results);
      });
    });
  }

  #bodiesOf({ at, end }: Section): readonly FunctionBody[] {
    const reader = new BinaryReader(this.#bytes, at, end);
    const count = reader.unsigned32();
    const wanted = this.#survey.functionTypes.length;
    if (count !== wanted) throw unreadable(`it has ${wanted} functions and the code of ${count}`, at);
    const bodies: FunctionBody[] = [];
    for (let left = count; left > 0; left--) {
      const byteCount = reader.unsigned32();
      const from = reader.at;
      reader.skip(byteCount);
      bodies.push({ at: from, end: reader.at });
    }
    if (reader.at !== end) throw unreadable("a section is longer than what is in it", reader.at);
    return bodies;
  }

  #signatureOf(own: number): Signature {
    const type = this.#survey.functionTypes[own] as number;
    const signature = this.#survey.types[type];
    if (signature === undefined) throw unreadable(`there is no type ${type}`, 0);
    return signature;
  }
}

function takenName(name: string): MillraceError {
  return new MillraceError(
    "module.rewrite",
    `it exports ${name}, a name that is kept for what is added to it`,
    {
      hint: "give the export another name",
    },
  );
}
