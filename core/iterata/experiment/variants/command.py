"""Makes predictions with any program, through files in a folder."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pandas as pd

from iterata.data.sources.open import open_table
from iterata.errors import IterataError, RunError
from iterata.execution import subprocesses
from iterata.execution.project_code import fingerprint, is_file_of, said
from iterata.experiment.variants.alignment import ROW, align_predictions
from iterata.experiment.variants.base import Prediction
from iterata.repository.files import state_dir

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.documents.models.splits import Split
    from iterata.documents.models.variants import CommandVariant
    from iterata.experiment.folds import Fold

VERSION = 1
"""Of what the folder holds; raised when a program that read it before no longer could."""

ROOM = 64 * 1024
"""Bytes: where less is left on the disk, whatever went wrong most likely did for want of room."""

DESCRIPTION = "fold.json"
"""Says what the program is to do; its keys are described in the documentation."""


@dataclass(frozen=True, slots=True)
class Command:
    """A variant that is a program, ready to be run on any fold."""

    variant: CommandVariant
    project: Path
    root: Path
    place: str
    """What the folders below `.iterata` are called: the iteration."""
    features: pd.DataFrame
    """As they are in the data, of every row."""
    aside: pd.DataFrame
    """What only training rows show: the target, the unit, the time; of every row."""
    group: str | None
    """Which of these columns test rows show, too: it says what is ranked against each other."""
    target: str
    split: Split
    seed: int
    probabilities: bool
    """Whether the KPI needs predictions from 0 to 1."""

    @property
    def alone(self) -> bool:
        """A program has its own threads, or the only graphics card."""
        return True

    @property
    def identity(self) -> dict[str, Any]:
        """The program as far as the plan knows it: the command, the project's code, what else it reads."""
        read = {name: _digest(self.project / name) for name in self._read()}
        said = self.variant.model_dump(include={"command", "params", "format"})
        shown = [*self.features.columns], [*self.aside.columns], self.group, self.split.model_dump()
        code = fingerprint(self.project)
        return {**said, "version": VERSION, "shown": shown, "seed": self.seed, "read": read, "code": code}

    def _read(self) -> list[str]:
        """The files of the project that the plan names, be it as arguments."""
        named = dict.fromkeys([*self.variant.reads, *self.variant.command])
        return [name for name in named if name in self.variant.reads or is_file_of(self.project, name)]

    def __call__(self, fold: Fold) -> Prediction:
        """Write the fold to a folder, run the program, and read what it wrote.

        The folder is removed once its predictions are read; the log stays.

        Raises:
            RunError: the program failed or took too long, or its predictions are not what was asked for.
        """
        began = time.perf_counter()
        inside = PurePosixPath(
            self.place, _slug(self.variant.name), f"repeat-{fold.repeat}-fold-{fold.number}"
        )
        folder = state_dir(self.root) / "folds" / inside
        log = state_dir(self.root) / "logs" / f"{inside}.log"
        where_log = log.relative_to(self.root).as_posix()
        try:
            self._write(fold, folder)
            log.parent.mkdir(parents=True, exist_ok=True)
            command = [*self.variant.command, str(folder.resolve())]
            subprocesses.run(command, self.project, log, minutes=self.variant.minutes, where_log=where_log)
            scores = self._read_back(fold, folder, where_log)
            shutil.rmtree(folder)
        except RunError as error:
            if shutil.disk_usage(state_dir(self.root)).free < ROOM:
                message = f"{error.message}; and no room is left on the disk of .iterata"
                raise RunError(message, remedy="make room there") from None
            raise
        except OSError as error:
            remedy = "check the rights of .iterata and the space left on the disk"
            raise RunError(f"its folder cannot be used: {error.strerror}", remedy=remedy) from None
        return Prediction(scores, None, {}, (), time.perf_counter() - began)

    def _write(self, fold: Fold, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        rows = pd.RangeIndex(len(self.features)).to_series(name=ROW)
        whole = pd.concat([rows, self.features, self.aside], axis=1)
        _save(whole.iloc[fold.train], folder / self._named("train"))
        hidden = [name for name in self.aside if name != self.group]
        _save(whole.drop(columns=hidden).iloc[fold.test], folder / self._named("test"))
        (folder / DESCRIPTION).write_text(json.dumps(self._described(fold), indent=2) + "\n", "utf-8")

    def _named(self, table: str) -> str:
        return f"{table}.{self.variant.format}"

    def _described(self, fold: Fold) -> dict[str, Any]:
        return {
            "version": VERSION,
            "variant": self.variant.name,
            "params": self.variant.params,
            "seed": self.seed,
            "repeat": fold.repeat,
            "fold": fold.number,
            "split": self.split.model_dump(),
            "row_id": ROW,
            "target": self.target,
            "features": list(self.features.columns),
            "aside": [name for name in self.aside if name != self.target],
            "group": self.group,
            "train": self._named("train"),
            "test": self._named("test"),
            "predictions": self._named("predictions"),
        }

    def _read_back(self, fold: Fold, folder: Path, where_log: str) -> Any:
        name = self._named("predictions")
        if not (folder / name).is_file():
            remedy = f"have it write {name} with the columns {ROW} and prediction; its log is {where_log}"
            raise RunError(f"ended without writing {name}", remedy=remedy)
        try:
            given = open_table(folder, name, root=self.root).read([ROW, "prediction"])
            wanted = pd.Index(fold.test)
            return align_predictions(
                given[ROW], given["prediction"], wanted, probabilities=self.probabilities
            )
        except IterataError as error:
            remedy = f"{error.remedy}; its log is {where_log}"
            raise RunError(f"{name}: {error.message}", remedy=remedy) from None


def _save(table: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
        return
    try:
        table.to_parquet(path, index=False)
    except (ImportError, ValueError, TypeError) as error:
        remedy = "write `format: csv`, or install pyarrow (`pip install 'iterata[parquet]'`)"
        raise RunError(f"Parquet cannot be written: {said(error)}", remedy=remedy) from None


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        remedy = "put the file there, or correct `reads`"
        raise RunError(f"{path.name} cannot be read: {error.strerror}", remedy=remedy) from None


def _slug(name: str) -> str:
    """A name for a folder, another one for every other name."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
