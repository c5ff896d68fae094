"""The charts of the pages on expected lift: the site's own charts, with the example of these pages.

The files have a pale background, so they are readable on light and dark pages.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from generators.diagram import INK
from iterata.kpi import describe
from iterata.lift import expected_lift
from iterata.site.render import environment

if TYPE_CHECKING:
    from iterata.results import LiftResult

SVG = "http://www.w3.org/2000/svg"
WIDTH = 560
BUYERS = (22, 18, 14, 11, 9, 8, 6, 5, 4, 3)
"""Buyers among each 100 customers, by visits, most first."""


@cache
def example() -> LiftResult:
    """The expected lift of the 1,000 customers of the example."""
    bought = np.concatenate([np.repeat([1, 0], [buyers, 100 - buyers]) for buyers in BUYERS])
    visits = np.repeat(np.arange(10, 0, -1), 100)
    kpi = describe("targeting", name="buyers reached", unit="buyers", budget=200)
    return expected_lift(bought, visits, kpi, label="most visits")


def on_one_scale() -> str:
    """Random, status quo and perfect."""
    return _file("scale.svg.j2", height=460)


def by_depth() -> str:
    """The same models for other budgets."""
    return _file("depth.svg.j2", height=390)


def _file(template: str, height: int) -> str:
    """A chart as a standalone SVG file: its drawing and key, without the table that opens below."""
    module = environment().get_template(template).make_module()
    drawn = str(module.drawing(example(), "chart"))  # type: ignore[attr-defined]  # a macro of the template
    figure = re.sub(r"<details.*?</details>", "", drawn, flags=re.DOTALL)
    figure = re.sub(r"<p hidden.*?</p>", "", figure, flags=re.DOTALL)
    figure = re.sub(r"<svg(?=[ >])", f'<svg xmlns="{SVG}"', figure)
    return (
        f'<svg xmlns="{SVG}" width="{WIDTH}" height="{height}">\n<style>{escape(_style())}</style>\n'
        f'<rect width="100%" height="100%" rx="8" fill="#fff"/>\n<foreignObject width="100%" height="100%">\n'
        f'<div xmlns="http://www.w3.org/1999/xhtml" class="it">\n{figure.strip()}\n</div>\n'
        "</foreignObject>\n</svg>\n"
    )


def _style() -> str:
    """The style sheet of charts, for a light background."""
    assets = files("iterata.site") / "assets"
    sheets = [(assets / f"{name}.css").read_text("utf-8") for name in ("iterata", "charts")]
    values = " ".join(sorted({*re.findall(r"--it-(?:blue|green|yellow|red|violet|teal): #\w+;", sheets[0])}))
    quiet = f"--it-quiet: {INK}; --it-line: #ddd; --it-paper: #fff; --it-radius: 8px;"
    own = f".it {{ {values} {quiet} color: {INK}; font: 14px/1.4 sans-serif; padding: 4px; }}"
    return f"{sheets[1]}\n{own}\n.it .it-figure {{ --it-paper: #fff; margin: 0; border: 0; }}\n"
