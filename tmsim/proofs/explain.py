"""Reads a Program as equations and register tables, for a terminal, a paper or a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tmsim.proofs.explain_forms import LATEX, TEXT, Notation, Writer, latex_text
from tmsim.proofs.explain_layers import (
    feedback_latex,
    feedback_lines,
    head_latex,
    head_text,
    layer_writer,
    neuron_lines,
    norm_latex,
    norm_text,
    stop_latex,
    stop_text,
)
from tmsim.proofs.program import Head, Layer, Neuron, Program
from tmsim.proofs.stream import Stream

COLUMNS = 100
HEADINGS = ("register", "kind", "size", "written by")


def equation(part: Head | Neuron, stream: Stream | None = None, notation: Notation = TEXT) -> str:
    r"""One head or neuron as an equation; with the stream, whole registers are written by name.

    In the notation LATEX a head is a complete `aligned` environment.

    >>> from tmsim.proofs import Average, Head, Neuron, Stream
    >>> s = Stream()
    >>> seen, copied, on = s.one_hot("seen", 3), s.one_hot("copied", 3), s.flag("on")
    >>> print(equation(Head("copy", [], [], seen, copied, Average()), s))
    v = seen → copied; average over rows up to its own
    >>> print(equation(Neuron(seen[2] + on - 1, copied[0])))
    relu(seen[2] + on - 1) → copied[0]
    """
    writer = Writer(notation, *([] if stream is None else [stream]))
    if isinstance(part, Neuron):
        return writer.neurons([part])
    return head_text(part, writer) if notation is not LATEX else _aligned(head_latex(part, writer))


def explain(program: Program) -> Explanation:
    """The program to be read: `.text()`, `.latex()`, or as the value of a notebook's cell.

    Coefficients that a machine gives stay entries of its tables, δ.table[…], until it is bound.

    >>> from tmsim.proofs import Average, Head, Layer, Program, Stream, Token
    >>> s = Stream()
    >>> x, mean = s.scalar("x"), s.scalar("mean")
    >>> layer = Layer("the mean so far", [Head("mean", [], [], [x], [mean], Average())])
    >>> print(explain(Program(s, [layer], [], Token(()), [], [])).text().splitlines()[5])
      head mean: v = x → mean; average over rows up to its own
    """
    return Explanation(program)


@dataclass(frozen=True)
class Explanation:
    """A program as equations and a table of its registers."""

    program: Program

    def registers(self) -> list[tuple[str, str, str, str]]:
        """A row per register: its name, kind, size, and what writes it."""
        rows = []
        for register in self.program.stream.registers.values():
            by = "; ".join(self._writers(register.name)) or "the prompt"
            rows.append((register.name, register.kind, str(register.size), by))
        return rows

    def _writers(self, name: str) -> Iterator[str]:
        for position in self.program.positions:
            if position.register == name:
                yield f"position {type(position).__name__}"
        for source, target in self.program.feedback.carry:
            if target.name == name:
                yield f"feedback of {source.name}"
        for where, layer in self._layers():
            if name in layer.written():
                yield where

    def _layers(self) -> Iterator[tuple[str, Layer]]:
        for i, layer in enumerate(self.program.encoder, 1):
            yield f"encoder layer {i}", layer
        for i, layer in enumerate(self.program.layers, 1):
            yield f"layer {i}", layer

    def text(self) -> str:
        """Plain text, at most 100 columns wide wherever a line can be broken."""
        return "\n".join([*self._table(), *self._body()])

    def _table(self) -> Iterator[str]:
        rows = [HEADINGS, *self.registers()]
        widths = [max(len(row[c]) for row in rows) for c in range(3)]
        for name, kind, size, by in rows:
            start = f"{name:<{widths[0]}}  {kind:<{widths[1]}}  {size:>{widths[2]}}  "
            yield from _wrapped(start + by, len(start))
        yield ""

    def _body(self) -> Iterator[str]:
        for where, layer in self._layers():
            yield from _wrapped(f"{where}: {layer.title}", 2)
            for line in self._layer_text(layer):
                yield from _wrapped(f"  {line}", 6)
            yield ""
        writer = Writer(TEXT, self.program.stream)
        if self.program.stops:
            yield "stops, tested in this order"
        for stop in self.program.stops:
            yield from _wrapped(f"  {stop_text(stop, writer)}", 6)
        for line in feedback_lines(self.program.feedback, writer):
            yield from _wrapped(line, 6)
        emits = ", ".join(register.name for register in self.program.emits)
        yield from _wrapped(f"emits {emits or 'nothing'}", 6)

    def _layer_text(self, layer: Layer) -> Iterator[str]:
        outside = Writer(TEXT, self.program.stream)
        if layer.norm is not None:
            yield norm_text(layer.norm, outside)
        writer = layer_writer(layer, outside)
        for head in layer.heads:
            yield f"head {head.name}: {head_text(head, writer)}"
        for line, count in neuron_lines(layer.neurons, writer):
            yield f"{count} neurons: {line}" if count > 1 else f"{'' if count else '  '}{line}"

    def latex(self) -> str:
        """A LaTeX fragment: an `aligned` environment in display math for each layer (amsmath)."""
        outside = Writer(LATEX, self.program.stream)
        blocks = []
        for where, layer in self._layers():
            blocks.append(_display(f"{where}: {layer.title}", self._layer_latex(layer, outside)))
        if self.program.stops:
            blocks.append(_display("stops", [stop_latex(s, outside) for s in self.program.stops]))
        if self.program.feedback.carry:
            title = f"feedback: {type(self.program.feedback).__name__}"
            blocks.append(_display(title, feedback_latex(self.program.feedback)))
        return "\n".join(blocks)

    def _layer_latex(self, layer: Layer, outside: Writer) -> Iterator[str]:
        if layer.norm is not None:
            yield norm_latex(layer.norm, outside)
        writer = layer_writer(layer, outside)
        for head in layer.heads:
            yield from head_latex(head, writer)
        for line, count in neuron_lines(layer.neurons, writer):
            if count:
                yield rf"&{line}" + (rf" \quad (\times {count})" if count > 1 else "")

    def _repr_latex_(self) -> str:
        return self.latex()

    def _repr_markdown_(self) -> str:
        # Not HTML, in which only some notebooks set equations: Markdown's are set in all of them.
        rule = ("---",) * len(HEADINGS)
        rows = [HEADINGS, rule, *(map(markdown, row) for row in self.registers())]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        return f"{table}\n\n{self.latex()}\n"


def markdown(text: str) -> str:
    """Text as it stands, for a line or a table's cell of Markdown.

    >>> markdown("here² <b>")
    'here² &#60;b&#62;'
    """
    return re.sub(r"[^\w .,;²³-]|_", lambda found: f"&#{ord(found.group())};", text)


def _wrapped(line: str, indent: int) -> list[str]:
    """The line, what exceeds the columns indented below it; spaces inside it are kept."""
    if len(line) <= COLUMNS:
        return [line.rstrip()]
    later = " " * min(indent, COLUMNS // 2)
    start = len(line) - len(line.lstrip())
    cut = line.rfind(" ", max(start, len(later)) + 1, COLUMNS + 1)
    cut = COLUMNS if cut < 0 else cut
    return [line[:cut].rstrip(), *_wrapped(later + line[cut:].strip(), indent)]


def _aligned(lines: Iterable[str]) -> str:
    rows = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"


def _display(title: str, lines: Iterable[str]) -> str:
    heading = rf"&\textbf{{{latex_text(title)}}}"
    return f"$$\n{_aligned([heading, *lines])}\n$$"
