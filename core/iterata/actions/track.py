"""Results in MLflow: a run for an iteration, and one below it for each variant.

MLflow is told after the fact, from the result files alone: whatever becomes of its server, no result is lost.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from iterata.actions.track_entries import RESULT, Entry, digest, of_iteration, of_variant
from iterata.errors import IterataError, NotFoundError
from iterata.results import ExperimentResult

if TYPE_CHECKING:
    from iterata.repository.projects import IterationFolder

SERVER = "MLFLOW_TRACKING_URI"
"""The environment variable by which MLflow knows its server; a URL in a document could hold a password."""

SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""Made where nobody made others: MLflow would try for minutes, and tell its makers how it is used."""

LONGEST = 5000
"""Characters of a tag or parameter that every server takes."""

_PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):[^@\s]*@")
_NOT_IN_A_NAME = re.compile(r"[^\w\-. /]")
"""What MLflow allows in no name of a metric, parameter or tag."""


class Tracked(NamedTuple):
    """Where results are now."""

    server: str
    """Without its password."""
    run: str
    new: bool
    """Whether they were not there before."""


def track(root: Path, folder: IterationFolder) -> Tracked:
    """Log what an iteration came to, in MLflow's experiment of the project's name.

    Raises:
        NotFoundError: it has no results.
        IterataError: MLflow is not installed, not told where its server is, or the server refuses.
    """
    kept = folder.results
    if not kept:
        remedy = f"`iterata lift {folder.ref}` or `iterata run {folder.ref}`"
        raise NotFoundError("there are no results to log", remedy=remedy, where=folder.ref)
    address = os.environ.get(SERVER)
    if not address:
        remedy = f"`export {SERVER}=http://host:5000`; sqlite:///mlflow.db needs no server"
        raise IterataError(f"{SERVER} is not set", remedy=remedy, where="MLflow")
    shown = _PASSWORD.sub(r"\1:***@", address)
    mlflow, refusals = _mlflow()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what MLflow makes of other packages
            server = _Server(mlflow, address, folder.project.name)
            known = server.find(digest(kept))
            return Tracked(shown, known or server.log(root, folder), new=known is None)
    except refusals as error:
        said = " ".join(_PASSWORD.sub(r"\1:***@", str(error)).split())[:300]
        remedy = "see that it runs and that you may write to it; the results are kept here in any case"
        raise IterataError(f"{shown} refused: {said}", remedy=remedy, where="MLflow") from None


def _mlflow() -> tuple[Any, tuple[type[Exception], ...]]:
    """The package, and what it raises when a server refuses."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import mlflow  # noqa: PLC0415  # an extra
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  # of the same extra
    except ImportError:
        remedy = "install it: `pip install 'iterata[mlflow]'`"
        raise IterataError("is not installed", remedy=remedy, where="MLflow") from None
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)  # what goes wrong is told above
    return mlflow, (mlflow.MlflowException, SQLAlchemyError, OSError)


class _Server:
    """The experiment of a project on a tracking server."""

    def __init__(self, mlflow: Any, address: str, project: str) -> None:
        self._entities = mlflow.entities
        self._client = mlflow.MlflowClient(tracking_uri=address)
        found = self._client.get_experiment_by_name(project)
        self._experiment = (
            found.experiment_id
            if found is not None
            else self._client.create_experiment(project, artifact_location=_files_of(address))
        )

    def find(self, result: str) -> str | None:
        """The run of a result; what an interrupted command left of it is removed."""
        whole = None
        for run in self._client.search_runs([self._experiment], f"tags.`{RESULT}` = '{result}'"):
            if run.info.status == "FINISHED" and whole is None:
                whole = str(run.info.run_id)
            elif run.info.status != "FINISHED":
                below = f"tags.mlflow.parentRunId = '{run.info.run_id}'"
                for part in (*self._client.search_runs([self._experiment], below), run):
                    self._client.delete_run(part.info.run_id)
        return whole

    def log(self, root: Path, folder: IterationFolder) -> str:
        """Log an iteration's results; the run is finished when all of it is there."""
        kept = folder.results
        run = self._begin(of_iteration(folder, kept))
        for result in kept.values():
            if isinstance(result, ExperimentResult):
                for variant in result.variants:
                    below = self._begin(of_variant(variant, result), {"mlflow.parentRunId": run})
                    self._client.set_terminated(below)
        for kind in kept:
            self._client.log_artifact(run, str(root / folder.result_path(kind)))
        self._client.set_terminated(run)
        return run

    def _begin(self, entry: Entry, tags: dict[str, str] | None = None) -> str:
        told = {_name(key): value[:LONGEST] for key, value in entry.tags.items()} | (tags or {})
        run = str(self._client.create_run(self._experiment, run_name=entry.name, tags=told).info.run_id)
        now = self._client.get_run(run).info.start_time
        metrics = [self._entities.Metric(_name(key), value, now, 0) for key, value in entry.metrics.items()]
        params = [self._entities.Param(_name(key), value[:LONGEST]) for key, value in entry.params.items()]
        self._client.log_batch(run, metrics=metrics, params=params)
        return run


def _name(written: str) -> str:
    return _NOT_IN_A_NAME.sub("_", written)[:250]


def _files_of(address: str) -> str | None:
    """Where the files of a local database go: beside it, and not below whatever folder one is in."""
    if not address.startswith("sqlite:///"):
        return None  # a server knows
    return (Path(address.removeprefix("sqlite:///")).absolute().parent / "mlartifacts").as_uri()
