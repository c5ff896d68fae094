"""The charts of the pages on expected lift: the site's own charts, with the example of these pages.

The files have a pale background, so they are readable on light and dark pages.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from generators.diagram import INK
from iterata.kpi import describe
from iterata.lift import expected_lift
from iterata.site.charts.depth import depth
from iterata.site.charts.scale import scale
from iterata.site.render import environment

if TYPE_CHECKING:
    from iterata.results import LiftResult

WIDTH, MARGIN = 480, 24
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
    return _file("scale.svg.j2", scale(example()))


def by_depth() -> str:
    """The same models for other budgets."""
    return _file("depth.svg.j2", depth(example()))


def _file(template: str, chart: object) -> str:
    """A chart as a standalone SVG file."""
    module = environment().get_template(template).make_module()
    drawn = str(module.draw(chart, "chart"))  # type: ignore[attr-defined]  # a macro of the template
    height = int(re.search(r'height="(\d+)"', drawn)[1])  # type: ignore[index]  # every chart has one
    inner = drawn.replace('width="100%"', f'x="{MARGIN}" y="{MARGIN}" width="{WIDTH - 2 * MARGIN}"', 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height + 2 * MARGIN}">\n'
        f"<style>\n{_style(drawn)}</style>\n"
        f'<rect width="100%" height="100%" rx="8" fill="#fff"/>\n{inner.strip()}\n</svg>\n'
    )


def _style(drawn: str) -> str:
    """The CSS rules of the site that the chart uses, for a light background."""
    sheet = "".join(
        (files("iterata.site") / f"assets/{name}.css").read_text("utf-8") for name in ("iterata", "charts")
    )
    colours = " ".join(re.findall(r"--it-\w+: #\w+;", sheet))
    rules = [f"svg {{ {colours} color: {INK}; font-family: sans-serif; }}\n"]
    for selectors, declared in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet.split("/* Charts */")[1]):
        parts = [selector.strip() for selector in selectors.split(",")]
        used = [part for part in parts if all(name in drawn for name in re.findall(r"\.([\w-]+)", part))]
        if used:
            rules.append(f"{', '.join(used)} {{{declared}}}\n")
    return "".join(rules)
