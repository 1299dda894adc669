import { expect, test } from "vitest";
import { utf8 } from "../../../src/base/index.ts";
import { type Appendable, append } from "../../../src/connector/file/append.ts";

const full = new Error("full");

interface Disk extends Appendable {
  text: string;
  calls: number;
}

/** A file that takes at most `bytesMax` bytes with each call and `room` bytes in all. */
function disk(text: string, bytesMax: number, room = Number.POSITIVE_INFINITY): Disk {
  return {
    text,
    calls: 0,
    async write(bytes, from, length) {
      this.calls++;
      const taken = bytes.subarray(from, from + Math.min(length, bytesMax, room - this.text.length));
      if (taken.length === 0) throw full;
      this.text += Buffer.from(taken).toString();
      return { bytesWritten: taken.length };
    },
    async stat() {
      return { size: this.text.length };
    },
    async truncate(size) {
      this.text = this.text.slice(0, size);
    },
  };
}

test("a write that takes only a part is continued", async () => {
  const target = disk("ab", 3);
  expect(await append(target, utf8("0123456789"), 2)).toEqual({ byteCount: 10 });
  expect([target.text, target.calls]).toEqual(["ab0123456789", 4]);
});

test("nothing to append is no write", async () => {
  const target = disk("ab", 3);
  expect(await append(target, utf8(""), 2)).toEqual({ byteCount: 0 });
  expect(target.calls).toBe(0);
});

test("a failure at once leaves the file alone", async () => {
  const target = disk("ab", 3, 2);
  target.truncate = () => Promise.reject(new Error("must not be called"));
  expect(await append(target, utf8("0123"), 2)).toEqual({ byteCount: 0, failure: full });
});

test("a failure in between is taken back", async () => {
  const target = disk("ab", 3, 8);
  expect(await append(target, utf8("0123456789"), 2)).toEqual({ byteCount: 0, failure: full });
  expect(target.text).toBe("ab");
});

test("a failure in between is not taken back when somebody else has written too", async () => {
  const target = disk("ab", 3, 8);
  const { write } = target;
  target.write = async (...args) => {
    const result = await write.apply(target, args);
    target.text += target.calls === 1 ? "X" : "";
    return result;
  };
  expect(await append(target, utf8("0123456789"), 2)).toEqual({ byteCount: 5, failure: full });
  expect(target.text).toBe("ab012X34");
});

test("where it cannot be taken back either, what is there counts, and the first failure is told", async () => {
  const target = disk("ab", 3, 8);
  target.truncate = () => Promise.reject(new Error("read-only"));
  expect(await append(target, utf8("0123456789"), 2)).toEqual({ byteCount: 6, failure: full });
});
