"""Rules about the plan of a proposal, and the names it defines and uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.documents import model_of
from iterata.documents.fingerprint import plan_digest
from iterata.documents.models.enums import STATUS_QUO
from iterata.lifecycle.context import DocumentContext, assessment_document, model_as
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.documents.models.proposal import Proposal
    from iterata.problems import Problem

RESERVED = (STATUS_QUO, "random", "perfect")
"""Names that no variant may have."""


def _proposal(case: DocumentContext) -> Proposal | None:
    if case.document.stage is not Stage.PROPOSAL:
        return None
    return model_as(case.document, model_of(Stage.PROPOSAL))  # type: ignore[return-value]  # the stage says which


def names_are_unique(case: DocumentContext) -> Iterator[Problem]:
    """PLAN001: no two of a kind share a name."""
    proposal = _proposal(case)
    if proposal is None:
        return
    plan = proposal.plan
    lists: tuple[tuple[tuple[str, ...], str, Sequence[Any]], ...] = (
        (("plan", "variants"), "name", plan.variants),
        (("plan", "hypotheses"), "id", plan.hypotheses),
        (("plan", "metrics", "secondary"), "metric", plan.metrics.secondary),
        (("plan", "metrics", "guardrail"), "name", plan.metrics.guardrail),
    )
    for path, key, entries in lists:
        seen: set[str] = set()
        for index, entry in enumerate(entries):
            name = getattr(entry, key)
            if name in seen or (path[-1] == "variants" and name in RESERVED):
                message = f"the name {name} is taken"
                yield case.document.problem(
                    "PLAN001", [*path, index, key], message, "give it a name of its own"
                )
            seen.add(name)


def names_are_defined(case: DocumentContext) -> Iterator[Problem]:
    """PLAN001: feature sets and variants that are referred to exist."""
    proposal = _proposal(case)
    if proposal is None:
        return
    plan = proposal.plan
    variants = [variant.name for variant in plan.variants]
    uses: list[tuple[list[str | int], str, list[str]]] = [
        (["plan", "variants", index, "features"], variant.features, list(plan.features))
        for index, variant in enumerate(plan.variants)
        if variant.producer != "file"
    ]
    for index, hypothesis in enumerate(plan.hypotheses):
        place: list[str | int] = ["plan", "hypotheses", index, "supported_if"]
        uses.append(([*place, "variant"], hypothesis.supported_if.variant, variants))
        others = [name for name in variants if name != hypothesis.supported_if.variant]
        uses.append(([*place, "over"], hypothesis.supported_if.over, [STATUS_QUO, *others]))
    for path, name, known in uses:
        if name not in known:
            message = (
                f"{name} is compared with itself"
                if path[-1] == "over" and name in variants
                else f"{name} is not defined"
            )
            yield case.document.problem("PLAN001", path, message, f"use one of {', '.join(known)}")


def primary_is_the_assessments_kpi(case: DocumentContext) -> Iterator[Problem]:
    """PLAN002."""
    proposal = _proposal(case)
    assessment: Any = (
        model_as(assessment_document(case.iteration), model_of(Stage.ASSESSMENT)) if proposal else None
    )
    if proposal is None or assessment is None:
        return
    kpi = assessment.lift.kpi.name
    if proposal.plan.metrics.primary != kpi:
        message = f"the assessment's KPI is {kpi}"
        yield case.document.problem(
            "PLAN002", ["plan", "metrics", "primary"], message, f"write `primary: {kpi}`"
        )


def approved_plan_is_unchanged(case: DocumentContext) -> Iterator[Problem]:
    """PLAN003."""
    proposal = _proposal(case)
    if proposal is None or proposal.status is not Status.APPROVED:
        return
    if proposal.plan_digest is None:
        remedy = f"approve it with `iterata move {case.document.path} approved`, which records the digest"
        yield case.document.problem(
            "PLAN003", ["status"], "it is approved, but its plan's digest was never recorded", remedy
        )
    elif proposal.plan_digest != plan_digest(case.document.data["plan"]):
        message = "the plan is not the one that was approved"
        remedy = (
            "take the change back; or move it to draft, add an amendment with its reason, and have it "
            "approved anew; or begin a new iteration"
        )
        yield case.document.problem("PLAN003", ["plan"], message, remedy, key=True)


CHECKS = (names_are_unique, names_are_defined, primary_is_the_assessments_kpi, approved_plan_is_unchanged)
