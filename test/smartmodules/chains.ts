import { type Chain, type ChainStep, loadModule, type Module, openChain } from "../../src/engine/index.ts";
import { Batch, frameOf, type RecordInput } from "../../src/record/index.ts";
import { committed } from "./built.ts";

const loaded = new Map<string, Promise<Module>>();

/** Compiling is slow and properties are checked with hundreds of instances. */
function moduleNamed(name: string): Promise<Module> {
  const module = loaded.get(name) ?? committed(name).then((wasm) => loadModule(wasm, name));
  loaded.set(name, module);
  return module;
}

/** A chain of one of the modules that come with the project, with parameters and perhaps an accumulator. */
export async function openNamed(
  name: string,
  parameters: Readonly<Record<string, string>>,
  step: Pick<ChainStep, "accumulator"> = {},
): Promise<Chain> {
  const given = new Map(Object.entries(parameters));
  return openChain([{ module: await moduleNamed(name), parameters: given, ...step }]);
}

export interface Fed {
  readonly texts: readonly string[];
  readonly keys: readonly (string | undefined)[];
  /** For each record that failed its index and why. */
  readonly failures: readonly (readonly [number, string])[];
}

/** Runs records through a chain as one batch. */
export function feed(chain: Chain, records: readonly (string | RecordInput)[]): Fed {
  const batch = Batch.of(frameOf(records));
  chain.process(batch);
  const decoder = new TextDecoder();
  const out = Array.from(batch, ({ text, key }) => [text, key && decoder.decode(key)] as const);
  return {
    texts: out.map(([text]) => text),
    keys: out.map(([, key]) => key),
    failures: batch.failures.map(({ origin, message }) => [origin, message]),
  };
}

/** Shows a chain's first module earlier records. */
export function showEarlier(chain: Chain, records: readonly (string | RecordInput)[]): void {
  chain.transforms[0]?.lookBack(Batch.of(frameOf(records)));
}
