import { MillraceError } from "../../errors.ts";

/** An answer that a module cannot mean, with the record that it was refused for. */
export function nonsense(module: string, record: number, what: string): MillraceError {
  return new MillraceError(
    "module.answer",
    `${module} breaks its ABI: record ${record} of the batch ${what}`,
    {
      where: { module },
      hint: "this is a fault of the module or of the SDK that it was built with",
    },
  );
}
