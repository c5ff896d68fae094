"""Predictions of any program, exchanged through files in a folder."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from iterata.errors import RunError
from iterata.execution import subprocesses
from iterata.execution.project_code import fingerprint, is_file_of
from iterata.experiment.variants.base import Prediction
from iterata.experiment.variants.fold_folder import VERSION, FoldFolder
from iterata.repository.files import state_dir

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.documents.models.variants import CommandVariant
    from iterata.experiment.folds import Fold
    from iterata.experiment.variants.fold_folder import Exchange

DISK_FULL = 64 * 1024
"""Bytes: with less free space than this, the full disk is the likely cause of an error."""


@dataclass(frozen=True, slots=True)
class CommandProducer:
    """A variant that is a program, which can be run on any fold."""

    variant: CommandVariant
    project: Path
    root: Path
    """The repository."""
    iteration: str
    """Names the folders below `.iterata`: `project/iteration`."""
    exchange: Exchange

    @property
    def runs_in_main_process(self) -> bool:
        """A program may use threads of its own, or the only GPU."""
        return True

    @property
    def identity(self) -> dict[str, object]:
        """The command, the project's code, the files it reads, and its input."""
        settings = self.variant.model_dump(mode="json", include={"command", "params", "format"})
        files = {name: _file_digest(self.project / name) for name in self._files()}
        return {
            **settings,
            "version": VERSION,
            "shown": self.exchange.identity,
            "seed": self.exchange.seed,
            "read": files,
            "code": fingerprint(self.project),
        }

    def _files(self) -> list[str]:
        """The files of the project that the plan names, under `reads` or as arguments."""
        names = dict.fromkeys([*self.variant.reads, *self.variant.command])
        return [name for name in names if name in self.variant.reads or is_file_of(self.project, name)]

    def __call__(self, fold: Fold) -> Prediction:
        """Write the fold to a folder, run the program, and read the predictions it wrote.

        The folder is deleted after its predictions are read; the log is kept.

        Raises:
            RunError: the program failed or took too long, or its predictions do not fit the fold.
        """
        start = time.perf_counter()
        name = PurePosixPath(
            self.iteration, _folder_name(self.variant.name), f"repeat-{fold.repeat}-fold-{fold.number}"
        )
        log = state_dir(self.root) / "logs" / f"{name}.log"
        folder = FoldFolder(state_dir(self.root) / "folds" / name, self.variant, self.exchange)
        try:
            folder.write(fold)
            self._run(folder.path, log)
            scores, kind, probabilities = folder.read_predictions(fold, self.root, self._log_name(log))
            shutil.rmtree(folder.path)
        except RunError as error:
            if shutil.disk_usage(state_dir(self.root)).free < DISK_FULL:
                message = f"{error.message}; and the disk of .iterata is full"
                raise RunError(message, remedy="free some space on that disk") from None
            raise
        except OSError as error:
            remedy = "check the permissions of .iterata and the free disk space"
            message = f"the fold's folder cannot be written: {error.strerror}"
            raise RunError(message, remedy=remedy) from None
        return Prediction(scores, kind, {}, (), time.perf_counter() - start, probabilities)

    def _run(self, folder: Path, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        command = [*self.variant.command, str(folder.resolve())]
        minutes = self.variant.minutes
        subprocesses.run(command, self.project, log, minutes=minutes, log_name=self._log_name(log))

    def _log_name(self, log: Path) -> str:
        return log.relative_to(self.root).as_posix()


def _file_digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        remedy = "put the file there, or correct `reads`"
        raise RunError(f"{path.name} cannot be read: {error.strerror}", remedy=remedy) from None


def _folder_name(variant: str) -> str:
    """A folder name that is different for every variant."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", variant).strip("-").lower()
    return f"{readable}-{hashlib.sha256(variant.encode()).hexdigest()[:6]}"
