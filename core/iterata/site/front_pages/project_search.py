"""The data of the search in the list of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.knowledge.days import day_of
from iterata.site.facts import label
from iterata.site.front_pages.home import waits
from iterata.site.search_data import Facet, script_of
from iterata.text import truncate

if TYPE_CHECKING:
    from iterata.knowledge import IterationView, Knowledge, ProjectView
    from iterata.knowledge.days import GitDay
    from iterata.site.derived import Derived
    from iterata.site.front_pages.headline import NewestRun
    from iterata.site.front_pages.home import Waiting
    from iterata.site.place import Url

PROJECTS_DATA = "assets/projects-data.js"

FEWEST_SEARCHED = 11
"""The fewest projects that have a search; fewer are seen at a glance."""
LONGEST_TITLE = 200
LONGEST_WORDS = 1000
"""The characters of a title, and of what is searched beside it."""
MOST_WAITING = 5
"""How many things that a project waits for are shown, as on the board."""


class Listed(NamedTuple):
    """A project in the list."""

    project: ProjectView
    run: NewestRun | None
    waiting: tuple[Waiting, ...]

    @property
    def latest(self) -> IterationView | None:
        """Its newest iteration."""
        return self.project.iterations[-1] if self.project.iterations else None


def _turns(listed: Listed) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.step.who for one in listed.waiting)) or ("nobody",)


def _stage(listed: Listed) -> tuple[str, ...]:
    documents = listed.latest.documents if listed.latest else ()
    return (str(documents[-1].stage),) if documents else ("requirements",)


FACETS: tuple[Facet[Listed], ...] = (
    Facet("who", "Waits for", _turns, has_many=True),
    Facet("stage", "Stage", _stage, shown=label),
    Facet("base", "Knowledge base", lambda listed: (listed.project.knowledge_base or "this one",)),
)


def has_search(knowledge: Knowledge) -> bool:
    """Whether the list of projects has a search."""
    return len(knowledge.projects) >= FEWEST_SEARCHED


def project_data(derived: Derived, git_day: GitDay, address: Url) -> str:
    """The script with all projects, as the board lists them.

    Args:
        derived: what follows from the knowledge base.
        git_day: the day of the last change of a document.
        address: the address of the page at a path, relative to the top of the site.
    """
    projects = derived.knowledge.projects
    rows = [
        Listed(project, run, tuple(waits(project, git_day)))
        for project, run in zip(projects, derived.newest_runs, strict=True)
    ]
    data = {
        "facets": [facet.data(rows) for facet in FACETS],
        "rows": [_row(listed, git_day, address) for listed in rows],
    }
    return script_of("iterataProjects", data)


def _row(listed: Listed, git_day: GitDay, address: Url) -> list[object]:
    """A project, in the order that the script reads."""
    project, run = listed.project, listed.run
    figures = run.figures if run else None
    document = next(reversed(run.iteration.documents), None) if run else None
    return [
        project.name,
        truncate(project.title, LONGEST_TITLE),
        address(f"{project.path}/index.md"),
        len(project.iterations),
        list(figures.gain) if figures else None,
        figures.unit_and_doubt if figures else "",
        int(bool(run and run.is_provisional)),
        _stage_of(listed.latest, address),
        [
            [
                one.iteration.name if one.iteration else "",
                address(one.path),
                one.step.what,
                one.step.who,
                one.since,
            ]
            for one in listed.waiting[:MOST_WAITING]
        ],
        truncate(_words(listed), LONGEST_WORDS),
        min((one.since for one in listed.waiting if one.since), default=""),
        day_of(document, git_day) if document else "",
    ]


def _stage_of(latest: IterationView | None, address: Url) -> tuple[str, str, str]:
    """The newest iteration, the address of its page, and its stage in words."""
    if latest is None:
        return "", "", ""
    document = next(reversed(latest.documents), None)
    words = (
        f"{label(str(document.stage))} {label(str(document.status or 'unknown'), capital=False)}"
        if document
        else ""
    )
    return latest.name, address(f"{latest.path}/index.md"), words


def _words(listed: Listed) -> str:
    """What is searched beside the title: what its iterations found, and its tags."""
    project = listed.project
    tags = dict.fromkeys(tag for finding in project.findings for tag in finding.tags)
    return "\n".join([*(iteration.title for iteration in project.iterations), *tags])
