import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { inbound, outbound, readConfig } from "./read-config.ts";

/** What is wrong with a config, and exactly what is said about it, place included. */
const table: readonly (readonly [name: string, config: string, problems: readonly string[]])[] = [
  ["an empty file", "", ["1:1 expected a mapping with `meta:` in it, found an empty file"]],
  ["a file of comments", "# nothing\n", ["1:1 expected a mapping with `meta:` in it, found an empty file"]],
  ["a list", "- a\n", ["1:1 expected a mapping with `meta:` in it, found a list"]],
  ["a text", "pipeline\n", ['1:1 expected a mapping with `meta:` in it, found the text "pipeline"']],
  [
    "nothing but a section",
    "http:\n  endpoint: http://127.0.0.1/\n",
    [
      "1:1 meta.name: missing; expected a text",
      "1:1 meta.type: missing; expected a text",
      "1:1 meta.topic: missing; expected a text",
    ],
  ],
  [
    "meta without keys",
    "apiVersion: 0.1.0\nmeta:\n",
    [
      "2:1 meta.name: missing; expected a text",
      "2:1 meta.type: missing; expected a text",
      "2:1 meta.topic: missing; expected a text",
    ],
  ],
  ["meta that is a text", "meta: quakes\n", ['1:7 meta: expected a mapping, found the text "quakes"']],
  [
    "values of other types",
    "meta:\n  name: 7\n  type: file-sink\n  topic: [a]\nfile:\n  path: { a: b }\n",
    [
      "2:9 meta.name: expected a text, found the number 7",
      "4:3 meta.topic: expected a text, found a list",
      "6:3 file.path: expected a text, found a mapping",
    ],
  ],
  [
    "keys that are there but empty",
    "meta:\n  name:\n  type: file-sink\n  topic: ''\nfile:\n  path: ~\n",
    [
      "2:3 meta.name: expected a text, found nothing",
      '4:10 meta.topic: expected a text that is not empty, found the text ""',
      "6:9 file.path: expected a text, found nothing",
    ],
  ],
  [
    "a misspelt key that is needed",
    inbound("", "http:\n  endpont: http://127.0.0.1/\n"),
    ['7:3 http.endpont: unknown key; did you mean "endpoint"?'],
  ],
  [
    "a misspelt key of meta",
    "meta:\n  name: a\n  type: file-sink\n  tpoic: b\nfile: { path: a }\n",
    ['4:3 meta.tpoic: unknown key; did you mean "topic"?'],
  ],
  [
    "a misspelt section",
    inbound("", "htpp:\n  endpoint: http://127.0.0.1/\n"),
    ['6:1 htpp: unknown key; did you mean "http"?'],
  ],
  [
    "the section of another connector",
    inbound("", "file:\n  path: a\n"),
    [
      "6:1 file: this is the section of another connector; the type http-source in line 4 is set up in `http:`",
    ],
  ],
  [
    "no section where one is needed",
    inbound("", ""),
    ["4:9 http: missing; the type http-source is set up in a section of this name"],
  ],
  ["a section that is a list", inbound("", "http: [a]\n"), ["6:1 http: expected a mapping, found a list"]],
  [
    "an unknown type",
    "meta:\n  name: a\n  type: htp-source\n  topic: b\nhttp:\n  endpoint: x\n",
    ['3:9 no connector has the type "htp-source"'],
  ],
  [
    "an end that the connector does not have",
    "meta:\n  name: a\n  type: generate-sink\n  topic: b\n",
    ["3:9 the generate connector has no sink"],
  ],
  [
    "a name that is given twice",
    "meta:\n  name: a\n  name: b\n  type: file-sink\n  topic: b\nfile: { path: a, path: b }\n",
    ['3:3 "name" is given twice; first in line 2', '6:18 "path" is given twice; first in line 6'],
  ],
  [
    "another apiVersion",
    outbound("apiVersion: 1.0.0\n"),
    ['6:13 apiVersion: expected one of "0.0.0", "0.1.0", "0.2.0", found the text "1.0.0"'],
  ],
  [
    "an apiVersion that YAML takes for a number",
    outbound("apiVersion: 0.1\n"),
    ['6:13 apiVersion: expected one of "0.0.0", "0.1.0", "0.2.0", found the number 0.1'],
  ],
  [
    "a topic of 0.2.0 in 0.1.0",
    "apiVersion: 0.1.0\nmeta:\n  name: a\n  type: file-sink\n  topic:\n    meta:\n      name: b\nfile: { path: a }\n",
    ["5:3 meta.topic: expected a text, found a mapping"],
  ],
  [
    "a topic of 0.1.0 in 0.2.0",
    outbound("apiVersion: 0.2.0\n"),
    ['4:10 meta.topic: expected a mapping, found the text "quakes"'],
  ],
  [
    "a topic mapping without a name",
    "apiVersion: 0.2.0\nmeta:\n  name: a\n  type: file-sink\n  topic:\n    meta:\n      nmae: b\nfile: { path: a }\n",
    ['7:7 meta.topic.meta.nmae: unknown key; did you mean "name"?'],
  ],
  [
    "a topic without duplicates",
    "apiVersion: 0.2.0\nmeta:\n  name: a\n  type: file-sink\n  topic:\n    meta: { name: b }\n    deduplication: {}\nfile: { path: a }\n",
    ["7:5 meta.topic.deduplication: is not available, and without it more records would arrive"],
  ],
  [
    "a name that no topic can have",
    "meta:\n  name: a\n  type: file-sink\n  topic: ../b\nfile: { path: a }\n",
    ['4:10 meta.topic: "../b" cannot be the name of a topic'],
  ],
  [
    "a consumer without a usable name",
    outbound("", `  consumer:\n    id: ${"x".repeat(300)}\n`),
    [`6:9 meta.consumer.id: a consumer cannot be called "${"x".repeat(50)}"`],
  ],
  [
    "a misspelt start",
    outbound("", "  consumer:\n    offset:\n      start: begining\n"),
    [
      '7:14 meta.consumer.offset.start: expected one of "beginning", "end" or a mapping, found the text "begining"; did you mean "beginning"?',
    ],
  ],
  [
    "a start before the beginning",
    outbound("", "  consumer:\n    offset:\n      start: { absolute: -1 }\n"),
    ["7:26 meta.consumer.offset.start.absolute: expected a number of at least 0, found the number -1"],
  ],
  [
    "two starts",
    outbound("", "  consumer:\n    offset:\n      start: { absolute: 1, from-end: 1 }\n"),
    [
      "7:7 meta.consumer.offset.start: expected one of the keys absolute, from-beginning, from-end, found a mapping",
    ],
  ],
  [
    "a size that is none",
    outbound("", "  consumer:\n    max-bytes: 3 big\n"),
    [
      '6:16 meta.consumer.max-bytes: expected a size such as `16 MB`, `1 MiB` or a number of bytes, found the text "3 big"',
    ],
  ],
  [
    "a duration without a unit",
    inbound("", "http:\n  endpoint: http://127.0.0.1/\n  interval: 300\n"),
    ["8:13 http.interval: expected a duration such as `500ms`, `5s` or `1h 30m`, found the number 300"],
  ],
  [
    "a step without a module",
    inbound("filter:\n  with: { a: b }\n"),
    ["7:1 filter.uses: missing; expected the path or the name of a module"],
  ],
  [
    "steps that are none",
    inbound("filter: module.wasm\nshape:\n  - module.wasm\n  -\n"),
    [
      '7:9 filter: expected a step or a list of steps, found the text "module.wasm"',
      '9:5 shape[0]: expected a step, found the text "module.wasm"',
      "10:4 shape[1]: expected a step, found nothing",
    ],
  ],
  [
    "transforms that are one step",
    inbound("transforms:\n  uses: a.wasm\n"),
    ["7:1 transforms: expected a list of steps, found a mapping"],
  ],
  [
    "both kinds of steps",
    inbound("filter:\n  uses: a.wasm\ntransforms:\n  - uses: b.wasm\nshape:\n  uses: c.wasm\n"),
    [
      "7:1 filter: cannot be used together with `transforms:` in line 9",
      "11:1 shape: cannot be used together with `transforms:` in line 9",
    ],
  ],
  [
    "names of modules",
    inbound("transforms:\n  - uses: jolt\n  - uses: infinyon/jolt@0.4.1\n"),
    [
      '8:11 transforms[0].uses: there is no module "jolt" in the store',
      '9:11 transforms[1].uses: there is no module "infinyon/jolt@0.4.1" in the store',
    ],
  ],
  [
    "bare values as parameters",
    inbound(
      "transforms:\n  - uses: a.wasm\n    with:\n      count: 5\n      rate: 1.50\n      on: true\n      x:\n",
    ),
    [
      "10:14 transforms[0].with.count: expected a text, a list or a mapping, found the number 5",
      "11:13 transforms[0].with.rate: expected a text, a list or a mapping, found the number 1.50",
      "12:11 transforms[0].with.on: expected a text, a list or a mapping, found true",
      "13:7 transforms[0].with.x: expected a text, a list or a mapping, found nothing",
    ],
  ],
  [
    "parameters that are a list",
    inbound("filter:\n  uses: a.wasm\n  with: [a]\n"),
    ["9:3 filter.with: expected a mapping, found a list"],
  ],
  [
    "an accumulator that is no text",
    inbound("filter:\n  uses: a.wasm\n  accumulator: { a: 1 }\n"),
    ["9:3 filter.accumulator: expected a text or a number, found a mapping"],
  ],
  [
    "policies of a step that are none",
    inbound(
      "filter:\n  - { uses: a.wasm, onError: retry }\n  - { uses: a.wasm, onError: { retry: { attempts: 3 } } }\n  - { uses: a.wasm, onError: skipp }\n",
    ),
    [
      "8:30 filter[0].onError: `retry` is for the sink: a module gives the same record the same answer, or has changed by the first one",
      "9:21 filter[1].onError: `retry` is for the sink: a module gives the same record the same answer, or has changed by the first one",
      '10:30 filter[2].onError: expected one of "fail", "skip", "dead-letter", found the text "skipp"; did you mean "skip"?',
    ],
  ],
  [
    "a world that there is not",
    inbound("millrace:\n  wasi: wasmer\n  deterministic: true\n"),
    ["9:18 millrace.deterministic: the back end `wasi: wasmer` has no clock that shows the records' time"],
  ],
  [
    "a back end and a state that there are not",
    inbound("millrace:\n  wasi: node\nfilter:\n  uses: a.wasm\n  stateful: perhaps\n"),
    [
      '8:9 millrace.wasi: expected "own" or "wasmer", found the text "node"',
      '11:13 filter.stateful: expected true or false, found the text "perhaps"',
    ],
  ],
  [
    "policies of the ends that are none",
    outbound(
      "millrace:\n  onError: retri\n  source: { onError: retry }\n  sink: { onError: { retry: { attempts: 1, backof: 1s, then: retry } } }\n",
    ),
    [
      '7:12 millrace.onError: expected one of "fail", "skip", "dead-letter", "retry" or a mapping, found the text "retri"; did you mean "retry"?',
      "8:22 millrace.source.onError: `retry` is for the sink: a source that reads a record again gets the same one",
      "9:41 millrace.sink.onError.retry.attempts: expected a number of at least 2, found the number 1",
      '9:44 millrace.sink.onError.retry.backof: unknown key; did you mean "backoff"?',
      '9:62 millrace.sink.onError.retry.then: expected one of "fail", "skip", "dead-letter", found the text "retry"',
    ],
  ],
  [
    "a window of nothing, one that is too large, and one without a bound",
    inbound("millrace:\n  error-window: { records: 0, failures: -1 }\n"),
    [
      "8:28 millrace.error-window.records: expected a number of at least 1, found the number 0",
      "8:41 millrace.error-window.failures: expected a number of at least 0, found the number -1",
    ],
  ],
  [
    "a window that is too large",
    inbound(
      `millrace:\n  error-window: { records: ${limits.errorWindowRecordsMax.default + 1}, failures: 1 }\n`,
    ),
    [
      "8:28 millrace.error-window.records: expected at most 1000000 (the window remembers one byte for each record), found the number 1000001",
    ],
  ],
  [
    "a window without a bound",
    inbound("millrace:\n  error-window: { records: 5 }\n"),
    ["8:3 millrace.error-window.failures: missing; expected a number"],
  ],
  [
    "dead letters in the topic of the pipeline",
    inbound("millrace:\n  onError: dead-letter\n  dead-letter-topic: quakes\n"),
    ['9:22 millrace.dead-letter-topic: "quakes" is the topic of the pipeline itself'],
  ],
  [
    "dead letters in a topic that cannot be",
    inbound("millrace:\n  source: { onError: dead-letter }\n  dead-letter-topic: ../x\n"),
    ['9:22 millrace.dead-letter-topic: "../x" cannot be the name of a topic'],
  ],
  [
    "a pipeline whose name makes no topic, and dead letters",
    "meta:\n  name: my pipe\n  type: file-sink\n  topic: quakes\nfile: { path: a }\nmillrace: { onError: dead-letter }\n",
    ['2:9 millrace.dead-letter-topic: "my pipe-dead-letters" cannot be the name of a topic'],
  ],
  [
    "limits that bound nothing",
    inbound(
      "millrace:\n  limits: { memory-bytes: 0, fuel-per-record: 1.5, fuel-per-setup: 0, table-elements: -1 }\n" +
        "filter:\n  uses: a.wasm\n  limits: { fuel: of, fuel-per-recrd: 5, module-bytes: much, deadline: 0s }\n",
    ),
    [
      "8:27 millrace.limits.memory-bytes: expected a number of at least 1, found the number 0",
      "8:47 millrace.limits.fuel-per-record: expected a whole number of instructions, found the number 1.5",
      "8:68 millrace.limits.fuel-per-setup: expected a number of at least 1, found the number 0",
      "8:87 millrace.limits.table-elements: expected a number of at least 0, found the number -1",
      '11:19 filter.limits.fuel: expected "on" or "off", found the text "of"; did you mean "on"?',
      '11:23 filter.limits.fuel-per-recrd: unknown key; did you mean "fuel-per-record"?',
      '11:56 filter.limits.module-bytes: expected a size such as `16 MB`, `1 MiB` or a number of bytes, found the text "much"',
      '11:72 filter.limits.deadline: expected a duration of 1ms or more, found the text "0s"',
    ],
  ],
  [
    "unknown keys in sections that are ours",
    inbound("millrace:\n  topic-foler: a\n  quotas: 5\nfilter:\n  uses: a.wasm\n  on-error: skip\n"),
    [
      '8:3 millrace.topic-foler: unknown key; did you mean "topic-folder"?',
      "9:3 millrace.quotas: unknown key",
      '12:3 filter.on-error: unknown key; did you mean "onError"?',
    ],
  ],
  [
    "misspelt sections that are ours",
    inbound("fliter:\n  uses: a.wasm\nshapes: []\nmillrase:\n"),
    [
      '7:1 fliter: unknown key; did you mean "filter"?',
      '9:1 shapes: unknown key; did you mean "shape"?',
      '10:1 millrase: unknown key; did you mean "millrace"?',
    ],
  ],
  [
    "batches of no bytes, and of too many",
    inbound("millrace:\n  batch-bytes: 0\n"),
    ["8:16 millrace.batch-bytes: expected a number of at least 1, found the number 0"],
  ],
  [
    "batches that do not fit a frame",
    inbound("millrace:\n  batch-bytes: 65 MiB\n"),
    [
      '8:16 millrace.batch-bytes: expected at most 64 MiB (a batch is a frame, and no frame is larger), found the text "65 MiB"',
    ],
  ],
  [
    "an extract that the connector does not have",
    outbound("millrace:\n  extract: body\n"),
    [
      '7:12 millrace.extract: expected `lines`, `csv`, `msgpack` or `length-prefixed`, alone or with its settings, found the text "body"',
    ],
  ],
  [
    "settings of a format that it does not have",
    outbound("millrace:\n  extract:\n    csv:\n      delimiter: ab\n      heder: true\n"),
    [
      '9:18 millrace.extract.csv.delimiter: expected one character, such as `;` or a tab, found the text "ab"',
      '10:7 millrace.extract.csv.heder: unknown key; did you mean "header"?',
    ],
  ],
  [
    "an extract where there is nothing to choose",
    "meta:\n  name: out\n  type: topic-sink\n  topic: quakes\ntopic:\n  name: other\nmillrace:\n  extract: body\n",
    ["8:3 millrace.extract: the connector topic-sink offers no choice of how records are packed"],
  ],
  [
    "a misspelt extract",
    inbound("millrace:\n  extract:\n    json-aray: /features\n"),
    ['9:5 millrace.extract.json-aray: unknown key; did you mean "json-array"?'],
  ],
  [
    "secrets that have no value",
    inbound(
      `filter:\n  uses: a.wasm\n  with:\n    key: 'a \${{ secrets.KEY }}'\n    \${{secrets.NAME}}: a\n`,
    ),
    ["10:10 there is no secret KEY", "11:5 a key cannot be a secret or a template"],
  ],
  [
    "a secret where a URL should be",
    inbound("", `http:\n  endpoint: "\${{ secrets.URL }}"\n`),
    ["7:13 there is no secret URL"],
  ],
];

describe("a bad config", () => {
  test.each(table)("with %s", async (_name, config, problems) => {
    expect((await readConfig(config)).problems).toEqual(problems);
  });

  test("has a code and a hint for what comes next", async () => {
    const { errors } = await readConfig(inbound("filter:\n  uses: a.wasm\n  with: { count: 5 }\n"));
    expect(errors.map((error) => [error.code, error.hint])).toEqual([
      ["config.invalid", 'put quotes around it: count: "5"'],
    ]);
  });

  test("tells of an unknown type in the words of the connectors", async () => {
    const { errors } = await readConfig("meta: { name: a, type: htp-source, topic: b }\n");
    expect(errors[0]?.code).toBe("config.unknown-type");
    expect(errors[0]?.hint).toMatch(/^did you mean "http-source"\?/);
  });
});
