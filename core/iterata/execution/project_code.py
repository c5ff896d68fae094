"""The project's own Python code: its files, their fingerprint, and functions loaded from it."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from iterata.execution.refusals import ProjectFunctionMissing, ProjectImportFailed, ProjectModuleMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType


def source_files(project: Path) -> list[Path]:
    """The Python files of a project's folder and of the packages in it, in order."""
    return sorted([*project.glob("*.py"), *_package_files(project)])


def _package_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink() and (path / "__init__.py").is_file():
            yield from path.glob("*.py")
            yield from _package_files(path)


def fingerprint(project: Path) -> str:
    """A digest of the names and contents of all source files: any of them may change the predictions."""
    digest = hashlib.sha256()
    for path in source_files(project):
        name = path.relative_to(project).as_posix().encode()
        digest.update(name + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_file_of(project: Path, argument: str) -> bool:
    """Whether an argument of a command names a file below the project's folder."""
    path = project / argument
    try:
        below = path.resolve().is_relative_to(project.resolve())
        return below and path.is_file() and not Path(argument).is_absolute()
    except (OSError, RuntimeError, ValueError):  # not a path, for example too long
        return False


def load_function(project: Path, reference: str) -> Callable[..., object]:
    """The function that `module:function` names, from the module's file in the project's folder.

    The folder is put first on `sys.path`, so that the module can import its neighbours.

    Raises:
        ProjectModuleMissing: the project has no such file.
        ProjectImportFailed: importing the file raised an exception.
        ProjectFunctionMissing: the file has no such function.
    """
    module_name, _, name = reference.partition(":")
    path = project / f"{module_name}.py"
    if not path.is_file():
        raise ProjectModuleMissing(module_name, name, [path.stem for path in sorted(project.glob("*.py"))])
    module = _load(path)
    function: object = getattr(module, name, None)
    if not callable(function):
        functions = [key for key, value in vars(module).items() if callable(value)]
        raise ProjectFunctionMissing(module_name, name, functions)
    return function


class _ActiveCode:
    """The state of a project's code that this process imports from."""

    state = ""
    files: frozenset[str] = frozenset()

    def activate(self, folder: Path) -> str:
        """Let imports find the modules of this project as they are now; return a digest of their state.

        A worker of a cluster serves several projects, and lives on while their code changes: modules of
        another project or an earlier state are forgotten, and imported again.
        """
        state = hashlib.sha256(f"{folder}\0{fingerprint(folder)}".encode()).hexdigest()
        if state != self.state:
            self._forget_modules()
            self.state, self.files = state, frozenset(map(str, source_files(folder)))
            sys.path[:] = [str(folder), *(entry for entry in sys.path if entry != str(folder))]
            importlib.invalidate_caches()
        return state

    def _forget_modules(self) -> None:
        for name, module in list(sys.modules.items()):
            if getattr(module, "__file__", None) in self.files and name != "__main__":
                del sys.modules[name]


_ACTIVE = _ActiveCode()


@contextmanager
def _without_bytecode() -> Iterator[None]:
    """Keep no compiled code of a project: Python takes a file of the same size and second for unchanged."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _load(path: Path) -> ModuleType:
    """The module, executed once per process and state of the project's code."""
    state = _ACTIVE.activate(path.parent)
    name = f"{path.stem}_{state[:12]}"  # modules of two projects may have the same file name
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:  # pragma: no cover  # a .py file has a loader
        raise ProjectImportFailed(path, ImportError("not a Python file"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _without_bytecode():
            spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, KeyboardInterrupt):
            raise
        raise ProjectImportFailed(path, error) from None
    return module
