"""From the variants of a plan to what makes their predictions. Making them imports and runs code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from iterata.documents.models.kpi import group_of
from iterata.documents.models.variants import CommandVariant, FileVariant, SklearnVariant
from iterata.errors import Location, RunError
from iterata.experiment.variants import file
from iterata.experiment.variants.alignment import ROW
from iterata.experiment.variants.command import Command
from iterata.experiment.variants.estimators import Answers, build, packages, scoring_method
from iterata.experiment.variants.preprocess import plain
from iterata.experiment.variants.sklearn import SklearnProducer
from iterata.experiment.variants.tuning import tuning

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.proposal import Plan
    from iterata.experiment.prepare import PlanInputs
    from iterata.experiment.variants.base import Producer


@dataclass(frozen=True, slots=True)
class ProducerContext:
    """What producers are made from."""

    plan: Plan
    kpi: KpiSpec
    task: PlanInputs
    project: Path
    root: Path
    proposal: str
    """The plan's document, relative to the repository."""

    @property
    def probabilities(self) -> bool:
        """Whether the KPI compares predictions with a threshold."""
        return self.kpi.kind == "outcome_value"

    @property
    def answers(self) -> Answers:
        """What estimators are to say of a row."""
        return Answers.YES_OR_NO if self.task.data.binary else Answers.NUMBERS

    @property
    def target(self) -> NDArray[Any]:
        """What models learn, `(n,)`: 1 or 0, or numbers."""
        frame = self.task.data
        return frame.positive.astype(np.int64) if frame.binary else frame.outcomes.target


def producers(shop: ProducerContext) -> dict[str, Producer]:
    """What makes the predictions of each variant, by its name.

    Raises:
        DataError: a feature cannot be used, or a file of predictions is not there.
        RunError: a variant cannot be made, which is found out before any other is run.
    """
    fitted = [each for each in shop.plan.variants if isinstance(each, SklearnVariant)]
    used = dict.fromkeys(name for each in fitted for name in shop.task.features[each.features])
    features = plain(shop.task.data.table[list(used)], shop.task.data.source)
    return {each.name: _MADE[type(each)](each, shop, features) for each in shop.plan.variants}


def distributions(shop: ProducerContext) -> list[str]:
    """The packages that the fitted variants come from."""
    fitted = [each for each in shop.plan.variants if isinstance(each, SklearnVariant)]
    made = [build(each, shop.plan.seed, shop.project, shop.answers) for each in fitted]
    return [name for each in made for name in packages(each, shop.project)]


def _fitted(variant: SklearnVariant, shop: ProducerContext, features: pd.DataFrame) -> SklearnProducer:
    task, plan = shop.task, shop.plan
    estimator = build(variant, plan.seed, shop.project, shop.answers)
    if shop.probabilities and scoring_method(estimator) != "predict_proba":
        message = f"{variant.origin} gives scores, and the KPI's threshold needs probabilities"
        raise RunError(message, remedy="name an estimator that has predict_proba", where=_where(variant))
    columns = features[task.features[variant.features]]
    return SklearnProducer(
        variant=variant,
        project=shop.project,
        features=columns,
        target=shop.target,
        answers=shop.answers,
        tuning=tuning(shop.kpi, shop.answers),
        split=plan.split,
        split_inputs=task.split_inputs,
        seed=plan.seed,
    )


def _command(variant: CommandVariant, shop: ProducerContext, _: pd.DataFrame) -> Command:
    task, plan = shop.task, shop.plan
    frame = task.data
    columns = task.features[variant.features]
    aside = {plan.target.column: shop.target}
    divided_by, group = getattr(plan.split, "column", None), group_of(shop.kpi)
    for name in filter(None, [plan.data[0].unit_id, divided_by, group]):
        aside[name] = frame.table[name].to_numpy()
    if ROW in [*columns, *aside]:
        remedy = "give the column another name where the data are made, or leave it out of the features"
        raise RunError(f"{ROW} names rows, and is a column of the data", remedy=remedy, where=_where(variant))
    made = Command(
        variant=variant,
        project=shop.project,
        root=shop.root,
        place="/".join(PurePosixPath(shop.proposal).parent.parts[-2:]),
        features=frame.table[columns],
        aside=pd.DataFrame(aside, index=frame.table.index),
        group=group,
        target=plan.target.column,
        split=plan.split,
        seed=plan.seed,
        probabilities=shop.probabilities,
    )
    _identified(made, variant)
    return made


def _identified(producer: Producer, variant: CommandVariant) -> None:
    try:
        producer.identity  # noqa: B018  # reads every file that the plan names
    except RunError as error:
        raise error.at(variant=variant.name) from None


def _recorded(variant: FileVariant, shop: ProducerContext, _: pd.DataFrame) -> file.FileProducer:
    table = shop.task.data.table
    return file.read(variant, shop.project, shop.root, table, probabilities=shop.probabilities)


def _where(variant: SklearnVariant | CommandVariant) -> Location:
    return Location(variant=variant.name)


_MADE: dict[type, Callable[[Any, ProducerContext, pd.DataFrame], Producer]] = {
    SklearnVariant: _fitted,
    CommandVariant: _command,
    FileVariant: _recorded,
}
