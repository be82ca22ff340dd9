"""BENCHMARKS.md and the growth curve, from the JSON that pytest-benchmark writes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

Figure = Mapping[str, Any]

TITLES = {
    "decode": "Decoding: the 5-state busy beaver, token by token",
    "verify": "Verifying: the reference's rows, checked in blocks",
}
YARDSTICKS = {
    "xla": "a Turing machine as an XLA loop, without a trace: the limit",
    "python": "the plain Python reference, `tmsim.machines.run`",
    "dense": 'the same transformer with dense attention over 4,000 rows, `memory="scan"`',
}


def figures(kept: Path) -> list[Figure]:
    """What each benchmark told beside its times."""
    every = json.loads(kept.read_text(encoding="utf-8"))["benchmarks"]
    return [b["extra_info"] for b in every if "kind" in b["extra_info"]]


def slope(points: Iterable[tuple[float, float]]) -> float:
    """Of the least-squares line through (log x, log y).

    >>> round(slope([(1, 3), (10, 30), (100, 300)]), 6)
    1.0
    """
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x, mean_y = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    along = sum((x - mean_x) * (y - mean_y) for x, y in logs)
    return along / sum((x - mean_x) ** 2 for x, _ in logs)


def growth(told: Iterable[Figure]) -> list[tuple[int, float]]:
    """Steps and seconds a token of the decoder."""
    return sorted((f["rows"], 1 / f["per_second"]) for f in told if f["kind"] == "decode")


def write(kept: Path, plot: Path, page: Path) -> None:
    """The page of the figures kept in a JSON file."""
    about = json.loads(kept.read_text(encoding="utf-8"))
    page.write_text("\n".join(_lines(about, figures(kept), plot.name)) + "\n", encoding="utf-8")


def _lines(about: Mapping[str, Any], told: list[Figure], plot: str) -> Iterator[str]:
    machine = about["machine_info"]
    cpu = machine["cpu"]
    yield "# Benchmarks\n"
    yield (
        f"Measured on {about['datetime'][:10]} on {cpu.get('brand_raw', machine['machine'])},"
        f" {cpu.get('count', '?')} cores, {machine['system']}, Python {machine['python_version']}."
        " `python -m benchmarks` measures them again and writes this page;"
        " `benchmarks/figures.json` has every time.\n"
    )
    yardsticks = next((f["yardsticks"] for f in told if "yardsticks" in f), {})
    if yardsticks:
        yield "Yardsticks, measured in the same process, on the same machine:\n"
        rows = [(name, f"{speed:,}", YARDSTICKS[name]) for name, speed in yardsticks.items()]
        yield from _table(("yardstick", "steps/s", "what it is"), rows)
    for kind, title in TITLES.items():
        of_kind = [f for f in told if f["kind"] == kind]
        if not of_kind:
            continue
        yield f"## {title}\n"
        head = ("rows", "per second", *(f"of {name}" for name in YARDSTICKS))
        rows = [
            (f"{f['rows']:,}", f"{f['per_second']:,}",
             *(_number(f["ratios"][name]) for name in YARDSTICKS))
            for f in of_kind
        ]  # fmt: skip
        yield from _table(head, rows)
    curve = growth(told)
    if len(curve) > 1:
        yield (
            f"Log time a token against log steps has the slope {slope(curve):+.3f} from"
            f" {curve[0][0]:,} to {curve[-1][0]:,} steps.\n"
        )
        yield f"![Time a token against the number of steps](benchmarks/{plot})\n"
    many = [(b["name"], b["extra_info"]) for b in about["benchmarks"]]
    rows = [
        (f"`{name}`", f"{told['steps_per_second']:,}", _number(told["of_python"]))
        for name, told in many
        if "steps_per_second" in told
    ]
    if rows:
        yield "## Batches: many machines at once\n"
        yield from _table(("benchmark", "machine-steps/s", "of python"), rows)
    yield "## Memory and start-up\n"
    peaks = [(f"{f['rows']:,}", f"{f['peak_mib']:,}") for f in told if f["kind"] == "memory"]
    yield from _table(("steps, checked", "peak resident MiB"), peaks)
    starts = [(f["when"], f"{f['seconds']:.2f}") for f in told if f["kind"] == "start"]
    yield from _table(("`tmsim run bb4`, and commands that run nothing", "seconds"), starts)


def _number(ratio: float) -> str:
    return f"{ratio:,.1f}" if ratio >= 10 else f"{ratio:.3g}"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def draw(kept: Path, plot: Path) -> None:
    """Nanoseconds a token against steps, with the yardsticks as lines. Needs the extra `viz`."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    told = figures(kept)
    curve = growth(told)
    if not curve:
        return
    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    axes.loglog([n for n, _ in curve], [1e9 * s for _, s in curve], "o-", label="decoding")
    yardsticks = next((f["yardsticks"] for f in told if "yardsticks" in f), {})
    for style, (name, speed) in zip(("-", "--", ":"), yardsticks.items(), strict=False):
        axes.axhline(1e9 / speed, linestyle=style, color="grey", label=name)
    axes.set_xlabel("steps of the 5-state busy beaver")
    axes.set_ylabel("nanoseconds a token")
    axes.legend()
    figure.savefig(plot, dpi=120)
    pyplot.close(figure)
