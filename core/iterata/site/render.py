"""The templates of the generated pages and cards. Every variable is escaped."""

from __future__ import annotations

import re
import shlex
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from iterata.errors import dotted
from iterata.knowledge.agreed import has_provisional_title, is_provisional
from iterata.render.estimates import (
    identified_parts,
    identified_percent,
    interval,
    parts,
    percent_interval,
    percent_parts,
)
from iterata.render.experiment.leaks import leak_sentences
from iterata.render.experiment.uplift import PER
from iterata.render.experiment.verdicts import required_difference
from iterata.render.lift.sentences import hits_not_effects
from iterata.site.charts.answers import LONGEST_NAME, SHOWN_CLASSES, SHOWN_PAIRS, answers
from iterata.site.charts.depth import HEIGHT as CURVES_HEIGHT
from iterata.site.charts.depth import depth
from iterata.site.charts.once import Drawings
from iterata.site.charts.release import release_chart
from iterata.site.charts.release_titles import share_text
from iterata.site.charts.report_forests import REPORT_FORESTS
from iterata.site.charts.scale import kpi_name, scale, tone
from iterata.site.charts.series import HEIGHT as SERIES_HEIGHT
from iterata.site.charts.series import series_chart
from iterata.site.charts.tornado import tornado
from iterata.site.charts.trajectory import trajectories
from iterata.site.charts.uplift import has_uplift, uplift_chart
from iterata.site.contradictions import contradictions
from iterata.site.exploration.pages import page_of
from iterata.site.facts import LEAD, facts, label
from iterata.site.front_pages.headline import headline, waits_since
from iterata.site.front_pages.home import row
from iterata.site.front_pages.plain_words import KINDS, answers_in_words, counted_answers, outcome_in_words
from iterata.site.front_pages.project_search import MOST_WAITING, PROJECTS_DATA
from iterata.site.library.names import NAMES as LIBRARY_NAMES
from iterata.site.monitor_facts import summary as monitor_summary
from iterata.site.place import Heading
from iterata.site.release_facts import gain, last_day, p_value, rule_of_thumb, still_needed
from iterata.site.template_cache import cache_compiled_templates
from iterata.site.tones import tone_of
from iterata.stages import STAGES, Stage
from iterata.text import number, signed, truncate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from iterata.knowledge import FindingView
    from iterata.results import ExperimentResult
    from iterata.site.place import Url

_HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)
_ID = re.compile(r' id="([^"]+)"')
_FIRST_WORD = re.compile(r"[^\s#,;:]*")
_CODE = re.compile(r"`([^`\n]+)`")
_TAG = re.compile(r"<[^>]*>")
_BADGE = re.compile(r'\s*<span class="it-word[^>]*>[^<]*</span>')


class _Environment(Environment):
    """An environment in which it takes no time to import macros."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template knows by name, as one dictionary.

        At every import Jinja looks for names that one template knows and the other does not, and in its chain
        of dictionaries that took a twentieth of a build.
        """
        return {**self.globals, **(d or {})}


@cache
def environment() -> Environment:
    """The template environment, made once per process."""
    env = _Environment(
        loader=PackageLoader("iterata.site"),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= _filters()
    env.globals |= _globals()
    env.globals["drawn_once"] = Drawings(env).once
    cache_compiled_templates(env)
    return env


def _filters() -> dict[str, Callable[..., object]]:
    """What templates apply to a value."""
    return {
        "answers_in_words": answers_in_words,
        "code_marked": code_marked,
        "counted_answers": counted_answers,
        "dotted": dotted,
        "gain": gain,
        "kind_in_words": KINDS.__getitem__,
        "outcome_in_words": outcome_in_words,
        "last_day": last_day,
        "required_difference": required_difference,
        "rule_of_thumb": rule_of_thumb,
        "share": share_text,
        "signed_parts": partial(parts, sign=True),
        "still_needed": still_needed,
        "identified": identified_parts,
        "identified_percent": identified_percent,
        "interval": interval,
        "label": label,
        "hits_not_effects": hits_not_effects,
        "leaks": leak_sentences,
        "number": number,
        "signed": signed,
        "parts": parts,
        "p_value": p_value,
        "percent_interval": percent_interval,
        "percent_parts": percent_parts,
        "quoted": shlex.quote,
        "truncated": truncate,
        "words": lambda word: label(str(word), capital=False),
    }


_MOST = {
    "MOST_DRAWN": 8,
    "MOST_FINDINGS": 6,
    "MOST_QUESTIONS": 5,
    "MOST_ROWS": 50,
    "MOST_WAITING": MOST_WAITING,
}
"""How many of something a page shows."""


def _globals() -> dict[str, object]:
    """What templates know by name."""
    return {
        "CURVES_HEIGHT": CURVES_HEIGHT,
        **LIBRARY_NAMES,
        "PROJECTS_DATA": PROJECTS_DATA,
        "LEAD": LEAD,
        "SHOWN_CLASSES": SHOWN_CLASSES,
        "SHOWN_PAIRS": SHOWN_PAIRS,
        "LONGEST_NAME": LONGEST_NAME,
        "PER": PER,
        "SERIES_HEIGHT": SERIES_HEIGHT,
        "STAGES": STAGES,
        "Stage": Stage,
        **_MOST,
        "headline": headline,
        "has_provisional_title": has_provisional_title,
        "is_provisional": is_provisional,
        "project_row": row,
        "waits_since": waits_since,
        "answers": answers,
        "contradictions": contradictions,
        "depth": depth,
        "evidence": evidence,
        "facts": facts,
        "kpi_name": kpi_name,
        "monitor_summary": monitor_summary,
        "page_of": page_of,
        "release_chart": release_chart,
        "report_forests": lambda result, kind: REPORT_FORESTS[kind](result),
        "scale": scale,
        "series_chart": series_chart,
        "tone": tone,
        "tone_of": tone_of,
        "tornado": tornado,
        "trajectories": trajectories,
        "uplift_chart": uplift_chart,
        "has_uplift": has_uplift,
    }


def render(template: str, context: Mapping[str, object], url: Url) -> str:
    """The HTML of a page or a part of it. `url` resolves the paths it links to."""
    return environment().get_template(template).render(context, url=url)


def code_marked(text: str) -> Markup:
    """A message of ours: what stands between back-ticks is code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped before


def forests(result: ExperimentResult) -> dict[str, str]:
    """The forest plots of a report's tables, by their kind."""
    template = environment().get_template("forests.html.j2")
    drawn = {kind: template.render(result=result, kind=kind) for kind in REPORT_FORESTS}
    return {kind: html for kind, html in drawn.items() if html.strip()}


def evidence(finding: FindingView) -> tuple[str, str]:
    """The first word of a finding's evidence, which is often a file name, and the rest."""
    first_word = "".join(_FIRST_WORD.findall(finding.evidence)[:1])
    return first_word, finding.evidence.removeprefix(first_word)


def contents(html: str) -> tuple[Heading, ...]:
    """The table of contents of generated HTML: its second-level headings, without their badges."""
    return tuple(Heading(_TAG.sub("", _BADGE.sub("", name)), id_) for id_, name in _HEADING.findall(html))


def ids(html: str) -> set[str]:
    """Every id of generated HTML, for the host's validation of anchors."""
    return set(_ID.findall(html))
