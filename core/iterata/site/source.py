"""A knowledge base whose pages a site shows: the site's own, or one of another folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from iterata.knowledge import read as read_knowledge
from iterata.repository.dating import Dating, dating
from iterata.repository.noted_tree import NotedTree
from iterata.repository.projects import Repository
from iterata.rules.check import with_severity
from iterata.rules.tree import unread_folders
from iterata.site.files import mounted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iterata.knowledge import Knowledge
    from iterata.repository.config import Config
    from iterata.repository.history import Dates
    from iterata.repository.members import Member
    from iterata.site.files import MountedFile


@dataclass(frozen=True)
class Source:
    """A knowledge base whose pages the site shows."""

    base: Config
    root: Path
    """The folder that its paths are relative to: its own, or the top of the Git repository."""
    repository: Repository
    folder: str = ""
    """Its folder, relative to `root`; empty for the site's own."""
    read: Callable[[Repository], Knowledge] = read_knowledge

    @classmethod
    def of(cls, member: Member, read: Callable[[Repository], Knowledge]) -> Source:
        """A knowledge base in another folder, with paths from the top of the Git repository."""
        repository = Repository.of_member(member, NotedTree(member.top))
        return cls(member.config, member.top, repository, member.folder, read)

    @cached_property
    def knowledge(self) -> Knowledge:
        """Its read model."""
        return self.read(self.repository)

    @cached_property
    def files(self) -> tuple[MountedFile, ...]:
        """The files of its projects that pages link to, published or not."""
        folder, settings = self.repository.projects_dir, self.base.settings
        return tuple(mounted(self.root, folder, publish_code=settings.publish_code))

    @cached_property
    def dating(self) -> Dating:
        """Dates and authors of its documents; Git is not called if there are no documents."""
        return dating(self.base) if any(self.knowledge.documents) else Dating()

    def dates_of(self, path: str) -> Dates | None:
        """The dates of one of its documents."""
        return self.dating.of(path.removeprefix(f"{self.folder}/") if self.folder else path)

    def earlier_paths(self, path: str) -> tuple[str, ...]:
        """The paths that one of its documents had before it was renamed, from its own top."""
        return self.dating.earlier_paths(path.removeprefix(f"{self.folder}/") if self.folder else path)

    @property
    def warnings(self) -> Iterator[str]:
        """The problems of its documents, and the folders that are not read because of their name."""
        yield from map(str, self.knowledge.unread)
        yield from map(str, self.knowledge.unread_series)
        problems = (problem for document in self.knowledge.documents for problem in document.problems)
        found = (*unread_folders(self.repository), *problems)
        yield from map(str, with_severity(self.repository, found))
