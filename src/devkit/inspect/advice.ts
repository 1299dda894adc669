import type { FunctionNames, ImportShape, InspectedModule } from "../../engine/index.ts";
import { MillraceError } from "../../errors.ts";

/** Something that could be better about a module. */
export interface Advice {
  readonly about: "debug-information" | "names" | "size" | "memory" | "imports" | "parameters";
  /** What it is, and what to do, in plain words. */
  readonly text: string;
}

export interface AdviceFacts {
  readonly inspected: InspectedModule;
  readonly functions: FunctionNames;
  /** Bytes of the whole file. */
  readonly bytes: number;
  /** Whether a module.yaml beside it describes its parameters; undefined where there is none. */
  readonly describesParameters: boolean | undefined;
}

/** Code of this size is worth a try at making it smaller. */
const largeCodeBytes = 100_000;
/** Names beyond this share of a file are no trifle. */
const namesShareMax = 0.1;
const namesBytesMin = 4096;
/** A module that begins with more than this takes it from each pipeline that uses it. */
const largeMemoryPages = 256;
const pageBytes = 65_536;

/** What could be better about a module, the weightiest first. */
export function adviceFor(facts: AdviceFacts): readonly Advice[] {
  return [
    debugInformation(facts),
    names(facts),
    size(facts),
    memory(facts),
    imports(facts),
    parameters(facts),
  ].flat();
}

function debugInformation({ inspected: { shape }, bytes }: AdviceFacts): readonly Advice[] {
  const debug = shape.sections
    .filter(({ name }) => isDebug(name))
    .reduce((sum, section) => sum + section.bytes, 0);
  if (debug === 0) return [];
  const share = Math.round((debug * 100) / bytes);
  const text =
    `${debug} of its bytes (${share} %) are debug information, which nothing here reads: strip it, with ` +
    '`strip = "debuginfo"` in the Cargo profile or `wasm-strip`; that changes neither what it does nor its speed';
  return [{ about: "debug-information", text }];
}

function names({ inspected: { shape }, functions, bytes }: AdviceFacts): readonly Advice[] {
  if (functions.inNameSection === 0) {
    const text =
      "its functions have no names, so profiles and traces of traps show numbers: keep the section `name` while you work on it " +
      '(`strip = "debuginfo"` in the Cargo profile keeps it, `-g` of wasm-opt and of AssemblyScript, too)';
    return [{ about: "names", text }];
  }
  const own = shape.sections.find(({ name }) => name === "name")?.bytes ?? 0;
  if (own < namesBytesMin || own < bytes * namesShareMax) return [];
  const share = Math.round((own * 100) / bytes);
  const text =
    `${own} of its bytes (${share} %) are names of functions, which profiles need and nothing else: ` +
    "strip them where size counts";
  return [{ about: "names", text }];
}

function size({ inspected: { shape } }: AdviceFacts): readonly Advice[] {
  const code = shape.sections.find(({ name }) => name === "code")?.bytes ?? 0;
  if (code < largeCodeBytes) return [];
  const text =
    `its code has ${code} bytes, and each of them is checked, given limits and compiled when a pipeline starts: ` +
    "`wasm-opt -O3` or a release profile with `lto = true` often makes it smaller; `millrace bench --compare` tells " +
    "whether it is faster";
  return [{ about: "size", text }];
}

function memory({ inspected: { shape } }: AdviceFacts): readonly Advice[] {
  const pages = shape.memories.reduce((sum, { pagesMin }) => sum + pagesMin, 0);
  if (pages < largeMemoryPages) return [];
  const text =
    `it begins with ${pages * pageBytes} bytes of memory: a smaller stack or less static data leaves room for ` +
    "more pipelines";
  return [{ about: "memory", text }];
}

function imports({ inspected: { shape, module } }: AdviceFacts): readonly Advice[] {
  if (MillraceError.is(module)) return [];
  const missing = shape.imports.filter(isOfFilesOrNetwork).map(({ name }) => name);
  if (missing.length === 0) return [];
  const text =
    `it imports ${missing.join(", ")}, which always fail here: there are no files and no network. Where the ` +
    "code relies on them it will not do what it should; build it for wasm32-unknown-unknown if it does not";
  return [{ about: "imports", text }];
}

function parameters({ inspected: { shape, module }, describesParameters }: AdviceFacts): readonly Advice[] {
  const takesParameters = shape.exports.some(({ name }) => name === "millrace_init" || name === "init");
  if (MillraceError.is(module) || !takesParameters || describesParameters !== undefined) return [];
  const text =
    "it may take parameters, and nothing says which: a `module.yaml` beside it with `parameters:` shows them to " +
    "`inspect` and to people";
  return [{ about: "parameters", text }];
}

function isDebug(section: string): boolean {
  return section.startsWith(".debug_") || section === "external_debug_info" || section === "sourceMappingURL";
}

function isOfFilesOrNetwork({ module, name }: ImportShape): boolean {
  const given = ["fd_write", "fd_fdstat_get", "fd_close", "fd_seek"];
  return module.startsWith("wasi_snapshot") && /^(fd|path|sock)_/.test(name) && !given.includes(name);
}
