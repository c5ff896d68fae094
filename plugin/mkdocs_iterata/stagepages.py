"""Stage documents on the site: what stands around their prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any

from iterata.stages import Stage
from mkdocs_iterata.facts import facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents import Document
    from iterata.knowledge import IterationView, Knowledge, ProjectView, StageView
    from iterata.results import ExperimentResult, LiftResult

_FIRST_HEADING = re.compile(r"\s*<h1[^>]*>(.*?)</h1>", re.DOTALL)
_PERMALINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class StagePage:
    """A stage document in its surroundings."""

    document: Document
    view: StageView
    project: ProjectView
    iteration: IterationView | None
    """None for the requirements."""

    @property
    def context(self) -> dict[str, Any]:
        """What the templates above and below the prose are given."""
        data, told = self.document.data, self._told()
        before, after = self._neighbours()
        return {
            "document": self.document,
            "view": self.view,
            "project": self.project,
            "iteration": self.iteration,
            "result": self._result(),
            "owners": _texts(data.get("owners")),
            "approvals": [_approval(each) for each in _blocks(data.get("approvals"))],
            "replaced_by": data.get("superseded_by"),
            "abandoned": _abandoned(data.get("abandoned")),
            "findings": [each for each in self._all_findings() if each.document is self.document],
            "told": told,
            "rest": facts(self.view.stage, {key: value for key, value in data.items() if key not in told}),
            "before": before,
            "after": after,
        }

    def _all_findings(self) -> tuple[Any, ...]:
        return self.iteration.findings if self.iteration else self.project.own_findings

    def _told(self) -> dict[str, Any]:
        """What of a report is told in full rather than as plain facts."""
        if self.iteration is None or self.view.stage is not Stage.REPORT:
            return {}
        said = {key: getattr(self.iteration, key) for key in ("hypotheses", "recommendation", "decision")}
        return {key: value for key, value in said.items() if value}

    def _result(self) -> LiftResult | ExperimentResult | None:
        """The result the document is about."""
        if self.iteration is None:
            return None
        about = {
            Stage.ASSESSMENT: self.iteration.lift,
            Stage.EXPERIMENT: self.iteration.experiment,
            Stage.REPORT: self.iteration.experiment,
        }
        return about.get(self.view.stage)

    def _neighbours(self) -> tuple[StageView | None, StageView | None]:
        stages = (self.project.stage, *(self.iteration.stages if self.iteration else ()))
        written = [None, *(view for view in stages if view.document), None]
        here = next(index for index, view in enumerate(written) if view and view.stage is self.view.stage)
        return written[here - 1], written[here + 1]


def stage_pages(knowledge: Knowledge) -> Iterator[StagePage]:
    """Every stage document."""
    for project in knowledge.projects:
        if project.requirements:
            yield StagePage(project.requirements, project.stage, project, None)
        for iteration in project.iterations:
            for view in iteration.stages:
                if view.document:
                    yield StagePage(view.document, view, project, iteration)


def without_title(html: str, title: str) -> tuple[str, bool]:
    """The prose without a first heading that only repeats the title, and whether there was one."""
    found = _FIRST_HEADING.match(html)
    if found is None:
        return html, False
    heading = unescape(_TAG.sub("", _PERMALINK.sub("", found[1])))
    repeats = " ".join(heading.split()) == " ".join(title.split())
    return (html[found.end() :], True) if repeats else (html, False)


def _blocks(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _abandoned(value: object) -> dict[str, Any] | None:
    return value if isinstance(value, dict) and value.keys() >= {"on", "why"} else None


def _approval(approval: dict[str, Any]) -> str:
    said = " ".join(str(approval[key]) for key in ("role", "by") if approval.get(key))
    return f"{said} on {approval['on']}" if approval.get("on") else said
