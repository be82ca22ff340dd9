// The tapes around their heads, one under the other.

import { element } from "./dom.js";

const CELL = 34;

export function tapes(run) {
  const node = element("section", { class: "tapes", "aria-label": "tapes" });
  const wide = () => Math.max(3, Math.floor((node.clientWidth - 8) / CELL));

  return {
    node,
    show({ step }) {
      node.replaceChildren(...run.writes.map((_, tape) => strip(run, step, tape, wide())));
    },
  };
}

function strip(run, step, tape, cells) {
  const head = run.head(step, tape);
  const [low, high] = run.reach(tape);
  // All cells of the run where there is room for them, else a window around the head.
  const left = high - low < cells
    ? low - Math.floor((cells - (high - low + 1)) / 2)
    : Math.max(low, Math.min(head - Math.floor(cells / 2), high - cells + 1));
  const told = [];
  for (let cell = left; cell < left + cells; cell++) {
    const symbol = run.symbol(step, tape, cell);
    const kinds = ["cell", cell === head && "under", symbol === run.start.blank && "blank",
      run.changed(step, tape) === cell && "written"].filter(Boolean);
    const name = run.symbolName(symbol);
    told.push(element("div", { class: kinds.join(" "), "data-cell": cell, title: `cell ${cell}: ${name}` },
      element("span", { class: "symbol" }, name),
      element("span", { class: "place" }, cell === head ? `${run.stateName(step)}` : cell % 5 ? "" : cell)));
  }
  const label = `tape ${tape + 1}: the head is on cell ${head} and reads ${run.symbolName(run.symbol(step, tape, head))}`;
  return element("div", { class: "tape", role: "img", "aria-label": label }, ...told);
}
