"""Programs written as text, LaTeX and Markdown."""

from __future__ import annotations

import re
from fractions import Fraction
from html import unescape

import pytest

from tests.proofs.toys import (
    copies_latest,
    counter,
    one_layer,
    ring,
    vector_counter,
    with_leaves,
)
from tmsim import catalogue
from tmsim.outcome import Outcome
from tmsim.proofs import (
    ONE,
    Average,
    Binary,
    Bounds,
    ClippedDot,
    Frame,
    Head,
    Layer,
    Limit,
    NegAbsDot,
    Neuron,
    Past,
    Prefix,
    PreNorm,
    Program,
    Softmax,
    Stream,
    Sum,
    Token,
    Unique,
)
from tmsim.proofs.explain import COLUMNS, equation, explain
from tmsim.proofs.explain_forms import LATEX, latex_name, latex_text
from tmsim.proofs.gadgets import total


def awkward() -> Program:
    """Names, norms, rules and limits that are hard to write well."""
    s = Stream()
    x, y = s.scalar("here²[0]_{50%}"), s.scalar("<script>alert(1)</script>")
    code, read, other = s.code("code", 4), s.scalar("a & b"), s.scalar("c^~\\#$")
    view = Stream()
    v = [view.scalar("v"), view.scalar("w")]
    heads = [
        Head(
            "p",
            [*code],
            [*code],
            [x],
            [read],
            Softmax(Fraction(1, 2), Fraction(1)),
            NegAbsDot(decimals=3),
        ),
        Head("q", [x], [x], [y], [other], Unique(), ClippedDot(), Past(strict=True, window=2)),
    ]
    out, cross = s.scalar("out"), s.scalar("cross")
    norm = PreNorm(view, [x - Fraction(1, 3) * y, -y], unit=True, eps=Fraction(1, 10))
    return Program(
        s,
        [
            Layer("heads: 100% of the $-rows & {more}", heads),
            Layer("φ <b>", neurons=[Neuron(v[0], out, gate=v[1] - 1)], norm=norm),
            Layer("cross", [Head("r", [], [], [x], [cross], Sum(), visible=Prefix())]),
        ],
        [Binary("code", 4, signed=True)],
        Token(()),
        [Limit(Outcome.out_of_precision, x, (("float32", 100), ("float64", Fraction(7, 2))))],
        [],
    )


PROGRAMS = [counter(), vector_counter(), ring(5), copies_latest(), with_leaves(), awkward()]
PROGRAMS += [with_leaves().bind({"next": {(0, 1, 0): 1, (1, 1, 1): 1}})]


@pytest.mark.parametrize("program", PROGRAMS)
def test_text_names_every_register_layer_head_and_stop_within_its_columns(program) -> None:
    text = explain(program).text()
    table, _, body = text.partition("\n\n")
    for name, register in program.stream.registers.items():
        assert re.search(rf"^{re.escape(name)} +{register.kind} +{register.size} ", table, re.M)
    for layer in program.layers:
        assert f": {layer.title}\n" in body
        assert all(f"head {head.name}:" in body for head in layer.heads)
    assert all(f"  {stop.outcome} when" in body for stop in program.stops)
    assert max(map(len, text.splitlines())) <= COLUMNS


@pytest.mark.parametrize("program", PROGRAMS)
def test_latex_is_balanced_and_names_every_layer(program) -> None:
    latex = explain(program).latex()
    bare = re.sub(r"\\[{}$%&#_\\]", "", latex)
    assert bare.count("{") == bare.count("}")
    depth = 0
    for letter in bare:
        depth += (letter == "{") - (letter == "}")
        assert depth >= 0
    assert latex.count(r"\begin{aligned}") == latex.count(r"\end{aligned}") >= len(program.layers)
    assert latex.count(r"\bigl(") == latex.count(r"\bigr)")
    assert bare.count("$") % 2 == 0
    assert "#" not in bare and "%" not in bare
    assert all(latex_text(layer.title) in latex for layer in program.layers)
    for block in re.findall(r"\\begin\{aligned\}(.*?)\\end\{aligned\}", latex, re.S):
        rows = re.sub(r"\\[{}$%&#_]", "", block).split("\\\\\n")
        assert all(row.count("&") == 1 for row in rows)


@pytest.mark.parametrize("name", catalogue.names())
def test_latex_of_a_construction_is_ascii(name: str) -> None:
    """LaTeX has no letter ψ in math mode: a name is spelt with commands."""
    program = catalogue.find(name).program(Frame(3, 2, 1, Bounds(4, 4)))
    latex = explain(program).latex()
    assert latex.isascii(), sorted(set(latex) - set(map(chr, range(128))))


@pytest.mark.parametrize("program", PROGRAMS)
def test_markdown_has_the_registers_as_they_are_called_and_the_equations(program) -> None:
    shown = explain(program)._repr_markdown_()
    table, _, equations = shown.partition("\n\n")
    head, rule, *rows = table.splitlines()
    assert (head.count("|"), set(rule)) == (5, set("|- "))
    found = [[unescape(cell).strip() for cell in row.split("|")[1:-1]] for row in rows]
    assert [tuple(row) for row in found] == explain(program).registers()
    assert not set("<>*_`[]\\$") & set("".join(rows)), "nothing that Markdown would read as its own"
    assert equations.strip() == explain(program).latex() == explain(program)._repr_latex_()


def test_similar_neurons_are_one_pattern_with_a_count_and_the_first_few() -> None:
    text = explain(with_leaves()).text()
    pattern = "6 neurons: relu(state[a] + seen[b] - 1) → δ.next[a, b]·entered"
    assert pattern in text
    assert "relu(state[0] + seen[2] - 1) → δ.next[0, 2]·entered" in text
    assert "relu(state[1] + seen[0] - 1)" not in text


def test_a_bound_program_shows_the_machines_numbers() -> None:
    text = explain(with_leaves().bind({"next": {(0, 1, 0): 1}})).text()
    assert "relu(state[0] + seen[1] - 1) → entered[0]" in text
    assert "δ." not in text


def test_the_table_says_who_writes_each_register() -> None:
    written = {row[0]: row[3] for row in explain(counter()).registers()}
    assert written == {"now": "feedback of following", "following": "layer 1"}
    by = {row[0]: row[3] for row in explain(awkward()).registers()}
    assert by["code"] == "position Binary" and by["a & b"] == "layer 1"
    assert by["here²[0]_{50%}"] == "the prompt" and by["cross"] == "layer 3"


def test_heads_are_written_by_their_registers() -> None:
    program = awkward()
    p, q = program.layers[0].heads
    assert equation(p, program.stream) == (
        "q = code, k = code, v = here²[0]_{50%} → a & b; softmax:1/2:1 of -|q·k| to 3 decimals"
        " over rows up to its own"
    )
    assert "unique of min(q·k, 2) over the last 2 rows before its own" in equation(q)
    assert equation(p).startswith("q = code[0..3], k = code[0..3]")
    s = Stream()
    bits, out, null = s.bits("b", 3), s.scalar("out"), s.flag("null")
    head = Head("h", [2 * b - 1 for b in bits], [ONE, *list(bits)[1:]], [null], [out], Average())
    assert equation(head, s).startswith("q = 2·b - 1, k = (1, b[1..2]), v = null → out")


def test_latex_of_a_head_is_an_aligned_environment() -> None:
    program = copies_latest()
    latex = equation(program.layers[0].heads[0], program.stream, LATEX)
    assert latex.startswith("\\begin{aligned}\nq_i &= \\bigl(2 \\cdot \\mathit{address} - 1")
    assert r"\operatorname{hardmax}^{\text{rightmost}}_{j \le i - 1}" in latex
    assert latex_name("a_b²") == r"a\_b^{2}"


def test_a_whole_register_is_summed_by_name() -> None:
    s = Stream()
    state, out = s.one_hot("state", 3), s.flag("out")
    neuron = Neuron(1 - total(*state), out)
    assert equation(neuron, s) == "relu(-Σ state + 1) → out"
    program = one_layer(s, Layer("none", neurons=[neuron]))
    assert r"-\textstyle\sum \mathit{state}" in explain(program).latex()
