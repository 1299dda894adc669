/** The paths of all keys of a value, with `[]` for the items of a list, once each and in order: what programs can rely on. */
export function keysOf(value: unknown, path = ""): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => keysOf(item, `${path}[]`)))].sort();
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const own = path === "" ? key : `${path}.${key}`;
    return [own, ...keysOf(item, own)];
  });
}
