"""Rules about the plan of a proposal, and the names that it defines and uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import STATUS_QUO
from iterata.documents.models.plan_names import (
    wrong_answers,
    wrong_names,
    wrong_primary,
    wrong_stops,
    wrong_target,
    wrong_uplift,
)
from iterata.documents.stage_models import valid_model
from iterata.lifecycle.agreement import record_remedy
from iterata.lifecycle.remedies import to_reopen
from iterata.lifecycle.staleness import upstream_changes
from iterata.problems import Severity
from iterata.rules.rule import RuleSet
from iterata.stages import IterationKind, Stage, Status
from iterata.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem

RULES = RuleSet()


@RULES.rule(
    "PLAN001",
    "Names within a plan are unique and defined.",
    Stage.PROPOSAL,
    why="Results refer to variants, metrics and hypotheses by their names.",
    bad="variants: [{name: logistic, features: al, ...}]\nfeatures: {all: ['*']}",
    good="variants: [{name: logistic, features: all, ...}]\nfeatures: {all: ['*']}",
)
def names_are_unique_and_defined(context: DocumentContext) -> Iterator[Problem]:
    """PLAN001."""
    proposal = valid_model(context.document, Stage.PROPOSAL)
    for wrong in wrong_names(proposal.plan) if proposal else ():
        yield context.document.problem("PLAN001", wrong.field, wrong.message, wrong.remedy)


@RULES.rule(
    "PLAN002",
    "The primary metric is the KPI of the assessment.",
    Stage.PROPOSAL,
    why="The expected lift and the results must be on one scale.",
    bad="primary: clicks  # while the assessment's KPI is called policies sold",
    good="primary: policies sold",
)
def primary_metric_is_the_kpi(context: DocumentContext) -> Iterator[Problem]:
    """PLAN002."""
    proposal = valid_model(context.document, Stage.PROPOSAL)
    assessment = context.assessment if proposal else None
    if proposal is None or assessment is None:
        return
    for wrong in wrong_primary(proposal.plan, assessment.lift.kpi.name):
        yield context.document.problem("PLAN002", wrong.field, wrong.message, wrong.remedy)


@RULES.rule(
    "PLAN006",
    "Only a model whose KPI may leave a part of its budget unspent has a stopping score.",
    Stage.PROPOSAL,
    why="A budget that must be spent is spent, however low the scores become.",
    bad="stop_below: 0.1  # while the assessment's KPI has `spend: forced`",
    good="stop_below: 0.1  # with `spend: optional` in the assessment's KPI",
)
def only_optional_spend_stops(context: DocumentContext) -> Iterator[Problem]:
    """PLAN006."""
    proposal = valid_model(context.document, Stage.PROPOSAL)
    assessment = context.assessment if proposal else None
    if proposal is None or assessment is None:
        return
    for wrong in wrong_stops(proposal.plan, assessment.lift.kpi):
        yield context.document.problem("PLAN006", wrong.field, wrong.message, wrong.remedy)


@RULES.rule(
    "PLAN011",
    "Only a KPI with values of answers decides by them, or hands rows to a person.",
    Stage.PROPOSAL,
    why="Which answer is the most valuable, and what a person is worth, is what the KPI says.",
    bad="decide: most_valuable  # while the assessment's KPI is of kind metric",
    good="decide: most_valuable  # with a KPI of kind class_value",
)
def only_values_of_answers_decide(context: DocumentContext) -> Iterator[Problem]:
    """PLAN011."""
    proposal = valid_model(context.document, Stage.PROPOSAL)
    assessment = context.assessment if proposal else None
    if proposal is None or assessment is None:
        return
    for wrong in wrong_answers(proposal.plan, assessment.lift.kpi):
        yield context.document.problem("PLAN011", wrong.field, wrong.message, wrong.remedy)


@RULES.rule(
    "PLAN012",
    "Only a plan whose target is yes or no names positive and negative values.",
    Stage.PROPOSAL,
    why="Of several classes none is the positive one, so the values would not be used.",
    bad="target: {column: topic, positive: billing, ...}  # while the KPI is of kind class_value",
    good="target: {column: topic, ...}",
)
def only_yes_no_targets_have_positives(context: DocumentContext) -> Iterator[Problem]:
    """PLAN012."""
    proposal = valid_model(context.document, Stage.PROPOSAL)
    assessment = context.assessment if proposal else None
    if proposal is None or assessment is None:
        return
    for wrong in wrong_target(proposal.plan, assessment.lift.kpi):
        yield context.document.problem("PLAN012", wrong.field, wrong.message, wrong.remedy)


@RULES.rule(
    "PLAN003",
    "A plan does not change after its approval.",
    Stage.PROPOSAL,
    why="Approval fixes the scope: what is run is what was agreed.",
    bad="an approved proposal.md to which a variant was added later",
    good="the variant in the plan of the next iteration, or an amendment and a new approval",
)
def approved_plan_is_unchanged(context: DocumentContext) -> Iterator[Problem]:
    """PLAN003."""
    document, proposal = context.document, valid_model(context.document, Stage.PROPOSAL)
    if proposal is None or proposal.status is not Status.APPROVED:
        return
    if proposal.plan_digest is None:
        message = "it is approved, but has no `plan_digest`"
        remedy = record_remedy(document, "plan_digest", context.plan_digest)
        yield document.problem("PLAN003", ["status"], message, remedy)
    elif proposal.plan_digest != context.plan_digest:
        message = "the plan is not the one that was approved"
        if names := _inherited_names(context):
            changed = upstream_changes(context)
            message = (
                f"what the plan takes from the assessment changed after its approval: {names}"
                if changed
                else f"the plan, or what it takes from the assessment ({names}), is not what was approved"
            )
        remedy = (
            f"undo the change; or {to_reopen(document, reason='add an amendment with its reason')}; "
            "or begin a new iteration"
        )
        yield document.problem("PLAN003", ["plan"], message, remedy, key=True)


def _inherited_names(context: DocumentContext) -> str:
    """What the plan takes from the assessment, in words."""
    proposal, assessment = context.proposal, context.assessment
    if proposal is None or assessment is None:
        return ""
    from iterata.documents.models.inheritance import inherited  # noqa: PLC0415  # only for a changed plan

    return ", ".join(name.replace("_", " ") for name in inherited(proposal.plan, assessment.lift))


@RULES.rule(
    "PLAN004",
    "A plan that describes its rows differently from the assessment says why.",
    Stage.PROPOSAL,
    why="Figures of other rows, another target or another status quo look alike, and do not compare.",
    bad="target: {column: left, positive: no, ...}  # while the assessment says `positive: yes`",
    good="override_reason: The register now says who stays.",
)
def overrides_have_a_reason(context: DocumentContext) -> Iterator[Problem]:
    """PLAN004."""
    proposal, assessment = valid_model(context.document, Stage.PROPOSAL), context.assessment
    if proposal is None or assessment is None or proposal.plan.override_reason is not None:
        return
    from iterata.documents.models.inheritance import DATA, overrides  # noqa: PLC0415  # only with both documents

    for override in overrides(proposal.plan, assessment.lift):
        if override.name == DATA and _is_for_other_data(context):
            continue
        message = f"the {override.name} is {override.plan}, but {override.assessment} in the assessment"
        remedy = (
            "remove the key, so that the assessment applies; or say why with `override_reason:` in the plan"
        )
        yield context.document.problem("PLAN004", override.field, message, remedy)


def _is_for_other_data(context: DocumentContext) -> bool:
    """Whether the iteration's purpose is other data or further columns, so that its kind is the reason."""
    block = context.iteration.iteration_block if context.iteration else None
    return block is not None and block.kind in (IterationKind.DATA, IterationKind.FEATURE)


@RULES.rule(
    "PLAN005",
    "The rows of a plan are described in the plan or in its assessment.",
    Stage.PROPOSAL,
    why="An assessment from assumptions has no data to take.",
    bad="a plan without `data:`, while the assessment has `assumptions:`",
    good="data: [{source: data/rows.csv}]\ntarget: {column: left, ...}\nstatus_quo: {column: newness}",
)
def rows_are_described(context: DocumentContext) -> Iterator[Problem]:
    """PLAN005; without a valid assessment there are other problems."""
    proposal, assessment = valid_model(context.document, Stage.PROPOSAL), context.assessment
    if proposal is None or assessment is None:
        return
    from iterata.documents.models.inheritance import missing  # noqa: PLC0415  # only with both documents

    for lacking in missing(proposal.plan, assessment.lift):
        message = f"the plan has no {lacking.what}, and the assessment has assumptions only"
        yield context.document.problem(
            "PLAN005", lacking.field, message, f"add {lacking.example} to the plan"
        )


@RULES.rule(
    "PLAN007",
    "The rows can show the gain that a plan looks for (a warning).",
    Stage.PROPOSAL,
    why="An experiment that is too small ends inconclusive, whatever the truth is.",
    bad="by: 10  # while gains below 24 are rarely shown by these rows and this split",
    good="by: 10  # with more rows, or more repeats of the folds",
)
def rows_can_show_the_gain(context: DocumentContext) -> Iterator[Problem]:
    """PLAN007; an approved plan was agreed to as it is."""
    proposal = valid_model(context.document, Stage.PROPOSAL)
    if proposal is None or proposal.status is Status.APPROVED:
        return
    from iterata.lifecycle.plan_power import plan_power  # noqa: PLC0415  # only for a plan that is open

    power = plan_power(context)
    if power is None:
        return
    shown = f"these rows and this split show a gain of {number(power.gain)} in 80 of 100 experiments"
    remedy = (
        "use more rows, more repeats of the folds or a larger hold-out; or expect that the answer may be "
        "inconclusive"
    )
    for position, hypothesis in enumerate(power.plan.hypotheses):
        support = hypothesis.supported_if
        if support.over == STATUS_QUO and 0 < support.by < power.gain:
            field = ("plan", "hypotheses", position, "supported_if", "by")
            message = f"a gain of {number(support.by)} is rarely shown: {shown}"
            yield context.document.problem("PLAN007", field, message, remedy, severity=Severity.WARNING)
    if power.good_gain is not None and power.good_gain < power.gain:
        message = f"the gain of a good model, {number(power.good_gain)}, is rarely shown: {shown}"
        yield context.document.problem(
            "PLAN007", ("plan", "split"), message, remedy, key=True, severity=Severity.WARNING
        )


@RULES.rule(
    "PLAN010",
    "Only a plan whose KPI is of kind uplift has variants that estimate effects.",
    Stage.PROPOSAL,
    why="Without a control group nobody can tell what the treatment changes.",
    bad="uplift: two_models  # while the assessment's KPI is of kind targeting",
    good="uplift: two_models  # with a KPI of kind uplift, and `treated` in the description of the data",
)
def only_uplift_estimates_effects(context: DocumentContext) -> Iterator[Problem]:
    """PLAN010."""
    proposal = valid_model(context.document, Stage.PROPOSAL)
    assessment = context.assessment if proposal else None
    if proposal is None or assessment is None:
        return
    for wrong in wrong_uplift(proposal.plan, assessment.lift.kpi):
        yield context.document.problem("PLAN010", wrong.field, wrong.message, wrong.remedy)
