import type { CommonOptions } from "../session.ts";

export interface BenchOptions extends CommonOptions {
  readonly input?: string;
  readonly format?: string;
  readonly generate?: string;
  readonly seed?: number;
  readonly batchSize?: readonly number[];
  readonly valueSize?: readonly number[];
  readonly params?: readonly string[];
  readonly with?: readonly string[];
  readonly fuel?: readonly ("on" | "off")[];
  readonly rounds?: number;
  readonly duration?: number;
  readonly compare?: boolean;
  readonly baseline?: string;
  readonly saveBaseline?: string;
  readonly failUnder?: number;
  readonly profile?: string;
  readonly report?: string;
  readonly modules?: string;
}
