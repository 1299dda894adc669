/*
 * Random modules that always come to an end: functions call only earlier ones, and each loop counts down. Every statement counts itself in
 * the global `steps`, so that a test knows how much has run without believing the meter.
 */

type Type = "i32" | "i64" | "f64";

export interface RandomModule {
  readonly wat: string;
  /** Exported functions, with the types of their parameters. */
  readonly functions: readonly { readonly name: string; readonly parameters: readonly Type[] }[];
}

interface Signature {
  readonly name: string;
  readonly parameters: readonly Type[];
  readonly results: readonly Type[];
}

/** Instructions that one counted step takes at least. */
export const stepInstructions = 4;

const step = "(global.set $steps (i64.add (global.get $steps) (i64.const 1)))";
const types: readonly Type[] = ["i32", "i64", "f64"];
const binary: Readonly<Record<Type, readonly string[]>> = {
  i32: ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "rotl", "div_s", "rem_u"],
  i64: ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "rotr", "div_u", "rem_s"],
  f64: ["add", "sub", "mul", "div", "min", "max", "copysign"],
};

export function randomModule(seed: number, size: number): RandomModule {
  return new ModuleWriter(seed, size).write();
}

class ModuleWriter {
  readonly #random: () => number;
  readonly #size: number;
  readonly #functions: Signature[] = [];

  constructor(seed: number, size: number) {
    this.#random = randomFrom(seed);
    this.#size = size;
  }

  write(): RandomModule {
    const bodies: string[] = [];
    const count = 2 + this.#below(4);
    for (let i = 0; i < count; i++) {
      const parameters = this.#list(3, () => this.#pick(types));
      const results = i === 0 ? (["i32"] as const) : this.#list(2, () => this.#pick(types));
      const signature = { name: `$f${i}`, parameters: i === 0 ? (["i32"] as const) : parameters, results };
      bodies.push(new FunctionWriter(this.#random, this.#size, signature, this.#functions).write());
      this.#functions.push(signature);
    }
    // Those that are not exported may be paid for by their callers.
    const exported = this.#functions.filter((_, i) => i === count - 1 || this.#below(3) > 0);
    const start =
      this.#below(3) === 0 ? "(func $s (i32.store8 (i32.const 5) (i32.const 7)) (call $t)) (start $s)" : "";
    const wat = `(module
      (type $unary (func (param i32) (result i32)))
      (memory (export "memory") 1 3)
      (table (export "table") 3 9 funcref)
      (elem (i32.const 0) $f0 $f0)
      (elem $spare func $f0 $t)
      (data $text "abcdefghijklmnop")
      (global $steps (export "steps") (mut i64) (i64.const 0))
      (global $any (export "any") (mut i32) (i32.const 3))
      (func $t (global.set $any (i32.add (global.get $any) (i32.const 1))))
      ${start}
      ${bodies.join("\n")}
      ${exported.map(({ name }) => `(export "${name}" (func ${name}))`).join(" ")})`;
    return { wat, functions: exported };
  }

  #below(most: number): number {
    return Math.floor(this.#random() * most);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item;
  }

  #list<Item>(most: number, make: () => Item): Item[] {
    return Array.from({ length: this.#below(most + 1) }, make);
  }
}

interface Scope {
  readonly depth: number;
  /** Loops around this place. */
  readonly loops: readonly { readonly label: string; readonly exit: string; readonly counter: string }[];
  /** Blocks around this place that give nothing. */
  readonly blocks: readonly string[];
}

class FunctionWriter {
  readonly #random: () => number;
  readonly #size: number;
  readonly #own: Signature;
  readonly #earlier: readonly Signature[];
  readonly #locals: { readonly name: string; readonly type: Type }[] = [];
  readonly #counters: string[] = [];
  #labels = 0;
  /** Parts that may still be put into others, and calls that may still be made: without bounds, some would run for hours. */
  #partsLeft = 120;
  #callsLeft = 2;

  constructor(random: () => number, size: number, own: Signature, earlier: readonly Signature[]) {
    this.#random = random;
    this.#size = size;
    this.#own = own;
    this.#earlier = earlier;
  }

  write(): string {
    const { name, parameters, results } = this.#own;
    parameters.forEach((type, i) => {
      this.#locals.push({ name: `$p${i}`, type });
    });
    const own = Array.from({ length: this.#below(4) }, (_, i) => ({
      name: `$v${i}`,
      type: this.#pick(types),
    }));
    this.#locals.push(...own);
    const scope: Scope = { depth: 1 + this.#below(this.#size), loops: [], blocks: [] };
    const body = `${this.#statements(scope)} ${this.#last(scope)}`;
    const declared = [...own, ...this.#counters.map((counter) => ({ name: counter, type: "i32" }))];
    return `(func ${name} ${parameters.map((type, i) => `(param $p${i} ${type})`).join(" ")}
      ${results.map((type) => `(result ${type})`).join(" ")}
      ${declared.map((local) => `(local ${local.name} ${local.type})`).join(" ")}
      ${body})`;
  }

  #last(scope: Scope): string {
    const { results } = this.#own;
    const alike = this.#earlier.filter((each) => each.results.join() === results.join());
    if (alike.length > 0 && this.#below(3) === 0) {
      const callee = this.#pick(alike);
      return `(return_call ${callee.name} ${callee.parameters.map((type) => this.#value(type, scope)).join(" ")})`;
    }
    return results.map((type) => this.#value(type, scope)).join(" ");
  }

  #statements(scope: Scope): string {
    const count = 1 + this.#below(3);
    return Array.from({ length: count }, () => `${step} ${this.#statement(scope)}`).join("\n");
  }

  #statement(scope: Scope): string {
    const inner = this.#within(scope);
    const simple: (() => string)[] = [
      () => this.#setLocal(inner),
      () => `(i32.store8 offset=${this.#below(300)} ${this.#address(inner)} ${this.#value("i32", inner)})`,
      () => `(i64.store ${this.#address(inner)} ${this.#value("i64", inner)})`,
      () => `(global.set $any ${this.#value("i32", inner)})`,
      () => this.#bulk(inner),
      () => this.#branch(inner),
    ];
    const nested: (() => string)[] = [
      () => (scope.loops.length < 3 ? this.#loop(inner) : this.#block(inner)),
      () => (scope.loops.length < 3 ? this.#loop(inner) : this.#block(inner)),
      () => this.#block(inner),
      () =>
        `(if ${this.#value("i32", inner)} (then ${this.#statements(inner)}) (else ${this.#statements(inner)}))`,
      () => `(if ${this.#value("i32", inner)} (then ${this.#statements(inner)}))`,
      () => this.#callStatement(inner),
    ];
    return this.#pick(scope.depth > 0 && this.#partsLeft > 0 ? [...simple, ...nested] : simple)();
  }

  #within(scope: Scope): Scope {
    this.#partsLeft--;
    return { ...scope, depth: this.#partsLeft > 0 ? scope.depth - 1 : 0 };
  }

  #setLocal(scope: Scope): string {
    const local = this.#locals.length === 0 ? undefined : this.#pick(this.#locals);
    if (local === undefined) return "(nop)";
    return `(local.set ${local.name} ${this.#value(local.type, scope)})`;
  }

  #loop(scope: Scope): string {
    const [label, exit, counter] = [this.#label(), this.#label(), `$c${this.#counters.length}`];
    this.#counters.push(counter);
    const inner: Scope = {
      ...scope,
      loops: [...scope.loops, { label, exit, counter }],
      blocks: [...scope.blocks, exit],
    };
    return `(local.set ${counter} (i32.const ${1 + this.#below(4)}))
      (block ${exit} (loop ${label} ${this.#statements(inner)} ${again(label, counter)}))`;
  }

  #block(scope: Scope): string {
    const label = this.#label();
    return `(block ${label} ${this.#statements({ ...scope, blocks: [...scope.blocks, label] })})`;
  }

  #branch(scope: Scope): string {
    const loop = scope.loops.length === 0 ? undefined : this.#pick(scope.loops);
    const choice = this.#below(6);
    if (choice === 0 && loop !== undefined) return again(loop.label, loop.counter);
    if (choice === 1 && loop !== undefined) {
      const labels = [loop.label, ...scope.blocks].map((each) => (this.#below(2) === 0 ? each : loop.label));
      return `(local.set ${loop.counter} (i32.sub (local.get ${loop.counter}) (i32.const 1)))
        (br_if ${loop.exit} (i32.le_s (local.get ${loop.counter}) (i32.const 0)))
        (br_table ${labels.join(" ")} ${this.#value("i32", scope)})`;
    }
    if (choice === 2) {
      return `(if ${this.#value("i32", scope)}
        (then (return ${this.#own.results.map((type) => this.#value(type, scope)).join(" ")})))`;
    }
    if (scope.blocks.length === 0) return "(nop)";
    const label = this.#pick(scope.blocks);
    return this.#below(4) === 0 ? `(br ${label})` : `(br_if ${label} ${this.#value("i32", scope)})`;
  }

  #bulk(scope: Scope): string {
    const [length, small] = [this.#masked(0x3ff, scope), this.#masked(3, scope)];
    return this.#pick([
      () => `(memory.fill ${this.#address(scope)} ${this.#value("i32", scope)} ${length})`,
      () => `(memory.copy ${this.#address(scope)} ${this.#address(scope)} ${length})`,
      () => `(memory.init $text ${this.#address(scope)} (i32.const 2) ${this.#masked(15, scope)})`,
      () => `(table.init $spare (i32.const 0) (i32.const 0) ${small})`,
      () => `(table.copy (i32.const 0) (i32.const 1) ${small})`,
      () => `(table.fill (i32.const 1) (ref.func $f0) ${small})`,
      () => `(drop (table.grow (ref.null func) ${small}))`,
      () => `(drop (memory.grow ${small}))`,
    ])();
  }

  #callStatement(scope: Scope): string {
    if (!this.#mayCall(scope)) return "(nop)";
    const callee = this.#pick(this.#earlier);
    const operands = callee.parameters.map((type) => this.#value(type, scope)).join(" ");
    return `(call ${callee.name} ${operands}) ${callee.results.map(() => "drop").join(" ")}`;
  }

  #mayCall({ loops }: Scope): boolean {
    return this.#earlier.length > 0 && loops.length < 2 && this.#callsLeft-- > 0;
  }

  #value(type: Type, scope: Scope): string {
    const inner = this.#within(scope);
    const locals = this.#locals.filter((local) => local.type === type);
    const simple = [
      () => `(${type}.const ${this.#pick([0, 1, 2, 3, 7, 8, 100, 4096, -1, -70])})`,
      () => (locals.length === 0 ? `(${type}.const 5)` : `(local.get ${this.#pick(locals).name})`),
    ];
    if (scope.depth <= 0 || this.#partsLeft <= 0) return this.#pick(simple)();
    const operator = this.#pick(binary[type]);
    const label = this.#label();
    return this.#pick([
      ...simple,
      () => `(${type}.${operator} ${this.#value(type, inner)} ${this.#value(type, inner)})`,
      () => `(${type}.load ${this.#address(inner)})`,
      () => `(select ${this.#value(type, inner)} ${this.#value(type, inner)} ${this.#value("i32", inner)})`,
      () => `(if (result ${type}) ${this.#value("i32", inner)} (then ${this.#statements(inner)} ${this.#value(type, inner)})
        (else ${this.#value(type, inner)}))`,
      () => `(block ${label} (result ${type}) (drop (br_if ${label} ${this.#value(type, inner)} ${this.#value("i32", inner)}))
        ${this.#value(type, inner)})`,
      () => this.#special(type, inner),
    ])();
  }

  #special(type: Type, scope: Scope): string {
    const callees = this.#earlier.filter((each) => each.results.join() === type);
    if (callees.length > 0 && this.#mayCall(scope)) {
      const callee = this.#pick(callees);
      return `(call ${callee.name} ${callee.parameters.map((each) => this.#value(each, scope)).join(" ")})`;
    }
    if (type === "i64") return `(i64.extend_i32_u ${this.#value("i32", scope)})`;
    if (type === "f64") return `(f64.convert_i64_s ${this.#value("i64", scope)})`;
    const isFirst = this.#earlier.length === 0;
    return this.#pick([
      () => "(memory.size)",
      () => "(table.size)",
      () => "(global.get $any)",
      () => `(i32.wrap_i64 ${this.#value("i64", scope)})`,
      () => `(f64.lt ${this.#value("f64", scope)} ${this.#value("f64", scope)})`,
      () => `(i32x4.extract_lane 2 (i32x4.splat ${this.#value("i32", scope)}))`,
      // Elements that are null or of another type trap.
      () =>
        isFirst
          ? "(i32.const 9)"
          : `(call_indirect (type $unary) ${this.#value("i32", scope)} ${this.#masked(1, scope)})`,
    ])();
  }

  /** Mostly within memory. */
  #address(scope: Scope): string {
    return this.#below(30) === 0 ? this.#value("i32", scope) : this.#masked(0x7fff, scope);
  }

  #masked(mask: number, scope: Scope): string {
    return `(i32.and ${this.#value("i32", scope)} (i32.const ${mask}))`;
  }

  #label(): string {
    return `$l${this.#labels++}`;
  }

  #below(most: number): number {
    return Math.floor(this.#random() * most);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item;
  }
}

/** Counts down, and goes to the loop's head unless it has come to its end. */
function again(label: string, counter: string): string {
  return `(br_if ${label} (i32.gt_s
    (local.tee ${counter} (i32.sub (local.get ${counter}) (i32.const 1))) (i32.const 0)))`;
}

/** Numbers from 0 to below 1, the same for the same seed (a counter, mixed by multiplication and shifts). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
