import { MillraceError } from "../errors.ts";
import { type ErrorPolicy, lastResortOf } from "../pipeline/index.ts";
import { checkTopicName } from "../topic/index.ts";
import type { StepPlan } from "./plan.ts";
import type { Report } from "./report.ts";
import { formatPath, locate, locateKey, type MapNode } from "./yaml/node.ts";

interface Letters {
  /** Of the pipeline and of its own topic. */
  readonly name: string;
  readonly topic: string;
  readonly steps: readonly StepPlan[];
  readonly onSourceError: ErrorPolicy;
  readonly onSinkError: ErrorPolicy;
  /** What the config names. */
  readonly deadLetterTopic: string | undefined;
}

const path = ["millrace", "dead-letter-topic"];

/** The topic that dead letters go to; undefined where no policy makes any. */
export function readDeadLetterTopic(root: MapNode, letters: Letters, report: Report): string | undefined {
  const { name, topic, deadLetterTopic, steps, onSourceError, onSinkError } = letters;
  const policies = [onSourceError, ...steps.map(({ onError }) => onError), onSinkError];
  const isNamed = deadLetterTopic !== undefined;
  if (!policies.some((policy) => lastResortOf(policy) === "dead-letter")) {
    if (isNamed) {
      report.warn(
        locateKey(root, path),
        `${formatPath(path)}: has no effect, since no \`onError\` says \`dead-letter\``,
      );
    }
    return undefined;
  }
  const chosen = deadLetterTopic ?? `${name}-dead-letters`;
  const { place } = locate(root, isNamed ? path : ["meta", "name"]);
  try {
    checkTopicName(chosen);
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    const hint = isNamed ? error.hint : `name a topic for the dead letters in \`${formatPath(path)}\``;
    report.error(place, `${formatPath(path)}: ${error.message}`, hint, error.code);
  }
  if (chosen === topic) {
    report.error(
      place,
      `${formatPath(path)}: "${chosen}" is the topic of the pipeline itself`,
      "dead letters need a topic of their own; name another one",
    );
  }
  return chosen;
}
