/*
 * What each module of `test/fixtures/fluvio` makes of a record, said in plain TypeScript after the module's source and Fluvio's
 * specification, to hold the engine against.
 */

export interface ModelRecord {
  /** Of the source's record, in its topic. */
  readonly offset: number;
  readonly timestamp: number;
  readonly origin: number;
  readonly value: Uint8Array;
  readonly key: string | undefined;
}

type Outcome = { readonly made: readonly { value: string | Uint8Array; key: string | undefined }[] } | string;

export interface Model {
  /** One life of a module: records in, in their order. A text is why a record has failed. */
  readonly start: () => (record: ModelRecord) => Outcome;
  readonly parameters?: Readonly<Record<string, string>>;
  /** It tells records apart by their place in the topic, which parts of one record share. */
  readonly needsPlaces?: boolean;
  /** It reads JSON or numbers, and its errors are told here for \`values\` alone. */
  readonly parses?: boolean;
  /** What it makes are values of \`values\`, or numbers. */
  readonly makesValues?: boolean;
}

const notText = "invalid utf-8 sequence of 1 bytes from index 0";
const notJson = "expected value at line 1 column 1";

function textOf(value: Uint8Array): string | undefined {
  return value[0] === 255 ? undefined : new TextDecoder().decode(value);
}

/** What is done with text, of a module that refuses all else. */
function ofText(judge: (text: string, record: ModelRecord) => Outcome): Model {
  return {
    start: () => (record) => {
      const text = textOf(record.value);
      return text === undefined ? notText : judge(text, record);
    },
  };
}

const keep = ({ value, key }: ModelRecord): Outcome => ({ made: [{ value, key }] });
const drop: Outcome = { made: [] };

function keepsWith(part: string): Model {
  return { ...ofText((text, record) => (text.includes(part) ? keep(record) : drop)), makesValues: true };
}

/** As Rust reads a number of 64 bits. */
function numberOf(text: string): number | string {
  if (text === "") return "cannot parse integer from empty string";
  return /^[+-]?\d+$/.test(text) ? Number(text) : "invalid digit found in string";
}

/** As serde_json reads a text, for the texts of `values`. */
function jsonOf(record: ModelRecord): { readonly json: unknown } | string {
  const text = textOf(record.value);
  if (text === "") return "EOF while parsing a value at line 1 column 0";
  try {
    return { json: JSON.parse(text ?? "?") };
  } catch {
    return notJson;
  }
}

const arrayMap: Model = {
  parses: true,
  start: () => (record) => {
    const read = jsonOf(record);
    if (typeof read === "string") return read;
    const { json } = read;
    const found = typeof json === "number" ? `integer \`${json}\`` : "map";
    const column = typeof json === "number" ? `${json}`.length : 0;
    if (!Array.isArray(json)) return `invalid type: ${found}, expected a sequence at line 1 column ${column}`;
    return { made: json.map((element) => ({ value: JSON.stringify(element), key: record.key })) };
  },
};

const jsonMap: Model = {
  parses: true,
  start: () => (record) => {
    const read = jsonOf(record);
    if (typeof read === "string") return read;
    const { level, msg = null } = read.json as { level?: unknown; msg?: unknown };
    if (level === undefined) return "no level";
    return { made: [{ value: JSON.stringify({ level, msg }), key: record.key }] };
  },
};

const counting: Model = {
  start: () => {
    let count = 0;
    return ({ value, key }) => {
      count++;
      const text = textOf(value);
      return text === undefined ? notText : { made: [{ value: `${count} ${text}`, key }] };
    };
  },
};

/** Puts values behind one another; what has failed is not in it. */
const joining: Model = {
  start: () => {
    let all = "";
    return ({ value, key }) => {
      const text = textOf(value);
      if (text === undefined) return notText;
      all += text;
      return { made: [{ value: all, key }] };
    };
  },
};

const adding: Model = {
  parses: true,
  makesValues: true,
  start: () => {
    let sum = 0;
    return ({ value, key }) => {
      const text = textOf(value);
      const number = text === undefined ? notText : numberOf(text);
      if (typeof number === "string") return number;
      sum += number;
      return { made: [{ value: `${sum}`, key }] };
    };
  },
};

const unrepeated: Model = {
  makesValues: true,
  start: () => {
    let last: string | undefined;
    return (record) => {
      const value = record.value.join();
      if (value === last) return drop;
      last = value;
      return keep(record);
    };
  },
};

const halving: Model = {
  ...ofText((text, { key }) => {
    const number = numberOf(text);
    if (typeof number === "string") return number;
    return number % 2 === 0 ? { made: [{ value: `${number / 2}`, key }] } : drop;
  }),
  parses: true,
  makesValues: true,
};

const capitals = ofText((text, { key }) => ({
  made: [{ value: text.toUpperCase(), key: key === undefined ? undefined : `> ${key}` }],
}));

const regex: Model = {
  makesValues: true,
  parameters: { regex: "^[0-9]+$" },
  start: () => (record) => (/^[0-9]+$/.test(textOf(record.value) ?? "?") ? keep(record) : drop),
};

const places: Model = {
  needsPlaces: true,
  start:
    () =>
    ({ offset, timestamp, key }) => ({ made: [{ value: `${offset}@${timestamp}`, key }] }),
};

/** By the name of the module's file. */
export const models: Readonly<Record<string, Model>> = {
  filter: keepsWith("a"),
  "filter-wasi": keepsWith("a"),
  "smartstream-filter": keepsWith("a"),
  "first-filter": {
    start: () => (record) => (textOf(record.value)?.includes("a") === true ? keep(record) : drop),
    makesValues: true,
  },
  "init-filter": { ...keepsWith("t"), parameters: { needle: "t" } },
  "old-filter": { ...keepsWith("t"), parameters: { needle: "t" } },
  "regex-filter": regex,
  panics: { start: () => keep, makesValues: true },
  "panics-wasi": { start: () => keep, makesValues: true },
  map: capitals,
  "place-map": places,
  "json-map": jsonMap,
  "counting-map": counting,
  "counting-map-wasi": counting,
  "filter-map": halving,
  "look-back": unrepeated,
  "look-back-wasi": unrepeated,
  "array-map": arrayMap,
  "array-map-wasi": arrayMap,
  aggregate: adding,
  "old-aggregate": joining,
  "smartstream-aggregate": joining,
};

/** Values that mean something to some of the modules. */
export const values: readonly (string | Uint8Array)[] = [
  ...["", "a", "cat", "é a", "7", "-4", "10", "[1,2]", "[]", '["a",{"b":null}]', `z${"t".repeat(9000)}`],
  '{"level":"info","msg":"hi"}',
  Uint8Array.of(255, 254),
];
