"""Reads predictions that were made elsewhere."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from iterata.data.sources.open import open_table
from iterata.errors import DataError, IterataError, Location, RunError
from iterata.experiment.variants.alignment import ROW, align_predictions
from iterata.experiment.variants.base import Prediction

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.arrays import Floats
    from iterata.documents.models.variants import FileVariant
    from iterata.experiment.folds import Fold

REPEAT, FOLD = "repeat", "fold"
"""Columns a file of predictions may have: which drawing of the folds a line belongs to, and which fold."""


@dataclass(frozen=True, slots=True)
class FileProducer:
    """A variant whose predictions are read from a table, ready for any fold."""

    variant: FileVariant
    digest: str
    table: pd.DataFrame
    keys: pd.Index[Any]
    """What each row of the data is called in the table: `(n,)`."""
    probabilities: bool
    """Whether the KPI needs predictions from 0 to 1."""

    @property
    def alone(self) -> bool:
        """Nothing is computed."""
        return True

    @property
    def identity(self) -> dict[str, Any]:
        """The file, and how it is read."""
        said = (self.variant.key, self.variant.score)
        return {"file": self.digest, "read": said, "probabilities": self.probabilities}

    def __call__(self, fold: Fold) -> Prediction:
        """The predictions of the fold's test rows.

        Raises:
            RunError: some are missing, given twice, no numbers, or made in another fold.
        """
        began = time.perf_counter()
        try:
            scores = self._scores(fold)
        except RunError as error:
            raise RunError(f"{self.variant.source}: {error.message}", remedy=error.remedy) from None
        return Prediction(scores, None, {}, (), time.perf_counter() - began)

    def _scores(self, fold: Fold) -> Floats:
        wanted = self.keys[fold.test]
        mine = self.table[self.table[self._key].isin(wanted)]
        if REPEAT in mine:
            if fold.repeat not in mine[REPEAT].unique():
                remedy = f"number the repeats from 1, or leave out the column {REPEAT}"
                raise RunError(f"nothing was predicted in repeat {fold.repeat}", remedy=remedy)
            mine = mine[mine[REPEAT] == fold.repeat]
        if FOLD in mine and (strange := mine[mine[FOLD] != fold.number]).size:
            row, number = strange[self._key].iloc[0], strange[FOLD].iloc[0]
            message = (
                f"row {row} was predicted in fold {number}, and the plan draws it into fold {fold.number}"
            )
            remedy = (
                "predict with the folds of the plan; its split and seed draw the same ones in scikit-learn"
            )
            raise RunError(message, remedy=remedy)
        return align_predictions(
            mine[self._key], mine[self.variant.score], wanted, probabilities=self.probabilities
        )

    @property
    def _key(self) -> str:
        return self.variant.key or ROW


def read(
    variant: FileVariant, project: Path, root: Path, data: pd.DataFrame, *, probabilities: bool
) -> FileProducer:
    """Open the file of a variant; `data` has the key of every row, if the plan names one.

    Raises:
        DataError: the file is missing, is not the one that was approved, lacks a column or cannot be read.
        RunError: the key does not tell the rows of the data apart.
    """
    where = Location(variant=variant.name)
    try:
        table = open_table(project, variant.source, root=root, made_by=variant.made_by)
        digest = table.digest()
        if variant.digest not in (None, digest):
            remedy = "restore it; other predictions need an amendment of the plan, or a new iteration"
            raise DataError(
                "is not the file that was approved with the plan", remedy=remedy, where=table.where
            )
        named = [variant.key or ROW, variant.score]
        asked = [*named, *(each for each in (REPEAT, FOLD) if each in table.columns and each not in named)]
        content = table.read(asked)
    except IterataError as error:
        raise DataError(f"{error.where}: {error.message}", remedy=error.remedy, where=where) from None
    keys = pd.Index(data[variant.key]) if variant.key else pd.RangeIndex(len(data))
    if keys.has_duplicates or keys.hasnans:
        example = keys[keys.duplicated() | keys.isna()][0]
        message = f"the key {variant.key} does not tell rows apart: {example} stands in several, or in none"
        raise RunError(message, remedy="name a column that differs in every row of the data", where=where)
    if variant.key is None and not (known := content[ROW].isin(keys)).all():
        message = (
            f"{variant.source}: {ROW} {content[ROW][~known].iloc[0]} is no row of the data, of {len(keys):,}"
        )
        remedy = "count rows from 0 in the data's own order; or name a column of both files as `key`"
        raise RunError(message, remedy=remedy, where=where)
    return FileProducer(variant, digest, content, keys, probabilities)
