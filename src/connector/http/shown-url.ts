/** Names of parameters whose values nobody should find in a log. */
const secretName = /key|token|secret|sig|password|auth|credential/i;

/** A URL as messages show it: without user, password and fragment, and with `***` for parameters that look secret. */
export function shownUrl(url: URL): string {
  const shown = new URL(url.href);
  shown.username = "";
  shown.password = "";
  shown.hash = "";
  const query = shown.search.replace(/([?&])([^=&]*)=([^&]*)/g, (pair, before: string, name: string) =>
    secretName.test(name) ? `${before}${name}=***` : pair,
  );
  return `${shown.origin}${shown.pathname}${query}`;
}
