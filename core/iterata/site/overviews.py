"""The pages over all projects: surprises, reading list, trace, what was tried, decisions and pace."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from iterata.documents.models.enums import Verdict
from iterata.knowledge.pace import NotDated
from iterata.knowledge.trace import Hole
from iterata.site.front_pages.plain_words import KINDS
from iterata.site.pages import OVERVIEWS, GeneratedPage
from iterata.site.paging import paged
from iterata.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import Knowledge
    from iterata.knowledge.pace import Pace
    from iterata.site.derived import Derived

NOUNS = ("business hypothesis", "business hypotheses")


def surprises(_knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """Results that differ from what was expected."""
    found = shared["derived"].surprises
    notable, others = len(found.notable), len(found.compared) - len(found.notable)
    if notable:
        conclusion = f"{counted(notable, 'result')} of {len(found.compared)} differed from what was expected"
    elif others:
        conclusion = "No result differed from what was expected by more than chance explains"
    else:
        conclusion = "There is no result yet to compare with what was expected"
    page = _page(shared, "surprises", "What surprised us", conclusion)
    yield from paged(page, found.notable)


def reading_list(knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """The findings to read first."""
    readings, total = shared["derived"].reading_list, len(knowledge.findings)
    conclusion = f"Read these {len(readings)} of {counted(total, 'finding')} first"
    if not readings:
        conclusion = "There is no agreed finding to read yet"
    elif len(readings) == total:
        conclusion = f"Begin with {'these findings' if total > 1 else 'this finding'}"
    yield from paged(_page(shared, "reading_list", "Reading list", conclusion), readings)


def trace(_knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """Business hypotheses of all projects, holes first."""
    lines = [line for trace in shared["derived"].traces.values() for line in trace.lines]
    lines.sort(key=lambda line: (line.hole, line.project.name))
    untested = sum(line.hole is Hole.UNTESTED for line in lines)
    conclusion = f"No plan says that it tests {untested} of {counted(len(lines), *NOUNS)}"
    if not lines:
        conclusion = "There is no business hypothesis yet"
    elif not untested:
        conclusion = "A plan tests every business hypothesis"
    yield from paged(_page(shared, "trace", "From hypothesis to release", conclusion), lines)


def tried(_knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """What plans compare, the newest first."""
    entries = sorted(shared["derived"].tried, key=lambda entry: -(entry.day.toordinal() if entry.day else 0))
    verdicts = Counter(entry.verdict for entry in entries if not entry.is_provisional)
    parts = [f"{verdicts[verdict]} {verdict.label}" for verdict in Verdict if verdicts[verdict]]
    if parts and (rest := len(entries) - sum(verdicts[verdict] for verdict in Verdict)):
        parts.append(f"{rest} without a verdict")
    conclusion = f"We tried {counted(len(entries), 'change')}" + (f": {', '.join(parts)}" if parts else "")
    if not entries:
        conclusion = "Nothing was tried yet"
    yield from paged(_page(shared, "tried", "What we tried", conclusion), entries)


def decisions(_knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """The log of decisions."""
    log = shared["derived"].decisions
    latest = next((entry.day for entry in log if entry.day), None)
    conclusion = f"{counted(len(log), 'decision')}" + (f", the latest on {latest}" if latest else "")
    yield from paged(
        _page(shared, "decisions", "Decisions", conclusion if log else "Nothing was decided yet"), log
    )


def pace(_knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """How long iterations take."""
    derived: Derived = shared["derived"]
    spans = sorted(derived.pace.spans, key=lambda span: -(span.days if span.days is not None else -1))
    page = _page(shared, "pace", "Pace", _pace(derived.pace), reasons=NotDated)
    yield from paged(page, spans)


def _pace(found: Pace) -> str:
    known = [kind for kind in found.kinds if kind.iterations]
    if not known:
        return "It is not known how long an iteration takes"
    kind = max(known, key=lambda entry: entry.iterations.n if entry.iterations else 0)
    if kind.iterations is None:
        raise ValueError(kind)
    days, n = kind.iterations
    what = f"{KINDS[kind.kind].capitalize()} take" if kind.kind else "An iteration takes"
    length = f"{days:g} day{'' if days == 1 else 's'}" if days else "less than a day"
    return f"{what} {length} (median of {n})"


def _page(shared: dict[str, Any], name: str, title: str, conclusion: str, **more: object) -> GeneratedPage:
    context = {**shared, "conclusion": conclusion, "subject": title, **more}
    return GeneratedPage(
        OVERVIEWS[name],
        title,
        f"{name}.html.j2",
        context,
        in_nav=True,
        is_indexed=False,
        description=f"{conclusion}.",
    )
