"""The commits that hold what a result was computed from: its approved plan, and its code.

A result is identified by the digests of these. The commit that it names is a hint: a squash merge, a rebase
or a force-push leaves it behind.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Self

from iterata.documents import parse
from iterata.documents.proposed_plan import digest_of_plan
from iterata.errors import DataError
from iterata.repository import git
from iterata.repository.git_objects import BlobNames, BlobReader
from iterata.repository.git_refusals import IncompleteCloneError
from iterata.repository.plan_code import code_digest, file_digest, within
from iterata.results.comparison import equal_apart_from_provenance
from iterata.results.store import parse as parse_result
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from iterata.documents import Document
    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult

MOST_COMMITS = 1000
"""How many of the newest commits that changed these files are looked at."""

MOST_PATHS = 200
"""For more files of code than this, the history of the whole project is read."""

MOST_NAMED = 10
"""How many files that differ are named."""

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class CommitState(NamedTuple):
    """What a commit holds of that which a result was computed from."""

    commit: str
    status: Status | None
    """The status of the proposal; None if there is no proposal, or no valid status."""
    has_proposal: bool
    same_plan: bool
    """Whether its plan has the digest of the result."""
    other_files: tuple[str, ...]
    """The files of code that are missing or different; empty if the result does not record its code."""
    code_approved: bool
    """False if its approval covers other code than the result was computed with."""

    @property
    def is_same(self) -> bool:
        """Whether the result can be computed again from this commit."""
        return self.same_plan and not self.other_files

    @property
    def is_approved(self) -> bool:
        """Whether this very plan is approved."""
        return self.same_plan and self.status is Status.APPROVED

    @property
    def confirms(self) -> bool:
        """Whether the plan of the result is approved, with the code that it was computed with."""
        return self.is_approved and self.is_same and self.code_approved

    @property
    def closeness(self) -> tuple[bool, bool, bool, int, bool]:
        """Sorts states: the greatest says best why a result cannot be confirmed."""
        files = -len(self.other_files)
        return self.is_approved, self.same_plan, self.has_proposal, files, self.code_approved


class Confirmation(NamedTuple):
    """Whether a history confirms that a plan was approved before a result was added."""

    confirmed: bool
    state: CommitState | None
    """The commit that confirms it, or comes closest; None if there is none."""
    by_its_commit: bool
    """Whether this is the commit that the result names."""


class ResultHistory:
    """The history of a result's plan and code. It runs two processes of Git until it is closed."""

    def __init__(self, root: Path, folder: IterationFolder, result: ExperimentResult) -> None:
        self.root, self.folder, self.result = root, folder, result
        self.code = result.provenance.code
        self._proposals: dict[tuple[str | None, str | None], tuple[Document, bool]] = {}
        self._digests: dict[str, str] = {}
        self._results: dict[str | None, bool] = {None: False}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in ("_names", "_blobs"):
            if name in self.__dict__:
                getattr(self, name).close()

    @cached_property
    def _names(self) -> BlobNames:
        return BlobNames(self.root)

    @cached_property
    def _blobs(self) -> BlobReader:
        return BlobReader(self.root)

    @cached_property
    def _result_path(self) -> str:
        return self.folder.result_path("experiment")

    @cached_property
    def _documents(self) -> tuple[str, str]:
        """The paths of the proposal, and of the assessment that completes its plan."""
        source = self.folder.assessment_folder or self.folder
        return f"{self.folder.path}/{Stage.PROPOSAL.filename}", f"{source.path}/{Stage.ASSESSMENT.filename}"

    @property
    def commit(self) -> str | None:
        """The full name of the commit that the result names; None if that is no fixed commit."""
        commit = self.result.provenance.commit
        return commit if commit and _COMMIT.fullmatch(commit) else None

    def confirm(self, head: str) -> Confirmation:
        """Whether the history of `head` holds the approved plan and the code before the result was added.

        If the commit that the result names is part of the history, the plan must be approved there. Otherwise
        it must be approved in, or before, each commit that added the result.
        """
        commit = self.commit
        if commit is not None and git.is_ancestor(self.root, commit, head):
            state = self.at(commit)
            if not state.is_approved or state.is_same:
                return Confirmation(state.confirms, state, by_its_commit=True)
        confirmation = Confirmation(False, None, by_its_commit=False)  # noqa: FBT003
        for start in self._first_commits(head) or [head]:
            confirmation = self._confirm_up_to(start)
            if not confirmation.confirmed:
                break
        return confirmation

    def _confirm_up_to(self, start: str) -> Confirmation:
        closest: CommitState | None = None
        for state in self.states(start):
            if state.confirms:
                return Confirmation(True, state, by_its_commit=False)  # noqa: FBT003
            closest = max((state, closest), key=lambda found: found.closeness) if closest else state
        return Confirmation(False, closest, by_its_commit=False)  # noqa: FBT003

    def states(self, start: str) -> Iterator[CommitState]:
        """The states of the commits up to one that changed plan, code or result, newest first."""
        paths = [*self._documents, self._result_path]
        code = [path for path in self.code or () if _is_path(path)]
        paths += code if len(code) <= MOST_PATHS else [self.folder.project.path]
        for commit in git.commits_touching(self.root, start, paths, MOST_COMMITS):
            yield self.at(commit)

    def at(self, commit: str) -> CommitState:
        """What one commit holds."""
        names = [self._names.sha(commit, path) for path in self._documents]
        proposal = self._proposal(names[0], names[1])
        if proposal is None:
            return CommitState(commit, None, False, False, self._other_files(commit), True)  # noqa: FBT003
        document, same_plan = proposal
        approved = document.data.get("code_digest")
        code_approved = approved is None or (
            self.code is not None and approved == code_digest(self.code, self.folder.project.path)
        )
        others = self._other_files(commit)
        return CommitState(commit, document.status, True, same_plan, others, code_approved)  # noqa: FBT003

    def _proposal(self, name: str | None, assessment: str | None) -> tuple[Document, bool] | None:
        """The proposal, and whether its plan has the digest of the result; None if there is no proposal."""
        if name is None:
            return None
        key = (name, assessment)
        if key not in self._proposals:
            document = parse(self._documents[0], Stage.PROPOSAL, self._read(name))
            applies = self._read(assessment) if assessment else None
            source = None if applies is None else parse(self._documents[1], Stage.ASSESSMENT, applies)
            self._proposals[key] = document, digest_of_plan(document, source) == self.result.plan_digest
        return self._proposals[key]

    def _other_files(self, commit: str) -> tuple[str, ...]:
        """The first files of code that differ: a forged result may name any number."""
        files = (path for path, value in (self.code or {}).items() if self._digest(commit, path) != value)
        return tuple(islice(files, MOST_NAMED))

    def _digest(self, commit: str, path: str) -> str | None:
        if not _is_path(path):
            return None
        name = self._names.sha(commit, path)
        if name is None:  # the folder of the projects may have been moved
            project = self.folder.project.path
            name = self._names.sha(commit, f"{project}/{within(project, path)}")
        if name is None:
            return None
        if name not in self._digests:
            self._digests[name] = file_digest(self._read(name))
        return self._digests[name]

    def _first_commits(self, head: str) -> list[str]:
        """The commits that added the result: it is in them, and in none of their parents."""
        path = self._result_path
        commits = git.commits_touching(self.root, head, [path], MOST_COMMITS)
        return [commit for commit in commits if self._holds_result(commit) and not self._inherits(commit)]

    def _inherits(self, commit: str) -> bool:
        parents = (f"{commit}^{number}" for number in (1, 2))
        return any(self._holds_result(parent) for parent in parents)

    def _holds_result(self, revision: str) -> bool:
        """Whether a revision holds the result of the same code, apart from the rest of its provenance."""
        name = self._names.sha(revision, self._result_path)
        if name not in self._results:
            self._results[name] = name is not None and self._is_result(self._read(name))
        return self._results[name]

    def _is_result(self, content: bytes) -> bool:
        if self.result.plan_digest.encode() not in content:
            return False
        try:
            other = parse_result("experiment", content, "")
        except DataError:
            return False
        return other.provenance.code == self.code and equal_apart_from_provenance(other, self.result)

    def _read(self, name: str) -> bytes:
        try:
            return self._blobs.read(name)
        except KeyError:
            raise IncompleteCloneError(self.folder.path) from None


def approved_differences(
    root: Path, folder: IterationFolder, code: dict[str, str], approved: str
) -> list[str]:
    """The files in which the code of a plan differs from the code that it was approved with.

    All of them if no commit of this history holds the approved code.
    """
    head, project = git.head(root), folder.project.path
    names, blobs = BlobNames(root), BlobReader(root)
    try:
        proposal = f"{folder.path}/{Stage.PROPOSAL.filename}"
        for commit in git.commits_touching(root, head, [proposal, *code], MOST_COMMITS) if head else ():
            earlier = _code_at(names, blobs, commit, list(code))
            if code_digest(earlier, project) == approved:
                return [path for path, value in code.items() if earlier.get(path) != value]
    except KeyError:  # a partial clone
        return list(code)
    finally:
        names.close()
        blobs.close()
    return list(code) or ["none is named"]


def _code_at(names: BlobNames, blobs: BlobReader, commit: str, paths: list[str]) -> dict[str, str]:
    """The digests of files at a commit, without those that it does not have."""
    found = {path: name for path in paths if (name := names.sha(commit, path))}
    return {path: file_digest(blobs.read(name)) for path, name in found.items()}


def _is_path(path: str) -> bool:
    """Whether a text of a result file can be a path of the repository."""
    return path.isprintable() and not path.startswith("/") and ".." not in path.split("/") and path != ""
