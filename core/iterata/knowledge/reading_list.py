"""The findings that a newcomer reads first, each with the reason for it.

A finding counts by what supports it and where it is used. Each pick is the finding with the greatest weight
minus its resemblance to those picked before (maximal marginal relevance, Carbonell and Goldstein 1998), so
that the list covers different subjects and projects.
"""

from __future__ import annotations

from math import log1p
from typing import TYPE_CHECKING, NamedTuple

from iterata.knowledge.finding_status import finding_states

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from iterata.knowledge.finding_status import FindingState
    from iterata.knowledge.views import FindingView, Knowledge

MOST = 12
VARIETY = 0.5
"""The weight of variety against support and use, from 0 to 1."""
SAME_PROJECT = 0.4
"""The resemblance of two findings of one project without a common tag."""


class Reading(NamedTuple):
    """A finding to read, and why."""

    finding: FindingView
    state: FindingState
    reasons: tuple[str, ...]
    """In words, the most important first: `2 later findings confirm it`."""


class _Candidate(NamedTuple):
    finding: FindingView
    state: FindingState
    weight: float
    """Between 0 and 1."""
    tags: frozenset[str]


def reading_list(
    knowledge: Knowledge, most: int = MOST, states: Mapping[str, FindingState] | None = None
) -> tuple[Reading, ...]:
    """The findings to read first, in this order. Only findings that stand and are agreed are among them."""
    states = finding_states(knowledge) if states is None else states
    candidates = _candidates(knowledge, states)
    resemblance = dict.fromkeys(range(len(candidates)), 0.0)
    tags: set[str] = set()
    projects: set[str] = set()
    readings: list[Reading] = []
    while resemblance and len(readings) < most:
        best = max(resemblance, key=lambda number: _value(candidates[number], resemblance[number]))
        del resemblance[best]
        picked = candidates[best]
        reasons = _reasons(picked, tags, projects, is_first=not readings)
        readings.append(Reading(picked.finding, picked.state, reasons))
        tags |= picked.tags
        projects.add(picked.finding.project)
        for number in resemblance:
            resemblance[number] = max(resemblance[number], _resemblance(picked, candidates[number]))
    return tuple(readings)


def _candidates(knowledge: Knowledge, states: Mapping[str, FindingState]) -> list[_Candidate]:
    """The findings that stand; of equal weight, the newest first."""
    standing = [
        (finding, state)
        for finding in knowledge.findings
        for state in [states[finding.key]]
        if state.status.stands and not state.is_provisional
    ]
    weights = [_weight(state) for _, state in standing]
    greatest = max(weights, default=0.0) or 1.0
    candidates = [
        _Candidate(finding, state, weight / greatest, frozenset(tag.casefold() for tag in finding.tags))
        for (finding, state), weight in zip(standing, weights, strict=True)
    ]
    return sorted(candidates, key=lambda entry: (-_ordinal(entry.state.learned_on), entry.finding.key))


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0


def _weight(state: FindingState) -> float:
    """How much supports it and uses it; a further support or use adds less than the one before."""
    parts = (
        (2.0, len(state.supporters)),
        (3.0, sum(decided.by_name for decided in state.use.decisions)),
        (1.0, _cited(state)),
        (0.5, bool(state.use.decisions)),
    )
    return sum(factor * log1p(count) for factor, count in parts)


def _cited(state: FindingState) -> int:
    """How many findings and documents name it, besides the findings that support it."""
    supporting = {finding.key for finding in state.supporters}
    return len({*state.use.findings} - supporting) + len(state.use.documents)


def _value(candidate: _Candidate, resemblance: float) -> float:
    return (1 - VARIETY) * candidate.weight - VARIETY * resemblance


def _resemblance(one: _Candidate, other: _Candidate) -> float:
    """The share of common tags (Jaccard); at least `SAME_PROJECT` within a project."""
    least = SAME_PROJECT if one.finding.project == other.finding.project else 0.0
    if one.tags.isdisjoint(other.tags):  # most are
        return least
    return max(len(one.tags & other.tags) / len(one.tags | other.tags), least)


def _reasons(candidate: _Candidate, tags: set[str], projects: set[str], *, is_first: bool) -> tuple[str, ...]:
    state, use = candidate.state, candidate.state.use
    confirming = len(state.supporters)
    cited = _cited(state)
    named = sum(decided.by_name for decided in use.decisions)
    new = [tag for tag in candidate.finding.tags if tag.casefold() not in tags]
    reasons = (
        (confirming, _counted(confirming, "later finding confirms it", "later findings confirm it")),
        (named, _counted(named, "decision names it as a reason", "decisions name it as a reason")),
        (cited, _counted(cited, "other place cites it", "other places cite it")),
        (use.decisions and not named, "its report was decided on"),
        (not is_first and new, f"the first here about {', '.join(new[:2])}"),
        (not is_first and candidate.finding.project not in projects, "the first here from its project"),
        (candidate.finding.broken_guardrails, "a guardrail was not kept"),
    )
    return tuple(reason for holds, reason in reasons if holds) or ("one of the newest that stand",)


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
