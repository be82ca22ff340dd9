"""Runs, weights and measurements as pictures.

Each plot returns a matplotlib Axes and takes one (`ax=`); without it, it makes a figure. Colours
are those that the colour-blind tell apart, on a light ground.
"""

from tmsim.viz.plots.attention import attention
from tmsim.viz.plots.bounds import bounds
from tmsim.viz.plots.horizons import horizons
from tmsim.viz.plots.named_weights import named_weights
from tmsim.viz.plots.registers import registers
from tmsim.viz.plots.space_time import space_time
from tmsim.viz.plots.state_diagram import state_diagram
from tmsim.viz.plots.weights import weights

__all__ = [
    "attention",
    "bounds",
    "horizons",
    "named_weights",
    "registers",
    "space_time",
    "state_diagram",
    "weights",
]
