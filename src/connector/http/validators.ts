import { createHash } from "node:crypto";
import type { Position } from "../../topic/index.ts";
import { type HttpResponse, headerOf } from "./client.ts";
import type { HeaderPair } from "./header.ts";

/** What a server said of the state of a resource, to be asked whether it has changed. */
export interface Validators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** A state of a resource whose records were taken, all of them or the first `taken`. */
export interface KnownState extends Validators {
  readonly taken: number | undefined;
}

/** The validators of a response; undefined where it has none. */
export function validatorsOf(response: Pick<HttpResponse, "headers">): Validators | undefined {
  const etag = headerOf(response, "etag");
  const lastModified = headerOf(response, "last-modified");
  return etag === undefined && lastModified === undefined ? undefined : { etag, lastModified };
}

/** The headers that ask for a body only where it is another than the known one. */
export function conditionsFor(state: KnownState | undefined): readonly HeaderPair[] {
  if (state === undefined || state.taken !== undefined) return [];
  const conditions: HeaderPair[] = [];
  if (state.etag !== undefined) conditions.push(["if-none-match", state.etag]);
  if (state.lastModified !== undefined) conditions.push(["if-modified-since", state.lastModified]);
  return conditions;
}

/** True when both bodies are the same, byte by byte, which only a strong tag says. */
export function isSameBody(left: Validators, right: Validators): boolean {
  return left.etag !== undefined && left.etag === right.etag && !left.etag.startsWith("W/");
}

/** Tells positions of other requests, or of other records out of their responses, from those of this one. */
export function fingerprintOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 16);
}

/** The place behind records of a state of a resource: behind all of them, or the first `taken`. */
export function positionOf(request: string, { etag, lastModified, taken }: KnownState): Position {
  return {
    request,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(taken === undefined ? {} : { taken }),
  };
}

/** The state in a stored position; undefined where that is of another request. */
export function stateOf(position: Position | undefined, request: string): KnownState | undefined {
  if (position === undefined || position.request !== request) return undefined;
  const { etag, lastModified, taken } = position;
  return {
    etag: typeof etag === "string" ? etag : undefined,
    lastModified: typeof lastModified === "string" ? lastModified : undefined,
    taken: typeof taken === "number" ? taken : undefined,
  };
}
