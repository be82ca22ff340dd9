"""Affine forms and neurons as equations, in plain text or in LaTeX.

Forms that differ only in their indices are written once: the coordinates of a register by its
name, a table's neurons by one pattern whose varying indices are letters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from string import ascii_lowercase

from tmsim.proofs.affine import Affine, Coordinate, Leaf
from tmsim.proofs.program import Neuron
from tmsim.proofs.stream import Stream

Label = Callable[[str, tuple[int, ...]], str | None]
"""How a term's index is written, given its indices in each of the forms that are written as one;
None where it stands for the whole register."""


class Notation:
    """Plain text."""

    dot, arrow, and_so_on = "·", "→", ".."

    def register(self, name: str, index: str | None = None) -> str:
        return name if index is None else f"{name}[{index}]"

    def table(self, name: str, index: Sequence[str]) -> str:
        """The machine's entry, or row of entries, `index` of its table `name`."""
        return f"δ.{name}[{', '.join(index)}]" if index else f"δ.{name}"

    def number(self, x: int | Fraction) -> str:
        return str(x)

    def total(self, register: str) -> str:
        return f"Σ {register}"

    def vector(self, parts: Sequence[str]) -> str:
        return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"

    def activation(self, name: str, form: str) -> str:
        return f"{name}({form})"


_ESCAPED = {
    "\\": r"\backslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\wedge{}", "$": r"\$",
    "%": r"\%", "&": r"\&", "#": r"\#", "~": r"\sim{}", " ": r"\ ", "<": r"{<}", ">": r"{>}",
}  # fmt: skip
_GREEK = {
    letter: rf"\{name.title() if letter.isupper() else name}{{}}"
    for letter in "αβγδεζηθικμνξπρστυφχψωΓΔΘΞΠΣΦΨΩ"
    for name in [unicodedata.name(letter).rpartition(" ")[2].lower()]
}
_MATH = _GREEK | {
    "λ": r"\lambda{}", "Λ": r"\Lambda{}", "²": "^{2}", "³": "^{3}", "×": r"\times{}",
}  # fmt: skip
_ESCAPED |= _MATH


def latex_name(name: str) -> str:
    """A register's name for LaTeX's math mode."""
    return "".join(_ESCAPED.get(letter, letter) for letter in name)


def latex_text(words: str) -> str:
    """Words for LaTeX's text mode; what only math mode can show is put there."""
    math = {x: f"${shown}$" for x, shown in _ESCAPED.items() if x in r"\^~<>" or x in _MATH}
    return "".join(x if x == " " else math.get(x) or _ESCAPED.get(x, x) for x in words)


class LatexNotation(Notation):
    """LaTeX, math mode."""

    dot, arrow, and_so_on = r" \cdot ", r"\longrightarrow", r"\ldots "

    def register(self, name: str, index: str | None = None) -> str:
        shown = rf"\mathit{{{latex_name(name)}}}"
        return shown if index is None else f"{shown}_{{{index}}}"

    def table(self, name: str, index: Sequence[str]) -> str:
        below = f"_{{{', '.join(index)}}}" if index else ""
        return rf"\delta^{{\mathit{{{latex_name(name)}}}}}{below}"

    def number(self, x: int | Fraction) -> str:
        if x.denominator == 1:
            return str(x)
        return rf"{'-' if x < 0 else ''}\tfrac{{{abs(x.numerator)}}}{{{x.denominator}}}"

    def total(self, register: str) -> str:
        return rf"\textstyle\sum {register}"

    def vector(self, parts: Sequence[str]) -> str:
        separator = r",\, "
        return parts[0] if len(parts) == 1 else rf"\bigl({separator.join(parts)}\bigr)"

    def activation(self, name: str, form: str) -> str:
        return rf"\operatorname{{{name}}}\bigl({form}\bigr)"


TEXT, LATEX = Notation(), LatexNotation()


class Writer:
    """Writes forms over one stream, whose register sizes it needs to tell a whole register."""

    def __init__(self, notation: Notation = TEXT, *streams: Stream) -> None:
        self.notation = notation
        self.sizes = {n: r.size for stream in streams for n, r in stream.registers.items()}

    def form(self, affine: Affine) -> str:
        return self.forms([affine], _number)

    def forms(self, group: Sequence[Affine], label: Label) -> str:
        """Forms of one shape as a single form."""
        shown = self._terms(group, label)
        constant = group[0].constant
        if constant or not shown:
            shown.append(self.notation.number(constant))
        return " + ".join(shown).replace("+ -", "- ")

    def _terms(self, group: Sequence[Affine], label: Label) -> list[str]:
        terms = list(zip(*(form.terms.items() for form in group), strict=True))
        shown, t = [], 0
        while t < len(terms):
            (register, _), coefficient = terms[t][0]
            size = self.sizes.get(register, 1)
            span = terms[t : t + size]
            if size > 1 and len(span) == size and _spans(span, register, coefficient):
                shown.append(self._whole(span, label))
                t += size
            else:
                shown.append(self._term(terms[t], label))
                t += 1
        return shown

    def _whole(self, span: Sequence, label: Label) -> str:
        """A whole register: its sum with one coefficient, or a table's row times the register."""
        (register, _), coefficient = span[0][0]
        name = self.notation.register(register)
        if isinstance(coefficient, Leaf):
            rows = [k.index[:-1] for _, k in span[0]]
            return f"{self._table(coefficient, rows, label)}{self.notation.dot}{name}"
        return self._times(coefficient, self.notation.total(name))

    def _term(self, term: Sequence[tuple[Coordinate, int | Fraction | Leaf]], label: Label) -> str:
        (register, index), coefficient = term[0]
        indices = tuple(c.index for c, _ in term)
        shown = None if index < 0 else label(register, indices)
        name = self.notation.register(register, shown)
        if isinstance(coefficient, Leaf):
            rows = [k.index for _, k in term if isinstance(k, Leaf)]
            return f"{self._table(coefficient, rows, label)}{self.notation.dot}{name}"
        return self._times(coefficient, name)

    def _table(self, leaf: Leaf, rows: Sequence[tuple[int, ...]], label: Label) -> str:
        columns = [label("", column) or "·" for column in zip(*rows, strict=True)]
        return self.notation.table(leaf.name, columns)

    def _times(self, coefficient: int | Fraction, what: str) -> str:
        if abs(coefficient) == 1:
            return what if coefficient == 1 else f"-{what}"
        return f"{self.notation.number(coefficient)}{self.notation.dot}{what}"

    def vector(self, forms: Iterable[Affine]) -> str:
        """A vector of forms; runs over a register's coordinates are written as one."""
        parts: list[list[Affine]] = []
        for form in forms:
            if parts and _continues(parts[-1], form):
                parts[-1].append(form)
            else:
                parts.append([form])
        return self.notation.vector([self.forms(part, self._range) for part in parts])

    def _range(self, register: str, indices: tuple[int, ...]) -> str | None:
        low, high = indices[0], indices[-1]
        if low == high:
            return str(low)
        if low == 0 and high + 1 == self.sizes.get(register, 0):
            return None
        return f"{low}{self.notation.and_so_on}{high}"

    def neurons(self, group: Sequence[Neuron]) -> str:
        """Neurons of one shape as one pattern; indices that vary are letters."""
        letters: dict[tuple[int, ...], str] = {}

        def label(register: str, indices: tuple[int, ...]) -> str:
            del register
            if len(set(indices)) == 1:
                return str(indices[0])
            return letters.setdefault(indices, ascii_lowercase[len(letters) % 26])

        reads = self.forms([n.reads.affine for n in group], label)
        shown = self.notation.activation(group[0].activation.name, reads)
        gates = [n.gate.affine for n in group if n.gate is not None]
        if gates:
            gate = self.forms(gates, label)
            alone = " + " not in gate and " - " not in gate and not gate.startswith("-")
            shown += self.notation.dot + (gate if alone else f"({gate})")
        writes = self.forms([n.writes.affine for n in group], label)
        return f"{shown} {self.notation.arrow} {writes}"


def _number(register: str, indices: tuple[int, ...]) -> str:
    del register
    return str(indices[0])


def _spans(span: Sequence, register: str, coefficient: int | Fraction | Leaf) -> bool:
    """Do these terms, the same in all forms, go through the register's coordinates in order?"""
    for i, term in enumerate(span):
        for coordinate, k in term:
            if coordinate != Coordinate(register, i) or _kind(k) != _kind(coefficient):
                return False
            if isinstance(k, Leaf) and (not k.index or k.index[-1] != i):
                return False
    return True


def _kind(coefficient: int | Fraction | Leaf) -> int | Fraction | str:
    return coefficient.name if isinstance(coefficient, Leaf) else coefficient


def shape(form: Affine) -> tuple:
    """What a form is up to its indices."""
    return (*((c.register, _kind(k)) for c, k in form.terms.items()), form.constant)


def neuron_shape(neuron: Neuron) -> tuple:
    """What a neuron is up to its indices."""
    gate = None if neuron.gate is None else shape(neuron.gate.affine)
    return neuron.activation, shape(neuron.reads.affine), gate, shape(neuron.writes.affine)


def _indices(form: Affine) -> list[int]:
    places = [c.index for c in form.terms]
    return places + [i for k in form.terms.values() if isinstance(k, Leaf) for i in k.index]


def _continues(run: Sequence[Affine], form: Affine) -> bool:
    """Is `form` the next of the run: the same indices each raised by 1, or kept, as before?"""
    if shape(run[-1]) != shape(form):
        return False
    steps = [b - a for a, b in zip(_indices(run[-1]), _indices(form), strict=True)]
    if not set(steps) <= {0, 1} or 1 not in steps:
        return False
    before = run[-2:] if len(run) > 1 else (run[-1], form)
    return steps == [b - a for a, b in zip(*map(_indices, before), strict=True)]
