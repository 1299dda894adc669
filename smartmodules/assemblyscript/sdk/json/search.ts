import { skipSpace } from "./tokens";
import { expectEnd, expectValue, jsonProblem } from "./expected";
import { failedAt, failedExpecting } from "./tokens";
import { JsonNode } from "./node";
import { foundAll, walk } from "./walk";

/** Looks for the texts of a tree of nodes, and keeps what was wrong with a text that is not JSON. */
export class JsonSearch {
  /** Number of the value that was searched last; see `generation` of the batch. */
  generation: u32 = 0;
  /** The text that was searched last is not JSON, as far as it was read. */
  isInvalid: boolean = false;
  problemPosition: i32 = 0;
  problemExpecting: i32 = 0;
  textLength: i32 = 0;
  protected root: JsonNode = new JsonNode();

  /** What is wrong with the text that was searched last; empty when nothing is. */
  get problem(): string {
    return this.isInvalid ? jsonProblem(this.problemPosition, this.textLength, this.problemExpecting) : "";
  }

  /** Searches one text. The fields looked for must be empty before. */
  protected search(at: usize, length: i32): void {
    const end = at + length;
    const from = skipSpace(at, end);
    this.textLength = length;
    if (from == end) {
      this.isInvalid = true;
      this.problemPosition = length;
      this.problemExpecting = expectValue;
      return;
    }
    const after = walk(from, end, this.root);
    this.isInvalid = false;
    if (after == foundAll) return;
    if (after == 0) {
      this.isInvalid = true;
      this.problemPosition = <i32>(failedAt - at);
      this.problemExpecting = failedExpecting;
      return;
    }
    const rest = skipSpace(after, end);
    if (rest != end) {
      this.isInvalid = true;
      this.problemPosition = <i32>(rest - at);
      this.problemExpecting = expectEnd;
    }
  }
}
