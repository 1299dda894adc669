export interface FuzzCommandOptions {
  readonly with?: readonly string[];
  readonly sample?: string;
  readonly generator?: string;
  readonly runs?: number;
  readonly seed?: number;
  readonly minutes?: number;
  readonly law?: readonly string[];
  readonly stateless?: boolean;
  readonly output?: string;
  readonly modules?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}
