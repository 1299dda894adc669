import { nearMiss } from "../../base/index.ts";
import { MillraceError, messageOf } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { readBytes } from "../read-bytes.ts";
import type { Report } from "../report.ts";

/** What the name of a secret looks like. */
export const secretName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Where the values of secrets are. */
export interface SecretPlaces {
  /** A file of lines `NAME=VALUE`. */
  readonly file?: string | undefined;
  /** Asked for what is not in the file. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** The values of secrets, by name. */
export class SecretStore {
  readonly #values: ReadonlyMap<string, string>;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(values: ReadonlyMap<string, string>, environment: SecretPlaces["environment"] = {}) {
    this.#values = values;
    this.#environment = environment;
  }

  valueOf(name: string): string | undefined {
    const own = Object.hasOwn(this.#environment, name) ? this.#environment[name] : undefined;
    return this.#values.get(name) ?? own;
  }

  /** A name that is there and looks like one that is not. */
  near(name: string): string | undefined {
    return nearMiss(name, [...this.#values.keys(), ...Object.keys(this.#environment)]);
  }
}

/**
 * Reads the file of secrets, where there is one, in the form that Fluvio's connectors take: `NAME=VALUE` in each line,
 * spaces around both left out, the first of two lines with one name. No error tells a value.
 * @throws MillraceError `config.not-found`, `config.syntax`
 */
export async function openSecrets({ file, environment }: SecretPlaces, report: Report): Promise<SecretStore> {
  if (file === undefined) return new SecretStore(new Map(), environment);
  const values = new Map<string, string>();
  for (const [index, line] of (await readSecrets(file)).split("\n").entries()) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const at = text.indexOf("=");
    const name = text.slice(0, Math.max(0, at)).trim();
    if (secretName.test(name)) {
      if (!values.has(name)) values.set(name, text.slice(at + 1).trim());
    } else {
      report.warnAt({ file, line: index + 1 }, "this line is no NAME=VALUE; ignored");
    }
  }
  return new SecretStore(values, environment);
}

async function readSecrets(file: string): Promise<string> {
  const most = limits.configBytesMax.default;
  const details = { where: { file }, hint: "it has lines of the form NAME=VALUE" };
  let bytes: Uint8Array;
  try {
    bytes = await readBytes(file, most);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const problem = missing
      ? "there is no such file of secrets"
      : `the secrets cannot be read: ${messageOf(cause)}`;
    throw new MillraceError("config.not-found", problem, { ...details, cause });
  }
  if (bytes.length > most) {
    throw new MillraceError("config.syntax", `the file of secrets is larger than ${most} bytes`, details);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new MillraceError("config.syntax", "the file of secrets is not UTF-8 text", details);
  }
}
