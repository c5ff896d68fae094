"""The folder through which a program receives a fold and returns its predictions."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from iterata.data.sources.open import open_file
from iterata.errors import IterataError, RunError
from iterata.execution.exceptions import exception_summary
from iterata.execution.extras import install_command
from iterata.experiment.variants.alignment import ROW_ID, align_predictions
from iterata.experiment.variants.named_answers import align_answers, probability_columns
from iterata.measure.predictions import PredictionKind

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.arrays import Floats
    from iterata.data.sources.file_table import FileTable
    from iterata.documents.models.rows import Treated
    from iterata.documents.models.splits import Split
    from iterata.documents.models.variants import CommandVariant
    from iterata.experiment.folds import Fold
    from iterata.experiment.variants.named_answers import AnswerNames

VERSION = 1
"""Of the folder's content; raised by a change that breaks existing programs."""

DESCRIPTION = "fold.json"
"""Describes the task to the program; the documentation explains its keys."""

PREDICTION = "prediction"
"""The column of predictions."""


class Exchange(NamedTuple):
    """What every program of a plan receives, apart from the fold."""

    features: pd.DataFrame
    """Of every row, as they are in the data."""
    hidden: pd.DataFrame
    """The target, the unit, the time: columns of training rows only; of every row."""
    group: str | None
    """The hidden column that test rows have too: the group within which rows are ranked."""
    target: str
    split: Split
    seed: int
    probabilities: bool
    """Whether the KPI needs predictions from 0 to 1."""
    answers: AnswerNames | None = None
    """What may be answered; None if the target has no classes."""
    treated: Treated | None = None
    """The column of training rows that says who was treated; None if the data have no control group."""

    @property
    def identity(self) -> tuple[object, ...]:
        """Plain data, for the key of a cache."""
        answers = () if self.answers is None else (self.answers.identity,)
        split = self.split.model_dump()
        return [*self.features.columns], [*self.hidden.columns], self.group, split, *answers


@dataclass(frozen=True, slots=True)
class FoldFolder:
    """The folder of one variant and fold."""

    path: Path
    variant: CommandVariant
    exchange: Exchange

    def write(self, fold: Fold) -> None:
        """Write the training rows, the test rows and the description.

        Raises:
            RunError: Parquet cannot be written.
            OSError: the folder cannot be written.
        """
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)
        features, hidden, group = self.exchange.features, self.exchange.hidden, self.exchange.group
        row_ids = pd.RangeIndex(len(features)).to_series(name=ROW_ID)
        rows = pd.concat([row_ids, features, hidden], axis=1)
        _write_table(rows.iloc[fold.train], self.path / self._file("train"))
        test_rows = rows.drop(columns=[name for name in hidden if name != group]).iloc[fold.test]
        _write_table(test_rows, self.path / self._file("test"))
        description = json.dumps(self._description(fold), indent=2) + "\n"
        (self.path / DESCRIPTION).write_text(description, "utf-8")

    def read_predictions(
        self, fold: Fold, root: Path, log_name: str
    ) -> tuple[Floats, PredictionKind | None, Floats | None]:
        """The program's predictions for the test rows, their kind, and the probabilities of classes.

        Raises:
            RunError: there are none, or they do not fit the fold.
        """
        name = self._file("predictions")
        if not (self.path / name).is_file():
            remedy = (
                f"write {name} with the columns {ROW_ID} and {PREDICTION}; the program's log is {log_name}"
            )
            raise RunError(f"the program ended without writing {name}", remedy=remedy)
        try:
            return self._read(open_file(self.path, name, root=root), pd.Index(fold.test))
        except IterataError as error:
            remedy = f"{error.remedy}; the program's log is {log_name}"
            raise RunError(f"{name}: {error.message}", remedy=remedy) from None

    def _read(
        self, table: FileTable, expected: pd.Index
    ) -> tuple[Floats, PredictionKind | None, Floats | None]:
        answers = self.exchange.answers
        if answers is None:
            content = table.read([ROW_ID, PREDICTION])
            return (
                align_predictions(
                    content[ROW_ID],
                    content[PREDICTION],
                    expected,
                    probabilities=self.exchange.probabilities,
                ),
                None,
                None,
            )
        named = probability_columns(table.columns, answers)
        content = table.read([ROW_ID, PREDICTION, *named])
        codes, probabilities = align_answers(
            content[ROW_ID], content[PREDICTION], content[named], expected, answers
        )
        return codes, PredictionKind.CLASS, probabilities

    def _file(self, table: str) -> str:
        return f"{table}.{self.variant.format}"

    def _description(self, fold: Fold) -> dict[str, object]:
        exchange = self.exchange
        answers: dict[str, object] = {}
        if exchange.answers is not None:
            answers = {"classes": list(exchange.answers.classes), "person": exchange.answers.person}
        return {
            **answers,
            "version": VERSION,
            "variant": self.variant.name,
            "params": self.variant.params,
            "seed": exchange.seed,
            "repeat": fold.repeat,
            "fold": fold.number,
            "split": exchange.split.model_dump(),
            "row_id": ROW_ID,
            "target": exchange.target,
            "features": list(exchange.features.columns),
            "aside": [name for name in exchange.hidden if name != exchange.target],
            "group": exchange.group,
            **(
                {}
                if exchange.treated is None
                else {"treated": exchange.treated.model_dump(exclude_none=True)}
            ),
            "train": self._file("train"),
            "test": self._file("test"),
            "predictions": self._file("predictions"),
        }


def _write_table(table: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
        return
    try:
        table.to_parquet(path, index=False)
    except (ImportError, ValueError, TypeError) as error:
        remedy = f"set `format: csv`, or install pyarrow (`{install_command('parquet')}`)"
        raise RunError(f"Parquet cannot be written: {exception_summary(error)}", remedy=remedy) from None
