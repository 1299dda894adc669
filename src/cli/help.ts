/** What the folder of topics is where nothing names one. */
export const topicsOption = [
  "--topics <dir>",
  "folder of the topics (default: $MILLRACE_TOPICS, else .millrace)",
] as const;

/** What the folder of modules is where nothing names one. */
export const modulesOption = [
  "--modules <dir>",
  "folder of the modules that are called by name (default: $MILLRACE_MODULES, else .millrace-modules)",
] as const;

export const secretsOption = [
  "--secrets <file>",
  "file of NAME=VALUE lines for the secrets of the config (default: the environment)",
] as const;

export const jsonOption = ["--json", "print the outcome as one line of JSON"] as const;

/** The end of a help text: calls, each with what it does. */
export function examples(calls: readonly (readonly [call: string, meaning: string])[]): string {
  const width = Math.max(...calls.map(([call]) => call.length));
  const lines = calls.map(([call, meaning]) => `  ${call.padEnd(width)}  ${meaning}`);
  return ["", "Examples:", ...lines].join("\n");
}
