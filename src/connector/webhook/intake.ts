import type { IncomingMessage, ServerResponse } from "node:http";
import { utf8 } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Header } from "../../record/index.ts";
import { answer, refuse } from "./answer.ts";
import { Authentication, headerValue } from "./authentication.ts";
import { Delivery } from "./delivery.ts";
import { valuesIn } from "./records.ts";
import type { WebhookExtract, WebhookSettings } from "./settings.ts";

const later = { "retry-after": String(limits.webhookRetrySeconds.default) };

/**
 * Takes requests in: those that may send and say something usable become deliveries, all others are answered at once.
 * How many are in at a time, and how many bytes they have, is bounded.
 */
export class Intake {
  readonly #settings: WebhookSettings;
  readonly #extract: WebhookExtract;
  readonly #authentication: Authentication;
  readonly #onDelivery: (delivery: Delivery) => void;
  /** Deliveries that are not settled. */
  readonly #deliveries = new Set<Delivery>();
  #count = 0;
  #bytes = 0;
  #isClosed = false;

  constructor(settings: WebhookSettings, extract: WebhookExtract, onDelivery: (delivery: Delivery) => void) {
    this.#settings = settings;
    this.#extract = extract;
    this.#authentication = new Authentication(settings);
    this.#onDelivery = onDelivery;
  }

  /** False where everybody may send. */
  get isProtected(): boolean {
    return this.#authentication.isRequired;
  }

  /** Takes nothing more in. */
  close(): void {
    this.#isClosed = true;
  }

  /** Tells all who still wait that nothing became of their records. */
  giveUp(): void {
    this.close();
    for (const delivery of [...this.#deliveries]) {
      delivery.settle(503, "shutting down; send it again", later);
    }
  }

  /** @param isAsking the sender waits for a word before it sends the body */
  async take(request: IncomingMessage, response: ServerResponse, isAsking: boolean): Promise<void> {
    // A connection that breaks concerns nobody but its sender.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    const { max_body } = this.#settings;
    const announced = Number(request.headers["content-length"] ?? 0);
    if (this.#isClosed) return refuse(request, response, 503, "shutting down; send it again", later);
    if (request.url?.split("?")[0] !== this.#settings.path)
      return refuse(request, response, 404, "nothing here");
    if (request.method !== "POST") return refuse(request, response, 405, "only POST", { allow: "POST" });
    if (!this.#authentication.acceptsHeaders(request.headers)) return this.#refuseStranger(request, response);
    if (!/^(identity)?$/i.test(request.headers["content-encoding"] ?? "")) {
      return refuse(request, response, 415, "the body must not be compressed");
    }
    if (announced > max_body)
      return refuse(request, response, 413, `the body may have ${max_body} bytes at most`);
    if (!this.#hasRoomFor(announced))
      return refuse(request, response, 503, "too many wait; send it later", later);
    this.#count++;
    this.#bytes += announced;
    if (isAsking) response.writeContinue();
    const held = { bytes: announced };
    const body = await this.#receive(request, response, held);
    const delivery = body === undefined ? undefined : this.#deliveryOf(request, response, body, held.bytes);
    if (delivery === undefined) this.#release(held.bytes);
    else this.#onDelivery(delivery);
  }

  #hasRoomFor(byteCount: number): boolean {
    if (this.#count >= this.#settings.max_waiting) return false;
    // One body always fits, whatever its size.
    return this.#count === 0 || this.#bytes + byteCount <= limits.webhookWaitingBytesMax.default;
  }

  #release(byteCount: number): void {
    this.#count--;
    this.#bytes -= byteCount;
  }

  #refuseStranger(request: IncomingMessage, response: ServerResponse): void {
    const headers = this.#settings.token === undefined ? {} : { "www-authenticate": "Bearer" };
    refuse(request, response, 401, "not allowed", headers);
  }

  /** The body, or undefined where it was refused or did not arrive. What it takes of the room is kept in `held`. */
  async #receive(
    request: IncomingMessage,
    response: ServerResponse,
    held: { bytes: number },
  ): Promise<Uint8Array | undefined> {
    const chunks: Uint8Array[] = [];
    let byteCount = 0;
    return new Promise((resolve) => {
      const stop = (): void => {
        request.off("data", take);
        resolve(undefined);
      };
      const take = (chunk: Uint8Array): void => {
        byteCount += chunk.length;
        const more = Math.max(0, byteCount - held.bytes);
        if (byteCount > this.#settings.max_body) {
          stop();
          refuse(request, response, 413, `the body may have ${this.#settings.max_body} bytes at most`);
        } else if (this.#count > 1 && this.#bytes + more > limits.webhookWaitingBytesMax.default) {
          stop();
          refuse(request, response, 503, "too many wait; send it later", later);
        } else {
          this.#bytes += more;
          held.bytes += more;
          chunks.push(chunk);
        }
      };
      request.on("data", take);
      request.once("end", () => resolve(Buffer.concat(chunks)));
      request.once("close", stop);
    });
  }

  #deliveryOf(
    request: IncomingMessage,
    response: ServerResponse,
    body: Uint8Array,
    bytes: number,
  ): Delivery | undefined {
    const { headers } = request;
    if (this.#isClosed) return void answer(response, 503, "shutting down; send it again", later);
    if (!this.#authentication.acceptsBody(headers, body)) return void this.#refuseStranger(request, response);
    const values = this.#valuesIn(body, request, response);
    if (values === undefined) return undefined;
    if (values.length === 0) return void answer(response, 200, "");
    const { key_header, headers: names } = this.#settings;
    const key = key_header === undefined ? undefined : bytesOf(headerValue(headers, key_header));
    const kept = names.flatMap((name): Header[] => {
      const value = bytesOf(headerValue(headers, name));
      return value === undefined ? [] : [{ name, value }];
    });
    const delivery = new Delivery(
      { values, key, headers: kept, bytes, isLast: () => this.#isClosed },
      response,
      (settled) => {
        this.#deliveries.delete(settled);
        this.#release(settled.bytes);
      },
    );
    this.#deliveries.add(delivery);
    return delivery;
  }

  #valuesIn(body: Uint8Array, request: IncomingMessage, response: ServerResponse): Uint8Array[] | undefined {
    try {
      return valuesIn(body, request.headers["content-type"], this.#extract);
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      return void answer(response, 400, error.message);
    }
  }
}

/** Headers come as characters of one byte each. */
function bytesOf(value: string | undefined): Uint8Array | undefined {
  return value === undefined
    ? undefined
    : value === ""
      ? utf8("")
      : new Uint8Array(Buffer.from(value, "latin1"));
}
