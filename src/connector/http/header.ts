/** A header's name and value. */
export type HeaderPair = readonly [name: string, value: string];

/** These belong to the connection: the client sets them itself, and refuses them or leaves them out without a word. */
const notSettable: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "sec-fetch-mode",
  "transfer-encoding",
  "upgrade",
]);

/** Reads a header as configs write it, `Name: value`; blanks around both parts do not count. */
export function parseHeader(line: string): HeaderPair {
  const colonAt = line.indexOf(":");
  return [line.slice(0, Math.max(0, colonAt)).trim(), line.slice(colonAt + 1).trim()];
}

/** What is wrong with a header line, or undefined. Its value is not repeated, since it may be a secret. */
export function headerProblem(line: string): string | undefined {
  const [name, value] = parseHeader(line);
  if (name === "") return 'expected a header as "Name: value"';
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return `${JSON.stringify(name)} is no name of a header`;
  if (notSettable.has(name.toLowerCase()))
    return `the header ${name} cannot be set: it belongs to the connection`;
  // Controls would end the header; what is beyond one byte cannot be sent.
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
    return `the value of the header ${name} has characters that cannot be sent`;
  return undefined;
}
