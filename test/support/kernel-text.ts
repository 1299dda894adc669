import wabt from "wabt";

/** The text of a file that holds a kernel built, for memory of its own and for memory that threads share. */
export async function kernelText(
  source: string,
  name = "kernel",
  constant = "kernelBinary",
  sharedConstant = "sharedKernelBinary",
): Promise<string> {
  const sharedSource = source.replace("(memory 1)", "(memory 1 65536 shared)");
  return [
    await builtText(name, constant, source),
    "/** The same for memory that threads share. */",
    ...(await builtAs(sharedConstant, sharedSource)),
    "",
  ].join("\n");
}

/** The text of a file that holds `name`.wat, built. */
export async function builtText(name: string, constant: string, source: string): Promise<string> {
  return [`/** ${name}.wat, built, in base64. */`, ...(await builtAs(constant, source)), ""].join("\n");
}

async function builtAs(constant: string, source: string): Promise<string[]> {
  const { parseWat } = await wabt();
  const { buffer } = parseWat("own.wat", source, { simd: true, threads: true, multi_value: true }).toBinary(
    {},
  );
  const lines =
    Buffer.from(buffer)
      .toString("base64")
      .match(/.{1,100}/g) ?? [];
  return [`export const ${constant}: string = [`, ...lines.map((line) => `  "${line}",`), '].join("");'];
}
