import { type Chain, loadModule, type Module, openChain } from "../../engine/index.ts";

/** A module with its settings, as one of those that are measured side by side. */
export interface Contender {
  /** What people call it; of two that are the same module, with what tells them apart. */
  readonly name: string;
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly parameters: ReadonlyMap<string, string>;
  /** False: it runs without a meter. */
  readonly fuel: boolean;
}

export interface LoadedContender extends Contender {
  readonly module: Module;
}

/** @throws MillraceError what loading it throws */
export async function loadContender(contender: Contender): Promise<LoadedContender> {
  const { bytes, name, fuel } = contender;
  return { ...contender, module: await loadModule(bytes, name, { fuel }) };
}

/**
 * A new instance, so that no measurement finds what another one left in the module's memory, nor always meets the same luck of
 * where that memory lies.
 * @throws MillraceError what the module refuses to start with
 */
export async function openContender(
  { module, parameters }: LoadedContender,
  now?: () => number,
): Promise<Chain> {
  return openChain([{ module, parameters }], now === undefined ? {} : { now });
}
