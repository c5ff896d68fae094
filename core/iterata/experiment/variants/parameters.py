"""The parameters of an estimator or a factory, and whether a plan sets only those."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, NamedTuple, Self

from iterata.experiment.variants.refusals import NothingToTune, ParameterSetTwice, UnknownParameter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iterata.documents.models.variants import SklearnVariant


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
    for name in variant.params if variant.factory else [*variant.params, *variant.tune]:
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
        if name not in parameters:
            raise UnknownParameter(f"the estimator of {variant.origin}", name, parameters)
