import { isDeepStrictEqual } from "node:util";
import type { Plan } from "../config/index.ts";
import { MillraceError } from "../errors.ts";

/** What of a plan is in use while its pipeline runs, in the words of a config. */
const fixed = {
  name: "`meta.name`",
  direction: "`meta.type`",
  type: "`meta.type`",
  topic: "`meta.topic`",
  consumer: "`meta.consumer`",
  start: "where the consumer begins",
  settings: "the section of the connector",
  extract: "`millrace.extract`",
  onError: "`millrace.onError`",
  onSourceError: "`onError` of the source",
  onSinkError: "`onError` of the sink",
  deadLetterTopic: "the topic of dead letters",
  errorWindow: "`millrace.error-window`",
  topicFolder: "`millrace.topic-folder`",
  isolation: "`millrace.isolation`",
  batchBytes: "`millrace.batch-bytes`",
  keepsPosition: "whether the consumer keeps its position",
  capture: "`millrace.capture`",
} as const satisfies Partial<Record<keyof Plan, string>>;

/** What follows from something else where nothing is said of it: of a change, the other one is the news. */
const following: Partial<Record<keyof typeof fixed, keyof typeof fixed>> = {
  consumer: "name",
  onSourceError: "onError",
  onSinkError: "onError",
};

/** @throws MillraceError `pipeline.reload` for a plan that differs in more than its steps */
export function checkChanges(present: Plan, next: Plan): void {
  const names = Object.keys(fixed) as (keyof typeof fixed)[];
  const changed = names.filter((name) => !isDeepStrictEqual(present[name], next[name]));
  if (changed.length === 0) return;
  const news = changed.filter((name) => !changed.some((other) => other === following[name]));
  const words = [...new Set(news.map((name) => fixed[name]))].join(" and ");
  throw new MillraceError("pipeline.reload", `${words} cannot change while the pipeline runs`, {
    where: { file: next.file },
    hint: "only steps can: stop the pipeline and start it again, it goes on where it stopped",
  });
}

/** Whether steps are to be opened in the same way; where they stand in the config is of no matter. */
export function hasSameSteps(present: Plan, next: Plan): boolean {
  const plain = ({ steps, world }: Plan): unknown => ({
    world,
    steps: steps.map(({ where: _where, ...step }) => step),
  });
  return isDeepStrictEqual(plain(present), plain(next));
}
