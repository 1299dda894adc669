import wabt from "wabt";

let compiler: ReturnType<typeof wabt> | undefined;

/** The binary of a module in WebAssembly's text format. */
export async function compileWat(text: string): Promise<Uint8Array> {
  compiler ??= wabt();
  const parsed = (await compiler).parseWat("guest.wat", text, {
    bulk_memory: true,
    multi_value: true,
    mutable_globals: true,
    reference_types: true,
    simd: true,
    tail_call: true,
    threads: true,
  });
  try {
    // A copy: the compiler's answer lies in its own memory.
    return new Uint8Array(parsed.toBinary({}).buffer);
  } finally {
    parsed.destroy();
  }
}
