export { connectors, type FoundConnector, findConnector } from "./registry.ts";
export type { ConnectorContext, ConnectorSpec, OpenTopicOptions } from "./spec.ts";
