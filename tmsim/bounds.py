"""How much room a run is given: bounds that start small and grow until the run ends inside them."""

from __future__ import annotations

from dataclasses import replace

from tmsim.outcome import Outcome
from tmsim.proofs import Bounds
from tmsim.proofs.claim import padded

FIRST_STEPS, STEPS_FACTOR = 1 << 10, 8
LOOP_CELLS, TABLE_CELLS = 1 << 5, 1 << 17
"""Cells of a table cost memory alone, some 13 MB a head; a run that outgrows them starts anew.
A busy beaver of T steps reaches about 2√T cells: within 2³¹ steps none of them need grow."""


def first_bounds(
    max_steps: int, reach: int, cells: int | None, *, loop: bool, keeps_rows: bool
) -> Bounds:
    """The bounds of the first attempt.

    A loop's cost grows with its cells; a decoder that keeps every row, with its steps. The others
    get the whole budget at once. Bounds are two less than a power of two, which leaves a position
    code its edges. `reach` is the farthest cell that the start configuration uses.
    """
    steps = min(max_steps, FIRST_STEPS - 2) if keeps_rows else max_steps
    steps = max(steps, 1)
    if cells is None:
        limit = LOOP_CELLS if loop else TABLE_CELLS
        cells = max(min(below(reach + steps), limit - 2), below(reach))
    return Bounds(steps, cells)


def below(reach: int) -> int:
    """The least 2ⁿ - 2 that is at least `reach` and not 0."""
    return max(padded(reach + 2), 4) - 2


def grown(bounds: Bounds, outcome: Outcome | None, max_steps: int, fixed_cells: bool):
    """Larger bounds where the run ended at these; None where they were not what ended it."""
    if outcome is Outcome.out_of_steps and bounds.steps < max_steps:
        steps = min((bounds.steps + 2) * STEPS_FACTOR - 2, max_steps)
        factor = 1 if fixed_cells else STEPS_FACTOR
        return Bounds(steps, (bounds.cells + 2) * factor - 2)
    if outcome is Outcome.out_of_cells and not fixed_cells:
        return replace(bounds, cells=(bounds.cells + 2) * 2 - 2)
    return None
