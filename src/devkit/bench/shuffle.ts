/** The items in an order drawn by lot (Fisher and Yates). */
export function inDrawnOrder<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const drawn = [...items];
  for (let last = drawn.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [drawn[last], drawn[other]] = [drawn[other] as Item, drawn[last] as Item];
  }
  return drawn;
}
