"""From the name in a plan to an unfitted estimator. Making one runs code."""

from __future__ import annotations

import inspect
import pkgutil
import sys
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.base import is_classifier, is_regressor

from iterata.errors import Location, RunError
from iterata.execution.project_code import function, said
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from sklearn.base import BaseEstimator

    from iterata.documents.models.variants import SklearnVariant

_PLAIN = "a plan can name estimators whose parameters are numbers, texts and lists of them"
_MEND_FACTORY = "mend the factory: it returns an unfitted estimator"


class Answers(StrEnum):
    """What an estimator is to say of a row."""

    YES_OR_NO = "classifier that scores rows, such as sklearn.linear_model.LogisticRegression"
    NUMBERS = "regressor, such as sklearn.linear_model.Ridge"

    def given_by(self, estimator: Any) -> bool:
        """Whether an estimator does."""
        if self is Answers.NUMBERS:
            return bool(is_regressor(estimator))
        return bool(is_classifier(estimator)) and scoring_method(estimator) is not None


SCORING_METHODS = ("predict_proba", "decision_function")
"""How a classifier scores rows; the first one it has is used."""


def build(
    variant: SklearnVariant, seed: int, project: Path, answers: Answers = Answers.YES_OR_NO
) -> BaseEstimator:
    """An unfitted estimator as the plan describes it.

    Where the estimator or the factory takes a `random_state` and the plan sets none, it is `seed`, so that a
    run can be repeated.

    Raises:
        RunError: there is no such class or factory, it fails, what it makes does not give such answers, or
            it does not know a parameter.
    """
    try:
        made_by = function(project, variant.factory) if variant.factory else resolve(variant)
    except RunError as error:
        raise _refusal(variant, error.message, error.remedy) from None
    _check_parameters(variant, made_by)
    seeded = {"random_state": seed} if "random_state" in _parameters(made_by) else {}
    try:
        estimator = made_by(**{**seeded, **variant.params})
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a constructor may raise what it likes
        remedy = _MEND_FACTORY if variant.factory else _PLAIN
        message = f"{variant.origin} cannot be made: {said(error, project)}"
        raise _refusal(variant, message, remedy) from None
    known = _known_parameters(estimator, variant, answers)
    for name in variant.tune if variant.factory else ():
        if name not in known:
            remedy = _did_you_mean(name, known) or f"it has {', '.join(known)}"
            message = f"what {variant.origin} gives has no parameter {name}"
            raise _refusal(variant, message, remedy)
    return estimator


def _known_parameters(made: Any, variant: SklearnVariant, answers: Answers) -> list[str]:
    """The parameters of what is to be an estimator; whatever it is not is refused."""
    if inspect.isclass(made):
        remedy = f"call it in the factory: `return {made.__name__}()`"
        raise _refusal(variant, f"{variant.origin} gives a class, not an estimator", remedy)
    if not (hasattr(made, "fit") and hasattr(made, "get_params")):
        raise _refusal(variant, f"{variant.origin} gives no scikit-learn estimator", _MEND_FACTORY)
    try:
        suits, known = answers.given_by(made), list(made.get_params())
    except Exception as error:  # whatever looks like an estimator may be none
        message = f"{variant.origin} gives an estimator that scikit-learn cannot use: {said(error)}"
        remedy = "derive its class from BaseEstimator, and have __init__ keep each parameter under its name"
        raise _refusal(variant, message, remedy) from None
    if not suits:
        what = answers.value.partition(",")[0]
        raise _refusal(variant, f"{variant.origin} is not a {what}", f"name a {answers.value}")
    return known


def packages(estimator: BaseEstimator, project: Path) -> list[str]:
    """The packages an estimator and its parts come from, without the project's own modules.

    These have versions of another sort, their contents, and names that differ from machine to machine.
    """
    parts = [estimator, *estimator.get_params().values()]
    named = {type(each).__module__.partition(".")[0] for each in parts if hasattr(each, "get_params")}
    return sorted(name for name in named if not _is_of(project, name))


def _is_of(project: Path, name: str) -> bool:
    """Whether a module is a file of the project's folder, or a package in it."""
    source = getattr(sys.modules.get(name), "__file__", None)
    return source is not None and project in (Path(source).parent, Path(source).parent.parent)


def scoring_method(estimator: Any) -> str | None:
    """The method by which an estimator scores rows, if it has one."""
    return next((method for method in SCORING_METHODS if hasattr(estimator, method)), None)


def resolve(variant: SklearnVariant) -> type[BaseEstimator]:
    """The class a variant names. It comes from an installed package: a project's folder is not on the path.

    Raises:
        RunError: there is no such module or class, or it is not an estimator.
    """
    path, name = str(variant.estimator).rsplit(".", 1)
    module = _module(path, variant)
    found = getattr(module, name, None)
    if found is None:
        remedy = _did_you_mean(name, _estimators_in(module), f"{path}.") or f"look up what {path} offers"
        raise _refusal(variant, f"{path} has no {name}", remedy)
    if not (inspect.isclass(found) and hasattr(found, "fit") and hasattr(found, "get_params")):
        remedy = "name an estimator's class, such as sklearn.linear_model.LogisticRegression"
        raise _refusal(variant, f"{variant.estimator} is not a scikit-learn estimator", remedy)
    return found


def _parameters(made_by: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(made_by).parameters
    return [name for name, each in parameters.items() if each.kind is not each.VAR_KEYWORD]


def _check_parameters(variant: SklearnVariant, made_by: Callable[..., Any]) -> None:
    known = _parameters(made_by)
    takes_any = len(known) < len(inspect.signature(made_by).parameters)
    for name in variant.params if variant.factory else [*variant.params, *variant.tune]:
        if name not in known and not takes_any:
            remedy = _did_you_mean(name, known) or f"it takes {', '.join(known) or 'none'}"
            raise _refusal(variant, f"{variant.origin} has no parameter {name}", remedy)
    for name, choices in variant.tune.items():
        if name in variant.params and not variant.factory:
            raise _refusal(variant, f"{name} stands under params and under tune", "keep one of the two")
        if not choices:
            raise _refusal(variant, f"tune names no values for {name}", "list the values to choose from")


def _module(path: str, variant: SklearnVariant) -> ModuleType:
    try:
        return import_module(path)
    except ModuleNotFoundError as error:
        missing = error.name or path
        if path == missing or path.startswith(f"{missing}."):
            raise _refusal(variant, f"there is no module {missing}", _other_module(missing)) from None
        remedy = f"install {missing}, which {path} needs"
        raise _refusal(variant, f"{path} cannot be imported: {said(error)}", remedy) from None
    except Exception as error:  # a module may raise what it likes
        remedy = "mend the installation of that package, or name another estimator"
        raise _refusal(variant, f"{path} cannot be imported: {said(error)}", remedy) from None


def _other_module(missing: str) -> str:
    parent, _, name = missing.rpartition(".")
    if not parent:
        return _did_you_mean(name, ["sklearn"]) or f"install the package that holds {missing}"
    siblings = [each.name for each in pkgutil.iter_modules(getattr(import_module(parent), "__path__", []))]
    public = [each for each in siblings if not each.startswith("_")]
    return _did_you_mean(name, public, f"{parent}.") or f"look up what {parent} offers"


def _estimators_in(module: ModuleType) -> Iterable[str]:
    return (name for name, value in inspect.getmembers(module, inspect.isclass) if hasattr(value, "fit"))


def _did_you_mean(word: str, choices: Iterable[str], prefix: str = "") -> str:
    guess = closest(word, list(choices))
    return f"did you mean {prefix}{guess}?" if guess else ""


def _refusal(variant: SklearnVariant, message: str, remedy: str) -> RunError:
    return RunError(message, remedy=remedy, where=Location(variant=variant.name))
