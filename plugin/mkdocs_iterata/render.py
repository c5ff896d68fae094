"""The templates of the generated pages and cards. Everything they are given is escaped."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined
from mkdocs.structure.toc import get_toc
from mkdocs.utils import get_relative_url

from iterata.render.estimates import interval, parts, percent_interval
from iterata.render.experiment.verdicts import asked_for
from iterata.stages import STAGES, Stage
from iterata.text import number
from mkdocs_iterata.charts.depth import depth
from mkdocs_iterata.charts.scale import kpi_name, scale, tone
from mkdocs_iterata.charts.tornado import tornado
from mkdocs_iterata.charts.trajectory import trajectories
from mkdocs_iterata.compiled import keep_compiled
from mkdocs_iterata.facts import LEAD, facts, label
from mkdocs_iterata.words import tone_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.structure.files import File, Files
    from mkdocs.structure.toc import TableOfContents

    from iterata.knowledge import FindingView

    Url: TypeAlias = Callable[[str], str]

_HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)
_ID = re.compile(r' id="([^"]+)"')
_FIRST_WORD = re.compile(r"[^\s#,;:]*")
_TAG = re.compile(r"<[^>]*>")


@cache
def environment() -> Environment:
    """The templates, read once a process."""
    env = Environment(
        loader=PackageLoader("mkdocs_iterata"),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "asked_for": asked_for,
        "interval": interval,
        "label": label,
        "number": number,
        "parts": parts,
        "percent_interval": percent_interval,
        "words": lambda word: label(str(word), capital=False),
    }
    env.globals |= {
        "LEAD": LEAD,
        "STAGES": STAGES,
        "Stage": Stage,
        "anchor": anchor,
        "depth": depth,
        "evidence": evidence,
        "facts": facts,
        "kpi_name": kpi_name,
        "scale": scale,
        "tone": tone,
        "tone_of": tone_of,
        "tornado": tornado,
        "trajectories": trajectories,
    }
    keep_compiled(env)
    return env


def render(template: str, context: dict[str, Any], url: Url) -> str:
    """The HTML of a page or of a part of one; `url` finds the pages it links to."""
    return environment().get_template(template).render(context, url=url)


def links_from(page: File, files: Files) -> Url:
    """A function from a path to its URL seen from `page`; empty where the path is not on the site."""

    to_the_top = get_relative_url(".", page.url)  # once a page: it is slow, and a card has many links

    def url(path: str) -> str:
        file = files.src_uris.get(path)
        return f"{to_the_top}/{file.url}" if file else ""

    return url


def anchor(finding: FindingView) -> str:
    """The id of a finding's card, unique on the site."""
    return f"{finding.project}--{finding.iteration or 'requirements'}--{finding.id}"


def evidence(finding: FindingView) -> tuple[str, str]:
    """A finding's evidence, cut after its first word, which is often a file's name, and the rest."""
    end = _FIRST_WORD.match(finding.evidence).end()  # type: ignore[union-attr]  # it matches the empty string
    return finding.evidence[:end], finding.evidence[end:]


def contents(html: str) -> TableOfContents:
    """The table of contents of generated HTML: its second-level headings."""
    tokens = [
        {"level": 2, "id": id_, "name": _TAG.sub("", name), "children": []}
        for id_, name in _HEADING.findall(html)
    ]
    return get_toc(tokens)  # type: ignore[arg-type]  # a private TypedDict


def ids(html: str) -> set[str]:
    """Every id of generated HTML, for the host's check of anchors."""
    return set(_ID.findall(html))
