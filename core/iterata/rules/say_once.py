"""Rules about what a document takes from those before it: a difference or an omission needs a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.requirements_inheritance import overrides
from iterata.documents.stage_models import valid_model
from iterata.rules.rule import RuleSet
from iterata.stages import Stage, Status
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.dropped import Dropped
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.repository.projects import IterationFolder

RULES = RuleSet()


@RULES.rule(
    "LIFE020",
    "An assessment whose KPI is not the one of the requirements says why.",
    Stage.ASSESSMENT,
    why="The business agreed to a number; another one is another goal.",
    bad="kpi: {name: clicks, ...}  # while the requirements name the KPI policies sold",
    good="kpi: {kind: targeting, budget: 0.2}  # name, unit and direction are those of the requirements",
)
def assessment_differs_with_a_reason(context: DocumentContext) -> Iterator[Problem]:
    """LIFE020."""
    document, requirements = context.document, context.requirements
    assessment = valid_model(document, Stage.ASSESSMENT)
    if assessment is None or requirements is None or assessment.override_reason is not None:
        return
    for override in overrides(assessment, requirements):
        key = override.field[-1]
        message = (
            f"the {override.name} is {override.assessment}, but {override.requirements} in the requirements"
        )
        remedy = f"remove the key `{key}`, so that the requirements apply; or say why with `override_reason:`"
        if key == "name":
            message = f"the requirements have no KPI {override.assessment}"
            remedy = (
                f"name one of: {override.requirements}; or add the KPI to requirements.md; or say why with "
                "`override_reason:`"
            )
        yield document.problem("LIFE020", override.field, message, remedy)


@RULES.rule(
    "PLAN008",
    "A plan that drops a guardrail or an excluded column of the plan that it follows says why.",
    Stage.PROPOSAL,
    why="A guardrail protects somebody, and an excluded column may tell the answer.",
    bad="guardrail: []  # the plan that it follows has the guardrail letters to older areas",
    good="drop_reasons: {letters to older areas: The law on age now covers the mailing.}",
)
def drops_have_a_reason(context: DocumentContext) -> Iterator[Problem]:
    """PLAN008."""
    proposal = valid_model(context.document, Stage.PROPOSAL)
    if proposal is None:
        return
    for drop in _dropped(context):
        if drop.name not in proposal.plan.drop_reasons:
            message = f"the plan drops the {drop.kind} {drop.name} of the plan that it follows"
            remedy = f"{drop.remedy}; or say why with `drop_reasons: {{{_key(drop.name)}: WHY}}` in the plan"
            yield context.document.problem("PLAN008", drop.field, message, remedy, key=True)


@RULES.rule(
    "PLAN009",
    "A reason for dropping something names what the plan drops.",
    Stage.PROPOSAL,
    why="A reason for something else leaves the drop without one.",
    bad="drop_reasons: {letters to old areas: ...}  # the guardrail is called letters to older areas",
    good="drop_reasons: {letters to older areas: ...}",
)
def drop_reasons_name_what_is_dropped(context: DocumentContext) -> Iterator[Problem]:
    """PLAN009."""
    proposal = valid_model(context.document, Stage.PROPOSAL)
    if proposal is None or not proposal.plan.drop_reasons:
        return
    names = list(dict.fromkeys(drop.name for drop in _dropped(context)))
    for name in proposal.plan.drop_reasons:
        if name not in names:
            guess = closest(name, names)
            remedy = f"did you mean {guess}?" if guess else "remove the entry"
            field, message = ("plan", "drop_reasons", name), f"the plan does not drop {name}"
            yield context.document.problem("PLAN009", field, message, remedy, key=True)


def _dropped(context: DocumentContext) -> list[Dropped]:
    """What the plan of a proposal drops of the approved plan that its iteration follows."""
    block = context.iteration.iteration_block if context.iteration else None
    followed = context.project.iteration(block.follows) if block else None
    if followed is None or followed == context.iteration:
        return []
    document = followed.document(Stage.PROPOSAL)
    if document is None or document.status is not Status.APPROVED:
        return []
    proposal, earlier = context.proposal, followed.proposal
    if proposal is None or earlier is None:
        return []
    from iterata.documents.models.dropped import dropped  # noqa: PLC0415  # only for a plan that follows one

    return list(dropped(proposal.plan, earlier.plan, _no_longer_known_after(context, followed)))


def _no_longer_known_after(context: DocumentContext, followed: IterationFolder) -> frozenset[str]:
    """The columns that the followed plan declares as known after the decision, and this one does not.

    Plans are completed, which takes time, only if one is declared at all.
    """
    proposal, assessment = followed.proposal, followed.assessment
    own = proposal.plan.data if proposal else None
    lift_data = assessment.lift.data if assessment else None
    if not any(rows.known_afterwards for rows in (*(own or ()), *((lift_data,) if lift_data else ()))):
        return frozenset()
    plan, earlier = context.plan, followed.plan
    if plan is None or earlier is None:
        return frozenset()
    return earlier.data[0].known_afterwards - plan.data[0].known_afterwards


def _key(name: str) -> str:
    """A name as a key of YAML."""
    return name if name.replace(" ", "").replace("_", "").isalnum() else f'"{name}"'
