"""The project's own Python code: which files it is, and how a function of it is found. Loading it runs it."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iterata.errors import RunError
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


def files(project: Path) -> list[Path]:
    """The Python files of a project's folder and of the packages in it, in order."""
    return sorted([*project.glob("*.py"), *_in_packages(project)])


def _in_packages(folder: Path) -> Iterator[Path]:
    for inner in sorted(folder.iterdir()) if folder.is_dir() else ():
        if inner.is_dir() and not inner.is_symlink() and (inner / "__init__.py").is_file():
            yield from inner.glob("*.py")
            yield from _in_packages(inner)


def fingerprint(project: Path) -> str:
    """A digest of all of it, names and contents: any of it may decide what is predicted."""
    whole = hashlib.sha256()
    for path in files(project):
        inside = path.relative_to(project).as_posix().encode()
        whole.update(inside + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def is_file_of(project: Path, name: str) -> bool:
    """Whether a word of a command is a file below the project's folder."""
    inside = project / name
    try:
        below = inside.resolve().is_relative_to(project.resolve())
        return not Path(name).is_absolute() and below and inside.is_file()
    except (OSError, RuntimeError, ValueError):  # no path at all, such as one too long
        return False


def function(project: Path, named: str) -> Any:
    """The function that `module:function` names, from the module's file in the project's folder.

    The folder comes first on the path, so that the module may import its neighbours.

    Raises:
        RunError: there is no such file or function, or importing it raised.
    """
    module_name, _, name = named.partition(":")
    path = project / f"{module_name}.py"
    if not path.is_file():
        others = [each.stem for each in sorted(project.glob("*.py"))]
        guess = closest(module_name, others)
        remedy = (
            f"did you mean {guess}:{name}?" if guess else f"put {module_name}.py into the project's folder"
        )
        raise RunError(f"the project has no {module_name}.py", remedy=remedy)
    module = _loaded(path)
    found = getattr(module, name, None)
    if not callable(found):
        known = [each for each, value in vars(module).items() if callable(value)]
        guess = closest(name, known)
        remedy = f"did you mean {module_name}:{guess}?" if guess else f"define `def {name}(...)` in it"
        raise RunError(f"{module_name}.py has no function {name}", remedy=remedy)
    return found


def _loaded(path: Path) -> ModuleType:
    """The module, run once in each process for what the file holds now."""
    content = hashlib.sha256(str(path).encode() + path.read_bytes()).hexdigest()
    name = f"{path.stem}_{content[:12]}"  # so that two projects' modules are two modules
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:  # pragma: no cover  # a .py file has a loader
        raise RunError(f"{path.name} cannot be imported", remedy="write it in Python")
    module = importlib.util.module_from_spec(spec)
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, KeyboardInterrupt):
            raise
        remedy = f"mend {path.name}, or install what it imports"
        raise RunError(f"{path.name} cannot be imported: {said(error, path.parent)}", remedy=remedy) from None
    return module


def said(error: BaseException, project: Path | None = None) -> str:
    """An exception in one line: its name, the first line it says, and the last line of a project's code."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    what = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    own = project_frame(error, project) if project else ""
    return f"{what} ({own})" if own else what


def project_frame(error: BaseException, project: Path) -> str:
    """The last line of a project's own code that an exception came through (`model.py:5`), or empty."""
    inside = ((Path(each.filename), each.lineno) for each in traceback.extract_tb(error.__traceback__))
    own = [f"{path.name}:{line}" for path, line in inside if path.parent == project]
    return own[-1] if own else ""
