"""Stage documents on the site: the parts above and below their prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any

from iterata.render.page_blocks import blocks_of
from iterata.site.facts import facts
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents import Document
    from iterata.errors import IterataError
    from iterata.knowledge import IterationView, Knowledge, ProjectView, ReleaseView, StageView
    from iterata.results import ExperimentResult, LiftResult

_FIRST_HEADING = re.compile(r"\s*<h1[^>]*>(.*?)</h1>", re.DOTALL)
_PERMALINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class StagePage:
    """A stage document with its project and iteration."""

    document: Document
    view: StageView
    project: ProjectView
    iteration: IterationView | None
    """None for the requirements."""
    unread: tuple[IterataError, ...] = ()
    """The errors of all result files that cannot be read."""

    @property
    def context(self) -> dict[str, Any]:
        """The variables of the templates above and below the prose."""
        data, sections = self.document.data, self._sections()
        before, after = self._neighbours()
        return {
            "document": self.document,
            "view": self.view,
            "project": self.project,
            "iteration": self.iteration,
            "result": self._result(),
            "unread": self._unread(),
            "owners": _texts(data.get("owners")),
            "approvals": [_approval(approval) for approval in _blocks(data.get("approvals"))],
            "replaced_by": data.get("superseded_by"),
            "abandoned": _abandoned(data.get("abandoned")),
            "findings": [finding for finding in self._all_findings() if finding.document is self.document],
            "sections": sections,
            "rest": facts(
                self.view.stage, {key: value for key, value in self._data().items() if key not in sections}
            ),
            "before": before,
            "after": after,
            "release": self._release(),
        }

    def _data(self) -> dict[str, Any]:
        """The front matter; a plan or an assessment with what it takes from the document before it."""
        data, plan = self.document.data, self.document.data.get("plan")
        if self.view.stage is Stage.ASSESSMENT:
            return {**data, **self.view.rows}
        if not self.view.rows or not isinstance(plan, dict):
            return data
        return {**data, "plan": {**plan, **self.view.rows}}

    def _all_findings(self) -> tuple[Any, ...]:
        return self.iteration.findings if self.iteration else self.project.own_findings

    def _sections(self) -> dict[str, Any]:
        """The keys of a report or a release that have a section of their own."""
        if release := self._release():
            return {key: value for key, value in _shown_of_release(release).items() if value}
        if self.iteration is None or self.view.stage is not Stage.REPORT:
            return {}
        views = {key: getattr(self.iteration, key) for key in ("hypotheses", "recommendation", "decision")}
        return {key: value for key, value in views.items() if value}

    def _release(self) -> ReleaseView | None:
        """The release that the document describes; None for other stages."""
        if self.iteration is None or self.view.stage is not Stage.DEPLOYMENT:
            return None
        return self.iteration.release

    def _result(self) -> LiftResult | ExperimentResult | None:
        """The result that the document discusses."""
        if self.iteration is None:
            return None
        result_of = {
            Stage.ASSESSMENT: self.iteration.lift,
            Stage.EXPERIMENT: self.iteration.experiment,
            Stage.REPORT: self.iteration.experiment,
        }
        return result_of.get(self.view.stage)

    def _unread(self) -> list[IterataError]:
        """Why figures of the document are not shown."""
        errors = [error for error in self.unread if error.location.source in self._result_paths()]
        release = self._release()
        series = release.monitoring.unread if release else None
        return [*errors, series] if series else errors

    def _result_paths(self) -> set[str]:
        """The paths of the results that the document discusses, if there are any."""
        path = self.iteration.path if self.iteration else ""
        kinds = {block.result for block in blocks_of(self.view.stage)}
        files = {f"{path}/results/{kind}.json" for kind in kinds}
        if "rollout" in kinds:
            unread = (error.location.source or "" for error in self.unread)
            files |= {file for file in unread if file.startswith(f"{path}/results/rollout-")}
        return files

    def _neighbours(self) -> tuple[StageView | None, StageView | None]:
        stages = (self.project.stage, *(self.iteration.stages if self.iteration else ()))
        views = [None, *(view for view in stages if view.document), None]
        here = next(index for index, view in enumerate(views) if view and view.stage is self.view.stage)
        return views[here - 1], views[here + 1]


def stage_pages(knowledge: Knowledge) -> Iterator[StagePage]:
    """Every stage document."""
    for project in knowledge.projects:
        if project.requirements:
            yield StagePage(project.requirements, project.stage, project, None)
        for iteration in project.iterations:
            for view in iteration.stages:
                if view.document:
                    yield StagePage(view.document, view, project, iteration, knowledge.unread)


def without_title(html: str, title: str) -> tuple[str, bool]:
    """The prose without a first heading that repeats the title, and whether one was removed."""
    match = _FIRST_HEADING.match(html)
    if match is None:
        return html, False
    heading = unescape(_TAG.sub("", _PERMALINK.sub("", match[1])))
    repeats = " ".join(heading.split()) == " ".join(title.split())
    return (html[match.end() :], True) if repeats else (html, False)


def _shown_of_release(release: ReleaseView) -> dict[str, object]:
    """What the head of a release's page shows; a block that is not valid is shown as it is written."""
    all_earlier = len(release.earlier) == len(_blocks(release.document.data.get("earlier")))
    return {
        "variant": release.variant,
        "revert": release.is_reverted and release.revert,
        "earlier": all_earlier and release.earlier,
        "measure_again": release.measure_again,
    }


def _blocks(value: object) -> list[dict[str, Any]]:
    return [block for block in value if isinstance(block, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list) else []


def _abandoned(value: object) -> dict[str, Any] | None:
    return value if isinstance(value, dict) and value.keys() >= {"on", "why"} else None


def _approval(approval: dict[str, Any]) -> str:
    who = " ".join(str(approval[key]) for key in ("role", "by") if approval.get(key))
    return f"{who} on {approval['on']}" if approval.get("on") else who
