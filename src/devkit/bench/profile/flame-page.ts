import { pageHtml, shownHtml, tableHtml } from "../report/html.ts";
import { type FlameFrame, hottest } from "./flame-tree.ts";

const rowHeight = 20;
/** Narrower than this share, a frame cannot be seen, and many of them would only make the file large. */
const shareMin = 0.0005;
const hottestShown = 25;

export interface FlamePageOptions {
  /** Whether the module says what its functions are called. */
  readonly hasNames: boolean;
  readonly batchRecords: number;
}

/** A flame graph as a page: what calls what from the top down, each as wide as the time that went there. */
export function flamePage(
  module: string,
  tree: FlameFrame,
  { hasNames, batchRecords }: FlamePageOptions,
): string {
  const frames: string[] = [];
  let depthMax = 0;
  const total = tree.totalMs || 1;
  const draw = (frame: FlameFrame, startMs: number, depth: number): void => {
    const share = frame.totalMs / total;
    if (depth > 0 && share < shareMin) return;
    depthMax = Math.max(depthMax, depth);
    const text = `${frame.name}: ${percent(share)} (${frame.totalMs.toFixed(1)} ms), itself ${percent(frame.selfMs / total)}`;
    frames.push(
      `<svg class="frame" tabindex="0" role="img" aria-label="${shownHtml(text)}" data-start="${(startMs / total).toFixed(5)}" ` +
        `data-share="${share.toFixed(5)}" x="${((startMs / total) * 100).toFixed(3)}%" y="${depth * rowHeight}" ` +
        `width="${(share * 100).toFixed(3)}%" height="${rowHeight - 1}"><title>${shownHtml(text)}</title>` +
        `<rect width="100%" height="100%" fill="var(--${frame.owner})"/><text x="4" y="14">${shownHtml(frame.name)}</text></svg>`,
    );
    let at = startMs;
    for (const child of frame.children) {
      draw(child, at, depth + 1);
      at += child.totalMs;
    }
  };
  draw(tree, 0, 0);
  const names = hasNames
    ? ""
    : '<p class="soft">The module has no names of its functions, so most of them are numbers. ' +
      "Build it with its name section to see more.</p>";
  const rows = hottest(tree, hottestShown).map((each) => [
    each.name,
    each.owner,
    percent(each.selfMs / total),
    percent(each.totalMs / total),
  ]);
  const body = `<h1>Where ${shownHtml(module)} spends its time</h1>
<p class="soft">Batches of ${batchRecords} records, ${tree.totalMs.toFixed(0)} ms of work.
Click a frame, or press Enter on it, to see it as wide as the page; Escape goes back.</p>
${names}
<ul class="legend"><li><span class="swatch module"></span>the module</li><li><span class="swatch host"></span>Millrace</li>
<li><span class="swatch platform"></span>Node</li></ul>
<figure><svg id="flame" style="height:${(depthMax + 1) * rowHeight}px">${frames.join("\n")}</svg></figure>
<h2>Functions by their own time</h2>
${tableHtml(["function", "whose", "itself", "with what it calls"], rows)}
<style>${flameStyle}</style>`;
  return pageHtml(`Flame graph of ${module}`, body, flameScript);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

const flameStyle = `
#flame { overflow: hidden; }
.frame { cursor: pointer; overflow: hidden; }
.frame text { fill: var(--on-frame); font: 12px ui-monospace, monospace; }
.frame:focus { outline: none; }
.frame:focus rect, .frame:hover rect { stroke: var(--ink); stroke-width: 2; }
.swatch { display: inline-block; width: 1em; height: 1em; margin-right: .4em; vertical-align: -.1em; border-radius: 2px; }
.swatch.module { background: var(--module); }
.swatch.host { background: var(--host); }
.swatch.platform { background: var(--platform); }
`;

const flameScript = `
const frames = [...document.querySelectorAll(".frame")];
function show(start, share) {
  for (const frame of frames) {
    const from = (Number(frame.dataset.start) - start) / share;
    const wide = Number(frame.dataset.share) / share;
    const left = Math.max(0, from);
    const right = Math.min(1, from + wide);
    frame.setAttribute("x", left * 100 + "%");
    frame.setAttribute("width", Math.max(0, right - left) * 100 + "%");
    frame.style.display = right - left > 0.0004 ? "" : "none";
  }
}
for (const frame of frames) {
  const zoom = () => show(Number(frame.dataset.start), Number(frame.dataset.share) || 1);
  frame.addEventListener("click", zoom);
  frame.addEventListener("keydown", (event) => { if (event.key === "Enter") zoom(); });
}
document.addEventListener("keydown", (event) => { if (event.key === "Escape") show(0, 1); });
`;
