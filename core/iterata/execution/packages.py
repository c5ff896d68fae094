"""Modules of installed packages, imported by the name that a plan gives. Importing executes their code."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from iterata.execution.refusals import ModuleBroken, ModuleMissing

if TYPE_CHECKING:
    from types import ModuleType


def import_installed(name: str) -> ModuleType:
    """Import a module by its dotted name.

    Raises:
        ModuleMissing: it, or a package on the way to it, is not installed.
        ModuleBroken: importing it raised an exception.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        if name == missing or name.startswith(f"{missing}."):
            raise ModuleMissing(missing, _siblings(missing)) from None
        raise ModuleBroken(name, error, f"install {missing}, which {name} needs") from None
    except Exception as error:  # a module may raise any exception
        remedy = "repair the installation of that package, or name another estimator"
        raise ModuleBroken(name, error, remedy) from None


def _siblings(name: str) -> list[str]:
    """The public modules of the same package; scikit-learn if the whole package is missing."""
    parent = name.rpartition(".")[0]
    if not parent:
        return ["sklearn"]
    path = getattr(import_module(parent), "__path__", [])
    return [module.name for module in pkgutil.iter_modules(path) if not module.name.startswith("_")]
