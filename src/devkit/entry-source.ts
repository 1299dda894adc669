import type { BuiltKind, SourceShape } from "./source-shape.ts";

/** How the entry of a kind calls the author's function for the record in hand, and closes it. */
interface Step {
  /** The part of the SDK that closes a record. */
  readonly close: string;
  /** An expression that is true when the host must take the answer before the next record. */
  readonly isLast: string;
}

const steps: Readonly<Record<Exclude<BuiltKind, "array-map">, Step>> = {
  filter: { close: "closeFilter", isLast: "!closeFilter(filter(record))" },
  map: { close: "closeMap", isLast: "!(map(record), closeMap())" },
  "filter-map": { close: "closeFilterMap", isLast: "!closeFilterMap(filterMap(record))" },
  aggregate: { close: "closeAggregate", isLast: "!(aggregate(record, accumulator), closeAggregate())" },
};

/**
 * The part of a module that the author does not write: its exports, and the loop over the records of a batch, which
 * calls the author's function directly so that the compiler can draw it into the loop.
 */
export function entrySource(shape: SourceShape, sourceName: string, sdk: string): string {
  const { kind, transform, optional } = shape;
  const imported = [transform, ...optional];
  const used = [
    ...(kind === "array-map"
      ? ["closeArrayMap", "goOn", "mustWait", "openExpansion", "stopBefore"]
      : [steps[kind].close]),
    ...(kind === "aggregate" ? ["accumulator"] : []),
    ...(optional.has("lookBack") ? ["closeLookBack", "openLookBack"] : []),
    ..."controlAt declareStateful givenParameters initResult openBatch openRecord record reserveRegion".split(
      " ",
    ),
  ];
  return `import { ${imported.join(", ")} } from "./${sourceName}";
import { ${used.join(", ")} } from "${sdk}/entry";
${optional.has("stateful") ? "\nif (stateful) declareStateful();\n" : ""}${kind === "aggregate" ? "\ndeclareStateful();\n" : ""}
export function millrace_packed_1(): usize {
  return controlAt();
}

export function millrace_reserve(region: u32, bytes: u32): usize {
  return reserveRegion(region, bytes);
}

export function millrace_init(): i32 {
  const parameters = givenParameters();${kind === "aggregate" ? "\n  accumulator.open();" : ""}
  ${optional.has("init") ? "init(parameters);" : "parameters.allow([]);"}${
    optional.has("restore") ? "\n  if (!accumulator.isEmpty) restore(accumulator);" : ""
  }
  return initResult();
}
${optional.has("lookBack") ? lookBackEntry : ""}
${kind === "array-map" ? arrayMapEntry : loopEntry(kind, optional.has("save"))}`;
}

const lookBackEntry = `
export function millrace_look_back(): i32 {
  const count = openLookBack();
  for (let i: u32 = 0; i < count; i++) {
    openRecord(i);
    lookBack(record);
    if (!closeLookBack()) return 1;
  }
  return 0;
}
`;

const arrayMapEntry = `export function millrace_array_map(first: u32): u32 {
  const count = openBatch();
  first = openExpansion(first);
  while (first < count && !mustWait()) {
    openRecord(first);
    arrayMap(record);
    const next = closeArrayMap();
    if (next == stopBefore) break;
    first++;
    if (next != goOn) break;
  }
  return first;
}
`;

function loopEntry(kind: Exclude<BuiltKind, "array-map">, hasSave: boolean): string {
  const end =
    kind === "aggregate" ? `${hasSave ? "  save(accumulator);\n" : ""}  accumulator.publish();\n` : "";
  return `export function millrace_${kind.replace("-", "_")}(first: u32): u32 {
  const count = openBatch();
  while (first < count) {
    openRecord(first++);
    if (${steps[kind].isLast}) break;
  }
${end}  return first;
}
`;
}
