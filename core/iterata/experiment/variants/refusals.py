"""Why a variant cannot be run, each reason a class with its message and its remedy.

None of them names the variant: the code that builds or runs it adds the variant with `at_variant`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from iterata.errors import IterataError, RunError
from iterata.execution.exceptions import exception_summary
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from iterata.errors import Location
    from iterata.experiment.variants.estimator_types import EstimatorType

Error = TypeVar("Error", bound=IterataError)

SHOWN_CLASSES = 12
"""How many classes a message lists."""

_CORRECT_FACTORY = "correct the factory: it must return an unfitted estimator"


def at_variant(error: Error, location: Location) -> Error:
    """A copy of an error, located at a variant or its fold; a file that it concerns becomes its detail."""
    own = error.location
    if own.field or own.line is not None:
        return error.replace(message=f"{error.where}: {error.message}", location=location)
    place = location._replace(data=own.data or own.source, row=own.row, data_column=own.data_column)
    return error.replace(location=place)


class EstimatorMissing(RunError):
    """A module has no class of this name."""

    def __init__(self, module: str, name: str, estimators: Sequence[str]) -> None:
        guess = closest(name, estimators)
        remedy = (
            f"did you mean {module}.{guess}?"
            if guess
            else f"choose a class of {module}; its documentation lists them"
        )
        super().__init__(f"{module} has no {name}", remedy=remedy)


class NotAnEstimator(RunError):
    """What a plan names is not the class of an estimator."""

    def __init__(self, path: str) -> None:
        remedy = "name an estimator's class, such as sklearn.linear_model.LogisticRegression"
        super().__init__(f"{path} is not a scikit-learn estimator", remedy=remedy)


class WrongEstimatorType(RunError):
    """The target needs a classifier and the plan names a regressor, or the other way round."""

    def __init__(self, origin: str, needed: EstimatorType) -> None:
        super().__init__(f"{origin} is not a {needed.requirement}", remedy=f"name a {needed.with_example}")


class UnknownParameter(RunError):
    """The plan sets a parameter that the estimator or its factory does not have."""

    def __init__(self, owner: str, name: str, parameters: Sequence[str]) -> None:
        guess = closest(name, parameters)
        remedy = f"did you mean {guess}?" if guess else f"it has {', '.join(parameters) or 'no parameters'}"
        super().__init__(f"{owner} has no parameter {name}", remedy=remedy)


class ParameterSetTwice(RunError):
    """A parameter has a fixed value and values to tune."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is listed under both params and tune", remedy="keep one of the two")


class NothingToTune(RunError):
    """A parameter to tune has no values."""

    def __init__(self, name: str) -> None:
        super().__init__(f"tune lists no values for {name}", remedy="list the values to choose from")


class EstimatorNotCreated(RunError):
    """The constructor or the factory raised an exception."""

    def __init__(self, origin: str, error: BaseException, project: Path, *, by_factory: bool) -> None:
        plain = "in a plan, name estimators whose parameters are numbers, texts, lists and mappings"
        message = f"{origin} cannot be created: {exception_summary(error, project)}"
        super().__init__(message, remedy=_CORRECT_FACTORY if by_factory else plain)


class FactoryReturnedClass(RunError):
    """The factory returned a class instead of an instance."""

    def __init__(self, origin: str, returned: type) -> None:
        remedy = f"call the class in the factory: `return {returned.__name__}()`"
        super().__init__(f"{origin} returns a class, not an estimator", remedy=remedy)


class FactoryReturnedOther(RunError):
    """The factory returned something without the interface of an estimator."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"{origin} returns no scikit-learn estimator", remedy=_CORRECT_FACTORY)


class EstimatorUnusable(RunError):
    """The estimator breaks the conventions of scikit-learn."""

    def __init__(self, origin: str, error: Exception) -> None:
        remedy = "derive its class from BaseEstimator; __init__ must keep each parameter under its name"
        message = f"{origin} is an estimator that scikit-learn cannot use: {exception_summary(error)}"
        super().__init__(message, remedy=remedy)


class ProbabilitiesMissing(RunError):
    """Probabilities are needed, and the estimator predicts none."""

    def __init__(self, origin: str, needed_by: str = "the KPI") -> None:
        message = f"{origin} predicts no probabilities, which {needed_by} needs"
        super().__init__(message, remedy="name an estimator that has predict_proba")


class ThresholdNotProbability(RunError):
    """The KPI's threshold is not on the scale of an estimator's probabilities."""

    def __init__(self, threshold: float) -> None:
        message = f"the KPI's threshold of {threshold:g} cannot cut the probabilities of an estimator"
        remedy = (
            "bring the status quo to 0 to 1, with a rule such as `rule: score / 100` or `rule: score > 60`, "
            "and set the KPI's threshold on that scale"
        )
        super().__init__(message, remedy=remedy)


class ClassesMissing(RunError):
    """A classifier returns a column for each class, and does not say which is which."""

    def __init__(self, method: str) -> None:
        message = f"the estimator has no classes_, so the columns of {method} have no meaning"
        super().__init__(message, remedy="set `self.classes_ = numpy.unique(y)` in its fit")


class ClassesUnknown(RunError):
    """The classes of a classifier do not show which of them is the positive one."""

    def __init__(self, labels: Sequence[object], *, one_column: bool = False) -> None:
        listed = ", ".join(map(str, labels)) or "empty"
        message = f"the estimator's classes_ are {listed}: it is not certain which one is positive"
        remedy = (
            "it must learn the classes 0 and 1 that it is given: `self.classes_ = numpy.unique(y)` in fit"
        )
        if one_column:
            message = f"predict_proba returns one column, and the estimator's classes_ are {listed}"
            remedy = "return a column for each class, in the order of classes_"
        super().__init__(message, remedy=remedy)


class NotProbabilities(RunError):
    """A method or a file gives numbers outside 0 to 1."""

    def __init__(self, example: float, origin: str = "predict_proba") -> None:
        message = f"{origin} returned {example:g}, which is not a probability"
        super().__init__(message, remedy="correct the estimator, or let it have decision_function instead")


class LabelOfNoClass(RunError):
    """An estimator names a class that the target does not have."""

    def __init__(self, label: object, classes: Sequence[str]) -> None:
        guess = closest(str(label), classes)
        hint = f"did you mean {guess}? " if guess else ""
        listed = ", ".join(classes[:SHOWN_CLASSES]) + (" …" if len(classes) > SHOWN_CLASSES else "")
        remedy = f"{hint}it must answer with the classes that it is given in fit: {listed}"
        super().__init__(f"{label} is not a class of the target", remedy=remedy)


class NotADistribution(RunError):
    """The probabilities of the classes do not sum to 1."""

    def __init__(self, total: float) -> None:
        message = f"the probabilities of a row sum to {total:.4g} instead of 1"
        super().__init__(message, remedy="give a probability of every class; together they are 1 in each row")


class ProbabilityOfNoNumber(RunError):
    """Some probabilities are missing or infinite."""

    def __init__(self, count: int) -> None:
        message = f"{count:,} probabilities are not finite numbers"
        super().__init__(message, remedy="give a number from 0 to 1 for every row and class")


class UnknownLabel(RunError):
    """`predict` returns something that is not a class."""

    def __init__(self, label: object) -> None:
        message = f"predict returned {label}, which is not a class of the target"
        super().__init__(message, remedy="correct the estimator: predict must return 0 or 1 for each row")


class WrongShape(RunError):
    """A method of an estimator does not return one number per row."""

    def __init__(self, method: str, shape: tuple[int, ...], rows: int, *, columns: int = 1) -> None:
        message = f"{method} returned an array of shape {shape} for {rows:,} rows"
        expected = "one number per row" if columns == 1 else f"{columns} numbers per row, one for each class"
        super().__init__(message, remedy=f"correct the estimator: it must return {expected}")


class WeightsNotAccepted(RunError):
    """The plan passes weights to an estimator whose `fit` has no `sample_weight`."""

    def __init__(self, origin: str) -> None:
        remedy = "remove `sample_weight`, or name an estimator whose fit accepts it"
        super().__init__(f"the fit of {origin} has no parameter sample_weight", remedy=remedy)


class NoWeights(RunError):
    """The plan passes weights to an estimator, and the rows have none."""

    def __init__(self) -> None:
        remedy = "describe `weights` of the data, or remove `sample_weight`"
        super().__init__("sample_weight is set, but the rows have no weights", remedy=remedy)


class UnequalArms(RunError):
    """A classifier of the transformed outcome takes no weights, which arms of unequal size need."""

    def __init__(self, origin: str) -> None:
        message = (
            f"{origin} takes no `sample_weight`, which a classifier of the transformed outcome needs where a "
            "treatment is not as likely as none"
        )
        remedy = (
            "use `uplift: two_models` or a regressor; or, if the design was 1 : 1, declare "
            "`treated.probability: 0.5`"
        )
        super().__init__(message, remedy=remedy)


class NoTextColumn(RunError):
    """A variant says how text becomes numbers, and its feature set has none."""

    def __init__(self, features: str) -> None:
        remedy = "declare the column in the description of the data, such as `columns: {comment: text}`, and "
        remedy += "add it to the feature set; or remove the settings of text"
        super().__init__(f"the feature set {features} has no column of text", remedy=remedy)
