import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { WebhookSettings } from "./settings.ts";

/** Tells the requests of those who know the secrets from all others. Texts are compared in constant time. */
export class Authentication {
  readonly #settings: Pick<WebhookSettings, "token" | "shared_secret" | "signature">;

  constructor(settings: Pick<WebhookSettings, "token" | "shared_secret" | "signature">) {
    this.#settings = settings;
  }

  /** False where everybody may send. */
  get isRequired(): boolean {
    const { token, shared_secret, signature } = this.#settings;
    return token !== undefined || shared_secret !== undefined || signature !== undefined;
  }

  /** True when the headers are those of somebody who may send, as far as the headers say. */
  acceptsHeaders(headers: IncomingHttpHeaders): boolean {
    const { token, shared_secret, signature } = this.#settings;
    const [, given] = /^Bearer +(.*)$/i.exec(headers.authorization ?? "") ?? [];
    if (token !== undefined && !isSame(given, token)) return false;
    if (
      shared_secret !== undefined &&
      !isSame(headerValue(headers, shared_secret.header), shared_secret.value)
    ) {
      return false;
    }
    return signature === undefined || headerValue(headers, signature.header) !== undefined;
  }

  /** True when the body is signed as it must be. */
  acceptsBody(headers: IncomingHttpHeaders, body: Uint8Array): boolean {
    const { signature } = this.#settings;
    if (signature === undefined) return true;
    const { algorithm, secret, encoding, prefix, header } = signature;
    const expected = `${prefix}${createHmac(algorithm, secret).update(body).digest(encoding)}`;
    const given = headerValue(headers, header);
    // Hexadecimal digits may be large.
    return isSame(
      encoding === "hex" ? given?.toLowerCase() : given,
      encoding === "hex" ? expected.toLowerCase() : expected,
    );
  }
}

/** The value of a header; of one that came several times all of them, which are no secret then. */
export function headerValue(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** Hashes have one length, so that the comparison tells nothing about that of the secret either. */
function isSame(given: string | undefined, expected: string): boolean {
  const isGiven = given !== undefined;
  return timingSafeEqual(hashOf(given ?? ""), hashOf(expected)) && isGiven;
}

/** Headers come as characters of one byte each; a secret of the config may have others. */
function hashOf(text: string): Buffer {
  const isOneByteEach = /^[\0-\xff]*$/.test(text);
  return createHash("sha256")
    .update(Buffer.from(text, isOneByteEach ? "latin1" : "utf8"))
    .digest();
}
