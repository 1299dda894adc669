// Keeps each record after reading a field of it, and does at two of its values what goes wrong in modules.
import { JsonPath, type Record } from "millrace/assemblyscript";

const level = new JsonPath("level");

export function filter(record: Record): bool {
  const field = record.json(level);
  if (field.equals("refused")) record.fail("the level is one that this module refuses");
  if (field.equals("poison")) unreachable();
  return true;
}
