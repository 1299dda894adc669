/** Where code reports what people may want to know while it runs. Errors are thrown, not logged. */
export interface Logger {
  /** What happens in normal operation and is of interest only while looking for a problem. */
  debug(message: string): void;
  info(message: string): void;
  /** What needs attention but does not stop anything. */
  warn(message: string): void;
}

/** Says nothing: what a library does until it is given a logger. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {} };
