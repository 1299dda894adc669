import { MillraceError, type Where } from "../../errors.ts";

/** The fuel that a call had. */
export interface Budget {
  /** How much it was, and for what. */
  readonly text: string;
  /** What a config says it by. */
  readonly key: "fuel-per-record" | "fuel-per-setup";
}

/** Of a call that works on no records. */
export function setupBudget(fuel: number): Budget {
  return { text: `${fuel} for this call`, key: "fuel-per-setup" };
}

export function outOfFuel(
  where: Where & { module: string; export?: string | undefined },
  record: number | undefined,
  { text, key }: Budget,
  thrown: unknown,
): MillraceError {
  return new MillraceError(
    "module.fuel",
    `${where.module} ran out of fuel${placeOf(where, record)}: it had ${text}`,
    {
      where,
      hint: `perhaps a loop does not end; if it does, raise \`${key}\` under \`limits:\` of the step or of \`millrace:\``,
      cause: thrown,
    },
  );
}

/** Where in a module something went wrong, as the continuation of a sentence. */
export function placeOf(
  { export: exported }: { export?: string | undefined },
  record: number | undefined,
): string {
  if (exported === undefined) return " in its start function";
  return record === undefined ? "" : ` at record ${record} of its batch`;
}
