"""The last agreed state of documents in the history of the target branch.

A document has agreed content in the statuses in which it does not change in place. Deleting it, moving it to
draft or giving it another name does not end the agreement, so the state at the merge base is not enough.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Self

from iterata.documents import parse
from iterata.errors import ConfigError, IterataError
from iterata.lifecycle.context import context_at
from iterata.repository import git
from iterata.repository.config import NAMES, Config, read
from iterata.repository.git_objects import BlobReader
from iterata.repository.git_tree import GitTree, MissingBlobError
from iterata.repository.projects import ITERATION_NAME, Repository
from iterata.repository.versions import renamed_from, versions
from iterata.review.changes import UNSHALLOW, Change
from iterata.review.immutability import content_problems, has_new_approvals
from iterata.review.transitions import reachable
from iterata.stages import SETTLED, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iterata.lifecycle.context import DocumentContext
    from iterata.repository.projects import IterationFolder
    from iterata.repository.versions import Version
    from iterata.review.changes import Comparison

_MAX_RENAMES = 10
"""How many former names of a document are followed."""


class Identity(NamedTuple):
    """What a document is, wherever the folder of projects is."""

    project: str
    iteration: str
    """Empty for requirements."""
    stage: Stage

    @property
    def path(self) -> str:
        """Its path within the folder of projects."""
        return "/".join(part for part in (self.project, self.iteration, self.stage.filename) if part)


class AgreedState(NamedTuple):
    """A document as it was agreed."""

    commit: str
    context: DocumentContext
    approved: DocumentContext
    """The earliest state with the present approvals; errata may have changed the prose since."""


class AgreedHistory:
    """The agreed states of documents in the history of a commit.

    Only states of the branch itself are agreements. A state that only a merged branch had may be a trial of
    that branch, or an agreement of a target branch that was merged into another one and then replaced by it.
    The two look the same, so such a state asks for new approvals only.
    """

    def __init__(self, config: Config, target: str, folder: str, projects: Iterable[str]) -> None:
        self._config, self._target, self._folder = config, target, folder
        self._projects = frozenset(projects)
        self._resources = ExitStack()
        self._repositories: dict[tuple[str, str], Repository] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    @cached_property
    def _blobs(self) -> BlobReader:
        reader = BlobReader(self._config.root)
        self._resources.callback(reader.close)
        return reader

    def last(self, identities: Iterable[Identity]) -> dict[Identity, AgreedState]:
        """The last agreed state of each document that has one.

        Raises:
            IterataError: this clone does not have the whole history.
        """
        states = {}
        for identity, history in self._histories(identities, [self._target], merged_only=True):
            if state := self._last(self._with_former_names(history)):
                states[identity] = state
        return states

    def merged_within(self, known: Mapping[Identity, AgreedState | None]) -> dict[Identity, AgreedState]:
        """The newest agreed state of each document that only a merged branch had since the known one."""
        by_commit: dict[str, list[Identity]] = {}
        for identity, state in known.items():
            by_commit.setdefault(state.commit if state else "", []).append(identity)
        states = {}
        for commit, identities in by_commit.items():
            revisions = [self._target, *([f"^{commit}"] if commit else [])]
            for identity, history in self._histories(identities, revisions, merged_only=False):
                newest = next(self._agreed(reversed(history)), None)
                if newest is not None:
                    states[identity] = AgreedState(*newest, newest[1])
        return states

    def numbers(self, folder: IterationFolder) -> Iterator[tuple[str, str]]:
        """The names of other iterations with the number of `folder` and agreed documents, and the commits."""
        others = [
            identity
            for identity in self._documents
            if identity.project == folder.project.name and _is_other(identity.iteration, folder)
        ]
        for identity, history in self._histories(others, [self._target], merged_only=True):
            for commit, _ in self._agreed(history):
                yield identity.iteration, commit

    @cached_property
    def _documents(self) -> frozenset[Identity]:
        """Every document that the history of the target branch had in the projects that are asked about."""
        patterns = [f"{folder}/{project}" for folder in self._folders for project in self._projects]
        found = self._versions(patterns, [self._target], merged_only=False)
        return frozenset(identity for version in found if (identity := _identity(version.path)))

    @cached_property
    def _folders(self) -> frozenset[str]:
        """Every folder of projects that the settings of the target branch ever had."""
        folders = {self._folder}
        for version in self._versions(NAMES, [self._target], merged_only=False):
            if version.blob:
                with suppress(ConfigError):
                    folders.add(read(self._read(version), version.path).projects_dir)
        return frozenset(folders)

    def _histories(
        self, identities: Iterable[Identity], revisions: list[str], *, merged_only: bool
    ) -> Iterator[tuple[Identity, list[Version]]]:
        wanted = [identity for identity in identities if identity in self._documents]
        patterns = [f"{folder}/{identity.path}" for folder in self._folders for identity in wanted]
        found = self._versions(patterns, revisions, merged_only=merged_only) if wanted else []
        for identity in wanted:
            if history := [version for version in found if _identity(version.path) == identity]:
                yield identity, history

    def _versions(self, paths: Iterable[str], revisions: list[str], *, merged_only: bool) -> list[Version]:
        if git.is_shallow(self._config.root):
            message = "this clone does not have the history that shows what was agreed"
            raise IterataError(message, remedy=UNSHALLOW, where=str(self._config.root))
        return versions(self._config.root, paths, revisions, merged_only=merged_only)

    def _with_former_names(self, history: list[Version]) -> list[Version]:
        """The versions of a document, with those it had under other names before."""
        complete, first = history, history[0]
        for _ in range(_MAX_RENAMES):
            former = renamed_from(self._config.root, first.commit, first.path) if first.added else None
            if former is None or _identity(former) is None:
                break
            earlier = self._versions([former], [f"{first.commit}^1"], merged_only=True)
            if not earlier:
                break
            complete, first = [*earlier, *complete], earlier[0]
        return complete

    def _last(self, history: Iterable[Version]) -> AgreedState | None:
        """The last of the states that follow each other with a reason and with approvals."""
        last: AgreedState | None = None
        for commit, context in self._agreed(history):
            if last is None:
                last = AgreedState(commit, context, context)
            elif _follows(last, context):
                approved = context if has_new_approvals(last.context, context) else last.approved
                last = AgreedState(commit, context, approved)
        return last

    def _agreed(self, history: Iterable[Version]) -> Iterator[tuple[str, DocumentContext]]:
        """The agreed states among the versions of documents, each with its commit."""
        for version in history:
            identity = _identity(version.path)
            if not version.blob or identity is None:
                continue
            status = parse(version.path, identity.stage, self._read(version)).status
            folder = version.path.removesuffix(identity.path).rstrip("/")
            if status not in SETTLED or folder not in self._folders:
                continue
            if context := context_at(self._repository(version.commit, folder), version.path):
                yield version.commit, context

    def _read(self, version: Version) -> bytes:
        try:
            return self._blobs.read(version.blob)
        except KeyError:
            raise MissingBlobError(version.path) from None

    def _repository(self, commit: str, folder: str) -> Repository:
        if (commit, folder) not in self._repositories:
            tree = GitTree(self._config.root, commit, folder)
            self._resources.callback(tree.close)
            self._repositories[commit, folder] = Repository(tree, folder)
        return self._repositories[commit, folder]


def agreed_history(comparison: Comparison) -> AgreedHistory:
    """The history of the target branch, for the projects that a pull request changes."""
    contexts = (context for change in comparison.changes for context in change if context)
    projects = {context.project.name for context in contexts}
    config = Config(comparison.head_tree.root, comparison.settings)
    return AgreedHistory(config, comparison.target_commit, comparison.target.projects_dir, projects)


def _is_other(name: str, folder: IterationFolder) -> bool:
    """Whether this is the name of another iteration with the same number."""
    match = ITERATION_NAME.match(name)
    return name != folder.name and match is not None and int(match[1]) == folder.number


def identity_of(context: DocumentContext) -> Identity:
    """The identity of a document."""
    name = context.iteration.name if context.iteration else ""
    return Identity(context.project.name, name, context.document.stage)


def _identity(path: str) -> Identity | None:
    """The identity of a file, None if it is not named like a document."""
    *folders, name = path.split("/")
    stage = next((stage for stage in Stage if stage.filename == name), None)
    count = 1 if stage is Stage.REQUIREMENTS else 2
    if stage is None or len(folders) < count:
        return None
    return Identity(folders[-count], folders[-1] if count == 2 else "", stage)


def _follows(last: AgreedState, context: DocumentContext) -> bool:
    """Whether a state keeps the content that was agreed, or was agreed instead of it."""
    before, after = last.context.document.status, context.document.status
    if before is None or after is None or not reachable(context.document.stage, before, after):
        return False
    return next(content_problems(Change(last.context, context), last.approved), None) is None
