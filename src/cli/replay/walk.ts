import { openCapturedSteps, type ReplayWith, type Trail, trailsOf } from "../../devkit/index.ts";
import { Batch } from "../../record/index.ts";
import type { CaptureReader } from "../../run/index.ts";
import { pressedKeys } from "../input/index.ts";
import type { Outcome } from "../outcome.ts";
import { plural } from "../output/index.ts";
import type { Session } from "../session.ts";
import { pageLines } from "./page.ts";

const clearScreen = "\u001B[2J\u001B[H";
const help = "→ next · ← back · c next that was changed or dropped · f next that failed · q end";
const plainHelp = "n next, p back, c next that was changed or dropped, f next that failed, q end";

/**
 * Shows the records of a capture one by one: on a terminal as the person presses keys, elsewhere all of them.
 * @throws MillraceError `capture.invalid`, `capture.module`, `cli.usage`, and what opening a module throws
 */
export async function walk(
  capture: string,
  reader: CaptureReader,
  replayed: ReplayWith,
  session: Session,
): Promise<Outcome<null>> {
  const { stdout, world } = session;
  const trails = trailsIn(capture, reader, replayed);
  const isInteractive = stdout.isTerminal && world.stdin.isTTY === true;
  const shown = isInteractive ? await leaf(trails, session) : await list(trails, session);
  return { summary: `${plural(shown, "record")} of ${capture} shown`, result: null };
}

async function* trailsIn(
  capture: string,
  reader: CaptureReader,
  replayed: ReplayWith,
): AsyncGenerator<Trail> {
  // Without another module, what was captured is all there is to show.
  const [instead] =
    replayed.module === undefined ? [] : await openCapturedSteps(capture, reader.head, replayed);
  const earlier = new Batch();
  for await (const { envelope, frames } of reader.entries()) {
    const [frame] = frames;
    if (envelope.kind === "batch") yield* trailsOf(reader.head, envelope, frames, instead);
    else if (frame !== undefined && instead?.index === envelope.step)
      instead.transform.lookBack(earlier.load(frame));
  }
}

async function list(trails: AsyncIterable<Trail>, { stdout }: Session): Promise<number> {
  let shown = 0;
  for await (const trail of trails) {
    if (stdout.closed.aborted) break;
    await stdout.write(`${pageLines(trail, stdout.style).join("\n")}\n\n`);
    shown++;
  }
  return shown;
}

/** Leafs through the records; those that were met are kept, to go back to. */
async function leaf(trails: AsyncGenerator<Trail>, { stdout, world }: Session): Promise<number> {
  const { style } = stdout;
  const met: Trail[] = [];
  const at = async (index: number): Promise<Trail | undefined> => {
    while (met.length <= index) {
      const next = await trails.next();
      if (next.done === true) return undefined;
      met.push(next.value);
    }
    return met[index];
  };
  const next = async (from: number, matches: (trail: Trail) => boolean): Promise<number> => {
    for (let index = from + 1; ; index++) {
      const trail = await at(index);
      if (trail === undefined) return from;
      if (matches(trail)) return index;
    }
  };
  const draw = async (index: number): Promise<void> => {
    const trail = await at(index);
    const page = trail === undefined ? ["the capture has no records"] : pageLines(trail, style);
    const keys = style.glyphs.cut === "…" ? help : plainHelp;
    await stdout.write(`${clearScreen}${[...page, "", style.dim(keys)].join("\n")}\n`);
  };
  let index = 0;
  await draw(index);
  for await (const key of pressedKeys(world.stdin)) {
    if (key === "q" || key === "escape") break;
    const before = index;
    if (["n", "space", "right", "down", "return", "enter"].includes(key))
      index = await next(index, () => true);
    else if (["p", "left", "up", "backspace"].includes(key)) index = Math.max(0, index - 1);
    else if (key === "c")
      index = await next(index, ({ steps }) => steps.some(({ became }) => became !== "kept"));
    else if (key === "f")
      index = await next(index, ({ steps }) => steps.some(({ became }) => became === "failed"));
    if (index !== before) await draw(index);
  }
  return met.length;
}
