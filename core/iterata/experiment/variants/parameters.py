"""The parameters of an estimator or a factory, and whether a plan sets only those."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, NamedTuple, Self

from sklearn.pipeline import Pipeline

from iterata.documents.models.text import TUNED
from iterata.experiment.variants.refusals import (
    NothingToTune,
    ParameterSetTwice,
    UnknownParameter,
    WeightsNotAccepted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sklearn.base import BaseEstimator

    from iterata.documents.models.variants import Parameter, SklearnVariant


class Signature(NamedTuple):
    """The parameters of a callable."""

    names: list[str]
    takes_any: bool
    """Whether it has `**kwargs`."""

    @classmethod
    def of(cls, function: Callable[..., object]) -> Self:
        """The signature of a class or a function."""
        parameters = inspect.signature(function).parameters.values()
        names = [parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD]
        return cls(names, len(names) < len(parameters))


def check_parameters(variant: SklearnVariant, signature: Signature) -> None:
    """Check the parameters that a variant sets and tunes, before anything is created.

    A factory is called with `params` alone; its estimator is checked with `check_tuned_parameters`.

    Raises:
        UnknownParameter: the signature has no such parameter.
        ParameterSetTwice: a parameter is both fixed and tuned.
        NothingToTune: there are no values to choose from.
    """
    tuned = [name for name in variant.tune if not is_text_setting(name, variant)]
    for name in variant.params if variant.factory else [*variant.params, *tuned]:
        if name not in signature.names and not signature.takes_any:
            raise UnknownParameter(variant.origin, name, signature.names)
    for name, values in variant.tune.items():
        if name in variant.params and not variant.factory:
            raise ParameterSetTwice(name)
        if not values:
            raise NothingToTune(name)


def check_tuned_parameters(variant: SklearnVariant, parameters: Sequence[str]) -> None:
    """Check the parameters to tune against those of the estimator that a factory returned.

    Raises:
        UnknownParameter: the estimator has no such parameter.
    """
    for name in variant.tune:
        if name not in parameters and not is_text_setting(name, variant):
            raise UnknownParameter(f"the estimator of {variant.origin}", name, parameters)


def is_text_setting(name: str, variant: SklearnVariant) -> bool:
    """Whether a parameter to tune is a setting of text, and not one of the estimator."""
    return name.startswith(TUNED) and name.removeprefix(TUNED) in variant.tuned_text


def sample_weight_parameter(estimator: BaseEstimator, origin: str) -> str:
    """The name under which `fit` takes the weights of rows: `clf__sample_weight` for a step of a pipeline.

    Raises:
        WeightsNotAccepted: neither the estimator nor the last step of the pipeline has the parameter.
    """
    prefix, last = "", estimator
    while isinstance(last, Pipeline):
        name, last = last.steps[-1]
        prefix += f"{name}__"
    if not _takes_weights(last):
        raise WeightsNotAccepted(origin)
    return f"{prefix}sample_weight"


def _takes_weights(estimator: BaseEstimator) -> bool:
    """Whether a `fit` has the parameter, or passes it on to the estimator inside."""
    parameters = inspect.signature(estimator.fit).parameters
    if "sample_weight" in parameters:
        return True
    passes_on = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    inside = [getattr(estimator, name, None) for name in ("estimator", "regressor")]
    return passes_on and any(hasattr(inner, "fit") and _takes_weights(inner) for inner in inside)


def plain_params(params: Mapping[str, Parameter]) -> dict[str, object]:
    """Parameters as JSON holds them: every key is text.

    A key that looks like a number is one in every plan, so 0 and "0" cannot be confused.

    >>> plain_params({"class_weight": {0: 1, 1: 5}})
    {'class_weight': {'0': 1, '1': 5}}
    """
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list) else value
