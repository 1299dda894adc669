import { relative, resolve } from "node:path";
import type { Position } from "../../topic/index.ts";
import { type Bookmark, bookmarkOf } from "./bookmark.ts";

const prefix = "file:";

/**
 * The places in all files of a source. Of one file the position is its bookmark; of a pattern it has, for each file, a
 * text under `file:` and the file's path from the folder of the config:
 *
 *   { "file:logs/a.log": '{"byte":120,"line":3, …}', "file:logs/b.log": … }
 */
export class Positions {
  readonly #folder: string;
  readonly #isPattern: boolean;
  readonly #bookmarks = new Map<string, Bookmark>();
  /** The same as the position has them, so that only the one that has changed is written anew. */
  readonly #texts: Record<string, string> = {};

  constructor(folder: string, isPattern: boolean) {
    this.#folder = folder;
    this.#isPattern = isPattern;
  }

  /**
   * Takes a stored position.
   * @param path of the one file
   * @returns false when it is none of such a source
   */
  load(position: Position, path: string): boolean {
    if (!this.#isPattern) {
      const bookmark = bookmarkOf(position);
      if (bookmark !== undefined) this.#bookmarks.set(path, bookmark);
      return bookmark !== undefined;
    }
    const entries = Object.entries(position);
    for (const [key, text] of entries) {
      const bookmark = key.startsWith(prefix) && typeof text === "string" ? bookmarkIn(text) : undefined;
      if (bookmark === undefined) return false;
      this.set(resolve(this.#folder, key.slice(prefix.length)), bookmark);
    }
    return true;
  }

  get(path: string): Bookmark | undefined {
    return this.#bookmarks.get(path);
  }

  get paths(): readonly string[] {
    return [...this.#bookmarks.keys()];
  }

  set(path: string, bookmark: Bookmark): void {
    this.#bookmarks.set(path, bookmark);
    if (this.#isPattern) this.#texts[this.#keyOf(path)] = JSON.stringify(bookmark);
  }

  delete(path: string): void {
    this.#bookmarks.delete(path);
    delete this.#texts[this.#keyOf(path)];
  }

  /** As it is stored, with the place that was reached in one file. */
  position(bookmark: Bookmark): Position {
    return this.#isPattern ? { ...this.#texts } : { ...bookmark };
  }

  #keyOf(path: string): string {
    return prefix + relative(this.#folder, path);
  }
}

function bookmarkIn(text: string): Bookmark | undefined {
  try {
    const position: unknown = JSON.parse(text);
    return typeof position === "object" && position !== null ? bookmarkOf(position as Position) : undefined;
  } catch {
    return undefined;
  }
}
