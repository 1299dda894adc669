export { checkHash, loadModuleFile, readModuleFile } from "./module-file.ts";
export { type DeclaredParameter, type ModulePackage, packageBeside, readPackage } from "./package-file.ts";
export { formatName, type ModuleName, parseName, parseReference } from "./reference.ts";
export { defaultModuleFolder, ModuleStore, type StoredModule } from "./store.ts";
