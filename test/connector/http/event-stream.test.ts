import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../../src/base/index.ts";
import { EventStreamParser } from "../../../src/connector/http/event-stream.ts";
import { limits } from "../../../src/limits.ts";

interface Parsed {
  /** Each event as `type|id|data`, or as `id|bytes too large: sample`. */
  readonly events: string[];
  readonly lastEventId: string;
  readonly retryMs: number | undefined;
}

function parse(chunks: readonly Uint8Array[], recordBytesMax?: number): Parsed {
  const events: string[] = [];
  const parser = new EventStreamParser(
    "",
    (event) => {
      if ("oversize" in event) {
        const { byteCount, sample } = event.oversize;
        events.push(`${event.id}|${byteCount} too large: ${Buffer.from(sample)}`);
      } else events.push(`${event.type}|${event.id}|${Buffer.from(event.data)}`);
    },
    recordBytesMax,
  );
  for (const chunk of chunks) parser.push(chunk);
  parser.reset();
  return { events, lastEventId: parser.lastEventId, retryMs: parser.retryMs };
}

describe("an event stream is read as the HTML standard says", () => {
  test.each<[string, string, string[]]>([
    ["lines of data are joined", "data: YHOO\ndata: +2\ndata: 10\n\n", ["||YHOO\n+2\n10"]],
    [
      "the standard's second example",
      ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
      ["|1|first event", "||second event", "|| third event"],
    ],
    ["empty data are data", "data\n\ndata\ndata\n\ndata:", ["||", "||\n"]],
    ["one blank behind the colon does not count", "data:test\n\ndata: test\n\n", ["||test", "||test"]],
    ["a type belongs to one event", "event: a\ndata: 1\n\ndata: 2\n\n", ["a||1", "||2"]],
    ["a type without data is nothing", "event: a\n\ndata: 2\n\n", ["||2"]],
    ["an id stays", "id: 7\ndata: 1\n\ndata: 2\n\n", ["|7|1", "|7|2"]],
    ["an id with a null byte is none", "id: 7\ndata: 1\n\nid: a\0b\ndata: 2\n\n", ["|7|1", "|7|2"]],
    ["an id alone counts", "id: 7\n\ndata: 1\n\n", ["|7|1"]],
    [
      "unknown fields, and names that are not quite right",
      "Data: 1\n data: 2\ndatas: 3\nfoo\ndata: 4\n\n",
      ["||4"],
    ],
    ["carriage returns", "data: 1\rdata: 2\r\rdata: 3\r\r", ["||1\n2", "||3"]],
    ["both", "data: 1\r\ndata: 2\r\n\r\n", ["||1\n2"]],
    ["a mixture", "data: 1\r\n\ndata: 2\n\r\ndata: 3\r\r\n", ["||1", "||2", "||3"]],
    ["a mark of the encoding in front", "\ufeffdata: 1\n\n", ["||1"]],
    ["a second mark belongs to the name", "\ufeff\ufeffdata: 1\n\ndata: 2\n\n", ["||2"]],
    ["an event that is not ended is none", "data: 1\n\nid: 2\ndata: 2\n", ["||1"]],
    ["text of any language", "event: é\ndata: 日本\nid: ü\n\n", ["é|ü|日本"]],
  ])("%s", (_name, text, expected) => {
    expect(parse([utf8(text)]).events).toEqual(expected);
  });

  test.each([
    ["retry: 3000\n", 3000],
    ["retry: 3000\nretry: 0\n", 0],
    ["retry: 3s\n", undefined],
    ["retry:\n", undefined],
    ["retry: -1\n", undefined],
    ["retry: 99999999999\n", limits.retryAfterMsMax.default],
  ])("%j", (text, expected) => {
    expect(parse([utf8(text)]).retryMs).toBe(expected);
  });

  test("the id to go on behind is that of the last event that was ended", () => {
    expect(parse([utf8("id: 1\ndata: 1\n\nid: 2\ndata: 2\n")]).lastEventId).toBe("1");
    expect(parse([utf8("id: 1\ndata: 1\n\nid: 2\n\n")]).lastEventId).toBe("2");
    expect(parse([utf8("id: 1\ndata: 1\n\nid\n\n")]).lastEventId).toBe("");
  });
});

const pieces = fc.array(
  fc.constantFrom(
    "data",
    ":",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "data: x\n",
    "id: 1\n",
    "id: 2\n",
    "event: e\n",
    "é",
    "\ufeff",
    ": c\n",
    "\0",
    "retry: 5\n",
    "\n",
  ),
  { maxLength: 40 },
);

test("however it is cut into chunks, it is the same", () => {
  fc.assert(
    fc.property(pieces, fc.array(fc.nat({ max: 300 }), { maxLength: 12 }), (parts, cuts) => {
      const bytes = utf8(parts.join(""));
      const places = [
        0,
        ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b),
        bytes.length,
      ];
      const chunks = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
      expect(parse(chunks)).toEqual(parse([bytes]));
      expect(parse(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(parse([bytes]));
    }),
  );
});

describe("an event that is too large is reported, and reading goes on behind it", () => {
  test.each([
    ["in one line", `id: 1\ndata: ${"x".repeat(11)}\n\ndata: ok\n\n`, "1|11 too large: xxxxxxxxxxx"],
    [
      "in several lines",
      `id: 1\ndata: ${"x".repeat(5)}\ndata: ${"y".repeat(5)}\n\ndata: ok\n\n`,
      "1|11 too large: xxxxx\nyyyyy",
    ],
    [
      "in a line that is not kept whole",
      `id: 1\ndata: ${"x".repeat(90)}\n\ndata: ok\n\n`,
      "1|90 too large: xxxxxxxxxxx",
    ],
  ])("%s", (_name, text, expected) => {
    for (const size of [1, 3, 1000]) {
      const bytes = utf8(text);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      const [first, second] = parse(chunks, 10).events;
      expect(first!.slice(0, expected.length)).toBe(expected);
      expect(second).toBe("|1|ok");
    }
  });

  test("one at the limit is not", () => {
    expect(parse([utf8(`data: ${"x".repeat(10)}\n\n`)], 10).events).toEqual([`||${"x".repeat(10)}`]);
    expect(parse([utf8(`data: ${"x".repeat(10)}`), utf8("\n\n")], 10).events).toEqual([
      `||${"x".repeat(10)}`,
    ]);
  });

  test("ids and types end at eventFieldBytesMax", () => {
    const edge = "i".repeat(limits.eventFieldBytesMax.default);
    expect(parse([utf8(`id: ${edge}\nevent: ${edge}\ndata: 1\n\n`)]).events).toEqual([`${edge}|${edge}|1`]);
    expect(parse([utf8(`id: ${edge}i\nevent: ${edge}i\ndata: 1\n\n`)]).events).toEqual(["||1"]);
  });
});
