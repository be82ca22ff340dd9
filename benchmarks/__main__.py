"""Run the benchmarks, keep the figures as JSON, draw the growth curve, and write BENCHMARKS.md.

python -m benchmarks            # all but the constructions' speeds; a few minutes
python -m benchmarks FILE.json  # only write the page again, of figures kept earlier
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.report import draw, write

HERE = Path(__file__).parent
FIGURES, PLOT, PAGE = HERE / "figures.json", HERE / "growth.png", HERE.parent / "BENCHMARKS.md"


def main(argv: list[str]) -> int:
    kept = Path(argv[0]) if argv else FIGURES
    if not argv:
        tests = sorted(str(path) for path in HERE.glob("test_*.py"))
        tests.remove(str(HERE / "test_constructions.py"))
        # -n 0: a benchmark beside another would be measured with it.
        told = pytest.main([*tests, "-n", "0", "-q", f"--benchmark-json={kept}"])
        if told:
            return int(told)
    draw(kept, PLOT)
    write(kept, PLOT, PAGE)
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
