"""The project code that a plan names, and what that imports from the project. Nothing is executed."""

from __future__ import annotations

import hashlib
import posixpath
import re
from typing import TYPE_CHECKING

from iterata.documents.fingerprint import digest
from iterata.errors import IterataError
from iterata.execution.imports import ALL, imports_of
from iterata.repository.git_tree import is_plain
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.proposal import Proposal, ProposedPlan
    from iterata.documents.models.variants import CommandVariant, Variant
    from iterata.repository.projects import IterationFolder
    from iterata.repository.tree import Tree
    from iterata.results import ExperimentResult

_LFS_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid (sha256:[0-9a-f]{64})\n"
)
_LFS_POINTER_SIZE = 1024


class CodeMissingError(IterataError):
    """A plan names a file of the project that is not there, or is a symbolic link."""


def code_of_plan(tree: Tree, project: str, plan: ProposedPlan, kpi: KpiSpec | None) -> dict[str, str]:
    """The digest of every file of code that a plan names, by its path in the repository.

    These are the modules of factories and of a KPI of kind `python`, the files among the words of a command
    and under `reads`, and the modules of the project that these import. If code may run more than it names,
    as a shell script does, all Python code of the project counts.

    Args:
        tree: the working tree, or a revision.
        project: the path of the project's folder.
        plan: the plan.
        kpi: the KPI of the assessment; None if there is none.

    Raises:
        CodeMissingError: a file that the plan names is missing, or is a symbolic link.
    """
    code = _Code(tree, project)
    for variant in plan.variants:
        try:
            code.add_variant(variant)
        except CodeMissingError as error:
            raise error.at(variant=variant.name) from None
    if kpi is not None and kpi.kind == "python":
        code.add_function(kpi.function)
    return {path: code.digests[path] for path in sorted(code.digests)}


def code_of_iteration(folder: IterationFolder) -> dict[str, str]:
    """The same for the plan of an iteration; empty if it has no complete plan.

    Raises:
        CodeMissingError: a file that the plan names is missing, or is a symbolic link.
    """
    plan, assessment = folder.plan, folder.assessment
    if plan is None:
        return {}
    kpi = assessment.lift.kpi if assessment else None
    return code_of_plan(folder.project.repository.tree, folder.project.path, plan, kpi)


def code_digest(code: dict[str, str], project: str) -> str | None:
    """The digest that an approval records of a plan's code; None for a plan that names no code.

    It does not depend on where the project's folder is.
    """
    return digest({within(project, path): value for path, value in code.items()}) if code else None


def within(project: str, path: str) -> str:
    """The path of a file within its project, also if the folder of the projects was moved since."""
    if path.startswith(f"{project}/"):
        return path.removeprefix(f"{project}/")
    _, found, rest = f"/{path}".partition(f"/{project.rpartition('/')[2]}/")
    return rest if found else path


def has_approved_code(proposal: Proposal | None, result: ExperimentResult, project: str) -> bool:
    """Whether a result was computed with the code that was approved, as far as both record it."""
    approved, code = proposal.code_digest if proposal else None, result.provenance.code
    return None in (approved, code) or approved == code_digest(code or {}, project)


def file_digest(content: bytes) -> str:
    """The digest of a file of code: the same for every way in which a checkout writes its line breaks.

    A pointer of Git LFS has the digest of the file that it stands for.
    """
    pointer = _LFS_POINTER.match(content) if len(content) <= _LFS_POINTER_SIZE else None
    if pointer:
        return pointer[1].decode()
    unix = content.replace(b"\r\n", b"\n")
    return f"sha256:{hashlib.sha256(unix).hexdigest()}"


class _Code:
    """Files of a project, collected with what they import."""

    def __init__(self, tree: Tree, project: str) -> None:
        self.tree, self.project = tree, project
        self.digests: dict[str, str] = {}
        self._names: dict[str, dict[str, bool]] = {}

    def add_variant(self, variant: Variant) -> None:
        """What the variant names."""
        if variant.producer == "sklearn" and variant.factory is not None:
            self.add_function(variant.factory)
        elif variant.producer == "command":
            self.add_command(variant)

    def add_function(self, reference: str) -> None:
        """A function that `module:function` names."""
        path = f"{self.project}/{reference.partition(':')[0]}.py"
        self._require(path)
        self._add([path], [self.project])

    def add_command(self, variant: CommandVariant) -> None:
        """The files of a program; without a Python file among its words, all Python code of the project."""
        for name in variant.reads:
            path = self._in_project(name)
            self._require(path or f"{self.project}/{name}")
        words = [path for word in variant.command if (path := self._in_project(word)) and self._is_file(path)]
        modules = [
            path
            for option, name in zip(variant.command, variant.command[1:], strict=False)
            if option == "-m"
            for path in self._module(name, [self.project])
        ]
        read = [path for name in variant.reads if (path := self._in_project(name))]
        roots = [self.project, *(posixpath.dirname(path) for path in words if path.endswith(".py"))]
        self._add([*words, *modules, *read], roots)
        if not any(path.endswith(".py") for path in (*words, *modules)):
            self._add(list(self._all_modules(self.project)), roots)

    def _add(self, paths: Sequence[str], roots: Sequence[str]) -> None:
        """Files with the modules that they import from the project; `roots` are the folders of `sys.path`."""
        remaining = list(paths)
        while remaining:
            path = remaining.pop()
            if path in self.digests:
                continue
            content = self.tree.read(path)
            self.digests[path] = file_digest(content)
            if not path.endswith(".py"):
                continue
            imports = imports_of(content)
            for level, name in imports.names:
                remaining += self._module(name, [self._package(path, level)] if level else roots)
            if not imports.complete:
                remaining += (module for root in roots for module in self._all_modules(root))

    def _package(self, path: str, level: int) -> str:
        for _ in range(level):
            path = posixpath.dirname(path)
        return path

    def _module(self, name: str, folders: Sequence[str]) -> Iterator[str]:
        """The files of a module and of the packages that it is in, as far as they are in these folders."""
        for folder in folders:
            if folder != self.project and not folder.startswith(f"{self.project}/"):
                continue
            yield from self._initial(folder)
            place = folder
            for part in filter(None, name.split(".")):
                if part == ALL:
                    yield from self._files(place)
                    break
                if self._is_file(f"{place}/{part}.py"):
                    yield f"{place}/{part}.py"
                place = f"{place}/{part}"
                yield from self._initial(place)

    def _initial(self, package: str) -> Iterator[str]:
        if self._is_file(f"{package}/__init__.py"):
            yield f"{package}/__init__.py"

    def _files(self, folder: str) -> Iterator[str]:
        names = self._entries(folder)
        yield from (
            f"{folder}/{name}" for name, is_dir in names.items() if name.endswith(".py") and not is_dir
        )

    def _all_modules(self, folder: str) -> Iterator[str]:
        """The Python files of a folder and of the packages in it."""
        yield from self._files(folder)
        for name, is_dir in self._entries(folder).items():
            if is_dir and self._is_file(f"{folder}/{name}/__init__.py"):
                yield from self._all_modules(f"{folder}/{name}")

    def _in_project(self, name: str) -> str | None:
        """The path in the repository of a file that a word may name; None if it is outside of the project."""
        path = posixpath.normpath(posixpath.join(self.project, name))
        return path if path.startswith(f"{self.project}/") else None

    def _require(self, path: str) -> None:
        name = within(self.project, path)
        if not self._is_file(path):
            guess = closest(name, [within(self.project, other) for other in self._files(self.project)])
            remedy = f"did you mean {guess}?" if guess else "add the file, or correct the name"
            raise CodeMissingError(f"the project has no file {name}", remedy=remedy)
        if not is_plain(self.tree, path):
            message = f"{name} is a symbolic link, and approval covers files only"
            raise CodeMissingError(message, remedy="replace it by the file itself")

    def _is_file(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return self._entries(folder).get(name) is False

    def _entries(self, folder: str) -> dict[str, bool]:
        """The names in a folder, and whether each is a folder; each folder is listed once."""
        if folder not in self._names:
            self._names[folder] = {entry.name: entry.is_dir for entry in self.tree.entries(folder)}
        return self._names[folder]
