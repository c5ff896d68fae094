"""The board: what needs a decision, the latest answers, what is known by topic, and all projects."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from iterata.site.front_pages.headline import headline, waits_since
from iterata.site.pages import GeneratedPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.documents import Document
    from iterata.knowledge import IterationView, Knowledge, ProjectView
    from iterata.knowledge.days import GitDay
    from iterata.knowledge.decisions import LoggedDecision
    from iterata.lifecycle.next_step import NextStep
    from iterata.site.front_pages.headline import Headline

MOST_DECISIONS = 10
MOST_TASKS = 3
MOST_ANSWERS = 5
MOST_TOPICS = 16
FIRST_PROJECTS = 20
"""How many projects are on the board itself, below its other lists."""
MORE_PROJECTS = 50
"""How many projects are on each further page."""


class Waiting(NamedTuple):
    """Something that waits for somebody."""

    project: ProjectView
    iteration: IterationView | None
    """None for a project without iterations."""
    title: str
    step: NextStep
    since: str
    """The day, as YYYY-MM-DD; empty if it is not known."""

    @property
    def path(self) -> str:
        """The page to open."""
        folder = self.iteration.path if self.iteration else self.project.path
        return f"{folder}/index.md"


class Answer(NamedTuple):
    """The answer of an iteration."""

    iteration: IterationView
    headline: Headline


class Row(NamedTuple):
    """A project on one line."""

    project: ProjectView
    latest: IterationView | None
    headline: Headline | None
    """Of the newest iteration that was run; None before one was."""
    waiting: tuple[Waiting, ...]
    released: IterationView | None
    """The newest iteration with a release."""


class Rows(NamedTuple):
    """The projects of one page."""

    rows: tuple[Row, ...]
    pages: tuple[str, ...]
    """The paths of all pages with projects, the board first."""
    here: int
    """The number of this page, from 1."""
    total: int
    """How many projects there are on all pages."""


def pages(knowledge: Knowledge, shared: dict[str, Any]) -> Iterator[GeneratedPage]:
    """The board, and further pages if there are many projects."""
    portions = _portions(knowledge.projects)
    paths = tuple(further_path(shared["board"], number) for number in range(1, len(portions) + 1))
    for number, (path, projects) in enumerate(zip(paths, portions, strict=True), 1):
        context = {**shared, "rows_here": partial(rows_of, projects, paths, number, len(knowledge.projects))}
        if number == 1:
            yield GeneratedPage(
                path, "Board", "board.html.j2", {**context, "summary": summary}, in_nav=True, is_indexed=False
            )
        else:
            title = f"Projects, page {number}"
            yield GeneratedPage(path, title, "projects.html.j2", context, is_indexed=False)


def rows_of(
    projects: Sequence[ProjectView], paths: tuple[str, ...], number: int, total: int, git_day: GitDay
) -> Rows:
    """The projects of one page. Templates call it, so that a page that is not rendered costs nothing."""
    return Rows(tuple(row(project, git_day) for project in projects), paths, number, total)


def further_path(board: str, number: int) -> str:
    """The path of one of the pages with projects."""
    return board if number == 1 else f"{board.removesuffix('index.md')}board-{number}.md"


def _portions(projects: Sequence[ProjectView]) -> list[Sequence[ProjectView]]:
    rest = range(FIRST_PROJECTS, len(projects), MORE_PROJECTS)
    return [projects[:FIRST_PROJECTS], *(projects[start : start + MORE_PROJECTS] for start in rest)]


def summary(knowledge: Knowledge, git_day: GitDay, log: Sequence[LoggedDecision]) -> dict[str, Any]:
    """What the board says above the projects."""
    waiting = sorted(
        (one for project in knowledge.projects for one in waits(project, git_day)),
        key=lambda one: (one.since or "9", one.path),
    )
    urgent = [one for one in waiting if one.step.is_decision]
    tasks = [one for one in waiting if not one.step.is_decision]
    topics = Counter(tag for finding in knowledge.findings for tag in finding.tags)
    ordered = sorted(topics.items(), key=lambda item: (-item[1], item[0]))
    days = (entry.day for entry in log if entry.day and entry.outcome)
    return {
        "urgent": urgent[:MOST_DECISIONS],
        "all_urgent": len(urgent),
        "tasks": tasks[:MOST_TASKS],
        "all_tasks": len(tasks),
        "answers": latest_answers(knowledge, git_day),
        "topics": ordered[:MOST_TOPICS],
        "all_topics": len(ordered),
        "negative": sum(finding.kind == "negative" for finding in knowledge.findings),
        "latest_decision": next(days, None),
        "suspects": list(islice(_suspects(knowledge), MOST_TASKS)),
    }


def _suspects(knowledge: Knowledge) -> Iterator[tuple[ProjectView, Document]]:
    """The documents that were written against something that has changed since."""
    for project in knowledge.projects:
        for iteration in project.iterations:
            for view in iteration.suspect_stages:
                if view.document:
                    yield project, view.document


def waits(project: ProjectView, git_day: GitDay) -> Iterator[Waiting]:
    """What waits for somebody in a project."""
    if project.next_step and project.next_step.who:
        yield Waiting(project, None, project.title, project.next_step, waits_since(project, None, git_day))
    for iteration in project.iterations:
        if iteration.next_step.who:
            since = waits_since(project, iteration, git_day)
            yield Waiting(project, iteration, iteration.title, iteration.next_step, since)


def latest_answers(knowledge: Knowledge, git_day: GitDay, most: int = MOST_ANSWERS) -> tuple[Answer, ...]:
    """The answers of iterations that were run, the newest first."""
    answers = (
        Answer(iteration, headline(project, iteration, git_day))
        for project in knowledge.projects
        for iteration in project.iterations
        if iteration.measured or iteration.decision
    )
    ordered = sorted(answers, key=lambda answer: answer.iteration.ref)
    return tuple(sorted(ordered, key=lambda answer: answer.headline.day, reverse=True)[:most])


def row(project: ProjectView, git_day: GitDay) -> Row:
    """A project on one line."""
    run = next((one for one in reversed(project.iterations) if one.measured), None)
    return Row(
        project,
        project.iterations[-1] if project.iterations else None,
        headline(project, run, git_day) if run else None,
        tuple(waits(project, git_day)),
        project.released[-1] if project.released else None,
    )
