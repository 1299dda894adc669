import { nearMiss } from "../base/index.ts";
import { MillraceError, type Where } from "../errors.ts";
import { fileConnector } from "./file/spec.ts";
import type { FoundConnector } from "./found.ts";
import { generateConnector } from "./generate/spec.ts";
import { httpConnector } from "./http/spec.ts";
import type { ConnectorSpec } from "./spec.ts";
import { stdioConnector } from "./stdio/spec.ts";
import { topicConnector } from "./topic/spec.ts";
import { webhookConnector } from "./webhook/spec.ts";

/** All connectors, in the order of their names. */
export const connectors: readonly ConnectorSpec[] = [
  fileConnector,
  generateConnector,
  httpConnector,
  stdioConnector,
  topicConnector,
  webhookConnector,
];

/**
 * The connector of a type as a config names it: the system, a hyphen and the end, as in `http-source`.
 *
 * @param where place of the type, for the error
 * @throws MillraceError `config.unknown-type` when no connector has this type
 * @throws MillraceError `connector.end` when the connector is there but lacks the end
 */
export function findConnector(type: string, where?: Where): FoundConnector {
  const [, system, end] = /^(.*)-(source|sink)$/.exec(type) ?? [];
  const spec = connectors.find((each) => each.system === system);
  if (spec === undefined) throw unknownType(type, where);
  if (end === "source" && spec.source !== undefined) return { spec, end };
  if (end === "sink" && spec.sink !== undefined) return { spec, end };
  throw new MillraceError("connector.end", `the ${spec.system} connector has no ${end}`, {
    where,
    hint: `it has: ${typesOf(spec).join(", ")}`,
  });
}

function unknownType(type: string, where: Where | undefined): MillraceError {
  const types = connectors.flatMap(typesOf);
  const near = nearMiss(type, types);
  const known = `the types are ${types.join(", ")}`;
  return new MillraceError("config.unknown-type", `no connector has the type ${JSON.stringify(type)}`, {
    where,
    hint: near === undefined ? known : `did you mean "${near}"? ${known}`,
  });
}

function typesOf(spec: ConnectorSpec): string[] {
  const ends = [spec.source === undefined ? [] : ["source"], spec.sink === undefined ? [] : ["sink"]].flat();
  return ends.map((end) => `${spec.system}-${end}`);
}
