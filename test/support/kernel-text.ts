import wabt from "wabt";

/** The text of a file that holds a kernel built, for memory of its own and for memory that threads share. */
export async function kernelText(source: string): Promise<string> {
  const sharedSource = source.replace("(memory 1)", "(memory 1 65536 shared)");
  return [
    "/** kernel.wat, built, in base64. */",
    ...(await builtAs("kernelBinary", source)),
    "",
    "/** The same for memory that threads share. */",
    ...(await builtAs("sharedKernelBinary", sharedSource)),
    "",
  ].join("\n");
}

async function builtAs(name: string, source: string): Promise<string[]> {
  const { parseWat } = await wabt();
  const { buffer } = parseWat("kernel.wat", source, { simd: true, threads: true }).toBinary({});
  const lines =
    Buffer.from(buffer)
      .toString("base64")
      .match(/.{1,100}/g) ?? [];
  return [`export const ${name}: string = [`, ...lines.map((line) => `  "${line}",`), '].join("");'];
}
