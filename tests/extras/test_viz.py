"""What draws with matplotlib draws: stored pictures, the values behind them, and the examples.

A picture that is missing or differs: look at the one that the test names, and if it is right, copy
it to tests/extras/images.
"""

from __future__ import annotations

import doctest
import json
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from pkgutil import iter_modules

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure as Sheet
from matplotlib.testing.compare import compare_images
from treescope import lowering

import tmsim
from tmsim import viz
from tmsim.cli import main
from tmsim.elicit.experiments import Curve, Figure, Result, c2
from tmsim.elicit.experiments.page import page
from tmsim.elicit.experiments.record import load as record
from tmsim.machines import TuringMachine, initial, load, steps_from
from tmsim.proofs import Columns
from tmsim.simulation import Simulation
from tmsim.trace import Trace
from tmsim.viz import plots

IMAGES = Path(__file__).parent / "images"
TOLERANCE = 2.0
"""Root of the mean square difference of the pixels, of 255: room for another version's letters."""
HEAD = "blocks.2.attn.latest[0]"
HORIZONS = {
    "first": {"float32": {"bb5": [None, 500], "sweeper": [290, 500]}, "float16": {"bb5": [1, 500]}},
    "second": {"bfloat16": {"bb5": [60, 300], "sweeper": [None, 300]}},
}
FIGURE = Figure(
    "V", "needed examples", [
        Curve("measured", [2, 8, 32, 128], [90, 250, 760, 2500], False, [80, 120, 440, 2300],
              [130, 300, 840, 2700]),
        Curve("V/ε², as stated", [2, 8, 32, 128], [200, 800, 3200, 12800], line=True),
    ], log_x=True, log_y=True,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _plain_style() -> Iterator[None]:
    with matplotlib.rc_context():
        matplotlib.use("agg")
        matplotlib.rcdefaults()
        yield


@pytest.fixture(scope="module")
def run() -> Simulation:
    return tmsim.simulate("bb3", activations=("all",))


def taken(name: str, count: int) -> Trace:
    machine = load(name).machine
    return Trace.from_steps(machine, islice(steps_from(machine, initial(machine)), count))


PICTURES: dict[str, Callable[[Simulation], Axes]] = {
    "space_time": viz.space_time,
    "space_time_blocks": lambda run: viz.space_time(taken("bb5", 4000), pixels=(100, 30)),
    "attention": lambda run: viz.attention(run, HEAD),
    "registers": lambda run: viz.registers(run, "blocks.2.resid_post"),
    "weights": lambda run: viz.weights(run, f"{HEAD}.W_K"),
    "horizons": lambda run: viz.horizons(HORIZONS),
    "bounds": lambda run: viz.bounds(FIGURE),
    "state_diagram": lambda run: viz.state_diagram(load("palindrome").machine),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_the_stored_one(name: str, run: Simulation, tmp_path: Path) -> None:
    drawn, kept = tmp_path / f"{name}.png", IMAGES / f"{name}.png"
    figure = PICTURES[name](run).figure
    assert isinstance(figure, Sheet)
    figure.savefig(drawn, dpi=50, metadata={"Software": None})
    assert kept.exists(), f"{drawn} has nothing to compare with"
    assert kept.stat().st_size < 60_000
    told = compare_images(str(kept), str(drawn), tol=TOLERANCE)
    assert told is None, told


@pytest.mark.parametrize("name", PICTURES)
def test_axes_that_are_given_are_drawn_on(name: str, run: Simulation) -> None:
    plots_into = Sheet().add_subplot()
    drawn = {
        "space_time": lambda ax: viz.space_time(run, ax=ax),
        "space_time_blocks": lambda ax: viz.space_time(run, pixels=(3, 3), ax=ax),
        "attention": lambda ax: viz.attention(run, HEAD, ax=ax),
        "registers": lambda ax: viz.registers(run, "blocks.0.resid_mid", ax=ax),
        "weights": lambda ax: viz.weights(run, "W_stop", ax=ax),
        "horizons": lambda ax: viz.horizons(HORIZONS, ax=ax),
        "bounds": lambda ax: viz.bounds(FIGURE, ax=ax),
        "state_diagram": lambda ax: viz.state_diagram(run.machine, ax=ax),
    }
    assert drawn[name](plots_into) is plots_into
    assert not pyplot.get_fignums(), "no figure of its own"


def test_the_dots_are_the_rows_that_wrote_the_cell_last(run: Simulation) -> None:
    [dots] = [c for c in viz.attention(run, HEAD).collections if isinstance(c, PathCollection)]
    found = {int(y): int(x) for x, y in np.asarray(dots.get_offsets())}
    last: dict[int, int] = {}
    for time_, head in enumerate(
        [*(step.heads[0] for step in run.trace.rows()), run.final.heads[0]]
    ):
        # Row t stands after step t; a cell that was not written is the row of the prompt's.
        assert found[time_] == last.get(head, 0)
        last[head] = time_ + 1


def test_a_million_steps_are_drawn_in_two_seconds() -> None:
    count, random = 10**6, np.random.default_rng(0)
    machine = load("bb3").machine
    written, moved = random.integers(0, 2, count), random.choice(3, count, p=[0.3, 0.1, 0.6])
    trace = Trace.of(machine, Columns(np.zeros(count), [written], [written], [moved]), 0, [0])
    began = time.process_time()
    figure = viz.space_time(trace).figure
    assert isinstance(figure, Sheet)
    figure.canvas.draw()
    assert time.process_time() - began < 2


REFUSED: dict[str, Callable[[Simulation], object]] = {
    "space_time: tape 1; expected 0 … 0": lambda run: viz.space_time(run, tape=1),
    "pixels \\(0, 5\\)": lambda run: viz.space_time(run, pixels=(0, 5)),
    "'blocks.9.pattern' was not captured": lambda run: viz.attention(run, "blocks.9"),
    "register 'x': expected one of null": lambda run: viz.registers(run, "blocks.0.resid_mid", "x"),
    "matrix 'W': expected one of": lambda run: viz.weights(run, "W"),
    "horizons: nothing was measured": lambda run: viz.horizons({}),
    "m: format 'int8'": lambda run: viz.horizons({"m": {"int8": {}}}),
    "a figure without curves": lambda run: viz.bounds({"curves": []}),
}


@pytest.mark.parametrize("told", REFUSED)
def test_what_cannot_be_drawn_is_said_in_one_line(told: str, run: Simulation) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        REFUSED[told](run)
    assert "\n" not in str(refused.value)


def test_names_are_no_formulas() -> None:
    odd = TuringMachine.one_tape({("$x$", "$"): ("a_1", "$", "R")}, start="$x$", blank="$")
    figure = viz.state_diagram(odd).figure
    assert isinstance(figure, Sheet)
    figure.canvas.draw()
    assert {"$x$", "a_1", "$ → $ R"} == {text.get_text() for text in figure.axes[0].texts}


@pytest.mark.parametrize("module", [m.name for m in iter_modules(plots.__path__)])
def test_the_examples(module: str) -> None:
    assert doctest.testmod(import_module(f"tmsim.viz.plots.{module}")).failed == 0


def test_the_page_of_plots(root: Path) -> None:
    tried = doctest.testfile(str(root / "docs/pages/plots.md"), module_relative=False)
    assert tried.attempted and not tried.failed


def test_all_matrices_in_a_notebook(run: Simulation) -> None:
    shown = lowering.render_to_html_as_root(viz.named_weights(run).treescope_part)
    assert all(name in shown for name in (f"{HEAD}.W_Q", "blocks.2.mlp.0.W_out", "W_stop"))
    assert all(name in shown for name in ("next_state[1]", "moved[0][2]", "no_transition"))


@pytest.mark.parametrize(
    "task", [("text", "--vocab", "8", "--source", "zipf"), ("linear", "--dim", "4")]
)
def test_the_sizes_are_drawn(task: tuple[str, ...], tmp_path: Path) -> None:
    figure = tmp_path / "sizes.svg"
    argv = ["bounds", *task, "--eps", "0.2", "--delta", "0.1", "--plot", str(figure)]
    assert main(argv) == 0
    drawn = figure.read_text(encoding="utf-8")
    assert "<svg" in drawn and drawn.count("<path") > 20


def test_an_experiment_prints_draws_and_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"n": 3, "expected": 0.5, "measured": 0.4}
    result = Result("c2", "A title", "Is it so?", "the population", "simplex", (row,),
                    rule="equal", verdict="refuted", passed=True, figure=FIGURE)  # fmt: skip
    monkeypatch.setattr(c2, "run", lambda *, quick, seed: result)
    written = tmp_path / "told.md"
    options = ["--plot", str(tmp_path / "plots"), "--page", str(written)]
    assert main(["experiment", "C2", "--quick", *options]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("C2  A title\nIs it so?\n")
    assert "verdict        refuted" in printed
    assert (tmp_path / "plots/c2.svg").stat().st_size > 1000
    kept = record(tmp_path / "told.json")
    assert written.read_text(encoding="utf-8") == page(kept, {"c2": "plots/c2.svg"})
    assert main(["experiment", "c2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["rows"][0]["n"] == 3
