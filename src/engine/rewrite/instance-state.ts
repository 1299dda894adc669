import { type CompiledModule, type WasmInstance, webAssembly } from "../../base/index.ts";
import { numeric, opcode, valueType } from "./opcodes.ts";
import type { Survey } from "./survey.ts";

/*
 * What can change about an instance: its memories, its globals, its tables, which of its segments were dropped, and what it
 * makes of its imports. A module is restorable when its one memory and globals of whole numbers are all of it: then an instance
 * can be put back to an earlier state by them. The rewriter exports these globals, and a custom section says that
 * there is nothing else.
 */

/** A global of 32 bits, or of 64. */
export interface StateGlobal {
  value: number | bigint;
}

/** A custom section, empty. */
export const restorableSection = "millrace.restorable";

/** Name under which the mutable global with that number among the module's own is exported. */
export function stateGlobalName(number: number): string {
  return `millrace_global_${number}`;
}

/** Whether an instance is, but for the size of its memory, what its memory and `stateGlobalsOf` hold. */
export function isRestorable(compiled: CompiledModule): boolean {
  return webAssembly.Module.customSections(compiled, restorableSection).length > 0;
}

/** The globals that the module's code can change. */
export function stateGlobalsOf({ exports }: WasmInstance): readonly StateGlobal[] {
  const globals: StateGlobal[] = [];
  for (;;) {
    const found = exports[stateGlobalName(globals.length)];
    if (found === undefined) return globals;
    globals.push(found as unknown as StateGlobal);
  }
}

/**
 * Indexes of the globals that the module's code can change, where an instance has no other state as far as its sections tell;
 * undefined where it has, or may have.
 */
export function stateGlobalsIn(survey: Survey): readonly number[] | undefined {
  const { importCount, memories, globals } = survey;
  if (importCount > 0 || memories.length !== 1 || memories[0]?.isShared === true) return undefined;
  const indexes: number[] = [];
  for (const [index, { type, isMutable }] of globals.entries()) {
    if (!isMutable) continue;
    if (type !== valueType.i32 && type !== valueType.i64) return undefined;
    indexes.push(index);
  }
  return indexes;
}

/** Whether an instruction changes what memory and globals do not hold: tables, and which segments were dropped. */
export function changesOtherState(code: number, second: number): boolean {
  return code === opcode.tableSet || (code === opcode.numericPrefix && otherState.has(second));
}

const otherState: ReadonlySet<number> = new Set([
  numeric.dataDrop,
  numeric.tableInit,
  numeric.elementDrop,
  numeric.tableCopy,
  numeric.tableGrow,
  numeric.tableFill,
]);
