import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inbound, readConfig } from "./read-config.ts";

async function parametersOf(yaml: string): Promise<Record<string, string>> {
  const indented = yaml.replaceAll(/^(?=.)/gm, "      ");
  const { plan, problems } = await readConfig(
    inbound(`transforms:\n  - uses: a.wasm\n    with:\n${indented}\n`),
  );
  expect(problems).toEqual([]);
  return Object.fromEntries(plan?.steps[0]?.parameters ?? []);
}

describe("the parameters of a step", () => {
  test("are texts as they are", async () => {
    const yaml =
      "a: x y\nb: '5'\nc: \"true\"\nd: ''\ne: |\n  two\n  lines\nf: >-\n  one\n  line\ng: yes\nh: 2024-01-01\ni: !!str 5";
    expect(await parametersOf(yaml)).toEqual({
      a: "x y",
      b: "5",
      c: "true",
      d: "",
      e: "two\nlines\n",
      f: "one line",
      g: "yes",
      h: "2024-01-01",
      i: "5",
    });
  });

  test("are compact JSON with sorted keys for lists and mappings", async () => {
    const yaml =
      'spec:\n  - operation: shift\n    spec: { z: 1, a: [x, null, true, ~, yes], "é": "q\\"\\n", B: {} }\nlist: []';
    expect(await parametersOf(yaml)).toEqual({
      spec: '[{"operation":"shift","spec":{"B":{},"a":["x",null,true,null,"yes"],"z":1,"é":"q\\"\\n"}}]',
      list: "[]",
    });
  });

  test("sort keys by code points, not by UTF-16", async () => {
    expect(await parametersOf('x: { "\\U0001F600": 1, "\\uFF5E": 2, "": 3, "aa": 4, "a": 5 }')).toEqual({
      x: '{"":3,"a":5,"aa":4,"\uFF5E":2,"\u{1F600}":1}',
    });
  });

  test("keep whole numbers of any size, and the point of others", async () => {
    const yaml =
      "x: [18446744073709551615, -9223372036854775808, 0x1F, 0o17, 1.0, -1.50, 1e3, 1e15, 1e16, 1.25e21, 1e-5, 1e-6, 0.1, .inf, .nan, -0.0, 12345.678]";
    expect(await parametersOf(yaml)).toEqual({
      x: "[18446744073709551615,-9223372036854775808,31,15,1.0,-1.5,1000.0,1000000000000000.0,1e16,1.25e21,0.00001,1e-6,0.1,null,null,-0.0,12345.678]",
    });
  });

  test("write every number so that it reads back the same", async () => {
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true });
    await fc.assert(
      fc.asyncProperty(fc.array(numbers, { minLength: 1, maxLength: 20 }), async (given) => {
        const yaml = given.map((each) => (Object.is(each, -0) ? "-0.0" : each.toExponential()));
        const { x = "" } = await parametersOf(`x: [${yaml.join(", ")}]`);
        expect(JSON.parse(x)).toEqual(given);
      }),
      { numRuns: 50 },
    );
  });

  test("may have any key", async () => {
    expect(await parametersOf("__proto__: a\nconstructor: b\n5: c\nx: { __proto__: { y: 1 } }")).toEqual(
      Object.fromEntries([
        ["__proto__", "a"],
        ["constructor", "b"],
        ["5", "c"],
        ["x", '{"__proto__":{"y":1}}'],
      ]),
    );
  });
});
