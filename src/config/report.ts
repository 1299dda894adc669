import { Redactor, redactedError } from "../base/index.ts";
import { type ErrorCode, MillraceError, type Where } from "../errors.ts";
import type { ConfigWarning } from "./plan.ts";
import type { Place } from "./yaml/node.ts";

/** Collects what is wrong with one config, so that all of it is told at once. */
export class Report {
  readonly #file: string;
  readonly #problems: MillraceError[] = [];
  readonly #warnings: ConfigWarning[] = [];
  /** Places of which everything is said. */
  readonly #settled = new Set<string>();
  /** Paths of the tree, and what the user wrote for them. */
  readonly #names: (readonly [path: string, name: string])[] = [];

  readonly #redactor: Redactor;

  /**
   * @param file the config, as the user named it
   * @param redactor learns the secrets, and takes them out of all that is reported
   */
  constructor(file: string, redactor = new Redactor()) {
    this.#file = file;
    this.#redactor = redactor;
  }

  /** The warnings so far, in the order of their places. */
  get warnings(): readonly ConfigWarning[] {
    const redacted = this.#warnings.map(({ where, message }) => ({
      where,
      message: this.#redactor.redact(message),
    }));
    return redacted.toSorted(byPlace);
  }

  /** Keeps a value out of all that is reported. @returns false where it is too short for that */
  hide(secret: string): boolean {
    return this.#redactor.add(secret);
  }

  where(place: Place): Where {
    return { file: this.#file, line: place.line, column: place.column };
  }

  /**
   * Has messages that begin with a path call it as the user did, where the tree was rebuilt from an older form. An empty
   * name takes the path away, as of `meta.name`.
   */
  callBy(names: readonly (readonly [path: string, name: string])[]): void {
    this.#names.unshift(...names);
  }

  #called(message: string): string {
    for (const [path, name] of this.#names) {
      const rest = message.startsWith(path) ? message.slice(path.length) : "";
      if (/^[.:[]/.test(rest)) return name === "" ? rest.replace(/^\./, "") : name + rest;
    }
    return message;
  }

  error(place: Place, message: string, hint?: string, code: ErrorCode = "config.invalid"): void {
    this.add(new MillraceError(code, this.#called(message), { where: this.where(place), hint }));
  }

  /** Adds a problem, unless its place was settled before. */
  add(problem: MillraceError): void {
    if (this.#settled.has(lineAndColumn(problem).join(":"))) return;
    this.#problems.push(problem);
  }

  /** Keeps back what else will be found wrong at a place, because it follows from what was said of it. */
  settle({ line, column }: Place): void {
    this.#settled.add(`${line}:${column}`);
  }

  warn(place: Place, message: string): void {
    this.warnAt(this.where(place), this.#called(message));
  }

  /** Warns of something that is not in the config itself. */
  warnAt(where: Where, message: string): void {
    this.#warnings.push({ where, message });
  }

  /** @throws MillraceError the problem there is, or a headline that carries all of them */
  throwIfAny(): void {
    const redacted = this.#problems
      .map((each) => redactedError(each, this.#redactor))
      .filter(MillraceError.is);
    const [first, ...others] = redacted.toSorted(byPlace);
    if (first === undefined) return;
    if (others.length === 0) throw first;
    throw new MillraceError("config.invalid", `the config has ${others.length + 1} problems`, {
      where: { file: this.#file },
      problems: [first, ...others],
    });
  }
}

interface Placed {
  readonly where?: Where | undefined;
}

function byPlace(left: Placed, right: Placed): number {
  const [a, b] = [lineAndColumn(left), lineAndColumn(right)];
  return a[0] - b[0] || a[1] - b[1];
}

function lineAndColumn({ where }: Placed): [number, number] {
  return where !== undefined && "file" in where ? [where.line ?? 0, where.column ?? 0] : [0, 0];
}
