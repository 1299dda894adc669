import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readPlan } from "../../src/config/index.ts";
import { loadModule, openChain } from "../../src/engine/index.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { committed, moduleFolder } from "./built.ts";
import { moduleNames, readDescription } from "./descriptions.ts";

describe.each(moduleNames)("what module.yaml says of %s", (name) => {
  const { kind, summary, parameters, example } = readDescription(name);

  test("its kind is that of the module", async () => {
    expect((await loadModule(await committed(name), name)).abi.kind).toBe(kind);
    expect(readDescription(name).name).toBe(name);
    expect(summary).not.toBe("");
  });

  test("its example gives what it says, with parameters as a config hands them on", async () => {
    const step = { uses: `${name}.wasm`, ...(example.with === undefined ? {} : { with: example.with }) };
    const config = { meta: { name: "example", type: "generate-source", topic: "t" }, transforms: [step] };
    const file = join(moduleFolder(name), "example.yaml");
    const { plan } = await readPlan(file, { text: stringify(config) });
    const given = plan.steps[0]?.parameters ?? new Map<string, string>();
    const module = await loadModule(await committed(name), name);
    const chain = await openChain([{ module, parameters: given }]);
    const batch = Batch.of(frameOf(example.input));
    chain.process(batch);
    expect(batch.failures).toEqual([]);
    expect(Array.from(batch, (record) => record.text)).toEqual(example.output);
  });

  test("its parameters are those that the module knows", async () => {
    const module = await loadModule(await committed(name), name);
    const opening = openChain([{ module, parameters: new Map([["no-such-parameter", ""]]) }]);
    const message = await opening.then(
      () => "",
      (error: unknown) => (error instanceof Error ? error.message : ""),
    );
    const named = /known are (.*)|this module takes none/.exec(message);
    expect(named, message).not.toBeNull();
    expect((named?.[1] ?? "").split(", ").filter(Boolean).sort()).toEqual(
      parameters.map((parameter) => parameter.name).sort(),
    );
  });
});
