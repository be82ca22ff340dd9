"""The viewer's page: one file that needs no network."""

from __future__ import annotations

import base64
import json
import re
import zlib
from html import escape
from importlib.resources import files
from typing import Any

from tmsim.simulation import Simulation
from tmsim.viz.viewer.data import data

MODULES = ("dom", "run", "tape", "space_time", "attention", "layers", "controls", "viewer")
"""In the order in which each needs only those before it."""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
html {{ background: light-dark(#ffffff, #16181d); }}
body {{ margin: 0; }}
{style}</style>
</head>
<body>
<main><noscript>This page shows a run with JavaScript, which is switched off.</noscript></main>
<script type="module">
{script}
view(document.querySelector("main"), "{packed}", document);
</script>
</body>
</html>
"""


def page(run: Simulation) -> str:
    """The run as one HTML page that asks for nothing from elsewhere.

    Raises ValueError for a run that cannot be shown row by row: see
    :func:`tmsim.viz.viewer.captured.passes`.

    >>> import tmsim
    >>> text = page(tmsim.simulate("bb2"))
    >>> text.startswith("<!doctype html>"), "http://" in text.replace("http://www.w3.org/", "")
    (True, False)
    """
    title = f"{run.source or 'a machine'} in {run.construction}"
    return PAGE.format(
        title=escape(title), style=style(), script=script(), packed=packed(data(run))
    )


def packed(shown: dict[str, Any]) -> str:
    """Compressed (zlib), in base64: letters that mean nothing to HTML, whatever a file said."""
    text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def script() -> str:
    """The front end as one module: its files without their imports and exports."""
    text = "\n".join(_file(f"{name}.js") for name in MODULES)
    return re.sub(r"^(import .*\n|export )", "", text, flags=re.MULTILINE)


def style() -> str:
    """The front end's style sheet."""
    return _file("style.css")


def _file(name: str) -> str:
    return files("tmsim.viz.viewer").joinpath("front", name).read_text(encoding="utf-8")
