import type { Logger } from "../../../src/base/index.ts";

/** Keeps what was logged, each line with its level in front. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = [];
  #watchers: (() => void)[] = [];

  debug(message: string): void {
    this.#add(`debug: ${message}`);
  }

  info(message: string): void {
    this.#add(`info: ${message}`);
  }

  warn(message: string): void {
    this.#add(`warn: ${message}`);
  }

  /** Lines of info and warnings: what people see. */
  get shown(): string[] {
    return this.lines.filter((line) => !line.startsWith("debug: "));
  }

  /** Resolves once `count` lines were logged. */
  async until(count: number): Promise<void> {
    while (this.lines.length < count) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  #add(line: string): void {
    this.lines.push(line);
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}
