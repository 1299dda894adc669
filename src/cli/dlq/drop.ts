import { MillraceError } from "../../errors.ts";
import { openLetter } from "../../pipeline/index.ts";
import type { Topic } from "../../topic/index.ts";
import { answerTo } from "../input/index.ts";
import type { Outcome } from "../outcome.ts";
import { formatCount, plural, warningLines } from "../output/index.ts";
import type { CommonOptions, Session } from "../session.ts";
import { withTopics } from "../topic/store.ts";
import { openLetters, recordsOf } from "./letters.ts";

export interface DropOptions extends CommonOptions {
  /** Letters before this offset go. */
  readonly to: number | "end";
  readonly yes?: boolean;
}

/** What `dlq drop --json` gives. */
interface DropResult {
  readonly folder: string;
  readonly topic: string;
  /** False where the person who was asked said no. */
  readonly isDropped: boolean;
  readonly dropped: number;
  /** Of those that were to go, the ones that have not been replayed. */
  readonly waiting: number;
  /** Offset of the oldest letter now. */
  readonly first: number;
  readonly next: number;
}

/**
 * Drops the oldest letters. Letters that were stored together go together, so some before the offset may stay.
 * @throws MillraceError `topic.not-found`, `dead-letter.topic`, `topic.store`; `cli.usage` where nobody can be asked
 */
export function dropLetters(
  name: string,
  options: DropOptions,
  session: Session,
): Promise<Outcome<DropResult>> {
  return withTopics(options, session, async (store, folder) => {
    const topic = await openLetters(store, name, folder);
    const before = topic.bounds();
    const to = options.to === "end" ? before.next : Math.min(options.to, before.next);
    const count = Math.max(0, to - before.first);
    const waiting = waitingBefore(topic, to);
    const isDropped = count === 0 || (await isWanted(name, count, waiting, options, session));
    if (isDropped) await topic.trim(to);
    const { first, next } = topic.bounds();
    const dropped = first - before.first;
    const stay = Math.max(0, to - first);
    const kept =
      stay === 0
        ? ""
        : `; ${formatCount(stay)} before offset ${to} ${stay === 1 ? "stays" : "stay"} with others`;
    const summary = isDropped
      ? `dropped ${plural(dropped, "letter")} of ${name}${kept}`
      : "nothing was dropped";
    const { green, glyphs } = session.stdout.style;
    return {
      summary,
      result: { folder, topic: name, isDropped, dropped, waiting, first, next },
      text: isDropped ? `${green(glyphs.done)} ${summary}` : summary,
    };
  });
}

function waitingBefore(topic: Topic, to: number): number {
  const replayed = topic.consumers();
  let waiting = 0;
  for (const { headers, offset = 0 } of recordsOf(topic, topic.bounds().first, to)) {
    const pipeline = openLetter(headers)?.cause.pipeline ?? "";
    if (offset >= (replayed.get(pipeline) ?? 0)) waiting++;
  }
  return waiting;
}

async function isWanted(
  name: string,
  count: number,
  waiting: number,
  { yes, json }: DropOptions,
  { stderr, world, screen }: Session,
): Promise<boolean> {
  if (yes === true) return true;
  const unreplayed = waiting === 0 ? "all of them replayed" : `${formatCount(waiting)} of them not replayed`;
  const what = `${plural(count, "letter")} of "${name}" would go, ${unreplayed}`;
  if (json === true || world.stdin.isTTY !== true || !stderr.isTerminal) {
    throw new MillraceError("cli.usage", what, {
      where: { topic: name },
      hint: "nobody can be asked here; say --yes to drop them",
    });
  }
  screen.print(warningLines({ message: what }, stderr.style).join("\n"));
  const answer = await answerTo("drop them? (y/N) ", world.stdin, stderr);
  return answer !== undefined && /^y(es)?$/i.test(answer);
}
