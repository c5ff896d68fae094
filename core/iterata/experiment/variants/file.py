"""Predictions that were made by other tools, read from a table."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from iterata.data.ids import ids_as_text
from iterata.data.refusals import in_column
from iterata.data.sources.open import open_file
from iterata.errors import DataError, RunError
from iterata.experiment.variants.alignment import ROW_ID, align_predictions
from iterata.experiment.variants.base import Prediction
from iterata.experiment.variants.named_answers import align_answers, probability_columns
from iterata.measure.predictions import PredictionKind

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.data.sources.file_table import FileTable
    from iterata.documents.models.variants import FileVariant
    from iterata.experiment.folds import Fold
    from iterata.experiment.variants.named_answers import AnswerNames

REPEAT, FOLD = "repeat", "fold"
"""Optional columns of a file of predictions: the repeat and the fold that a line belongs to."""


@dataclass(frozen=True, slots=True)
class FileProducer:
    """A variant whose predictions for any fold are read from a table."""

    variant: FileVariant
    project: Path
    digest: str
    table: pd.DataFrame
    keys: pd.Index
    """`(n,)`: what the table calls each row of the data."""
    probabilities: bool
    """Whether the KPI needs predictions from 0 to 1."""
    answers: AnswerNames | None = None
    """What may be answered; None if the target has no classes."""

    @property
    def runs_in_main_process(self) -> bool:
        """Nothing is computed."""
        return True

    @property
    def is_out_of_fold(self) -> bool:
        """Whether the file names the folds of the plan, so that each of them has a model of its own."""
        return FOLD in self.table

    @property
    def identity(self) -> dict[str, object]:
        """The file, and how it is read."""
        declared = self.variant.model_dump(mode="json", include={"columns"}, exclude_defaults=True)
        columns = (self.variant.key, self.variant.score, *declared.items())
        read = {"file": self.digest, "read": columns, "probabilities": self.probabilities}
        return read if self.answers is None else read | {"answers": self.answers.identity}

    def __call__(self, fold: Fold) -> Prediction:
        """The predictions of the fold's test rows.

        Raises:
            RunError: predictions are missing, duplicated, not numbers, or of another fold.
        """
        start = time.perf_counter()
        try:
            lines, expected = self._lines(fold), self.keys[fold.test]
            row_ids, predictions = lines[self._key], lines[self.variant.score]
            if self.answers is not None:
                named = lines[probability_columns(lines.columns, self.answers)]
                codes, probabilities = align_answers(row_ids, predictions, named, expected, self.answers)
                seconds = time.perf_counter() - start
                return Prediction(codes, PredictionKind.CLASS, {}, (), seconds, probabilities)
            scores = align_predictions(row_ids, predictions, expected, probabilities=self.probabilities)
        except RunError as error:
            raise error.at(source=self.variant.source) from None
        return Prediction(scores, None, {}, (), time.perf_counter() - start)

    def _lines(self, fold: Fold) -> pd.DataFrame:
        """The lines of the fold's test rows."""
        expected = self.keys[fold.test]
        lines = self.table[self.table[self._key].isin(expected)]
        if REPEAT in lines:
            if fold.repeat not in lines[REPEAT].unique():
                remedy = f"number the repeats from 1, or omit the column {REPEAT}"
                raise RunError(f"there are no predictions of repeat {fold.repeat}", remedy=remedy)
            lines = lines[lines[REPEAT] == fold.repeat]
        if FOLD in lines:
            self._check_fold(lines, fold)
        return lines

    def _check_fold(self, lines: pd.DataFrame, fold: Fold) -> None:
        """Refuse predictions of a model that may have been trained on the rows it predicts."""
        others = lines[lines[FOLD] != fold.number]
        if others.size:
            row, number = others[self._key].iloc[0], others[FOLD].iloc[0]
            message = f"row {row} was predicted in fold {number}; the plan assigns it to fold {fold.number}"
            remedy = "use the folds of the plan: its split and seed give the same folds in scikit-learn"
            raise RunError(message, remedy=remedy)

    @property
    def _key(self) -> str:
        return self.variant.key or ROW_ID


def open_predictions(  # the last two say what predictions are
    variant: FileVariant,
    project: Path,
    root: Path,
    data: pd.DataFrame,
    *,
    probabilities: bool,
    answers: AnswerNames | None = None,
) -> FileProducer:
    """Open the file of a variant.

    Args:
        variant: names the file and its columns.
        project: the folder that the file's path is relative to.
        root: the repository.
        data: every row, with the column that is the variant's key, if it has one.
        probabilities: whether the KPI needs predictions from 0 to 1.
        answers: what may be answered; None if the target has no classes.

    Raises:
        DataError: the file is missing, is not the one that was approved, lacks a column or cannot be read.
        RunError: the key does not identify the rows of the data.
    """
    table = open_file(project, variant.source, root=root, made_by=variant.made_by).declared(variant.columns)
    digest = table.digest()
    if variant.digest not in (None, digest):
        remedy = "restore it; other predictions need an amendment of the plan, or a new iteration"
        message = "is not the file that was approved with the plan"
        raise DataError(message, remedy=remedy, where=table.where)
    columns = [*_columns(variant, table), *_probability_columns(table, answers)]
    predictions = table.with_ids([variant.key] if variant.key else []).read(columns)
    keys = pd.Index(ids_as_text(data[variant.key])) if variant.key else pd.RangeIndex(len(data))
    if variant.key:
        predictions = predictions.assign(**{variant.key: ids_as_text(predictions[variant.key])})
        _check_key(variant.key, keys)
        _check_padding(variant.key, keys, pd.Index(predictions[variant.key]), table.where)
    else:
        _check_row_ids(predictions, keys, table.where)
    return FileProducer(variant, project, digest, predictions, keys, probabilities, answers)


def _columns(variant: FileVariant, table: FileTable) -> list[str]:
    required = [variant.key or ROW_ID, variant.score]
    return [*required, *(name for name in (REPEAT, FOLD) if name in table.columns and name not in required)]


def _probability_columns(table: FileTable, answers: AnswerNames | None) -> list[str]:
    if answers is None:
        return []
    try:
        return probability_columns(table.columns, answers)
    except RunError as error:
        raise error.at(source=table.where) from None


def _check_key(name: str, keys: pd.Index) -> None:
    if keys.has_duplicates or keys.hasnans:
        example = keys[keys.duplicated() | keys.isna()][0]
        message = f"the key {name} does not identify rows of the data: {example} is missing or not unique"
        raise RunError(message, remedy="name a column that is different in every row of the data")


class PaddedKeys(RunError):
    """The same key is written with zeros before it in one of two files: `00001` and `1`."""

    def __init__(self, key: str, in_data: str, in_file: str, where: str) -> None:
        message = (
            f"the key {key} is {in_data} in the data and {in_file} in this file: the same number, with other "
            "zeros before it"
        )
        width = max(len(in_data), len(in_file))
        remedy = (
            f"write it in both in the same way, such as with `.str.zfill({width})` where this file is made"
        )
        if len(in_file) == width:
            remedy = (
                "write it in both in the same way, such as with `.str.lstrip('0')` where this file is made"
            )
        super().__init__(message, remedy=remedy, where=in_column(where, key))


def _check_padding(name: str, keys: pd.Index, written: pd.Index, where: str) -> None:
    """Refuse keys that differ from those of the data only in the zeros before them."""
    unknown = pd.Series(written[~written.isin(keys)]).dropna().astype(str)
    missing = pd.Series(keys[~keys.isin(written)]).dropna().astype(str)
    if unknown.empty or missing.empty:
        return
    in_data = pd.Series(missing.to_numpy(), index=missing.str.lstrip("0")).groupby(level=0).first()
    same = unknown[unknown.str.lstrip("0").isin(in_data.index) & unknown.str.fullmatch(r"\d+")]
    if not same.empty:
        in_file = same.iloc[0]
        raise PaddedKeys(name, in_data[in_file.lstrip("0")], in_file, where)


def _check_row_ids(predictions: pd.DataFrame, keys: pd.Index, where: str) -> None:
    is_row = predictions[ROW_ID].isin(keys)
    if not is_row.all():
        unknown = predictions[ROW_ID][~is_row].iloc[0]
        message = f"{ROW_ID} {unknown} is not a row of the data, which has {len(keys):,} rows"
        remedy = "count rows from 0 in the data's own order, or name a column of both files as `key`"
        raise RunError(message, remedy=remedy, where=where)
