import { limits } from "../../limits.ts";
import type { Report } from "../report.ts";
import { mapAt } from "../yaml/make.ts";
import {
  type ConfigNode,
  formatPath,
  locate,
  type MapEntry,
  type MapNode,
  type Path,
  type Place,
  type ScalarNode,
} from "../yaml/node.ts";
import type { SecretStore } from "./secret-store.ts";

/**
 * Fluvio renders the whole file as a template. What opens an expression, a block or a comment there, with the name of
 * the secret where it is what everybody writes.
 */
const template = /\$\{(?:\{\s*secrets\s*\.\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}|[{%#])/g;

/** Where no secret may stand: these become names of folders and topics, and are shown. */
const names: readonly Path[] = [["apiVersion"], ["meta"], ["millrace", "dead-letter-topic"]];

/**
 * Puts secrets in the place of `${{ secrets.NAME }}`. Only texts are filled in, after the YAML was read, so that no
 * value can change what the file says. What cannot be filled in is a problem at its place, and nothing else is said of
 * that place.
 *
 * @param system the connector's section, in which Fluvio also takes `{ secret: { name: NAME } }` for a text
 */
export function fillIn(
  root: MapNode,
  system: string | undefined,
  store: SecretStore,
  report: Report,
): MapNode {
  const filler = new Filler(system, store, report);
  const filled = filler.map(root, []);
  warnOfAbsent(root, filler.used, store, report);
  return filled;
}

/** Where a config names secrets. */
export function usesOfSecrets(root: MapNode): readonly { readonly name: string; readonly path: Path }[] {
  const found: { name: string; path: Path }[] = [];
  const visit = (node: ConfigNode, path: Path): void => {
    if (node.kind === "list") for (const [index, item] of node.items.entries()) visit(item, [...path, index]);
    if (node.kind === "map") for (const [key, { value }] of node.entries) visit(value, [...path, key]);
    if (node.kind !== "scalar" || typeof node.value !== "string") return;
    for (const [, name] of node.value.matchAll(template)) if (name !== undefined) found.push({ name, path });
  };
  visit(root, []);
  return found;
}

class Filler {
  readonly used = new Set<string>();
  readonly #system: string | undefined;
  readonly #store: SecretStore;
  readonly #report: Report;

  constructor(system: string | undefined, store: SecretStore, report: Report) {
    this.#system = system;
    this.#store = store;
    this.#report = report;
  }

  map(node: MapNode, path: Path): MapNode {
    const entries = [...node.entries].map(([key, entry]): [string, MapEntry] => {
      if (key.search(template) !== -1) {
        this.#refuse(entry.keyPlace, "a key cannot be a secret or a template", "write the key itself");
      }
      return [key, { ...entry, value: this.#node(entry.value, [...path, key]) }];
    });
    return mapAt(node.place, entries);
  }

  #node(node: ConfigNode, path: Path): ConfigNode {
    if (node.kind === "scalar")
      return typeof node.value === "string" ? this.#text(node, node.value, path) : node;
    if (node.kind === "list") {
      const items = node.items.map((item, index) => this.#node(item, [...path, index]));
      return { ...node, items };
    }
    const name = path[0] === this.#system ? nameInMapping(node) : undefined;
    if (name === undefined) return this.map(node, path);
    return scalarWith(node.place, this.#value(name, node.place) ?? "", `secret ${name}`);
  }

  #text(node: ScalarNode, text: string, path: Path): ConfigNode {
    if (text.search(template) === -1) return node;
    const { place } = node;
    const isName = path.at(-1) === "uses" || names.some((each) => each.every((step, i) => path[i] === step));
    if (isName) {
      const what = `${formatPath(path)}: a name cannot be a secret or a template`;
      this.#refuse(
        place,
        what,
        "names are shown, and topics and folders are called by them; write it as it is",
      );
      return node;
    }
    const filled = text.replace(template, (_found, name: string | undefined) => {
      if (name !== undefined) return this.#value(name, place) ?? "";
      const problem = "the only template that is filled in is a secret";
      this.#refuse(place, problem, `write it as \${{ secrets.NAME }}`);
      return "";
    });
    return scalarWith(place, filled, node.text);
  }

  #value(name: string, place: Place): string | undefined {
    this.used.add(name);
    const value = this.#store.valueOf(name);
    if (value === undefined) {
      const near = this.#store.near(name);
      const meant = near === undefined ? "" : `did you mean ${near}? `;
      const hint = `${meant}give it as a line ${name}=… in the file named by --secrets, or in the environment`;
      this.#report.error(place, `there is no secret ${name}`, hint, "config.secret");
      this.#report.settle(place);
      return undefined;
    }
    if (!this.#report.hide(value)) {
      const least = limits.secretCharactersMin.default;
      this.#report.warn(
        place,
        `the secret ${name} has less than ${least} characters, too few to be hidden in messages`,
      );
    }
    return value;
  }

  #refuse(place: Place, problem: string, hint: string): void {
    this.#report.error(place, problem, hint);
    // What stands there is not the value, so nothing can be said of that.
    this.#report.settle(place);
  }
}

/** A text whose value is never told: messages call it by what the file says. */
function scalarWith(place: Place, value: string, text: string): ScalarNode {
  return { kind: "scalar", value, text, place, size: 1, isSecret: true };
}

/** The older way to name a secret: `{ secret: { name: NAME } }`. */
function nameInMapping(node: MapNode): string | undefined {
  const inner = node.entries.get("secret")?.value;
  if (node.entries.size !== 1 || inner?.kind !== "map" || inner.entries.size !== 1) return undefined;
  const name = inner.entries.get("name")?.value;
  return name?.kind === "scalar" && typeof name.value === "string" ? name.value : undefined;
}

/** Fluvio does not start without a value for each secret that `meta.secrets` names; here only those count that are used. */
function warnOfAbsent(root: MapNode, used: ReadonlySet<string>, store: SecretStore, report: Report): void {
  const { node } = locate(root, ["meta", "secrets"]);
  for (const [index] of node?.kind === "list" ? node.items.entries() : []) {
    const path = ["meta", "secrets", index, "name"];
    const { node: name, place } = locate(root, path);
    if (name?.kind !== "scalar" || typeof name.value !== "string") continue;
    if (used.has(name.value) || store.valueOf(name.value) !== undefined) continue;
    report.warn(
      place,
      `${formatPath(path)}: there is no secret ${JSON.stringify(name.value)}, and nothing uses it`,
    );
  }
}
