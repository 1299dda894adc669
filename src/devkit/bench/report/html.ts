/** A text as HTML and SVG have it. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Control characters of names are shown as what they are. */
export function shownHtml(text: string): string {
  return escapeHtml(text.replaceAll(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16)}`));
}

/** A table of texts; the first column has the names of the rows. */
export function tableHtml(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = headers.map((header) => `<th scope="col">${shownHtml(header)}</th>`).join("");
  const body = rows.map(([first = "", ...cells]) => {
    const rest = cells.map((cell) => `<td>${shownHtml(cell)}</td>`).join("");
    return `<tr><th scope="row">${shownHtml(first)}</th>${rest}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

/**
 * A page that needs nothing else, in the colours that its reader prefers.
 * @param body HTML
 * @param script JavaScript of the page; none without it
 */
export function pageHtml(title: string, body: string, script = ""): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="icon" href="data:,">
<title>${shownHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
${script === "" ? "" : `<script>${script}</script>\n`}</body>
</html>
`;
}

/** Whatever the names in a page say, it fetches nothing and runs nothing but its own. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

const style = `
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --ink: #1d2126; --soft: #5a626c; --line: #d9dcdf; --card: #ffffff;
  --c0: #1f66c1; --c1: #b4530a; --c2: #14764a; --c3: #7d46b8; --c4: #a8325e; --c5: #5b6470;
  --module: #f2b066; --host: #9cc3ee; --platform: #cfd4da; --on-frame: #1d2126;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181c; --ink: #e8eaed; --soft: #a3abb5; --line: #353b43; --card: #1c2025;
    --c0: #74aef5; --c1: #f0a05a; --c2: #5cc795; --c3: #bd97ea; --c4: #ee86ab; --c5: #a9b1bb;
    --module: #b8742a; --host: #34639a; --platform: #4a525c; --on-frame: #f4f5f6;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0; max-width: 60rem; }
.soft { color: var(--soft); }
figure { margin: 0; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
figcaption { font-weight: 600; margin-bottom: .5rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
.grid { stroke: var(--line); }
.series { fill: none; stroke-width: 2; }
.whisker { stroke-opacity: .5; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; list-style: none; margin: .5rem 0 0; padding: 0; font-size: .9rem; }
.legend svg { display: inline-block; width: 34px; height: 12px; vertical-align: middle; margin-right: .4rem; }
details { margin-top: .6rem; }
summary { cursor: pointer; color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .8rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th[scope=row], thead th:first-child { text-align: left; font-weight: 500; }
thead th { color: var(--soft); font-weight: 500; }
.faster { color: var(--c2); font-weight: 600; }
.slower { color: var(--c4); font-weight: 600; }
`;
