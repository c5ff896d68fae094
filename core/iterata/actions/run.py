"""`iterata run`: run the approved plan, write its result and bring the experiment's page up to date."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from iterata.actions import new
from iterata.actions.cache import prune_to_limit
from iterata.actions.move import move
from iterata.actions.publish import Publication, is_immutable, require_valid, write_blocks, write_result
from iterata.documents.error_location import located_in
from iterata.documents.models.inheritance import overrides
from iterata.experiment.assessed_status_quo import assessed_status_quo
from iterata.experiment.engines.base import LOCAL
from iterata.lifecycle.context import DocumentContext, find_context
from iterata.repository.files import STATE, state_dir, write_within
from iterata.repository.projects import Repository
from iterata.results import AmendmentRecord, OverrideRecord
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from iterata.actions.preparation import PreparedRun
    from iterata.experiment.engines.base import Engine, FitProgress
    from iterata.repository.config import Config
    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult, LiftResult

    Progress = Callable[[FitProgress], None]


def run(
    config: Config,
    prepared: PreparedRun,
    today: date,
    *,
    jobs: int,
    progress: Progress,
    engine: Engine = LOCAL,
    overwrite_newer: bool = False,
) -> Publication[ExperimentResult]:
    """Run the plan, write the result, and mark the experiment as completed.

    Before the result is complete, only the cache of predictions is written.

    Raises:
        DataError: the data is missing, or is not the data that was approved.
        RunError: a variant cannot be run.
        IterataError: the result differs from the one that a report was approved with.
    """
    folder, cache = prepared.folder, config.settings.cache
    result = run_plan(config.root, prepared, jobs=jobs, progress=progress, engine=engine, cache=cache)
    prune_to_limit(config)
    immutable = is_immutable(folder.document(Stage.REPORT))
    changed = write_result(config.root, folder, result, immutable=immutable, overwrite_newer=overwrite_newer)
    page = f"{folder.path}/{Stage.EXPERIMENT.filename}"
    return Publication(result, page, [*changed, *_update_experiment(config, folder, page, today)])


def run_draft(
    config: Config, prepared: PreparedRun, *, jobs: int, progress: Progress, engine: Engine = LOCAL
) -> Publication[ExperimentResult]:
    """Run a plan that is not approved. The result is written to a folder that no gate and no page reads.

    Raises:
        DataError: the data is missing, or is not the data that was approved.
        RunError: a variant cannot be run.
    """
    cache = config.settings.cache
    result = run_plan(config.root, prepared, jobs=jobs, progress=progress, engine=engine, cache=cache)
    prune_to_limit(config)
    state_dir(config.root)
    place = f"{STATE}/drafts/{prepared.folder.ref}.json"
    text = json.dumps(draft_json(result), indent=2, sort_keys=True) + "\n"
    changed = write_within(config.root, place, text)
    return Publication(result, place, [place] if changed else [])


def draft_json(result: ExperimentResult) -> dict[str, object]:
    """The result of a draft as JSON data, in a shape that no reader accepts as a result."""
    return {"schema_version": 1, "kind": "draft", "draft": True, "result": result.model_dump(mode="json")}


def run_plan(
    root: Path,
    prepared: PreparedRun,
    *,
    jobs: int,
    progress: Progress,
    engine: Engine = LOCAL,
    cache: str | None = None,
) -> ExperimentResult:
    """Compute the result of the plan in the knowledge base at `root`. Writes only the cache of predictions.

    Raises:
        DataError: the data is missing, or is not the data that was approved.
        RunError: a variant cannot be run.
    """
    from iterata.execution.stdout import stdout_to_stderr  # noqa: PLC0415  # only who runs something
    from iterata.experiment.run import PlanRevision, execute  # noqa: PLC0415  # brings scikit-learn

    folder, lift = prepared.folder, prepared.assessment.lift
    proposal = f"{folder.path}/{Stage.PROPOSAL.filename}"
    revision = PlanRevision(proposal, prepared.digest, prepared.commit, bool(prepared.uncommitted))
    inherited = folder.assessment_document
    with stdout_to_stderr(), located_in(prepared.document, "plan", inherited=inherited):
        result = execute(
            prepared.plan,
            lift.kpi,
            lift.period,
            root / folder.project.path,
            root,
            revision,
            jobs=jobs,
            progress=progress,
            engine=engine,
            cache=cache,
        )
    return _with_context(result, prepared)


def _with_context(result: ExperimentResult, prepared: PreparedRun) -> ExperimentResult:
    """The result with the amendments, and with what the assessment says about the same rows."""
    source = prepared.folder.assessment_folder
    lift_result = source.lift_result if source else None
    amendments = [
        AmendmentRecord(on=amendment.on.isoformat(), what=amendment.what, why=amendment.why)
        for amendment in prepared.proposal.amendments
    ]
    differing = overrides(prepared.proposal.plan, prepared.assessment.lift)
    result = result.model_copy(
        update={
            "amendments": amendments,
            "overrides": [
                OverrideRecord(name=override.name, assessment=override.assessment, plan=override.plan)
                for override in differing
            ],
            "override_reason": (prepared.plan.override_reason or "") if differing else "",
            "expected": lift_result.good_model if lift_result else None,
            "provenance": result.provenance.model_copy(update={"code": prepared.code}),
        }
    )
    if source is None or lift_result is None or not _is_current(lift_result, source):
        return result
    assessed = assessed_status_quo(lift_result, result, prepared.plan)
    return result.model_copy(update={"assessed_status_quo": assessed})


def _is_current(lift_result: LiftResult, source: IterationFolder) -> bool:
    """Whether the expected lift was computed from the assessment as it is now."""
    return lift_result.spec_digest == source.lift_digest


def _update_experiment(config: Config, folder: IterationFolder, page: str, today: date) -> list[str]:
    """Bring experiment.md up to date with the result: its block, and its status."""
    path = config.root / page
    before = path.read_bytes() if path.exists() else None
    if before is None:
        new.create_document(folder, config.root, Stage.EXPERIMENT)
    context = _read_again(config, page)
    if result := context.experiment_result:
        write_blocks(config.root, require_valid(context.document), folder, result)
    for source, target in ((Status.PLANNED, Status.RUNNING), (Status.RUNNING, Status.COMPLETED)):
        context = _read_again(config, page)
        if context.document.status is source:
            move(context, target, (), today, config.root)
    return [page] if path.read_bytes() != before else []


def _read_again(config: Config, path: str) -> DocumentContext:
    """The document as it is on disk now."""
    return find_context(Repository.on_disk(config), path)
