export { loadModuleFile, readModuleFile } from "./module-file.ts";
