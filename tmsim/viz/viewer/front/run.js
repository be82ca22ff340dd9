// A run as the functions of time that the parts of the page draw.

export async function unpacked(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Run(JSON.parse(await new Response(stream).text()));
}

export function at(column, index) {
  return column.values[column.at ? column.at[index] : 0];
}

export class Run {
  constructor(data) {
    Object.assign(this, data);
    this.tapes = data.start.heads.length;
    this.writes = data.start.heads.map((_, tape) => this.#history(tape));
    this.rowsOf = Array.from({ length: this.steps + 1 }, () => []);
    this.rows.step.forEach((step, row) => this.rowsOf[step].push(row));
    // A step that is told by a row of an earlier one (two steps a row) is shown at that row.
    this.rowsOf.forEach((rows, step) => {
      if (!rows.length && step) rows.push(this.rowsOf[step - 1].at(-1));
    });
  }

  #history(tape) {
    const cells = new Map();
    const put = (cell, time, symbol) => {
      if (!cells.has(cell)) cells.set(cell, []);
      cells.get(cell).push([time, symbol]);
    };
    (this.start.words[tape] ?? []).forEach((symbol, cell) => put(cell, 0, symbol));
    const { head, write } = this.trace;
    for (let t = 0; t < this.steps; t++) put(head[tape][t], t + 1, write[tape][t]);
    return cells;
  }

  // After `step` steps: the state, each head's position, a cell's symbol.
  state(step) {
    return step ? this.trace.next_state[step - 1] : this.start.state;
  }

  head(step, tape) {
    if (!step) return this.start.heads[tape];
    return this.trace.head[tape][step - 1] + this.trace.move[tape][step - 1];
  }

  symbol(step, tape, cell) {
    const history = this.writes[tape].get(cell);
    if (!history || history[0][0] > step) return this.start.blank;
    let [low, high] = [0, history.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (history[middle][0] <= step) low = middle;
      else high = middle;
    }
    return history[low][1];
  }

  reach(tape) {
    let [low, high] = [this.head(0, tape), this.head(0, tape)];
    for (const cell of this.writes[tape].keys()) [low, high] = [Math.min(low, cell), Math.max(high, cell)];
    const last = this.head(this.steps, tape);
    return [Math.min(low, last), Math.max(high, last)];
  }

  stateName(step) {
    return this.states[this.state(step)] ?? `?${this.state(step)}`;
  }

  symbolName(symbol) {
    return this.symbols[symbol] ?? `?${symbol}`;
  }

  // The transition taken after `step` steps, in words; null at the end.
  transition(step) {
    if (step >= this.steps) return null;
    const names = (columns) => columns.map((column) => this.symbolName(column[step])).join(" ");
    const moves = this.trace.move.map((column) => "LSR"[column[step] + 1]).join(" ");
    const { state, next_state: next, read, write } = this.trace;
    const name = (index) => this.states[index] ?? `?${index}`;
    return `${name(state[step])}, ${names(read)} → ${names(write)}, ${moves}, ${name(next[step])}`;
  }

  // The cell that the latest step wrote.
  changed(step, tape) {
    return step ? this.trace.head[tape][step - 1] : null;
  }

  // What a row was given: the token that a row before it made.
  token(row) {
    const told = this.entered.filter((register) => this.token_of.includes(register.name));
    return told.map((register) => at(register, row) ?? "·").join(" ");
  }
}
