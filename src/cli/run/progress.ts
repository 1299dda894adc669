import type { StageCounts } from "../../pipeline/index.ts";
import type { LiveArea, Style } from "../output/index.ts";
import { RateMeter } from "./rate-meter.ts";
import { stageRow, stageTable } from "./stage-table.ts";

/** A few times a second looks live, and costs nothing. */
const refreshMs = 250;
/** Long enough to be read, short enough to show that a stage has come to a halt. */
const rateWindowMs = 3000;

export interface ProgressParts {
  readonly screen: LiveArea;
  readonly style: Style;
  readonly columnsMax: () => number;
  readonly stages: () => readonly StageCounts[];
  /** Milliseconds, from any origin. */
  readonly now: () => number;
}

/** The live lines of a running pipeline: one for each stage. */
export class Progress {
  readonly #parts: ProgressParts;
  readonly #meters: RateMeter[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ProgressParts) {
    this.#parts = parts;
  }

  /** Draws the lines from now on, where there is a terminal. */
  start(): void {
    if (!this.#parts.screen.isLive) return;
    this.draw();
    this.#timer = setInterval(() => this.draw(), refreshMs);
  }

  /** Takes the lines away. */
  stop(): void {
    clearInterval(this.#timer);
    this.#parts.screen.clear();
  }

  draw(): void {
    const { screen, style, columnsMax, stages, now } = this.#parts;
    const atMs = now();
    const rows = stages().map((stage, index) => {
      this.#meters[index] ??= new RateMeter(rateWindowMs);
      return stageRow(stage, this.#meters[index].sample(stage.in, atMs));
    });
    if (rows.length > 0) screen.draw(stageTable(rows, style, columnsMax() - 1));
  }
}
