/** What becomes of a member of a JSON value. */
export type Edit =
  | { readonly kind: "remove" }
  | { readonly kind: "repeat" }
  | { readonly kind: "set"; readonly value: unknown };

/** An edit, and which of all places it is at: the number is taken modulo their count. */
export interface PlacedEdit {
  readonly place: number;
  readonly edit: Edit;
}

interface Place {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

/** A copy of a JSON value with some edits, each at a place of what the ones before have left. */
export function edited(json: unknown, edits: readonly PlacedEdit[]): unknown {
  const root = { json: structuredClone(json) };
  for (const { place, edit } of edits) {
    const places = placesOf(root as Record<string, unknown>);
    const found = places[place % places.length];
    if (found !== undefined) apply(found, edit);
  }
  return root.json;
}

function apply({ holder, key }: Place, edit: Edit): void {
  if (Array.isArray(holder)) {
    if (edit.kind === "remove") holder.splice(key as number, 1);
    else if (edit.kind === "repeat") holder.splice(key as number, 0, structuredClone(holder[key as number]));
    else holder[key as number] = structuredClone(edit.value);
    return;
  }
  if (edit.kind === "remove") delete holder[key];
  else if (edit.kind === "repeat") holder[`${key}2`] = structuredClone(holder[key]);
  // A copy: a later edit may change what this one has put there.
  else holder[key] = structuredClone(edit.value);
}

/** All members, those of members too, without the root's holder. */
function placesOf(root: Record<string, unknown>): readonly Place[] {
  const places: Place[] = [];
  const visit = (holder: Place["holder"]): void => {
    for (const key of Object.keys(holder)) {
      const own = Array.isArray(holder) ? Number(key) : key;
      places.push({ holder, key: own });
      const value = (holder as Record<string, unknown>)[key];
      if (typeof value === "object" && value !== null) visit(value as Place["holder"]);
    }
  };
  visit(root);
  // The whole value comes last, so that most edits are of members.
  return [...places.slice(1), ...places.slice(0, 1)];
}
