import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { folderWith, millrace } from "../cli/support/millrace.ts";
import { serve } from "../connector/support/web-server.ts";
import { moduleFolder } from "../smartmodules/built.ts";
import { guestWat } from "../support/guests.ts";
import { compileWat } from "../support/wat.ts";

const filter = join(moduleFolder("json-filter"), "json-filter.wasm");
const pick = join(moduleFolder("json-pick"), "json-pick.wasm");

/** An array-map that makes two records of each. */
let twice: Uint8Array;
beforeAll(async () => {
  twice = await compileWat(guestWat({ transform: "array_map" }));
});

describe("run with flags", () => {
  test("runs a connector with filters and maps, as Fluvio's first command line did", async () => {
    const cwd = await folderWith();
    const { url } = await serve((response) => response.end('{"level":"error","n":1}'));
    const words = ["run", "http-source", "--endpoint", url, "--topic", "logs", "--interval", "10s", "--once"];
    const steps = ["--filter", filter, "--with", "field=level", "--with", "value=error"];
    const { code, stderr } = await millrace(
      [...words, ...steps, "--map", pick, "--with", 'fields=["n"]', "--quiet"],
      { cwd },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect((await millrace(["topic", "consume", "logs"], { cwd })).stdout).toBe('{"n":1}\n');
  });

  test("goes on where the run before has stopped, by the name that it prints", async () => {
    const cwd = await folderWith({ "in.txt": "1\n2\n" });
    const words = ["run", "file-source", "--topic", "lines", "--path", "in.txt", "--once", "--json"];
    const counts: unknown[] = [];
    for (let again = 0; again < 2; again++) {
      const { stdout } = await millrace(words, { cwd });
      const { result } = JSON.parse(stdout);
      expect(result).toMatchObject({ pipeline: "file-source-lines", config: null });
      counts.push(result.counts.delivered);
    }
    expect(counts).toEqual([2, 0]);
  });

  test("brings a topic out", async () => {
    const cwd = await folderWith();
    await millrace(["topic", "create", "lines"], { cwd });
    await millrace(["topic", "produce", "lines"], { cwd, input: "1\n2\n3\n" });
    const words = ["run", "file-sink", "--topic", "lines", "--path", "out.txt", "--from", "1", "--once"];
    expect(await millrace(words, { cwd })).toMatchObject({ code: 0 });
    expect(await readFile(join(cwd, "out.txt"), "utf8")).toBe("2\n3\n");
  });

  test("prints the config that the flags stand for, which does the same", async () => {
    const cwd = await folderWith();
    const words = ["run", "generate-source", "--topic", "made", "--count", "3", "--template", "n: {{index}}"];
    const printed = await millrace([...words, "--filter", filter, "--with", "field=n", "--print-config"], {
      cwd,
    });
    expect(printed.code).toBe(2);
    expect(printed.stderr).toContain("the operator == needs the parameter `value`");
    const { code, stdout } = await millrace([...words, "--print-config"], { cwd });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        "apiVersion: 0.1.0",
        "meta:",
        "  name: generate-source-made",
        "  type: generate-source",
        "  topic: made",
        "generate:",
        "  count: 3",
        '  template: "n: {{index}}"',
        "",
      ].join("\n"),
    });
    const folder = await folderWith({ "printed.yaml": stdout });
    expect(await millrace(["run", "printed.yaml", "--once"], { cwd: folder })).toMatchObject({ code: 0 });
    expect((await millrace(["topic", "consume", "made"], { cwd: folder })).stdout).toBe("n: 0\nn: 1\nn: 2\n");
  });

  test("takes an array-map, and a module under the flag of its kind only", async () => {
    const cwd = await folderWith({ "twice.wasm": twice });
    const words = ["run", "generate-source", "--topic", "made", "--count", "1", "--once"];
    const { code, stderr } = await millrace([...words, "--map", "twice.wasm"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/twice.wasm is an array-map, and --map takes a map\n.*\n.*--array-map twice.wasm/);
    expect(await millrace([...words, "--array-map", "twice.wasm", "--print-config"], { cwd })).toMatchObject({
      code: 0,
    });
  });

  test.each([
    [["http-source", "--topic", "t"], /http-source needs --endpoint/],
    [["http-source", "--endpoint", "http://127.0.0.1:1/"], /--topic/],
    [["http-source", "--endpoint", "nowhere", "--topic", "t"], /no URL.*\n {2}at --endpoint\n/],
    [["file-source", "--path", "x", "--topic", "a/b"], /"a\/b" cannot be.*\n {2}at --topic\n/],
    [["generate-source", "--topic", "t", "--count", "many"], /--count/],
    [["no-such-source", "--topic", "t"], /no connector has the type "no-such-source"/],
  ] as const)("tells what is wrong with %j at the option that says it", async (words, message) => {
    const cwd = await folderWith();
    const { code, stderr } = await millrace(["run", ...words, "--once"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("has help for each connector, from its schema", async () => {
    const { code, stdout } = await millrace(["run", "http-source", "--help"]);
    expect(code).toBe(0);
    for (const words of ["--endpoint <", "--interval <", "default: 10s", "--array-map <", "--with <"]) {
      expect(stdout.replaceAll(/\s+/g, " ")).toContain(words);
    }
  });
});
