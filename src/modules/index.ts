export { loadModuleFile } from "./module-file.ts";
