import type { Logger, Redactor } from "../base/index.ts";

/** A logger that tells no secret. */
export function redactingLogger(log: Logger, redactor: Redactor): Logger {
  return {
    debug: (message) => log.debug(redactor.redact(message)),
    info: (message) => log.info(redactor.redact(message)),
    warn: (message) => log.warn(redactor.redact(message)),
  };
}
