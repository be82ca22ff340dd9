// Every register's value, layer by layer, and whether the layer's lemma holds.

import { element, shown } from "./dom.js";
import { at } from "./run.js";

const OPEN = 12;

export function layers(run) {
  const parts = [part("given to the row", run.entered, null, true),
    ...run.layers.map((layer, index) =>
      part(`${index + 1}. ${layer.title}`, layer.registers, layer.ensures, run.layers.length <= OPEN))];
  const node = element("section", { class: "layers", "aria-label": "registers and lemmas" },
    element("h2", {}, "Registers, layer by layer"), ...parts.map((each) => each.node));
  return { node, show: ({ row }) => parts.forEach((each) => each.show(row)) };
}

function part(title, registers, ensures, open) {
  const values = registers.map((register) => element("dd", { "data-register": register.name }));
  const verdict = element("span", { class: "verdict" });
  const list = element("dl", {}, ...registers.flatMap((register, index) => [
    element("div", {}, element("dt", {}, register.name), values[index])]));
  const node = element("details", { open }, element("summary", {}, title, verdict), list);
  return {
    node,
    show(row) {
      registers.forEach((register, index) => {
        const value = at(register, row);
        values[index].textContent = shown(value);
        values[index].classList.toggle("zero", value === null || value === "0" || value === 0);
      });
      if (ensures === null) return;
      const held = at(ensures, row);
      verdict.className = held === true ? "verdict holds" : held === null ? "verdict" : "verdict fails";
      verdict.textContent = held === true ? "✓ lemma holds" : held === null ? "no lemma here" : `✗ ${held}`;
    },
  };
}
