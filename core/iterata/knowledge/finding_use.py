"""Where findings are used: the findings and documents that cite them, and the decisions that rest on them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.findings import ABANDONED, resolve
from iterata.knowledge.agreed import is_provisional, places
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from iterata.knowledge.agreed import Place
    from iterata.knowledge.views import FindingView, IterationView, Knowledge
    from iterata.stages import Outcome

_ID = re.compile(r"#([A-Za-z][A-Za-z0-9_-]*)")
"""The end of a reference; it begins with a plain character, which a search finds many times as fast."""
_FOLDER = re.compile(r"[\w./-]+\Z")
_LONGEST = 200
"""How many characters the folder of a reference has at most."""
_ITERATION = re.compile(r"\d{2,}-[a-z0-9-]+\Z")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9-]*\Z")


class Decided(NamedTuple):
    """A decision that rests on a finding."""

    iteration: str
    """The reference of the iteration whose report has the decision: `project/01-setup`."""
    outcome: Outcome
    on: date
    by_name: bool
    """Whether its reason names the finding; otherwise its report holds the finding."""


class Use(NamedTuple):
    """Where a finding is used."""

    findings: tuple[str, ...] = ()
    """Keys of the findings elsewhere that support, contradict or name it."""
    documents: tuple[str, ...] = ()
    """Paths of the other documents that name it."""
    decisions: tuple[Decided, ...] = ()

    @property
    def total(self) -> int:
        """How often it is used in total."""
        return len(self.findings) + len(self.documents) + len(self.decisions)


def uses(knowledge: Knowledge) -> Mapping[str, Use]:
    """Where each finding is used, by its key."""
    findings: dict[str, FindingView] = {finding.key: finding for finding in knowledge.findings}
    citing = _citing_findings(knowledge, findings)
    documents: dict[str, list[str]] = defaultdict(list)
    named: dict[str, list[Decided]] = defaultdict(list)
    for place in places(knowledge):
        for key in _named_in(place, place.document.source.text) & findings.keys():
            if place.document.path != findings[key].document.path:
                documents[key].append(place.document.path)
        if decided := _decision_of(place, by_name=True):
            for key in _named_in(place, _reasons(place)) & findings.keys():
                named[key].append(decided)
    own = {place.document.path: decided for place in places(knowledge) if (decided := _decision_of(place))}
    return {
        key: Use(
            tuple(dict.fromkeys(citing[key])),
            tuple(path for path in documents[key] if path not in _paths(citing[key], findings)),
            _decisions(finding, own, named[key]),
        )
        for key, finding in findings.items()
    }


def _citing_findings(knowledge: Knowledge, findings: Mapping[str, FindingView]) -> dict[str, list[str]]:
    """The keys of the findings that refer to each finding from elsewhere."""
    citing: dict[str, list[str]] = defaultdict(list)
    for project in knowledge.projects:
        for finding in project.findings:
            named = _references(finding.evidence, finding.project, finding.iteration, project.knowledge_base)
            for key in dict.fromkeys((*finding.supports, *finding.contradicts, *named)):
                target = findings.get(key)
                if target and not is_same_list(finding, target):
                    citing[key].append(finding.key)
    return citing


def is_same_list(one: FindingView, other: FindingView) -> bool:
    """Whether two findings were written down together, so that neither can confirm the other."""
    return one.document.path == other.document.path and one.listed_in == other.listed_in


def _paths(keys: list[str], findings: Mapping[str, FindingView]) -> set[str]:
    return {findings[key].document.path for key in keys}


def _decisions(finding: FindingView, own: Mapping[str, Decided], named: list[Decided]) -> tuple[Decided, ...]:
    held = own.get(finding.document.path) if finding.listed_in != ABANDONED else None
    if held is None:
        return tuple(named)
    others = (decided for decided in named if decided.iteration != held.iteration)
    return (next((decided for decided in named if decided.iteration == held.iteration), held), *others)


def _decision_of(place: Place, *, by_name: bool = False) -> Decided | None:
    """The decision of a report that is agreed; None for other documents, and before the decision."""
    iteration = place.iteration
    if iteration is None or iteration.decision is None or place.document.stage is not Stage.REPORT:
        return None
    if is_provisional(place.document):
        return None
    return Decided(iteration.ref, iteration.decision.outcome, iteration.decision.on, by_name)


def _reasons(place: Place) -> str:
    """The reasons of the decision and of the recommendation of an iteration."""
    iteration: IterationView | None = place.iteration
    parts = (iteration.decision, iteration.recommendation) if iteration else ()
    return "\n".join(part.why for part in parts if part)


def _named_in(place: Place, text: str) -> set[str]:
    """The keys of what a text of a document names as a finding."""
    iteration = place.iteration.name if place.iteration else ""
    return set(_references(text, place.project.name, iteration, place.project.knowledge_base))


def _references(text: str, project: str, iteration: str, base: str) -> Iterator[str]:
    """The keys of the findings that a text may name.

    `01-setup#F2` and `project/01-setup#F2` name one, and so does a link to `../01-setup/report.md#F2`. `#F2`
    alone names one of the same document. Names are relative to the knowledge base, keys are not.
    """
    own = project.removeprefix(f"{base}/") if base else project
    for match in _ID.finditer(text):
        folder = _FOLDER.search(text, max(0, match.start() - _LONGEST), match.start())
        reference = _reference(folder[0] if folder else "", match[1], own, iteration)
        if reference:
            key = str(resolve(reference, own, iteration))
            yield f"{base}/{key}" if base else key


def _reference(folder: str, identifier: str, project: str, iteration: str) -> str:
    """A reference as front matter has it, from what a text has before `#`; empty if it is none."""
    if not folder:
        return f"#{identifier}"
    parts = [part for part in folder.split("/") if part not in ("..", ".")]
    if parts and parts[-1].endswith(".md"):
        if parts[-1] == "requirements.md":
            return f"{parts[-2] if len(parts) > 1 else project}/#{identifier}"
        parts = parts[:-1] or [iteration]
    if len(parts) > 1 and parts[-1] == "" and _PROJECT.match(parts[-2]):
        return f"{parts[-2]}/#{identifier}"
    if not parts or not _ITERATION.match(parts[-1]):
        return ""
    before = parts[-2] if len(parts) > 1 and _PROJECT.match(parts[-2]) else project
    return f"{before}/{parts[-1]}#{identifier}"
