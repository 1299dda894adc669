import type { Random } from "./random.ts";

/** Makes the text of a record from its index, the time it speaks of, and random numbers that belong to it. */
export type RecordMaker = (index: number, time: string, random: Random) => string;

export const kindNames = ["log", "order"] as const;

export const kinds: Readonly<Record<(typeof kindNames)[number], RecordMaker>> = {
  log: logRecord,
  order: orderRecord,
};

const services = ["checkout", "catalog", "search", "billing", "session"] as const;
const methods = ["GET", "GET", "GET", "POST", "PUT"] as const;
const resources = ["cart", "items", "users", "orders", "prices"] as const;
const outcomes = {
  debug: { message: "cache miss, value computed", statuses: [200] },
  info: { message: "request completed", statuses: [200, 200, 201, 204, 304] },
  warn: { message: "request was slow, one retry", statuses: [200, 404, 429] },
  error: { message: "upstream did not answer in time", statuses: [500, 502, 503, 504] },
} as const;
const customers = ["DE", "FR", "NL", "PL", "ES", "US"] as const;
const articles = ["bolt-m6", "nut-m6", "hinge-80", "latch-12", "plate-3", "rail-200"] as const;

function logRecord(_index: number, time: string, random: Random): string {
  const draw = random.below(100);
  const level = draw < 5 ? "error" : draw < 15 ? "warn" : draw < 85 ? "info" : "debug";
  const { message, statuses } = outcomes[level];
  const status = random.pick<number>(statuses);
  const path = `/${random.pick(resources)}/${random.below(100_000)}`;
  const durationMs = level === "info" ? random.below(200) : random.below(5000);
  return (
    `{"time":"${time}","level":"${level}","service":"${random.pick(services)}","host":"web-${random.below(20)}"` +
    `,"method":"${random.pick(methods)}","path":"${path}","status":${status},"duration_ms":${durationMs}` +
    `,"trace":"${random.hex(16)}","message":"${message}"}`
  );
}

function orderRecord(index: number, time: string, random: Random): string {
  let cents = 0;
  const lines = Array.from({ length: 1 + random.below(3) }, () => {
    const quantity = 1 + random.below(9);
    const price = 50 + random.below(5000);
    cents += quantity * price;
    return `{"article":"${random.pick(articles)}","quantity":${quantity},"price":${amount(price)}}`;
  });
  return (
    `{"order":${index},"time":"${time}","customer":"c-${random.below(10_000)}","country":"${random.pick(customers)}"` +
    `,"currency":"EUR","lines":[${lines.join(",")}],"total":${amount(cents)}}`
  );
}

/** Cents as a decimal number, without the rounding of a division. */
function amount(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}
