import { describe, expect, test } from "vitest";
import { findConnector } from "../../../src/connector/index.ts";
import { limits } from "../../../src/limits.ts";
import { sourceOf } from "../support/open-connector.ts";
import { testContext } from "../support/test-context.ts";

const { spec } = findConnector("http-source");
const endpoint = "https://example.com/data.json";

/** Problems of settings, each as `key: message`. */
function problems(settings: object): string[] {
  const { error } = spec.settings.safeParse({ endpoint, ...settings });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

function extractProblems(extract: unknown): string[] {
  const { error } = spec.extract!.safeParse(extract);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test("an endpoint is all that is needed", () => {
  expect(spec.settings.parse({ endpoint })).toEqual({
    endpoint,
    method: "GET",
    headers: [],
    interval: 10_000,
    timeout: limits.requestMsMax.default,
    output_parts: "body",
    output_type: "text",
    stream: false,
    idle_timeout: limits.streamIdleMsMax.default,
    websocket_config: { subscription_messages: [], ping_interval_ms: limits.websocketPingMs.default },
  });
  expect(spec.extract!.parse(undefined)).toBe("body");
});

test("Fluvio's keys are taken as they are", () => {
  const settings = {
    endpoint,
    method: "post",
    body: "x",
    headers: ["Accept: application/json"],
    user_agent: "me",
    interval: "1h 30m",
    output_parts: "full",
    output_type: "json",
    stream: true,
    delimiter: ", ",
  };
  expect(problems(settings)).toEqual([]);
  expect(spec.settings.parse(settings)).toMatchObject({ method: "POST", interval: 5_400_000 });
});

describe("what cannot be done is refused", () => {
  test.each([
    [{ endpoint: "example.com" }, 'endpoint: "example.com" is no URL with http:, https:, ws: or wss:'],
    [
      { endpoint: "ftp://example.com" },
      'endpoint: "ftp://example.com" is no URL with http:, https:, ws: or wss:',
    ],
    [
      { websocket_config: { subscription_message: "x" } },
      "websocket_config: only a websocket is sent messages",
    ],
    [
      { endpoint: "ws://example.com", websocket_config: { ping_interval_ms: 0 } },
      "websocket_config.ping_interval_ms: expected 1 or more",
    ],
    [{ delimiter: "\n" }, "delimiter: only a stream is split at a delimiter; set `stream: true`"],
    [{ stream: true, delimiter: "" }, "delimiter: expected at least one character"],
    [{ idle_timeout: "0s" }, 'idle_timeout: "0s" is too short'],
    [{ endpoint: "http://a%zz@example.com/" }, "endpoint: the user or password in the URL is not encoded"],
    [{ interval: 10 }, "interval: expected a duration such as"],
    [{ interval: "10" }, 'interval: "10" is not a duration; write it as'],
    [{ interval: "0s" }, 'interval: "0s" is too short; write it as'],
    [{ interval: "25d" }, 'interval: "25d" is longer than 24 days'],
    [{ timeout: "soon" }, 'timeout: "soon" is not a duration'],
    [{ method: "G ET" }, "method: expected an HTTP method"],
    [{ body: "x" }, "body: a GET request has no body; set `method: POST`"],
    [{ user_agent: "a", "user-agent": "b" }, "user-agent: `user_agent` and `user-agent` are the same"],
    [{ headers: ["nothing"] }, 'headers.0: expected a header as "Name: value"'],
    [{ headers: ["A: 1", "b c: 2"] }, 'headers.1: "b c" is no name of a header'],
    [{ headers: ["Content-Length: 2"] }, "headers.0: the header Content-Length cannot be set"],
    [
      { headers: ["host: example.com"] },
      "headers.0: the header host cannot be set: it belongs to the connection",
    ],
    [
      { headers: ["A: 1\r\nB: 2"] },
      "headers.0: the value of the header A has characters that cannot be sent",
    ],
    [{ output_type: "xml" }, "output_type: "],
    [{ endpont: endpoint }, ": "],
  ])("%j", (settings, problem) => {
    const found = problems(settings);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(problem);
  });

  test("a header's value, which may be a secret, is not repeated", () => {
    expect(problems({ headers: ["Authorization: geheim\u0000"] })[0]).not.toContain("geheim");
  });

  test.each([
    ["full", "expected `body`, or `json-array` with a JSON pointer"],
    [{ "json-array": "features" }, "a JSON pointer begins with a slash, such as `/features`"],
    [{ "json-aray": "/features" }, "expected `body`, or `json-array`"],
  ])("extract: %j", (extract, problem) => {
    const found = extractProblems(extract);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(problem);
  });

  test.each([{ output_parts: "full" }, { output_type: "json" }])(
    "%j beside an array to take apart",
    async (settings) => {
      const source = sourceOf("http-source", { endpoint, ...settings }, testContext({}), {
        "json-array": "/a",
      });
      await expect(source).rejects.toMatchObject({ code: "config.invalid", hint: "remove one or the other" });
    },
  );
});
