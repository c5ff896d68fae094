"""What a knowledge base and those that its settings name know, with the days of their documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from iterata.knowledge.build import read
from iterata.knowledge.several import Member, joined
from iterata.repository.dating import dating
from iterata.repository.members import members
from iterata.repository.projects import Repository

if TYPE_CHECKING:
    from iterata.knowledge.views import Knowledge
    from iterata.repository.config import Config
    from iterata.repository.dating import Dating
    from iterata.repository.history import Dates


@dataclass(frozen=True)
class _Dated:
    """The dates of the documents of one knowledge base; Git is called on first use."""

    config: Config
    folder: str = ""

    @cached_property
    def _dating(self) -> Dating:
        return dating(self.config)

    def of(self, path: str) -> Dates | None:
        return self._dating.of(path.removeprefix(f"{self.folder}/") if self.folder else path)

    @property
    def note(self) -> str:
        """What is missing; empty if nothing is, or if no date was asked for."""
        return self._dating.note if "_dating" in vars(self) else ""


@dataclass(frozen=True)
class Whole:
    """The joined read model of all its knowledge bases, as the site shows it."""

    knowledge: Knowledge
    repositories: tuple[tuple[str, Repository], ...]
    """Each knowledge base with the folder that its paths begin with; its own first."""
    _dated: tuple[_Dated, ...] = field(repr=False, default=())

    def dates(self, path: str) -> Dates | None:
        """When a document was created and last changed; None if Git does not know it."""
        for dated in reversed(self._dated):  # its own is last: its folder is empty
            if path.startswith(dated.folder and f"{dated.folder}/"):
                return dated.of(path)
        return None

    def git_day(self, path: str) -> str:
        """The day on which a document last changed; empty if Git does not know it."""
        dates = self.dates(path)
        return dates.changed.day if dates and dates.changed else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is ignored of newer results, and why documents have no days, in words."""
        days = (dated.note for dated in self._dated)
        return (*self.knowledge.notices, *dict.fromkeys(note for note in days if note))


def repositories(config: Config) -> list[tuple[str, Config, Repository]]:
    """A knowledge base and those that its settings name: where paths begin, the settings and the files.

    Raises:
        ConfigError: one of those is missing, invalid, or not in the same Git repository.
    """
    others = ((member.folder, member.config, Repository.of_member(member)) for member in members(config))
    return [("", config, Repository.on_disk(config)), *others]


def read_whole(config: Config) -> Whole:
    """Read a knowledge base, and those that its settings name.

    Raises:
        ConfigError: one of those is missing, invalid, or not in the same Git repository.
    """
    own, *others = repositories(config)
    joined_members = [Member(folder, read(repository)) for folder, _, repository in others]
    return Whole(
        joined(read(own[2]), joined_members),
        tuple((folder, repository) for folder, _, repository in (own, *others)),
        tuple(_Dated(base, folder) for folder, base, _ in (own, *others)),
    )
