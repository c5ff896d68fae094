"""Finds names in a plan that are used twice or not defined.

The rules, `iterata move` and `iterata run` use the same functions, so they accept the same plans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import STATUS_QUO, Decide
from iterata.documents.models.kpi import ClassValueSpec, may_stop, outcome_of
from iterata.documents.models.rows import NOT_YES_NO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.proposal import Hypothesis, ProposedPlan
    from iterata.errors import FieldPath

RESERVED = (STATUS_QUO, "random", "perfect")
"""Names of models that every plan has; no variant may have one of them."""


class WrongName(NamedTuple):
    """A name that the plan cannot use there."""

    field: FieldPath
    message: str
    remedy: str


def wrong_names(plan: ProposedPlan) -> Iterator[WrongName]:
    """Every name of the plan that is used twice, or that refers to nothing."""
    yield from _duplicates(plan)
    for number, variant in enumerate(plan.variants):
        if variant.producer != "file":
            field = ("plan", "variants", number, "features")
            yield from _undefined(field, variant.features, plan.features)
    variants = [variant.name for variant in plan.variants]
    for number, hypothesis in enumerate(plan.hypotheses):
        yield from _wrong_comparison(("plan", "hypotheses", number, "supported_if"), hypothesis, variants)


def wrong_primary(plan: ProposedPlan, kpi: str) -> Iterator[WrongName]:
    """The primary metric, if it is not the KPI of the assessment."""
    if plan.metrics.primary != kpi:
        field = ("plan", "metrics", "primary")
        yield WrongName(field, f"the assessment's KPI is {kpi}", f"write `primary: {kpi}`")


def wrong_stops(plan: ProposedPlan, kpi: KpiSpec) -> Iterator[WrongName]:
    """Every `stop_below` that the KPI does not allow: only a budget with optional spend may be left."""
    if may_stop(kpi):
        return
    stops: list[tuple[FieldPath, float | None]] = [
        (("plan", "variants", number, "stop_below"), variant.stop_below)
        for number, variant in enumerate(plan.variants)
    ]
    if plan.status_quo is not None:
        stops.append((("plan", "status_quo", "stop_below"), plan.status_quo.stop_below))
    for field, stop_below in stops:
        if stop_below is not None:
            message = "the KPI of the assessment has no budget whose spend is optional"
            yield WrongName(field, message, "remove it; or write `spend: optional` in the assessment's KPI")


def wrong_uplift(plan: ProposedPlan, kpi: KpiSpec) -> Iterator[WrongName]:
    """Every variant that estimates an effect, if the KPI is not one of effects."""
    if kpi.kind == "uplift":
        return
    for number, variant in enumerate(plan.variants):
        if variant.producer == "sklearn" and variant.uplift is not None:
            message = f"the KPI of the assessment is of kind {kpi.kind}, which knows no treatment"
            remedy = "remove it; or describe a KPI of kind uplift, with the column `treated` of the data"
            yield WrongName(("plan", "variants", number, "uplift"), message, remedy)


def wrong_answers(plan: ProposedPlan, kpi: KpiSpec) -> Iterator[WrongName]:
    """Every `decide` and `person_below` that the KPI gives no meaning: they need values of answers."""
    has_values = isinstance(kpi, ClassValueSpec)
    has_person = isinstance(kpi, ClassValueSpec) and kpi.person is not None
    for number, variant in enumerate(plan.variants):
        field: FieldPath = ("plan", "variants", number)
        if variant.decide is not Decide.MOST_LIKELY and not has_values:
            message = "the KPI of the assessment has no values of answers"
            remedy = "remove it; or use a KPI of kind class_value"
            yield WrongName((*field, "decide"), message, remedy)
        if variant.person_below is not None and not has_person:
            message = "the KPI of the assessment has no answer that hands a row to a person"
            remedy = "remove it; or describe `person` in the assessment's KPI, of kind class_value"
            yield WrongName((*field, "person_below"), message, remedy)


def wrong_target(plan: ProposedPlan, kpi: KpiSpec) -> Iterator[WrongName]:
    """The positive and negative values of a target that has several classes, or is a number."""
    measured = NOT_YES_NO.get(outcome_of(kpi))
    if plan.target is None or measured is None:
        return
    for key in ("positive", "negative"):
        if key in plan.target.model_fields_set and getattr(plan.target, key) is not None:
            message = f"is for yes / no targets, and the KPI of the assessment {measured}"
            yield WrongName(("plan", "target", key), message, "remove it")


def _duplicates(plan: ProposedPlan) -> Iterator[WrongName]:
    lists: tuple[tuple[FieldPath, str, list[str], tuple[str, ...]], ...] = (
        (("plan", "variants"), "name", [variant.name for variant in plan.variants], RESERVED),
        (("plan", "hypotheses"), "id", [hypothesis.id for hypothesis in plan.hypotheses], ()),
        (("plan", "metrics", "secondary"), "metric", [entry.metric for entry in plan.metrics.secondary], ()),
        (("plan", "metrics", "guardrail"), "name", [entry.name for entry in plan.metrics.guardrail], ()),
    )
    for path, key, names, reserved in lists:
        taken = set(reserved)
        for number, name in enumerate(names):
            if name in taken:
                yield WrongName((*path, number, key), f"the name {name} is taken", "give it another name")
            taken.add(name)


def _wrong_comparison(field: FieldPath, hypothesis: Hypothesis, variants: list[str]) -> Iterator[WrongName]:
    variant, other = hypothesis.supported_if.variant, hypothesis.supported_if.over
    yield from _undefined((*field, "variant"), variant, variants)
    choices = [STATUS_QUO, *(name for name in variants if name != variant)]
    if other == variant and variant in variants:
        yield WrongName((*field, "over"), f"{other} is compared with itself", _choose(choices))
    else:
        yield from _undefined((*field, "over"), other, choices)


def _undefined(field: FieldPath, name: str, choices: Iterable[str]) -> Iterator[WrongName]:
    if name not in choices:
        yield WrongName(field, f"{name} is not defined", _choose(choices))


def _choose(choices: Iterable[str]) -> str:
    return f"use one of {', '.join(choices)}"
