import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/base/index.ts";
import { readAll, shown, valuesOf } from "../../../src/conformance/index.ts";
import { HttpClient, type HttpRequest } from "../../../src/connector/http/client.ts";
import { sendFollowing } from "../../../src/connector/http/redirect.ts";
import { MillraceError } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import { testContext } from "../support/test-context.ts";
import { serve, type WebServer } from "../support/web-server.ts";
import { open } from "./open-source.ts";

/** A server that sends on to another place. */
function serveRedirect(location: string, status = 302): Promise<WebServer> {
  return serve((response) => response.writeHead(status, { location }).end("moved"));
}

const secrets = ["Authorization: Bearer geheim", "Cookie: a=geheim", "X-Api-Key: geheim", "Accept: text/x"];

async function read(settings: object): Promise<string[]> {
  const source = await open(settings, testContext({}));
  try {
    return shown(valuesOf(await readAll(source)));
  } finally {
    await source.close();
  }
}

async function failureOf(settings: object): Promise<MillraceError> {
  const error: unknown = await read(settings).catch((thrown: unknown) => thrown);
  if (!MillraceError.is(error)) throw new Error("it did not fail as it should", { cause: error });
  return error;
}

describe("redirects", () => {
  test("on the same host keep what the request has, also where they are relative", async () => {
    const server = await serve((response, request) => {
      if (request.url === "/") response.writeHead(307, { location: "two?x=1#y" }).end();
      else response.end(`${request.method} ${request.url}`);
    });
    const settings = { endpoint: server.url, method: "PUT", body: "b", headers: secrets };
    expect(await read(settings)).toEqual(["PUT /two?x=1"]);
    expect(server.bodies).toEqual(["b", "b"]);
    expect(server.requests[1]!.headers).toMatchObject({
      authorization: "Bearer geheim",
      "x-api-key": "geheim",
    });
  });

  test("to another host get nothing that may be a secret", async () => {
    const other = await serve((response) => response.end("other"));
    const server = await serveRedirect(`${other.url.replace("//", "//user:pass@")}`);
    const endpoint = server.url.replace("//", "//user:geheim@");
    expect(await read({ endpoint, headers: secrets.slice(1) })).toEqual(["other"]);
    expect(server.requests[0]!.headers.authorization).toMatch(/^Basic /);
    const { headers } = other.requests[0]!;
    expect(headers.accept).toBe("text/x");
    expect([headers.authorization, headers.cookie, headers["x-api-key"]]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(JSON.stringify(headers)).not.toContain("geheim");
  });

  test("become a GET where browsers make one of them", async () => {
    const server = await serve((response, request) => {
      if (request.url === "/") response.writeHead(303, { location: "/two" }).end();
      else response.end(`${request.method} ${request.headers["content-type"]}`);
    });
    const settings = { endpoint: server.url, method: "POST", body: "b", headers: ["Content-Type: text/x"] };
    expect(await read(settings)).toEqual(["GET undefined"]);
    expect(server.bodies).toEqual(["b", ""]);
  });

  test("a location that is missing is no redirect, but a status", async () => {
    const server = await serve((response) => response.writeHead(302).end());
    expect(await failureOf({ endpoint: server.url })).toMatchObject({ code: "http.status" });
  });

  test("may be redirectsMax in a row, and no more", async () => {
    const chain = (length: number): Promise<WebServer> =>
      serve((response, request) => {
        const step = Number(request.url?.slice(1));
        if (step === length) response.end("there");
        else response.writeHead(302, { location: `/${step + 1}` }).end();
      });
    const edge = await chain(limits.redirectsMax.default);
    expect(await read({ endpoint: `${edge.url}0` })).toEqual(["there"]);
    const longer = await chain(limits.redirectsMax.default + 1);
    expect(await failureOf({ endpoint: `${longer.url}0` })).toMatchObject({
      code: "http.redirect",
      message: "GET was not followed: more than 10 redirects followed one another",
    });
  });

  test.each([
    ["file:///etc/passwd", "the redirect leads to file:"],
    ["http://[", "the redirect leads to no URL"],
  ])("to %s are not followed", async (location, problem) => {
    const server = await serveRedirect(location);
    const error = await failureOf({ endpoint: server.url });
    expect(error).toMatchObject({ code: "http.redirect", where: { url: server.url } });
    expect(error.message).toContain(problem);
    // It would be the same at the next attempt.
    expect(server.requests).toHaveLength(1);
  });

  test("that would take a body to another host are not followed", async () => {
    const other = await serve((response) => response.end());
    const server = await serveRedirect(`${other.url}?token=geheim`, 308);
    const error = await failureOf({ endpoint: server.url, method: "POST", body: "geheim" });
    expect(error.message).toContain(`another host, ${other.url}?token=***`);
    expect(other.requests).toHaveLength(0);
  });

  test("from https: to http: are not followed", async () => {
    const response = {
      version: "1.1",
      status: 302,
      statusText: "",
      headers: [["location", "http://a.example/"]] as const,
    };
    const client = new (class extends HttpClient {
      override async send(): ReturnType<HttpClient["send"]> {
        const { Readable } = await import("node:stream");
        return { ...response, body: Readable.from([]) };
      }
    })({ clock: systemClock });
    const request: HttpRequest = {
      url: new URL("https://a.example/"),
      method: "GET",
      headers: [],
      body: undefined,
    };
    await expect(sendFollowing(client, request, new AbortController().signal)).rejects.toMatchObject({
      code: "http.redirect",
      message: expect.stringContaining("where nothing is encrypted"),
    });
  });
});
