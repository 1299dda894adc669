/*
 * Why the record in hand fails. Texts are made when the record is closed, so that noting a failure costs next to nothing.
 */

import { jsonProblem } from "../json/expected";

export let hasFailed: boolean = false;

let text: string = "";
let isJson: boolean = false;
let jsonPosition: i32 = 0;
let jsonLength: i32 = 0;
let jsonExpecting: i32 = 0;

// @ts-ignore: decorator
@inline
export function clearFailure(): void {
  hasFailed = false;
}

/** The first failure counts; what comes after it is mostly a consequence. */
export function failWith(reason: string): void {
  if (hasFailed) return;
  hasFailed = true;
  isJson = false;
  text = reason;
}

/** Notes a problem as `jsonProblem` takes it. */
export function failWithJson(position: i32, length: i32, expecting: i32): void {
  if (hasFailed) return;
  hasFailed = true;
  isJson = true;
  jsonPosition = position;
  jsonLength = length;
  jsonExpecting = expecting;
}

export function failureText(): string {
  return isJson ? jsonProblem(jsonPosition, jsonLength, jsonExpecting) : text;
}
