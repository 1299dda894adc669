import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MillraceError, messageOf, type Where } from "../../errors.ts";
import type { ConnectorEnd, FoundConnector } from "../found.ts";
import type { ConnectorSpec } from "../spec.ts";
import { guardSink, guardSource } from "./guard.ts";

/** What the path of a connector begins with, as against a connector's name. */
export const connectorPathPattern = "^(\\.{1,2}[\\\\/]|/|[A-Za-z]:[\\\\/])";

/** True for a type that is the path of a file, and not the name of a connector. */
export function isConnectorPath(type: string): boolean {
  return new RegExp(connectorPathPattern).test(type);
}

/**
 * Loads a connector that is in a file of its own: a JavaScript module that exports it as `connector`, or as its
 * default. Its code runs with all rights of this process.
 *
 * @param type path of the file, from `folder` where it is relative; with `#source` or `#sink` behind it where the
 * connector has both ends
 * @param where place of the type, for the error
 * @throws MillraceError `connector.load`, `connector.end`
 */
export async function loadOwnConnector(type: string, folder: string, where: Where): Promise<FoundConnector> {
  const [, path = "", wanted] = /^(.*?)(?:#(source|sink))?$/s.exec(type) ?? [];
  const file = resolve(folder, path);
  const spec = specIn(await importFile(file, where), file, where);
  return { spec: guarded(spec, file), end: endOf(spec, wanted as ConnectorEnd | undefined, path, where) };
}

async function importFile(file: string, where: Where): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(file)) {
    throw new MillraceError("connector.load", `there is no connector at ${file}`, {
      where,
      hint: "a relative path counts from the folder of the config",
    });
  }
  try {
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const isUnknown = (error as NodeJS.ErrnoException).code === "ERR_UNKNOWN_FILE_EXTENSION";
    throw new MillraceError(
      "connector.load",
      `the connector in ${file} cannot be loaded: ${messageOf(error)}`,
      {
        where,
        hint: isUnknown
          ? "this version of Node runs no TypeScript: name what the compiler made of it, or use Node 22.18 or later"
          : "run `node` on the file to see where its code fails",
        cause: error,
      },
    );
  }
}

/** Nothing is known of what a file exports, so all that is used of it is looked at. */
function specIn(exported: Readonly<Record<string, unknown>>, file: string, where: Where): ConnectorSpec {
  const found = exported.connector ?? exported.default;
  const problem = problemOf(found);
  if (problem === undefined) return found as ConnectorSpec;
  throw new MillraceError("connector.load", `${file} ${problem}`, {
    where,
    hint: "write `export const connector = defineConnector({ … })`, with `defineConnector` from millrace/connector",
  });
}

function problemOf(found: unknown): string | undefined {
  if (typeof found !== "object" || found === null) return "exports no `connector`";
  const { system, settings, source, sink } = found as Partial<ConnectorSpec>;
  if (typeof system !== "string" || !/^[a-z][a-z0-9-]*$/.test(system)) {
    return "exports a connector whose `system` is no name of small letters, digits and hyphens";
  }
  if (typeof settings?.safeParse !== "function")
    return "exports a connector without a schema as its `settings`";
  if (typeof source !== "function" && typeof sink !== "function") {
    return "exports a connector that has neither a `source` nor a `sink`";
  }
  return undefined;
}

function endOf(
  { source, sink }: ConnectorSpec,
  wanted: ConnectorEnd | undefined,
  path: string,
  where: Where,
): ConnectorEnd {
  const ends: ConnectorEnd[] = [];
  if (source !== undefined) ends.push("source");
  if (sink !== undefined) ends.push("sink");
  const [only] = ends;
  if (wanted === undefined && ends.length === 1 && only !== undefined) return only;
  if (wanted !== undefined && ends.includes(wanted)) return wanted;
  const has = ends.map((end) => `${path}#${end}`).join(" or ");
  throw new MillraceError(
    "connector.end",
    wanted === undefined
      ? `the connector in ${path} has two ends`
      : `the connector in ${path} has no ${wanted}`,
    { where, hint: `write ${has}` },
  );
}

/** A connector whose ends tell of failures as those of this package do. */
function guarded(spec: ConnectorSpec, file: string): ConnectorSpec {
  const { source, sink } = spec;
  return {
    ...spec,
    ...(source && {
      source: async (...given: Parameters<typeof source>) =>
        guardSource(await source.apply(spec, given), file),
    }),
    ...(sink && {
      sink: async (...given: Parameters<typeof sink>) => guardSink(await sink.apply(spec, given), file),
    }),
  };
}
