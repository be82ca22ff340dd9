// The token stream, and from the row that is shown an arc to every row that a head attends to.

import { drawn, element, shown, thousands } from "./dom.js";
import { at } from "./run.js";

const HUES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const [WIDTH, HEIGHT, BASE] = [62, 164, 122];

export function attention(run, goRow) {
  const svg = drawn("svg", { class: "arcs", height: HEIGHT, role: "img" });
  const body = element("tbody");
  const heads = run.layers.flatMap((layer, index) => layer.heads.map((head) => ({ ...head, layer: index })));
  heads.forEach((head, index) => (head.hue = HUES[index % HUES.length]));
  const columns = ["layer", "head", "rule", "attends to", "token there", "score", "margin"];
  const node = element("section", { class: "attention", "aria-label": "attention" },
    element("h2", {}, run.loop ? "Attention of the row that the step is read from" : "Tokens and attention"),
    svg,
    element("div", { class: "scrolls" }, element("table", {},
      element("thead", {}, element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)))),
      body)));

  return {
    node,
    show({ row }) {
      const looks = heads.map((head) => look(run, head, row));
      body.replaceChildren(...looks.map((each) => line(run, each, row)));
      draw(run, svg, looks, row, Math.max(280, node.clientWidth - 4), goRow);
    },
  };
}

// Rows are counted within their context; `first` is where it begins in the run.
function look(run, head, row) {
  const first = run.rows.first[row];
  const rows = at(head.rows, row);
  const offset = head.crosses || run.loop ? 0 : first;
  return {
    head,
    rows: rows === null ? null : rows.map((place) => place + offset),
    count: at(head.count, row),
    score: at(head.score, row),
    margin: at(head.margin, row),
  };
}

function told(run, { head, rows, count }) {
  if (!count) return "no row";
  if (rows === null) return `all ${thousands(count)} rows that it sees`;
  const kind = head.crosses ? "encoder row" : "row";
  const more = count > rows.length ? ` and ${thousands(count - rows.length)} earlier` : "";
  return `${kind}${rows.length > 1 ? "s" : ""} ${rows.join(", ")}${more}`;
}

function line(run, each, row) {
  const { head, rows, score, margin } = each;
  const single = rows !== null && rows.length === 1 && !head.crosses && !run.loop;
  const cells = [head.layer + 1, head.name, head.rule, told(run, each),
    single ? run.token(rows[0]) : "", score, margin];
  return element("tr", { "data-head": head.name, "data-row": row },
    ...cells.map((cell, index) => index === 1
      ? element("th", { scope: "row" }, element("span", { class: "swatch", style: `background:${head.hue}` }), cell)
      : element("td", {}, shown(cell))));
}

function draw(run, svg, looks, row, width, goRow) {
  const here = run.rows.number[row];
  const [begin, end] = run.loop ? [0, run.rows.of[row] - 1] : [0, run.rows.number.length - 1];
  const room = Math.max(3, Math.floor(width / WIDTH));
  const first = Math.max(begin, Math.min(here - Math.ceil(room * 0.7) + 1, end - room + 1));
  const last = Math.min(end, first + room - 1);
  const x = (place) => (place - first + 0.5) * WIDTH;
  svg.replaceChildren();
  svg.setAttribute("width", width);
  svg.setAttribute("aria-label", `row ${here}: ${looks.map((each) => `${each.head.name} attends to ${told(run, each)}`).join("; ")}`);
  for (const each of looks) {
    if (each.head.crosses) continue;
    if (each.rows === null) {
      svg.append(span(each.head, x(Math.max(first, begin)), x(run.loop ? last : here)));
      continue;
    }
    for (const place of each.rows) {
      const to = place < first ? 4 : place > last ? width - 4 : x(place);
      svg.append(arc(each.head, x(here), to, place, (looks.indexOf(each) % HUES.length) * 7));
    }
  }
  for (let place = first; place <= last; place++) {
    const text = run.loop ? "" : run.token(place);
    const box = drawn("g", { class: place === here ? "token here" : "token", "data-place": place },
      drawn("rect", { x: x(place) - WIDTH / 2 + 2, y: BASE, width: WIDTH - 4, height: 22, rx: 4 }),
      drawn("text", { x: x(place), y: BASE + 15 }, short(text || place)),
      drawn("text", { x: x(place), y: BASE + 35, class: "number" }, text ? place : ""),
      drawn("title", {}, `row ${place}${text ? `: ${text}` : ""}`));
    if (!run.loop) box.addEventListener("click", () => goRow(place));
    svg.append(box);
  }
}

// `lift` keeps the arcs of several heads apart.
function arc(head, from, to, place, lift) {
  const rise = Math.min(BASE - 32, 24 + Math.abs(from - to) * 0.25) + lift;
  const d = from === to
    ? `M ${from - 9} ${BASE} C ${from - 24} ${BASE - 40 - lift} ${from + 24} ${BASE - 40 - lift} ${from + 9} ${BASE}`
    : `M ${from} ${BASE} C ${from} ${BASE - rise} ${to} ${BASE - rise} ${to} ${BASE}`;
  return drawn("g", {}, drawn("path", { class: "arc", d, stroke: head.hue, "data-head": head.name, "data-place": place }),
    drawn("title", {}, `${head.name} → row ${place}`));
}

// All rows that are seen, by one line above them.
function span(head, from, to) {
  const d = `M ${from - WIDTH / 2 + 4} ${BASE - 7} H ${to + WIDTH / 2 - 4}`;
  return drawn("g", {}, drawn("path", { class: "arc every", d, stroke: head.hue, "data-head": head.name }),
    drawn("title", {}, `${head.name}: every row that it sees`));
}

function short(text) {
  const letters = [...String(text)];
  return letters.length > 8 ? `${letters.slice(0, 7).join("")}…` : letters.join("");
}
