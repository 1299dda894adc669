export { ownExport, type RewriteOptions, rewriteModule } from "./rewrite.ts";
