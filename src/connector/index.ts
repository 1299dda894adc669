export { type ConnectorEnd, type FoundConnector, settingsOf } from "./found.ts";
export { connectorPathPattern, isConnectorPath, loadOwnConnector } from "./own/load.ts";
export { connectors, findConnector } from "./registry.ts";
export type { ConnectorContext, ConnectorSpec, OpenTopicOptions } from "./spec.ts";
