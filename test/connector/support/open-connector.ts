import { type ConnectorContext, findConnector, settingsOf } from "../../../src/connector/index.ts";
import type { Sink, Source } from "../../../src/pipeline/index.ts";

/** A source as a config would make it: settings checked by the connector's schema. Not opened. */
export async function sourceOf(
  type: string,
  settings: object,
  context: ConnectorContext,
  extract?: unknown,
): Promise<Source> {
  const { spec } = findConnector(type);
  if (spec.source === undefined) throw new Error(`${type} has no source`);
  return spec.source(spec.settings.parse(settings), spec.extract?.parse(extract), context);
}

/** A sink as a config would make it. Not opened. */
export async function sinkOf(
  type: string,
  settings: object,
  context: ConnectorContext,
  packing?: unknown,
): Promise<Sink> {
  const found = findConnector(type);
  const { spec } = found;
  if (spec.sink === undefined) throw new Error(`${type} has no sink`);
  return spec.sink(settingsOf(found).parse(settings), spec.packing?.parse(packing), context);
}
