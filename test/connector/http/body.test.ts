import { expect, test } from "vitest";
import { readBody } from "../../../src/connector/http/body.ts";
import { limits } from "../../../src/limits.ts";

const url = "http://127.0.0.1/";

/** A body of chunks of so many bytes, that tells how many of them were taken. */
function bodyOf(chunkBytes: readonly number[]): {
  response: Parameters<typeof readBody>[0];
  taken: () => number;
} {
  let taken = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const length of chunkBytes) {
      taken++;
      yield new Uint8Array(length).fill(taken);
    }
  }
  return { response: { headers: [], body: chunks() }, taken: () => taken };
}

test("chunks are put together", async () => {
  const { response } = bodyOf([2, 0, 1]);
  expect([...(await readBody(response, { url, bodyBytesMax: 10 }))]).toEqual([1, 1, 3]);
});

test("no body is an empty one", async () => {
  const response = bodyOf([]).response;
  expect(await readBody(response, { url, bodyBytesMax: 10 })).toHaveLength(0);
});

test("a body may be as large as the limit, and is given up as soon as it is larger", async () => {
  expect(await readBody(bodyOf([4, 6]).response, { url, bodyBytesMax: 10 })).toHaveLength(10);
  const { response, taken } = bodyOf([4, 7, 1, 1]);
  await expect(readBody(response, { url, bodyBytesMax: 10 })).rejects.toMatchObject({
    code: "http.too-large",
    message: "the answer has more than 10 bytes",
    where: { url },
  });
  expect(taken()).toBe(2);
});

test("an announced length counts like the real one, also at the edge of responseBytesMax", async () => {
  const bodyBytesMax = limits.responseBytesMax.default;
  const announced = (length: number): Parameters<typeof readBody>[0] => ({
    ...bodyOf([1]).response,
    headers: [["content-length", String(length)]],
  });
  expect(await readBody(announced(bodyBytesMax), { url, bodyBytesMax })).toHaveLength(1);
  await expect(readBody(announced(bodyBytesMax + 1), { url, bodyBytesMax })).rejects.toMatchObject({
    code: "http.too-large",
  });
});
