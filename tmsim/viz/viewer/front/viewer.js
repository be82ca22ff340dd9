// The parts together: one place (step and row) that all of them show.

import { attention } from "./attention.js";
import { controls } from "./controls.js";
import { element } from "./dom.js";
import { layers } from "./layers.js";
import { unpacked } from "./run.js";
import { spaceTime } from "./space_time.js";
import { tapes } from "./tape.js";

// Shows the run in `root`; keys are heard on `keyboard`. Returns what takes the page apart.
export async function view(root, packed, keyboard) {
  const run = await unpacked(packed);
  const go = (step, byItself = false) => {
    if (!byItself) bar.stop();
    const to = Math.max(0, Math.min(run.steps, step));
    show({ step: to, row: run.rowsOf[to].at(-1) });
  };
  const goRow = (row) => {
    bar.stop();
    show({ step: run.rows.step[row], row });
  };
  const bar = controls(run, go, goRow);
  const now = element("p", { class: "transition" });
  const spoken = element("p", { class: "spoken", "aria-live": "polite" });
  const parts = [bar, tapes(run), spaceTime(run, go), attention(run, goRow), layers(run)];
  const [, tape, overview, heads, registers] = parts;
  let current = { step: 0, row: 0 };
  root.classList.add("tmsim-view");
  root.replaceChildren(title(run), bar.node, tape.node, now, spoken,
    element("div", { class: "columns" }, overview.node,
      element("div", {}, heads.node, registers.node)));

  function show(place) {
    current = place;
    const next = run.transition(place.step);
    const made = run.rows.number[place.row];
    now.textContent = next === null
      ? `the run has ended: ${run.outcome}`
      : `next: ${next} · ${run.loop ? `pass ${place.step + 1}, read from row ${made}` : `row ${made}`}`;
    // While it plays, a reader of the screen is not told of every step.
    if (!playing()) spoken.textContent = `step ${place.step}: state ${run.stateName(place.step)}; ${now.textContent}`;
    for (const part of parts) part.show(place);
  }

  function playing() {
    return bar.node.querySelector('[aria-label^="pause"]') !== null;
  }

  const resized = new ResizeObserver(() => show(current));
  keyboard.addEventListener("keydown", bar.key);
  go(0);
  resized.observe(root);
  return () => {
    bar.stop();
    resized.disconnect();
    keyboard.removeEventListener("keydown", bar.key);
  };
}

function title(run) {
  const verdict = run.matches === null ? "" : run.matches ? " holds" : " fails";
  return element("header", {},
    element("h1", {}, run.machine ? `${run.machine} in ${run.construction}` : run.construction),
    element("p", { class: `said${verdict}` }, run.verdict),
    element("p", { class: "about" }, `${run.citation} · ${run.statement} · ${run.arithmetic}`));
}
