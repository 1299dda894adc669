import {
  foldersAreEnteredThroughIndex,
  importsPointOneWay,
  importsStayInSource,
  noImportCycles,
  strangersStayStrangers,
} from "./import-rules.ts";
import { browserPartsRunInBrowsers, packagesStayAtHome } from "./platform-rules.ts";
import { errorCodesAreRegistered, errorCodesAreUsed, limitsAreUsedAndTested } from "./registry-rules.ts";
import type { Rule } from "./source-tree.ts";
import {
  filesAreSmall,
  indexFilesListNames,
  noAny,
  noDefaultExports,
  noSilencedCompiler,
  onlyMillraceErrorIsThrown,
} from "./text-rules.ts";

/** The rules of the house. Each name is the rule as a sentence, since it is what a failing test shows. */
export const rules = {
  "imports point one way, and folders on one level do not see each other": importsPointOneWay,
  "imports lead to files of src": importsStayInSource,
  "a folder is entered through its index.ts": foldersAreEnteredThroughIndex,
  "a connector or an ABI does not import another": strangersStayStrangers,
  "no import cycles": noImportCycles,
  "a package is imported only where it belongs": packagesStayAtHome,
  "record and engine use nothing that a browser lacks": browserPartsRunInBrowsers,
  "no default exports": noDefaultExports,
  "the index.ts of a part only re-exports names": indexFilesListNames,
  "no any": noAny,
  "no comment silences the compiler": noSilencedCompiler,
  "only MillraceError is thrown": onlyMillraceErrorIsThrown,
  "files are at most 400 lines of at most 130 columns": filesAreSmall,
  "every registered error code is used": errorCodesAreUsed,
  "every error code in use is registered": errorCodesAreRegistered,
  "every limit is used and named by a test": limitsAreUsedAndTested,
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;
