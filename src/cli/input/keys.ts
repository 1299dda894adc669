import { emitKeypressEvents } from "node:readline";
import type { InputStream } from "./chunks.ts";

interface Keypress {
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

/**
 * The keys that a person presses, by name (`space`, `right`, `q`), until the input ends or Ctrl-C. On a terminal they come one by
 * one, without an echo.
 */
export async function* pressedKeys(stdin: InputStream): AsyncGenerator<string> {
  const keys: (string | undefined)[] = [];
  let wake = (): void => {};
  const put = (name: string | undefined): void => {
    keys.push(name);
    wake();
  };
  const press = (text: string | undefined, { name, ctrl }: Keypress): void => {
    if (ctrl === true && (name === "c" || name === "d")) put(undefined);
    else put(name ?? text ?? "");
  };
  const end = (): void => put(undefined);
  emitKeypressEvents(stdin);
  stdin.setRawMode?.(true);
  stdin.on("keypress", press).once("end", end).resume();
  try {
    for (;;) {
      while (keys.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const key = keys.shift();
      if (key === undefined) return;
      yield key;
    }
  } finally {
    stdin.off("keypress", press).off("end", end).pause();
    stdin.setRawMode?.(false);
  }
}
