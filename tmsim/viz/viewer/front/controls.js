// Step, play, speed, and the keyboard.

import { element, thousands } from "./dom.js";

const SPEEDS = [1, 2, 5, 10, 20, 60, 200];

export function controls(run, go, goRow) {
  const button = (label, text, pressed) => {
    const made = element("button", { type: "button", "aria-label": label, title: label }, text);
    made.addEventListener("click", pressed);
    return made;
  };
  const place = { step: 0, row: 0 };
  const player = playing(run, place, go, () => render());
  const slider = element("input", { type: "range", min: 0, max: run.steps, value: 0, "aria-label": "step" });
  slider.addEventListener("input", () => go(Number(slider.value)));
  const play = button("play", "▶", player.toggle);
  const speed = element("select", { "aria-label": "steps a second" },
    ...SPEEDS.map((each) => element("option", { value: each, selected: each === 5 }, `${each}/s`)));
  speed.addEventListener("change", () => player.speed(Number(speed.value)));
  const count = element("output", { class: "count" });
  const rows = element("span", { class: "rows" });
  const node = element("div", { class: "controls", role: "toolbar", "aria-label": "steps" },
    button("first step (Home)", "|◀", () => go(0)),
    button("one step back (left arrow)", "◀", () => go(place.step - 1)),
    play,
    button("one step on (right arrow)", "▷", () => go(place.step + 1)),
    button("last step (End)", "▶|", () => go(run.steps)),
    speed, slider, count, rows);

  function render() {
    const label = player.on() ? "pause (space)" : "play (space)";
    play.textContent = player.on() ? "⏸" : "▶";
    play.setAttribute("aria-label", label);
    play.title = label;
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const own = event.target?.tagName;
    if (own === "SELECT" || (own === "BUTTON" && event.key === " ") || (own === "SUMMARY" && event.key === " ")) return;
    const pressed = {
      ArrowLeft: () => go(place.step - 1), ArrowRight: () => go(place.step + 1),
      Home: () => go(0), End: () => go(run.steps), " ": player.toggle,
    }[event.key];
    if (!pressed) return;
    event.preventDefault();
    pressed();
  }

  render();
  return {
    node, key, stop: player.stop,
    show({ step, row }) {
      Object.assign(place, { step, row });
      slider.value = step;
      slider.setAttribute("aria-valuetext", `step ${step} of ${run.steps}`);
      count.textContent = `step ${thousands(step)} of ${thousands(run.steps)}`;
      const several = run.rowsOf[step];
      rows.replaceChildren();
      if (several.length < 2) return;
      const index = several.indexOf(row);
      rows.append(
        button("the step's row before", "‹", () => goRow(several[Math.max(0, index - 1)])),
        `row ${index + 1} of ${several.length}`,
        button("the step's row after", "›", () => goRow(several[Math.min(several.length - 1, index + 1)])));
    },
  };
}

function playing(run, place, go, changed) {
  let [timer, each] = [null, 5];
  const stop = () => {
    clearInterval(timer);
    timer = null;
    changed();
  };
  const start = () => {
    if (place.step >= run.steps) go(0);
    const began = { at: performance.now(), step: place.step };
    timer = setInterval(() => {
      const due = began.step + Math.floor(((performance.now() - began.at) / 1000) * each);
      if (due > place.step) go(due, true);
      if (place.step >= run.steps) stop();
    }, Math.max(16, 500 / each));
    changed();
  };
  return {
    on: () => timer !== null,
    stop,
    toggle: () => (timer === null ? start() : stop()),
    speed(value) {
      const went = timer !== null;
      if (went) clearInterval(timer);
      each = value;
      if (went) start();
    },
  };
}
