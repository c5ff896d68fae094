"""`iterata track`: log results in MLflow, with one run for the iteration and one below it for each variant.

The result files are the only input. A failure of the MLflow server never affects them.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import warnings
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.track_entries import RESULT_TAG, RunEntry, digest, iteration_entry, variant_entry
from iterata.errors import IterataError, NotFoundError
from iterata.execution.extras import install_command
from iterata.execution.stdout import output_to_log
from iterata.execution.steps import logged_step
from iterata.results import ExperimentResult
from iterata.text import mask_passwords, one_line

if TYPE_CHECKING:
    from types import ModuleType

    from iterata.repository.projects import IterationFolder

LOGGER = logging.getLogger(__name__)

TRACKING_URI = "MLFLOW_TRACKING_URI"
"""MLflow's environment variable for its server; a URL in a document could contain a password."""

DEFAULTS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
"""Settings unless the environment has others: MLflow retries for minutes, sends telemetry, prints."""

CONNECT_TIMEOUT = 5.0
"""Seconds that another process may lock a database file."""

MAX_LENGTH = 5000
"""Characters of a tag or parameter that every server accepts."""

_INVALID_IN_NAME = re.compile(r"[^\w\-. /]")
"""Characters that MLflow does not accept in the name of a metric, parameter or tag."""


class TrackedRun(NamedTuple):
    """The MLflow run with the results."""

    server: str
    """Without its password."""
    run: str
    new: bool
    """False if an earlier command logged the same results."""


def track(root: Path, folder: IterationFolder) -> TrackedRun:
    """Log the results of an iteration in the MLflow experiment with the name of its project.

    Raises:
        NotFoundError: the iteration has no results.
        DataError: a result cannot be read.
        IterataError: MLflow is not installed, its server is not configured, or the server refuses.
    """
    folder.require_readable_results()
    results = folder.results
    if not results:
        remedy = f"`iterata lift {folder.ref}` or `iterata run {folder.ref}`"
        raise NotFoundError("there are no results to log", remedy=remedy, where=folder.ref)
    address = os.environ.get(TRACKING_URI)
    if not address:
        remedy = f"`export {TRACKING_URI}=http://host:5000`, or without a server `export {TRACKING_URI}=sqlite:///mlflow.db`"
        raise IterataError(f"{TRACKING_URI} is not set", remedy=remedy, where="MLflow")
    shown = mask_passwords(address)
    with logged_step(LOGGER, "loading MLflow"), output_to_log(LOGGER, "MLflow"):
        mlflow, refusals = _import_mlflow()
    try:
        with (
            logged_step(LOGGER, f"logging the results in {shown}"),
            output_to_log(LOGGER, "MLflow"),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")  # MLflow warns about other packages
            server = _Server(mlflow, address, folder.project.name)
            logged = server.find(digest(results))
            return TrackedRun(shown, logged or server.log(root, folder), new=logged is None)
    except refusals as error:
        reason = one_line(mask_passwords(str(error).partition("[SQL:")[0]), 300)
        remedy = _remedy_of_database(address) or (
            "check that the server runs and that you may write to it; the result files are not affected"
        )
        raise IterataError(f"{shown} refused: {reason}", remedy=remedy, where="MLflow") from None


def _remedy_of_database(address: str) -> str:
    """How to fix a database file that MLflow was killed in while it created or upgraded it, if it is one."""
    path = Path(address.removeprefix("sqlite:///"))
    if not address.startswith("sqlite:///") or not path.is_file():
        return ""
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=CONNECT_TIMEOUT)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "runs" not in tables or not database.execute("SELECT count(*) FROM runs").fetchone()[0]:
            return f"its creation was interrupted and it has no runs: delete {path}, then run this again"
    return f"if its creation or upgrade was interrupted: `mlflow db upgrade {address}`, or restore {path}"


def _import_mlflow() -> tuple[ModuleType, tuple[type[Exception], ...]]:
    """The package, and the exceptions that it raises if a server refuses."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    try:
        import mlflow  # noqa: PLC0415  # an optional dependency
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  # installed with it
    except ImportError:
        remedy = f"install it: `{install_command('mlflow')}`"
        raise IterataError("is not installed", remedy=remedy, where="MLflow") from None
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # refusals are raised as errors
    return mlflow, (mlflow.MlflowException, SQLAlchemyError, OSError)


class _Server:
    """The experiment of a project on a tracking server."""

    def __init__(self, mlflow: ModuleType, address: str, project: str) -> None:
        self._entities = mlflow.entities
        self._client = mlflow.MlflowClient(tracking_uri=address)
        experiment = self._client.get_experiment_by_name(project)
        self._experiment = (
            experiment.experiment_id
            if experiment is not None
            else self._client.create_experiment(project, artifact_location=_artifact_location(address))
        )

    def find(self, result: str) -> str | None:
        """The finished run of a result; unfinished runs of it are deleted."""
        finished = None
        for run in self._client.search_runs([self._experiment], f"tags.`{RESULT_TAG}` = '{result}'"):
            if run.info.status == "FINISHED" and finished is None:
                finished = str(run.info.run_id)
            elif run.info.status != "FINISHED":
                children = f"tags.mlflow.parentRunId = '{run.info.run_id}'"
                for part in (*self._client.search_runs([self._experiment], children), run):
                    self._client.delete_run(part.info.run_id)
        return finished

    def log(self, root: Path, folder: IterationFolder) -> str:
        """Log the results of an iteration; the run is marked as finished last."""
        results = folder.results
        run = self._create_run(iteration_entry(folder, results))
        for result in results.values():
            if isinstance(result, ExperimentResult):
                for variant in result.variants:
                    child = self._create_run(variant_entry(variant, result), {"mlflow.parentRunId": run})
                    self._client.set_terminated(child)
        for kind in results:
            self._client.log_artifact(run, str(root / folder.result_path(kind)))
        self._client.set_terminated(run)
        return run

    def _create_run(self, entry: RunEntry, tags: dict[str, str] | None = None) -> str:
        all_tags = {_name(key): value[:MAX_LENGTH] for key, value in entry.tags.items()} | (tags or {})
        created = self._client.create_run(self._experiment, run_name=entry.name, tags=all_tags)
        run = str(created.info.run_id)
        start = self._client.get_run(run).info.start_time
        metrics = [self._entities.Metric(_name(key), value, start, 0) for key, value in entry.metrics.items()]
        params = [self._entities.Param(_name(key), value[:MAX_LENGTH]) for key, value in entry.params.items()]
        self._client.log_batch(run, metrics=metrics, params=params)
        return run


def _name(text: str) -> str:
    return _INVALID_IN_NAME.sub("_", text)[:250]


def _artifact_location(address: str) -> str | None:
    """Where the files of a local database are stored: in its folder, not in the working directory."""
    if not address.startswith("sqlite:///"):
        return None  # the server decides
    return (Path(address.removeprefix("sqlite:///")).absolute().parent / "mlartifacts").as_uri()
