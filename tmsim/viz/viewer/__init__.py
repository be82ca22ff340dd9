"""A run to look at step by step: a page of its own, and a widget for notebooks."""

from tmsim.viz.viewer.html import page
from tmsim.viz.viewer.notebook import widget

__all__ = ["page", "widget"]
