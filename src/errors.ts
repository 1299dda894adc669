/** What went wrong decides the exit code: 1 while running, 2 a wrong call or config, 3 something around us. */
export type ErrorCategory = "run" | "config" | "environment";

interface ErrorKind {
  readonly category: ErrorCategory;
  readonly meaning: string;
}

/**
 * Every code an error of this project can carry. Codes are public: programs match on them, so they are never reused.
 */
export const errorCodes = {
  "bench.baseline": {
    category: "config",
    meaning: "a file that should be a baseline of measurements is none",
  },
  "bench.slower": { category: "run", meaning: "a module is slower than it was allowed to be" },
  "capture.invalid": { category: "environment", meaning: "a capture is damaged, or the file is none" },
  "capture.module": {
    category: "config",
    meaning: "a module of a capture is not there, or is another one than was captured",
  },
  "cli.usage": { category: "config", meaning: "the command line does not say what to do" },
  "config.not-found": { category: "config", meaning: "the config file does not exist or cannot be read" },
  "config.syntax": { category: "config", meaning: "the config file is not well-formed YAML" },
  "config.invalid": { category: "config", meaning: "a key or value of the config is wrong" },
  "config.secret": { category: "config", meaning: "a secret that the config names has no value" },
  "config.unknown-type": { category: "config", meaning: "no connector has the type that the config names" },
  "connector.failed": { category: "run", meaning: "the code of a user's own connector failed" },
  "connector.load": { category: "config", meaning: "a user's own connector cannot be loaded" },
  "connector.end": { category: "config", meaning: "the connector has no such end (source or sink)" },
  "csv.invalid": {
    category: "environment",
    meaning: "a row of CSV is damaged, or has other fields than there are columns",
  },
  "dead-letter.topic": { category: "config", meaning: "the topic is not one of dead letters" },
  "diff.differs": { category: "run", meaning: "another thing comes of a record than of an older version" },
  "file.empty": { category: "environment", meaning: "a file that should have records has none" },
  "file.not-found": { category: "environment", meaning: "a file that is to be read does not exist" },
  "file.unreadable": { category: "environment", meaning: "a file cannot be opened or read" },
  "file.unwritable": { category: "environment", meaning: "a file cannot be created or written" },
  "frame.invalid": { category: "run", meaning: "bytes that should be a frame break the layout" },
  "frame.memory": { category: "environment", meaning: "the platform gives no memory for a frame" },
  "frame.too-large": { category: "run", meaning: "records do not fit into one frame" },
  "fuzz.generator": { category: "config", meaning: "a generator of records cannot be loaded, or makes none" },
  "fuzz.law": { category: "run", meaning: "a module breaks a law that holds for every module" },
  "gzip.invalid": { category: "environment", meaning: "a gzip archive is damaged" },
  "http.redirect": {
    category: "environment",
    meaning: "a redirect leads where it may not be followed",
  },
  "http.status": { category: "environment", meaning: "a server answered with a status other than 2xx" },
  "http.too-large": { category: "run", meaning: "a response body is larger than the limit" },
  "http.unreachable": { category: "environment", meaning: "a server could not be reached" },
  "internal.bug": { category: "run", meaning: "a condition that this code guarantees does not hold" },
  "json.invalid": { category: "environment", meaning: "bytes that should be JSON are not" },
  "json.pointer": {
    category: "config",
    meaning: "a JSON pointer leads nowhere, or to something of the wrong type",
  },
  "module.abi": { category: "config", meaning: "the module speaks no ABI that is known here" },
  "module.answer": { category: "run", meaning: "the module's answer breaks the ABI" },
  "module.compiler": {
    category: "environment",
    meaning: "the compiler of the language a module is written in cannot be loaded",
  },
  "module.deadline": { category: "run", meaning: "the module took longer than its deadline" },
  "module.fuel": { category: "run", meaning: "the module used more fuel than its budget" },
  "module.import": { category: "config", meaning: "the module imports something that it may not have" },
  "module.init": { category: "config", meaning: "the module refused its parameters" },
  "module.look-back": { category: "run", meaning: "the module refused what it was shown of earlier records" },
  "module.memory": {
    category: "config",
    meaning: "the module begins with more memory or larger tables than its limits allow",
  },
  "module.exists": { category: "environment", meaning: "a module of this name is in the store already" },
  "module.name": { category: "config", meaning: "a module cannot have this name" },
  "module.not-found": { category: "config", meaning: "the module's file does not exist or cannot be read" },
  "module.not-wasm": { category: "config", meaning: "the file is not a WebAssembly module" },
  "module.package": {
    category: "config",
    meaning: "the description of a module, its SmartModule.toml, is wrong",
  },
  "module.record": { category: "run", meaning: "the module failed a record" },
  "module.rewrite": {
    category: "config",
    meaning: "the module has something that keeps limits from being built into it",
  },
  "module.sha256": {
    category: "config",
    meaning: "the module's bytes have another hash than the one that is asked for",
  },
  "module.source": { category: "config", meaning: "a module's source text does not build" },
  "module.store": {
    category: "environment",
    meaning: "the store of modules cannot be read or written, or is damaged",
  },
  "module.thread": {
    category: "environment",
    meaning: "the thread in which the modules run has ended",
  },
  "module.too-large": { category: "config", meaning: "the module's file is larger than the limit" },
  "module.trap": { category: "run", meaning: "the module trapped" },
  "module.wasi": { category: "environment", meaning: "the chosen back end for WASI cannot be loaded" },
  "msgpack.invalid": {
    category: "environment",
    meaning: "bytes that should be MessagePack are not, or hold what JSON cannot",
  },
  "pipeline.locked": { category: "environment", meaning: "a pipeline of this name is running already" },
  "pipeline.reload": {
    category: "config",
    meaning: "a change of a config cannot be taken over while its pipeline runs",
  },
  "pipeline.too-many-failures": {
    category: "run",
    meaning: "more records failed than the window of a pipeline allows",
  },
  "record.cut": { category: "environment", meaning: "the input ends in the middle of a record" },
  "record.header": {
    category: "run",
    meaning: "a key or header of a record cannot be sent as a header of a request",
  },
  "record.key": { category: "run", meaning: "a line does not say where the key of its record ends" },
  "record.length": {
    category: "environment",
    meaning: "bytes that should say the length of a record do not",
  },
  "record.line-feed": {
    category: "run",
    meaning: "a value cannot be written as one line because it holds a line feed",
  },
  "record.packing": {
    category: "run",
    meaning: "a record cannot be written in the format of the sink",
  },
  "record.too-large": { category: "run", meaning: "a record is larger than the limit" },
  "record.view-expired": { category: "run", meaning: "a borrowed view was used after its lifetime" },
  "replay.differs": { category: "run", meaning: "a replay came to something else than was captured" },
  "stdio.closed": {
    category: "environment",
    meaning: "the program that read standard output has gone away",
  },
  "test.failed": { category: "run", meaning: "a test failed, or a record that was tried" },
  "topic.corrupt": {
    category: "environment",
    meaning: "what the topic store read back is not what was written",
  },
  "topic.exists": { category: "environment", meaning: "a topic of this name exists already" },
  "topic.in-use": { category: "environment", meaning: "another process works on the topic" },
  "topic.loop": {
    category: "config",
    meaning: "a pipeline would read the topic that it writes, or write the one that it reads",
  },
  "topic.name": { category: "config", meaning: "a topic, pipeline or consumer cannot have this name" },
  "topic.not-found": { category: "environment", meaning: "no topic of this name exists" },
  "topic.store": { category: "environment", meaning: "the topic store cannot be opened, read or written" },
  "webhook.listen": { category: "environment", meaning: "a webhook cannot listen on its address" },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCodes;

/** The place an error is about, in the form people search for: `file:line:col`, `topic@offset`, `module#export`. */
export type Where =
  | {
      readonly file: string;
      readonly line?: number | undefined;
      readonly column?: number | undefined;
      /** In a file without lines: number of the record, from 1. */
      readonly record?: number | undefined;
    }
  | { readonly topic: string; readonly offset?: number | undefined }
  | { readonly module: string; readonly export?: string | undefined }
  | { readonly option: string }
  | { readonly url: string };

export interface ErrorDetails {
  readonly where?: Where | undefined;
  /** What to do next, as a sentence for the person who reads the message. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Where several things are wrong at once: each of them; the error itself is the headline then. */
  readonly problems?: readonly MillraceError[] | undefined;
}

/** An error as plain data, for `--json` output. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string;
  readonly hint?: string;
  readonly problems?: readonly ErrorData[];
}

const brand = Symbol.for("millrace.error");

/** The one error type: a registered code, a message, the place, and what to do next. */
export class MillraceError extends Error {
  readonly code: ErrorCode;
  readonly where: Where | undefined;
  readonly hint: string | undefined;
  /** The single problems that this error is the headline of; empty for most errors. */
  readonly problems: readonly MillraceError[];
  readonly [brand] = true;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "MillraceError";
    this.code = code;
    this.where = details.where;
    this.hint = details.hint;
    this.problems = details.problems ?? [];
  }

  /** True for errors of this type, also of another copy of the package, which `instanceof` would miss. */
  static is(error: unknown): error is MillraceError {
    return typeof error === "object" && error !== null && brand in error;
  }

  get category(): ErrorCategory {
    return errorCodes[this.code].category;
  }

  /** Plain data for `--json` output. */
  toJSON(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.where === undefined ? {} : { where: formatWhere(this.where) }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.problems.length === 0 ? {} : { problems: this.problems.map((problem) => problem.toJSON()) }),
    };
  }
}

/** The place as text, such as `pipe.yaml:12:5`, `orders@1042` or `filter.wasm#millrace_filter`. */
export function formatWhere(where: Where): string {
  if ("file" in where) {
    if (where.record !== undefined) return `${where.file}#${where.record}`;
    const line = where.line === undefined ? "" : `:${where.line}`;
    return `${where.file}${line}${where.column === undefined ? "" : `:${where.column}`}`;
  }
  if ("topic" in where) return where.offset === undefined ? where.topic : `${where.topic}@${where.offset}`;
  if ("module" in where) return where.export === undefined ? where.module : `${where.module}#${where.export}`;
  return "option" in where ? where.option : where.url;
}

/** The exit code of a process that ends with this error; errors of other types count as failures at run time. */
export function exitCodeOf(error: unknown): 1 | 2 | 3 {
  if (!MillraceError.is(error)) return 1;
  const category = error.category;
  return category === "config" ? 2 : category === "environment" ? 3 : 1;
}

/** The text of anything that was thrown, for use inside another message. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
