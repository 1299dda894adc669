export { isRestorable, type StateGlobal, stateGlobalsOf } from "./instance-state.ts";
export { ownExport, type RewriteOptions, rewriteModule } from "./rewrite.ts";
