"""`iterata lift`: compute the expected lift and write it into the assessment."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from iterata import results
from iterata.actions.publish import (
    Publication,
    is_immutable,
    refuse_newer_result,
    require_valid,
    write_blocks,
    write_result,
)
from iterata.documents.error_location import located_in
from iterata.documents.models.requirements_inheritance import overrides
from iterata.errors import IterataError, Location, NotFoundError
from iterata.execution.steps import logged_step
from iterata.repository import git
from iterata.stages import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.data.doubts import UnusedDoubts
    from iterata.documents import Document
    from iterata.documents.models.lift import LiftSpec
    from iterata.repository.projects import IterationFolder
    from iterata.results import LiftResult

LOGGER = logging.getLogger(__name__)

MANY_ROWS = 500
"""From this many rows on, a budget of at most 100 of them may be meant as a percentage."""


def lift(root: Path, folder: IterationFolder, *, overwrite_newer: bool = False) -> Publication[LiftResult]:
    """Compute the expected lift, write its result file, and render it into the assessment.

    Raises:
        NotFoundError: the iteration has no assessment of its own.
        ProblemsError: the assessment has problems.
        DataError: the data cannot be used.
        NewerVersion: a newer version wrote the result that is there.
        IterataError: the result differs from the one that the assessment was approved with.
    """
    if not overwrite_newer:
        refuse_newer_result(folder, "lift")
    document, spec = lift_spec(folder)
    start = time.perf_counter()
    with logged_step(LOGGER, "computing the lift"):
        result = compute_lift(spec, root, folder, document)
    seconds = {"lift": round(time.perf_counter() - start, 2)}  # a copy is neither validated nor rounded
    provenance = result.provenance.model_copy(update={"seconds": seconds})
    context = {"provenance": provenance, "spec_digest": folder.lift_digest, **_overrides(folder)}
    result = result.model_copy(update=context)
    approved = (
        results.read_or_none("lift", root / folder.result_path("lift")) if is_immutable(document) else None
    )
    if approved is not None:  # its page shows the approved figures, as this version of iterata renders them
        rendered = write_blocks(root, document, folder, approved)
        return Publication(
            result, document.path, [*write_result(root, folder, result, immutable=True), *rendered]
        )
    doubts = _unused_doubts(spec, root, folder)
    changed = write_result(
        root, folder, result, immutable=is_immutable(document), overwrite_newer=overwrite_newer
    )
    changed += write_blocks(root, document, folder, result)
    return Publication(result, document.path, changed, doubts, _budget_note(spec, result))


def _budget_note(spec: LiftSpec, result: LiftResult) -> tuple[str, str] | None:
    """A note about a budget that may be meant as a percentage: `budget: 10` of thousands of rows."""
    budget = getattr(spec.kpi, "budget", None)
    rows = spec.period.rows if spec.period else result.sample.rows if result.sample else None
    if budget is None or rows is None or not 1 < budget <= 100 or rows < MANY_ROWS:
        return None
    share = f"{100 * budget / rows:.2g} %"
    note = f"`budget: {budget:g}` is a number of rows: {share} of {rows:,.0f}"
    return note, f"for {budget:g} % of the rows write `budget: {budget / 100:g}`"


def _overrides(folder: IterationFolder) -> dict[str, object]:
    """Where the assessment's KPI differs from the one of the requirements, and why."""
    assessment, requirements = folder.assessment, folder.project.requirements_model
    differing = list(overrides(assessment, requirements)) if assessment and requirements else []
    if assessment is None or not differing:
        return {}
    records = [
        results.KpiOverrideRecord(
            name=override.name, requirements=override.requirements, assessment=override.assessment
        )
        for override in differing
    ]
    return {"overrides": records, "override_reason": assessment.override_reason or ""}


def _unused_doubts(spec: LiftSpec, root: Path, folder: IterationFolder) -> UnusedDoubts | None:
    """The doubts about columns of the data that the assessment does not use."""
    if spec.data is None:
        return None
    from iterata.data.description import RowDescription  # noqa: PLC0415  # brings numpy
    from iterata.data.doubts import doubts_of_unused  # noqa: PLC0415  # brings pandas

    used = RowDescription.of_lift(spec.data, spec.kpi).named_columns()
    return doubts_of_unused(root / folder.project.path, spec.data, used, root=root)


def lift_spec(folder: IterationFolder) -> tuple[Document, LiftSpec]:
    """The iteration's own assessment, and its `lift:` block.

    Raises:
        NotFoundError: the iteration has no assessment of its own.
        ProblemsError: the assessment has problems.
    """
    document = folder.document(Stage.ASSESSMENT)
    if document is None:
        source = folder.assessment_folder
        inherited = f"it inherits that of {source.name}: `iterata lift {source.ref}`" if source else ""
        remedy = inherited or f"`iterata new document {folder.ref} assessment`"
        raise NotFoundError("the iteration has no assessment of its own", remedy=remedy, where=folder.ref)
    require_valid(document)
    assessment = folder.assessment
    assert assessment is not None  # noqa: S101  # it has no problems
    kpi, field = assessment.lift.kpi, ("lift", "kpi")
    if not (kpi.name and kpi.unit):
        missing = "unit" if kpi.name else "name"
        remedy = f"write `{missing}:` here, or a valid requirements.md that names the KPI"
        where = Location(document.path, document.source.position(field, key=True).line, field=field)
        raise IterataError(f"the KPI has no {missing}", remedy=remedy, where=where)
    return document, assessment.lift


def compute_lift(spec: LiftSpec, root: Path, folder: IterationFolder, document: Document) -> LiftResult:
    """The expected lift, from data or from assumptions.

    Raises:
        DataError: the data cannot be used, or most draws of the assumptions are contradictory.
    """
    commit, dirty = git.head(root), git.is_dirty(root, [document.path])
    if spec.assumptions is not None:
        from iterata.lift import from_assumptions  # noqa: PLC0415  # brings numpy

        place = document.source.position(["lift", "assumptions"], key=True)
        where = Location(document.path, place.line)
        return from_assumptions.compute(spec, where, commit=commit, dirty=dirty)
    from iterata.execution.stdout import stdout_to_stderr  # noqa: PLC0415  # of a KPI of kind python
    from iterata.lift.from_data import compute  # noqa: PLC0415  # brings numpy and pandas

    with stdout_to_stderr(), located_in(document, "lift"):
        return compute(spec, root / folder.project.path, root, commit=commit, dirty=dirty)
