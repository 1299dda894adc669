import wabt from "wabt";

/** The text of a file that holds a kernel built, for memory of its own and for memory that threads share. */
export async function kernelText(source: string): Promise<string> {
  const sharedSource = source.replace("(memory 1)", "(memory 1 65536 shared)");
  return [
    await builtText("kernel", "kernelBinary", source),
    "/** The same for memory that threads share. */",
    ...(await builtAs("sharedKernelBinary", sharedSource)),
    "",
  ].join("\n");
}

/** The text of a file that holds `name`.wat, built. */
export async function builtText(name: string, constant: string, source: string): Promise<string> {
  return [`/** ${name}.wat, built, in base64. */`, ...(await builtAs(constant, source)), ""].join("\n");
}

async function builtAs(constant: string, source: string): Promise<string[]> {
  const { parseWat } = await wabt();
  const { buffer } = parseWat("own.wat", source, { simd: true, threads: true }).toBinary({});
  const lines =
    Buffer.from(buffer)
      .toString("base64")
      .match(/.{1,100}/g) ?? [];
  return [`export const ${constant}: string = [`, ...lines.map((line) => `  "${line}",`), '].join("");'];
}
