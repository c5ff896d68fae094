"""The columns of every feature set of a plan: first by their names, then by what they hold."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from iterata.documents.models.columns import ColumnKind, kind_of
from iterata.documents.models.variants import FileVariant, SklearnVariant
from iterata.errors import DataError, Location
from iterata.experiment.feature_kinds import OF_OWN_PIPELINES, is_text, unusable
from iterata.experiment.features import FeatureSet, NoFeatures, feature_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from iterata.data.sources.table import Table
    from iterata.documents.models.proposal import Plan


class UnusableFeature(DataError):
    """A feature set names a column that an estimator cannot use."""


def declared_kinds(plan: Plan) -> dict[str, ColumnKind]:
    """What the data's description declares of columns."""
    (data,) = plan.data
    kinds = {name: kind_of(spec) for name, spec in data.columns.items()}
    return kinds | dict.fromkeys(data.known_afterwards, ColumnKind.KNOWN_AFTER)


def feature_sets(plan: Plan, table: Table, never: Mapping[str, str]) -> dict[str, FeatureSet]:
    """The columns of every feature set that a variant uses, as far as names and declarations show it.

    Raises:
        DataError: a pattern matches no column or names one that is never a feature, or no column is left.
    """
    names = [variant.features for variant in plan.variants if not isinstance(variant, FileVariant)]
    return {
        name: feature_columns(
            plan.features[name],
            table.columns,
            target=plan.target.column,
            never=never,
            kinds=declared_kinds(plan),
            where=_field(name),
        )
        for name in dict.fromkeys(names)
    }


def usable_features(plan: Plan, sets: Mapping[str, FeatureSet], rows: pd.DataFrame) -> dict[str, FeatureSet]:
    """The same feature sets without the columns that estimators cannot use, judged by all rows.

    A column that a pattern matches is left out, and the result says so; a column that is written out is
    refused. Programs get every column.

    Raises:
        UnusableFeature: a column that is written out cannot be used.
        NoFeatures: no column is left.
    """
    estimators = [variant for variant in plan.variants if isinstance(variant, SklearnVariant)]
    preprocessed = {variant.features for variant in estimators if variant.preprocess}
    own_pipelines = {variant.features for variant in estimators} - preprocessed
    usable = dict(sets)
    for name in chain(preprocessed, own_pipelines):
        accepted = OF_OWN_PIPELINES if name in own_pipelines else frozenset()
        usable[name] = _usable(sets[name], rows, plan, accepted, _field(name))
    return usable


def _usable(
    features: FeatureSet,
    rows: pd.DataFrame,
    plan: Plan,
    accepted: frozenset[str],
    where: Location,
) -> FeatureSet:
    kinds, left_out = declared_kinds(plan), dict(features.left_out)
    for column in features.columns:
        problem = unusable(rows[column], kinds.get(column), plan.data[0].source)
        if problem is None:
            continue
        if column not in features.named:
            left_out[column] = problem.reason
        elif problem.reason not in accepted:
            message, remedy = f"column {column} holds {problem.message}", problem.remedy
            if problem.reason in OF_OWN_PIPELINES:
                remedy += "; an estimator with a pipeline of its own gets it with `preprocess: false`"
            raise UnusableFeature(message, remedy=remedy, where=where / features.named[column])
    columns = [column for column in features.columns if column not in left_out]
    if not columns:
        raise NoFeatures(left_out, where)
    return FeatureSet(columns, features.named, left_out)


def text_columns(plan: Plan, sets: Mapping[str, FeatureSet], rows: pd.DataFrame) -> frozenset[str]:
    """The columns of feature sets that are text: declared, or with a different sentence in most rows."""
    kinds = declared_kinds(plan)
    columns = dict.fromkeys(chain.from_iterable(features.columns for features in sets.values()))
    return frozenset(name for name in columns if is_text(rows[name], kinds.get(name)))


def _field(name: str) -> Location:
    return Location(field=("features", name))
