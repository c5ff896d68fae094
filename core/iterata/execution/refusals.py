"""Why other people's code cannot be run, each reason a class with its message and its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.errors import RunError
from iterata.execution.exceptions import exception_summary
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


DISTRIBUTIONS = {
    **{
        name: name
        for name in ("catboost", "lightgbm", "ngboost", "skorch", "statsmodels", "torch", "xgboost")
    },
    "imblearn": "imbalanced-learn",
    "interpret": "interpret",
    "sklearn": "scikit-learn",
    "skopt": "scikit-optimize",
}
"""The packages on PyPI of modules that have estimators, by the module's name."""


class ProjectModuleMissing(RunError):
    """The project's folder has no such Python file."""

    def __init__(self, module: str, function: str, modules: Sequence[str]) -> None:
        guess = closest(module, modules)
        remedy = (
            f"did you mean {guess}:{function}?" if guess else f"put {module}.py into the project's folder"
        )
        super().__init__(f"the project has no file {module}.py", remedy=remedy)


class ProjectFunctionMissing(RunError):
    """The project's module defines no such function."""

    def __init__(self, module: str, function: str, functions: Sequence[str]) -> None:
        guess = closest(function, functions)
        remedy = f"did you mean {module}:{guess}?" if guess else f"define `def {function}(...)` in it"
        super().__init__(f"{module}.py has no function {function}", remedy=remedy)


class ProjectImportFailed(RunError):
    """Importing a module of the project raised an exception."""

    def __init__(self, path: Path, error: BaseException) -> None:
        message = f"{path.name} cannot be imported: {exception_summary(error, path.parent)}"
        super().__init__(message, remedy=f"correct {path.name}, or install what it imports")


class ModuleMissing(RunError):
    """No module of this name is installed."""

    def __init__(self, module: str, alternatives: Sequence[str]) -> None:
        parent, _, name = module.rpartition(".")
        guess = closest(name, alternatives if parent else [*alternatives, *DISTRIBUTIONS])
        if module in DISTRIBUTIONS:
            remedy = f"install it with `pip install {DISTRIBUTIONS[module]}`, or name another estimator"
        elif guess:
            remedy = f"did you mean {parent}.{guess}?" if parent else f"did you mean {guess}?"
        elif parent:
            remedy = f"choose a module of {parent}; its documentation lists them"
        else:
            remedy = "correct the name; or find out which package contains it, and install that"
        super().__init__(f"there is no module {module}", remedy=remedy)


class ModuleBroken(RunError):
    """Importing an installed module raised an exception."""

    def __init__(self, module: str, error: Exception, remedy: str) -> None:
        super().__init__(f"{module} cannot be imported: {exception_summary(error)}", remedy=remedy)


class ProgramNotStarted(RunError):
    """The operating system cannot start a program."""

    def __init__(self, program: str, reason: str) -> None:
        remedy = "install it, or correct the command in the plan"
        super().__init__(f"{program} cannot be started: {reason}", remedy=remedy)


class ProgramTimedOut(RunError):
    """A program ran longer than it may."""

    def __init__(self, minutes: float, log: str) -> None:
        remedy = f"raise `minutes` in the plan, or make the program faster; read {log}"
        super().__init__(f"the program was stopped after {minutes:g} minutes", remedy=remedy)


class ProgramFailed(RunError):
    """A program ended with an exit code other than 0."""

    def __init__(self, ending: str, last_line: str, log: str) -> None:
        message = f"the program {ending}: {last_line}" if last_line else f"the program {ending}"
        super().__init__(message, remedy=f"read {log}, and correct the program")
