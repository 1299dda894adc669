export { type BuildOptions, type BuiltModule, buildModule } from "./build.ts";
export type { BuiltKind } from "./source-shape.ts";
