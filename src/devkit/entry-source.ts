import type { SourceShape } from "./source-shape.ts";

/**
 * The part of a module that the author does not write: its exports, and the loop over the records of a batch, which
 * calls the author's function directly so that the compiler can draw it into the loop.
 */
export function entrySource(shape: SourceShape, sourceName: string, sdk: string): string {
  const { kind, hasInit, hasStateful } = shape;
  const close = kind === "filter" ? "closeFilter" : "closeMap";
  const imported = [kind, ...(hasInit ? ["init"] : []), ...(hasStateful ? ["stateful"] : [])];
  const step = kind === "filter" ? `!${close}(filter(record))` : `!(map(record), ${close}())`;
  return `import { ${imported.join(", ")} } from "./${sourceName}";
import {
  ${close}, controlAt, declareStateful, givenParameters, initResult, openBatch, openRecord, record, reserveRegion,
} from "${sdk}/entry";
${hasStateful ? "\nif (stateful) declareStateful();\n" : ""}
export function millrace_packed_1(): usize {
  return controlAt();
}

export function millrace_reserve(region: u32, bytes: u32): usize {
  return reserveRegion(region, bytes);
}

export function millrace_init(): i32 {
  const parameters = givenParameters();
  ${hasInit ? "init(parameters);" : "parameters.allow([]);"}
  return initResult();
}

export function millrace_${kind}(first: u32): u32 {
  const count = openBatch();
  while (first < count) {
    openRecord(first++);
    if (${step}) break;
  }
  return first;
}
`;
}
