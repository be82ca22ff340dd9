"""A page for each construction: its file's text, its claim, what was measured, its equations.

Nothing is typed here: the paragraphs are the module's docstring, the figures those of the `Claim`,
the equations those that `tmsim explain` prints.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Sequence

from tmsim import catalogue
from tmsim.machines import TuringMachine
from tmsim.measure import findings
from tmsim.measure.ledger import Entry, ledger
from tmsim.proofs import Bounds, Construction, Frame
from tmsim.proofs.construction import SHOWN
from tmsim.proofs.explain import explain

FRAMES = (SHOWN, Frame(8, 2, 1, Bounds(1022, 1022)), Frame(8, 2, 1, Bounds(10**6, 10**6)))
HEADED = re.compile(r"^(Departures|Precision|Bounds)[.:] ")
SPECIAL = re.compile(r"([\\*_<>\[\]|#])")


def page(name: str) -> str:
    """The construction's page, in Markdown. Raises ValueError as `tmsim.catalogue.find` does.

    >>> print(*page("tzamos_2026").splitlines()[:3], sep="\\n")
    # tzamos_2026
    <BLANKLINE>
    **A causal decoder with token feedback: the tape is what the past tokens wrote.**
    """
    construction = catalogue.find(name)
    [entry] = ledger([name])
    parts = [f"# {name}", *_text(construction), *_claim(construction, entry), *_sizes(construction)]
    parts += [*_measured(name, entry), *_equations(name, construction), *_cite(name, construction)]
    return "\n\n".join(parts) + "\n"


def index() -> str:
    """A table of all constructions, each with a link to its page beside `constructions.md`."""
    rows = [
        (f"[{entry.id}](constructions/{entry.id}.md)", entry.model, entry.transformer,
         entry.scaling, escaped(entry.statement))
        for entry in ledger()
    ]  # fmt: skip
    return table(("construction", "simulates", "network", "grows with the run", "claim"), rows)


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table.

    >>> print(table(("a", "b"), [("1", "2")]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    """Plain text as Markdown that shows it; what stands in backquotes is code already.

    >>> escaped("W_Q of `x_i`, |x| < 2")
    'W\\\\_Q of `x_i`, \\\\|x\\\\| \\\\< 2'
    """
    parts = re.split(r"(``.*?``|`[^`]*`)", text, flags=re.DOTALL)
    return "".join(p if p.startswith("`") else SPECIAL.sub(r"\\\1", p) for p in parts)


def _text(construction: Construction) -> Iterator[str]:
    """The file's docstring: paragraphs, the table of symbols as it stands, departures as a list."""
    module = sys.modules[type(construction).__module__]
    title, *paragraphs = (inspect.getdoc(module) or "").split("\n\n")
    yield f"**{escaped(title)}**"
    for paragraph in paragraphs:
        headed = HEADED.match(paragraph)
        if re.match(r"\w+ +\| ", paragraph):
            yield f"```text\n{paragraph}\n```"
        elif headed is None:
            yield escaped(paragraph)
        else:
            yield f"## {headed[1]}"
            yield _numbered(paragraph[headed.end() :])


def _numbered(text: str) -> str:
    """A paragraph whose sentences are numbered (1), (2), … as a list; any other as it is."""
    words = " ".join(text.split())
    if not words.startswith("(1) ") or words.startswith("(1) to "):
        return escaped(words)
    items = re.split(r"(?:^| )\(\d+\) ", words)[1:]
    return "\n".join(f"{i}. {escaped(item)}" for i, item in enumerate(items, 1))


def _claim(construction: Construction, entry: Entry) -> Iterator[str]:
    claim = construction.claim
    yield "## The claim"
    yield f"{escaped(claim.statement[0].upper() + claim.statement[1:])}."
    yield table(("", ""), [
        ("simulates", entry.model + (f", tapes {claim.tapes}" if turing(construction) else "")),
        ("network", entry.transformer),
        ("what is fed back", f"{entry.decoding}; context: {entry.context}"),
        ("rows per step", escaped(claim.tokens_per_step)),
        ("grows with the run", ", ".join(claim.grows_with)),
        ("attention rules", ", ".join(f"`{rule}`" for rule in claim.rules)),
        ("number formats", ", ".join(_guarantee(construction, d) for d in claim.dtypes)),
    ])  # fmt: skip


def turing(construction: Construction) -> bool:
    """Is its model the Turing machine itself?"""
    return issubclass(construction.model, TuringMachine)


def _guarantee(construction: Construction, dtype: str) -> str:
    limits = construction.claim.exact_to.get(dtype, {})
    told = ", ".join(f"{what} {limit:,}" for what, limit in limits.items())
    return f"`{dtype}` " + (f"(to {told})" if told else "(any length)")


def _sizes(construction: Construction) -> Iterator[str]:
    size = construction.claim.size
    heading = ["states, symbols, tapes; steps, cells", *size(SHOWN)]
    rows = [
        (f"{f.states}, {f.symbols}, {f.tapes}; {f.bounds.steps:,}, ±{f.bounds.cells:,}",
         *(f"{value:,}" for value in size(f).values()))
        for f in FRAMES
    ]  # fmt: skip
    yield "## Sizes"
    if not turing(construction):
        counted = inspect.getdoc(type(construction)) or ""
        yield f"What is counted as states, symbols and tapes is the model's. {escaped(counted)}"
    yield table(heading, rows)
    source = inspect.getsource(size).rstrip()
    yield f'??? note "The formulas"\n\n    ```python\n{_indented(source)}\n    ```'


def _measured(name: str, entry: Entry) -> Iterator[str]:
    kept = findings.stored(name)
    yield "## What was measured"
    yield "\n".join(f"- {escaped(said)}" for said in (*entry.status, *entry.hypotheses))
    if kept is None or not kept.horizons:
        return
    rows = [
        (f"`{dtype}`", path, "none found" if first is None else f"{first:,}", f"{tried:,}")
        for dtype, paths in kept.horizons.items()
        for path, (first, tried) in paths.items()
    ]
    yield "Where arithmetic fails when nothing stops the run at the end of its guarantee:"
    yield table(("number format", "the head's path", "first wrong step", "steps tried"), rows)
    yield f"Measured on {kept.measured} with JAX {kept.jax}."


def _equations(name: str, construction: Construction) -> Iterator[str]:
    explanation = explain(construction.program(SHOWN)).text()
    yield "## The proof as equations"
    yield (
        f"As `tmsim explain {name}` prints them, for a machine of two states and two symbols and "
        "bounds that show the pattern; `--latex` writes them for a paper."
    )
    yield f'??? note "Registers, layers, stops"\n\n    ```text\n{_indented(explanation)}\n    ```'


def _cite(name: str, construction: Construction) -> Iterator[str]:
    yield "## Cite"
    yield f"{escaped(str(construction.citation))}."
    yield f"```bibtex\n{construction.citation.bibtex(name)}\n```"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
