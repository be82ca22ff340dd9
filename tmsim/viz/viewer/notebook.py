"""The viewer in a notebook: Jupyter, VS Code and marimo show the same front end."""

from __future__ import annotations

from typing import Any

from tmsim.export.needs import needed
from tmsim.simulation import Simulation
from tmsim.viz.viewer.data import data
from tmsim.viz.viewer.html import packed, script, style

RENDER = """
export default {
  async render({ model, el }) {
    const root = document.createElement("div");
    root.tabIndex = 0;
    el.append(root);
    return await view(root, model.get("packed"), root);
  },
};
"""


def widget(run: Simulation) -> Any:
    """The run as an anywidget; its keys are heard where it has the focus.

    Raises ValueError where anywidget is not installed, and for a run that cannot be shown row by
    row: see :func:`tmsim.viz.viewer.captured.passes`.
    """
    anywidget, traitlets = (needed(name, "notebooks") for name in ("anywidget", "traitlets"))

    class Viewer(anywidget.AnyWidget):
        _esm = script() + RENDER
        _css = style()
        packed = traitlets.Unicode().tag(sync=True)

    return Viewer(packed=packed(data(run)))
