"""From the name in a plan to an unfitted estimator. Building one executes the code of its package."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from iterata.execution.packages import import_installed
from iterata.execution.project_code import load_function
from iterata.experiment.variants.estimator_types import EstimatorType
from iterata.experiment.variants.parameters import Signature, check_parameters, check_tuned_parameters
from iterata.experiment.variants.refusals import (
    EstimatorMissing,
    EstimatorNotCreated,
    EstimatorUnusable,
    FactoryReturnedClass,
    FactoryReturnedOther,
    NotAnEstimator,
    WrongEstimatorType,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sklearn.base import BaseEstimator

    from iterata.documents.models.variants import SklearnVariant


def build_estimator(
    variant: SklearnVariant,
    seed: int,
    project: Path,
    estimator_type: EstimatorType = EstimatorType.CLASSIFIER,
) -> BaseEstimator:
    """An unfitted estimator as the plan describes it.

    `seed` becomes its `random_state`, if it has that parameter and the plan does not set it.

    Raises:
        RunError: there is no such class or factory, it fails, it does not know a parameter, or what it
            returns is not an estimator of this type.
    """
    create = load_function(project, variant.factory) if variant.factory else resolve_class(variant)
    signature = Signature.of(create)
    check_parameters(variant, signature)
    random_state = {"random_state": seed} if "random_state" in signature.names else {}
    try:
        estimator = create(**{**random_state, **variant.params})
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a constructor may raise any exception
        by_factory = variant.factory is not None
        raise EstimatorNotCreated(variant.origin, error, project, by_factory=by_factory) from None
    parameters = _checked_parameters(estimator, variant, estimator_type)
    if variant.factory:
        check_tuned_parameters(variant, parameters)
    return estimator


def _checked_parameters(
    estimator: object, variant: SklearnVariant, estimator_type: EstimatorType
) -> list[str]:
    """The parameters of an estimator; everything else is refused."""
    if inspect.isclass(estimator):
        raise FactoryReturnedClass(variant.origin, estimator)
    if not (hasattr(estimator, "fit") and hasattr(estimator, "get_params")):
        raise FactoryReturnedOther(variant.origin)
    try:
        matches, parameters = estimator_type.matches(estimator), list(estimator.get_params())
    except Exception as error:  # an object with these methods may still be no estimator
        raise EstimatorUnusable(variant.origin, error) from None
    if not matches:
        raise WrongEstimatorType(variant.origin, estimator_type)
    return parameters


def resolve_class(variant: SklearnVariant) -> Callable[..., object]:
    """The class that a variant names. It is part of an installed package: projects are not on the path.

    Raises:
        ModuleMissing: there is no such module.
        ModuleBroken: the module cannot be imported.
        EstimatorMissing: the module has no such class.
        NotAnEstimator: it is not the class of an estimator.
    """
    module_name, name = str(variant.estimator).rsplit(".", 1)
    module = import_installed(module_name)
    estimator: object = getattr(module, name, None)
    if estimator is None:
        classes = inspect.getmembers(module, inspect.isclass)
        raise EstimatorMissing(module_name, name, [key for key, value in classes if hasattr(value, "fit")])
    if not (inspect.isclass(estimator) and hasattr(estimator, "fit") and hasattr(estimator, "get_params")):
        raise NotAnEstimator(str(variant.estimator))
    return estimator


def package_names(estimator: BaseEstimator, project: Path) -> list[str]:
    """The packages that an estimator and its parts come from, without the project's own modules.

    A module of the project has no version, and its name contains a digest of its path: neither belongs in
    the key of a cache or in a result.
    """
    parts = [estimator, *estimator.get_params().values()]
    names = {type(part).__module__.partition(".")[0] for part in parts if hasattr(part, "get_params")}
    return sorted(name for name in names if not _is_project_module(name, project))


def _is_project_module(name: str, project: Path) -> bool:
    """Whether a module is a file of the project's folder, or a package in it."""
    source = getattr(sys.modules.get(name), "__file__", None)
    if source is None:
        return False
    folder = Path(source).resolve().parent
    return project.resolve() in (folder, folder.parent)
