/*
 * What the part of a module is made of that the build adds around the author's function. It is not for authors.
 */

import { controlAt, controlWord, declareStateful, reserveRegion } from "./abi/control";
import { inputAtPlace } from "./abi/layout";
import { Parameters } from "./parameters/parameters";
import { accept } from "./parameters/refusal";
import { Accumulator } from "./record/accumulator";
import { closeMap } from "./record/batch";
import { Record } from "./record/record";

export { abort } from "./abi/abort";
export { closeFilter, closeFilterMap, closeLookBack, closeMap, openBatch, openLookBack, openRecord } from "./record/batch";
export { closeArrayMap, goOn, mustWait, openExpansion, stopBefore } from "./record/expansion";
export { controlAt, declareStateful, reserveRegion };

/** There is one record at a time, and this is always it. */
export const record: Record = new Record();

/** What an aggregate adds up. */
export const accumulator: Accumulator = new Accumulator();

/** Closes the record in hand as a map does, and with it what the accumulator has become. */
export function closeAggregate(): boolean {
  accumulator.settle();
  return closeMap();
}

/** The parameters that the host has put into the input region. */
export function givenParameters(): Parameters {
  return Parameters.at(controlWord(inputAtPlace));
}

/** What `millrace_init` returns: 0, or 1 when the module refuses to work. */
export function initResult(): i32 {
  return accept() ? 0 : 1;
}
