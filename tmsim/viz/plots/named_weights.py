"""All matrices of a transformer in a notebook, with the registers' names."""

from __future__ import annotations

from typing import Any

from tmsim.emulation import Emulation
from tmsim.engine.transformer import Transformer
from tmsim.export.needs import needed
from tmsim.simulation import Simulation
from tmsim.viz.matrices import Matrix, matrices, weights_of


def named_weights(source: Transformer | Simulation | Emulation) -> Any:
    """A list of all matrices to unfold; the names of an entry's row and column show on hovering.

    `source` is a transformer, or the run that one made. Drawn by treescope (D. Johnson, arXiv
    2408.00211): the value of a notebook's cell. Raises ValueError where treescope is not installed.

    >>> import tmsim
    >>> from treescope.lowering import render_to_text_as_root
    >>> figure = named_weights(tmsim.simulate("bb2"))
    >>> print(render_to_text_as_root(figure.treescope_part).splitlines()[2])
    blocks.0.mlp.0.W_in  [28 x 1: register, neuron]
    """
    figures, parts = needed("treescope.figures", "viz"), needed("treescope.rendering_parts", "viz")
    folded = [
        parts.build_custom_foldable_tree_node(
            label=parts.text(
                f"{name}  [{len(m.rows)} x {len(m.columns)}: {m.row_axis}, {m.column_axis}]"
            ),
            contents=parts.fold_condition(
                expanded=parts.indented_children([_drawn(m).treescope_part])
            ),
        ).renderable
        for name, m in matrices(weights_of(source)).items()
        if m.values.size
    ]  # fmt: skip
    return figures.figure_from_treescope_rendering_part(parts.on_separate_lines(folded))


def _drawn(matrix: Matrix) -> Any:
    return needed("treescope", "viz").render_array(
        matrix.values, rows=(0,), columns=(1,), around_zero=True, trim_outliers=False,
        axis_labels={0: matrix.row_axis, 1: matrix.column_axis},
        axis_item_labels={0: list(matrix.rows), 1: list(matrix.columns)},
    )  # fmt: skip
