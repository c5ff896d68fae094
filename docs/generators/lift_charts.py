"""The charts of the pages on expected lift: the site's own charts, with the example of these pages.

The files have a background of their own, which follows the scheme of the page around them.
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

WIDTH, MARGIN = 640, 20
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
    chart = scale(example())
    return _file("{% from 'forest.html.j2' import draw %}{{ draw(chart.forest, 'chart') }}", chart, 430)


def by_depth() -> str:
    """The same models for other budgets."""
    return _file(_CURVES, depth(example()), 390)


_CURVES = """{% from 'curves.html.j2' import draw, sample %}
{{ draw(chart, 'chart', chart.curves|reverse|list, dots=chart.curves|reverse|list, budget=chart.budget,
        below='share of the customers called; the upright line is the budget, ' ~ chart.budget) }}
<p>{% for curve in chart.curves %}{{ sample(curve.tone, with_dot=true) }} {{ curve.name }}: {{ curve.text }}
{% endfor %}</p>"""


def _file(template: str, chart: object, height: int) -> str:
    """A chart as a standalone SVG file, light or dark as the page around it."""
    drawn = environment().from_string(template).render(chart=chart)
    inner = _XML.sub(r"<\1 xmlns='http://www.w3.org/2000/svg'", drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}">\n'
        f"<style>\n{_style(drawn)}</style>\n"
        f'<rect class="card" width="100%" height="100%" rx="8"/>\n'
        f'<foreignObject x="{MARGIN}" y="{MARGIN}" width="{WIDTH - 2 * MARGIN}" height="{height - MARGIN}">\n'
        f'<div xmlns="http://www.w3.org/1999/xhtml" class="it">{inner}</div>\n'
        "</foreignObject>\n</svg>\n"
    )


_XML = re.compile(r"<(svg)(?= )")
_WITHIN = re.compile(r"@(?:media|container)[^{]*\{(?:[^{}]|\{[^{}]*\})*\}|/\*.*?\*/", re.DOTALL)
"""The rules for narrow windows, forced colours and paper, and comments."""
_COMMA = re.compile(r",(?![^()]*\))")
"""Between selectors, not within `:is(th, td)`."""
_PAPER = {"": ("#fff", INK), "@media (prefers-color-scheme: dark)": ("#1e2129", "#d7d8dd")}
"""The background and the text, in light and in dark."""


def _style(drawn: str) -> str:
    """The rules of the site's stylesheet that the chart uses."""
    sheets = files("iterata.site") / "assets"
    classes = {name for names in re.findall(r'class="([^"]*)"', drawn) for name in names.split()}
    own = _WITHIN.sub("", (sheets / "iterata.css").read_text("utf-8"))
    variables = " ".join(re.findall(r"--it-[a-z]+: [^;]+;", own))
    rules = [
        f".it {{ {variables} font: 15px sans-serif; }}\n",
        ".it-quiet { color: var(--it-quiet); }\n",
    ]
    for selectors, declared in re.findall(
        r"([^{}]+)\{([^{}]*)\}", _WITHIN.sub("", (sheets / "charts.css").read_text("utf-8"))
    ):
        parts = [selector.strip() for selector in _COMMA.split(selectors)]
        used = [part for part in parts if all(name in classes for name in re.findall(r"\.(it-[\w-]+)", part))]
        if used:
            rules.append(f"{', '.join(used)} {{{declared}}}\n")
    for media, (paper, ink) in _PAPER.items():
        colours = f".card {{ fill: {paper}; }} .it {{ color: {ink}; --it-paper: {paper}; }}"
        rules.append(f"{media} {{ {colours} }}\n" if media else f"{colours}\n")
    return "".join(rules)
