import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type ReadPlan, readPlan } from "../../src/config/index.ts";
import type { ConnectorSpec } from "../../src/connector/index.ts";
import { formatWhere } from "../../src/errors.ts";

/** Connectors that Fluvio has and this package has not, as far as a config goes: any settings. */
function stranger(system: string): ConnectorSpec {
  return {
    system,
    summary: "for this test",
    settings: z.record(z.string(), z.unknown()),
    source: () => Promise.reject(new Error("not opened here")),
  };
}

/** Configs in each form that Fluvio reads today, with modules given by paths, and what each warns of. */
const configs: readonly (readonly [name: string, config: string, warnings: readonly string[]])[] = [
  [
    "a source without apiVersion",
    `
meta:
  version: 0.3.8
  name: cat-facts
  type: http-source
  topic: cat-facts
http:
  endpoint: "https://catfact.ninja/fact"
  interval: 10s
`,
    [],
  ],
  [
    "a source of 0.0.0 with all settings of a poll",
    `
apiVersion: 0.0.0
meta:
  version: 0.5.0
  name: cat-facts
  type: http-source
  topic: cat-facts
http:
  endpoint: https://catfact.ninja/fact
  method: GET
  headers:
    - "Authorization:Basic YWJj"
    - "Cache-Control: no-cache"
  user_agent: fluvio/http-source 0.5.0
  interval: 1h 30m
  output_parts: full
  output_type: json
`,
    [],
  ],
  [
    "a source with a producer and a jolt specification",
    `
apiVersion: 0.1.0
meta:
  version: 0.5.0
  name: my-http
  type: http-source
  topic: my-topic
  producer:
    linger: 0ms
    compression: gzip
    batch-size: 16 MB
  secrets:
    - name: AUTHORIZATION_TOKEN
http:
  endpoint: https://example.com/api
  interval: 12 s
transforms:
  - uses: ./jolt-0.4.1.wasm
    with:
      spec:
        - operation: shift
          spec:
            payload:
              device: "device"
        - operation: default
          spec:
            device:
              type: "mobile"
  - uses: ./regex-filter.wasm
    with:
      regex: "[Cc]at"
    lookback:
      last: 0
`,
    [
      "9:5 meta.producer.linger: has no effect: records are stored as soon as they come",
      "10:5 meta.producer.compression: has no effect: a topic keeps its records uncompressed",
      '13:13 meta.secrets[0].name: there is no secret "AUTHORIZATION_TOKEN", and nothing uses it',
    ],
  ],
  [
    "a sink that commits its offsets",
    `
apiVersion: 0.1.0
meta:
  version: 0.5.0
  name: my-sql
  type: sql-sink
  topic: my-topic
  consumer:
    id: my-consumer
    partition: all
    offset:
      start: beginning
      strategy: auto
      flush-period:
        secs: 10
        nanos: 0
sql:
  url: postgres://user@127.0.0.1/db
transforms:
  - uses: ./json-sql.wasm
    with:
      mapping:
        table: "topic_message"
        map-columns:
          "device_id":
            json-key: "device.device_id"
            value:
              type: "int"
              default: 0
              required: true
`,
    [
      "14:7 meta.consumer.offset.flush-period: has no effect: positions are stored after each batch that the sink accepts",
    ],
  ],
  [
    "a sink of 0.2.0 with a topic as a mapping",
    `
apiVersion: 0.2.0
meta:
  version: 0.1.1
  name: my-duckdb
  type: duckdb-sink
  topic:
    version: 0.1.0
    meta:
      name: my-topic
  consumer:
    offset:
      start:
        from-end: 10
      strategy: manual
    id: c
duckdb:
  url: md:my_db
`,
    [],
  ],
  [
    "a type without a direction, which is a sink, and its section by the default name",
    `
meta: { version: latest, name: c, type: custom, topic: t }
custom: { anything: [1, 2] }
`,
    [],
  ],
  [
    "the dead keys of Fluvio's own documentation",
    `
apiVersion: 0.1.0
meta:
  version: 0.2.5
  name: my-mqtt
  type: mqtt-source
  topic: public-mqtt
  direction: source
consumer:
  partition: 0
mqtt:
  url: "mqtt://127.0.0.1"
  topic: "ag-mqtt-topic"
  timeout: { secs: 30, nanos: 0 }
  payload_output_type: json
`,
    [
      "8:3 meta.direction: unknown key, ignored",
      "9:1 consumer: unknown key, ignored; it belongs under `meta:`",
    ],
  ],
];

describe("a config for Fluvio", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-config-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(config: string): Promise<ReadPlan> {
    const file = join(folder, "pipe.yaml");
    await writeFile(file, config);
    return readPlan(file, {
      findConnector: (type) => {
        const [, system = type, end = "sink"] = /^(.*)-(source|sink)$/.exec(type) ?? [];
        return { spec: stranger(system), end: end === "source" ? "source" : "sink" };
      },
    });
  }

  test.each(configs)("%s is read as it is", async (_name, config, expected) => {
    const { plan, warnings } = await read(config);
    expect(plan.direction).toBe(/^ +type: .*-source$/m.test(config) ? "inbound" : "outbound");
    const told = warnings.map(({ where, message }) => `${formatWhere(where).split(".yaml:")[1]} ${message}`);
    expect(told).toEqual(expected);
  });

  test.each(configs.filter(([, config]) => /type: http-source/.test(config)))(
    "%s has settings that the connector takes",
    async (_name, config) => {
      const file = join(folder, "pipe.yaml");
      await writeFile(file, config);
      expect((await readPlan(file)).plan.type).toBe("http-source");
    },
  );

  test("hands a specification to its module as Fluvio does", async () => {
    const [, , [, config]] = configs as [unknown, unknown, (typeof configs)[number]];
    const { plan } = await read(config);
    expect(plan.steps.map(({ parameters }) => Object.fromEntries(parameters))).toEqual([
      {
        spec: '[{"operation":"shift","spec":{"payload":{"device":"device"}}},{"operation":"default","spec":{"device":{"type":"mobile"}}}]',
      },
      { regex: "[Cc]at" },
    ]);
  });
});
