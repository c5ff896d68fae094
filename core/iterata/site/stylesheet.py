"""The stylesheet of the site, which is written in parts."""

from __future__ import annotations

from importlib.resources import files as resources

STYLESHEET = "assets/iterata.css"
"""Its path on the site."""

_SHEETS = (
    "iterata.css",
    "pages.css",
    "releases.css",
    "charts.css",
    "library.css",
    "overviews.css",
    "accessible.css",
    "print.css",
)
"""The parts, in this order."""


def stylesheet() -> str:
    """The whole stylesheet."""
    folder = resources("iterata.site").joinpath("assets")
    return "\n".join(folder.joinpath(name).read_text("utf-8") for name in _SHEETS)
