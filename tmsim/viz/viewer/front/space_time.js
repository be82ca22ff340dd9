// All configurations at once: cells to the right, time downwards; a click goes there.

import { element } from "./dom.js";

const PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442"];
const MOST = [360, 420];

export function colourOf(run, symbol) {
  if (symbol === run.start.blank) return null;
  const marked = run.symbols.map((_, index) => index).filter((index) => index !== run.start.blank);
  return PALETTE[marked.indexOf(symbol) % PALETTE.length];
}

export function spaceTime(run, go) {
  const charts = run.writes.map((_, tape) => chart(run, tape, go));
  const node = element("section", { class: "space-time", "aria-label": "space-time diagram" },
    element("h2", {}, "Space and time"), ...charts.map((each) => each.node), legend(run));
  return { node, show: ({ step }) => charts.forEach((each) => each.show(step)) };
}

function chart(run, tape, go) {
  const [low, high] = run.reach(tape);
  const [cells, times] = [high - low + 1, run.steps + 1];
  const [width, height] = [Math.min(cells, MOST[0]), Math.min(times, MOST[1])];
  const label = `tape ${tape + 1}: cells ${low} to ${high}, steps 0 to ${run.steps}; click to go to a step`;
  const canvas = element("canvas", { width, height, role: "img", "aria-label": label });
  const mark = element("div", { class: "now", "aria-hidden": "true" });
  const node = element("div", { class: "chart" }, canvas, mark);
  paint(canvas, run, tape, low, cells, times);
  const pointed = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (event.clientY - box.top) / box.height;
    go(Math.max(0, Math.min(run.steps, Math.floor(share * times))));
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointed(event);
  });
  canvas.addEventListener("pointermove", (event) => event.buttons && pointed(event));
  return { node, show: (step) => (mark.style.top = `${((step + 0.5) / times) * 100}%`) };
}

// Where a pixel stands for several configurations or cells it has the mean of their colours.
function paint(canvas, run, tape, low, cells, times) {
  const { width, height } = canvas;
  const sums = new Float64Array(width * height * 4);
  const colours = run.symbols.map((_, symbol) => channels(colourOf(run, symbol)));
  const line = new Int32Array(cells);
  for (let cell = 0; cell < cells; cell++) line[cell] = run.symbol(0, tape, low + cell);
  for (let t = 0; t < times; t++) {
    if (t) line[run.changed(t, tape) - low] = run.trace.write[tape][t - 1];
    const y = Math.floor((t * height) / times);
    const head = run.head(t, tape) - low;
    for (let cell = 0; cell < cells; cell++) {
      const x = Math.floor((cell * width) / cells);
      const colour = cell === head ? HEAD : colours[line[cell]] ?? HEAD;
      for (let c = 0; c < 4; c++) sums[(y * width + x) * 4 + c] += c < 3 ? colour[c] : 1;
    }
  }
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const count = sums[i * 4 + 3] || 1;
    for (let c = 0; c < 3; c++) image.data[i * 4 + c] = sums[i * 4 + c] / count;
    image.data[i * 4 + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

const HEAD = [34, 34, 34];

function channels(colour) {
  if (colour === null) return [242, 242, 242];
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
}

function legend(run) {
  const items = run.symbols.map((name, symbol) => [name, colourOf(run, symbol) ?? "#F2F2F2"]);
  items.push(["head", "#222222"]);
  return element("ul", { class: "legend", "aria-label": "colours" }, ...items.map(([name, colour]) =>
    element("li", {}, element("span", { class: "swatch", style: `background:${colour}` }), name)));
}
