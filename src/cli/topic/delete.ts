import { MillraceError } from "../../errors.ts";
import type { Topic } from "../../topic/index.ts";
import { answerTo } from "../input/index.ts";
import type { Outcome } from "../outcome.ts";
import { plural, warningLines } from "../output/index.ts";
import type { CommonOptions, Session } from "../session.ts";
import { openTopic, withTopics } from "./store.ts";

export interface DeleteOptions extends CommonOptions {
  readonly yes?: boolean;
}

/** What `topic delete --json` gives. */
interface TopicDeleteResult {
  readonly folder: string;
  readonly topic: string;
  /** False where the person who was asked said no. */
  readonly deleted: boolean;
  /** What it held; both are null where it is damaged. */
  readonly records: number | null;
  readonly consumers: readonly string[] | null;
}

type Held = Pick<TopicDeleteResult, "records" | "consumers">;

/** @throws MillraceError `topic.not-found`, `topic.in-use`, `topic.store`; `cli.usage` where nobody can be asked */
export function deleteTopic(
  name: string,
  options: DeleteOptions,
  session: Session,
): Promise<Outcome<TopicDeleteResult>> {
  return withTopics(options, session, async (store, folder) => {
    const held = await heldBy(() => openTopic(store, name, folder));
    const answer = await isWanted(name, held, options, session);
    const result = { folder, topic: name, deleted: answer, ...held };
    if (!answer) return { summary: "nothing was deleted", result, text: "nothing was deleted" };
    await store?.delete(name);
    const summary = `deleted the topic ${name}: ${wordsFor(held)}`;
    const { green, glyphs } = session.stdout.style;
    return { summary, result, text: `${green(glyphs.done)} ${summary}` };
  });
}

/** A damaged topic can be deleted, though nothing can be said of it. */
async function heldBy(open: () => Promise<Topic>): Promise<Held> {
  try {
    const topic = await open();
    const { first, next } = topic.bounds();
    return { records: next - first, consumers: [...topic.consumers().keys()] };
  } catch (error) {
    if (MillraceError.is(error) && error.code === "topic.corrupt") return { records: null, consumers: null };
    throw error;
  }
}

async function isWanted(
  name: string,
  held: Held,
  { yes, json }: DeleteOptions,
  { stderr, world, screen }: Session,
): Promise<boolean> {
  if (yes === true) return true;
  if (json === true || world.stdin.isTTY !== true || !stderr.isTerminal) {
    throw new MillraceError("cli.usage", `the topic "${name}" would go with ${wordsFor(held)}`, {
      where: { topic: name },
      hint: "nobody can be asked here; say --yes to delete it",
    });
  }
  const message = `the topic "${name}" goes with ${wordsFor(held)}`;
  screen.print(warningLines({ message }, stderr.style).join("\n"));
  const answer = await answerTo("delete it? (y/N) ", world.stdin, stderr);
  return answer !== undefined && /^y(es)?$/i.test(answer);
}

function wordsFor({ records, consumers }: Held): string {
  if (records === null || consumers === null) return "all it held, which cannot be read any more";
  const held = plural(records, "record");
  if (consumers.length === 0) return `${held} and no consumer`;
  return `${held} and the ${consumers.length === 1 ? "position of" : "positions of"} ${consumers.join(", ")}`;
}
