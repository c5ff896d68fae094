"""Rules about the figures of result files: they agree with each other, the plan, the data and the sample.

Nothing is computed from data here. A figure that no other figure tells, such as the end of an interval, is
for `iterata verify`, which runs the plan again.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from iterata.documents.models.enums import STATUS_QUO
from iterata.errors import IterataError, dotted
from iterata.lifecycle.remedies import keeps_lift, to_restore, to_run
from iterata.problems import Problem, Severity
from iterata.repository.iteration_results import in_percent
from iterata.rules.rule import RuleSet
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.proposal import Plan, Proposal
    from iterata.lifecycle.context import DocumentContext
    from iterata.repository.projects import IterationFolder
    from iterata.results import AnyResult, ExperimentResult, LiftResult, RolloutResult
    from iterata.rules.figures.fault import Fault
    from iterata.rules.figures.verdicts import FoldSizes

RULES = RuleSet()

OR_AGAIN = "restore the file from Git, or compute it again:"
"""Before the command that computes a result again."""

RULES.define(
    "RES020",
    "A figure lies within its interval, and within what its KPI or metric can be.",
    why="A number that is not possible was not computed.",
    bad='"roc_auc": {"value": 1.7, "low": 0.71, "high": 0.76}',
    good="the file as `iterata run` writes it",
)
RULES.define(
    "RES021",
    "Differences, shares and bounds in a result follow from the figures beside them.",
    why="A gain that is not the difference of its two models is a gain that nobody measured.",
    bad='"kpi": {"value": 900}, "difference": {"value": 3}  # while the status quo is at 80',
    good="the file as `iterata run` or `iterata lift` writes it",
)
RULES.define(
    "RES022",
    "Counts in a result agree with each other and with the plan's split.",
    why="A sample that does not add up is not the sample that was evaluated.",
    bad='"rows": 1000000000, "units": 3, "positives": 5',
    good="the file as `iterata run` writes it",
)
RULES.define(
    "RES023",
    "Verdicts and adjusted p-values follow from the figures, as `run` derives them.",
    why="The verdict is what people read and decide on.",
    bad='"p_holm": 0.39, "verdict": "supported"',
    good='"p_holm": 0.39, "verdict": "inconclusive"',
)
RULES.define(
    "RES024",
    "Names and settings in a result are exactly those of the plan and of the assessment.",
    why="A variant that the plan does not name was not agreed on; one that is missing was left out.",
    bad='"seed": 7  # the best of seven, while the plan says 1',
    good='"seed": 1',
)
RULES.define(
    "RES025",
    "A result names the approved data, and a completed experiment's result was computed from a commit.",
    why="Without the data's digest and the commit, nobody can compute it again.",
    bad='"data": {}, "dirty": true',
    good='"data": {"projects/churn/data/customers.csv": "sha256:…"}, "dirty": false',
)


@RULES.rule(
    "RES026",
    "An experiment that has not begun has no result.",
    Stage.ASSESSMENT,
    Stage.EXPERIMENT,
    Stage.DEPLOYMENT,
    why="A result before the start was computed under another plan, or by hand.",
    bad="status: planned  # beside results/experiment.json",
    good="status: completed",
)
def results_hold_together(context: DocumentContext) -> Iterator[Problem]:
    """RES020 to RES026, for the page whose result it is."""
    stage, iteration = context.document.stage, context.iteration
    if iteration is None or stage not in (Stage.ASSESSMENT, Stage.EXPERIMENT, Stage.DEPLOYMENT):
        return
    if stage is Stage.DEPLOYMENT:
        yield from _rollout_problems(context, iteration)
        return
    if stage is Stage.ASSESSMENT:
        if (lift := context.lift_result) is not None:
            yield from _problems(context, iteration, "lift", lift_faults(lift, context))
    elif (result := context.experiment_result) is not None:
        yield from _problems(context, iteration, "experiment", experiment_faults(result, context))
        if context.document.status is Status.PLANNED:
            remedy = f"`iterata run {iteration.ref}`, which starts the experiment"
            message = "it is planned, but has a result"
            yield context.document.problem("RES026", ["status"], message, remedy)


def _rollout_problems(context: DocumentContext, iteration: IterationFolder) -> Iterator[Problem]:
    """RES020 to RES024 for the result of each phase, also of earlier releases."""
    deployment, proposal = context.deployment, iteration.proposal
    metrics = proposal.plan.metrics if proposal else None
    for share, result in iteration.rollout_results.items():
        from iterata.rules.figures import of_release, rollout  # noqa: PLC0415  # only if there is a result

        faults = [*rollout.faults(result)]
        if deployment is not None and not faults:
            faults += of_release.faults(result, deployment, metrics)
        again = f"{OR_AGAIN} `iterata rollout {iteration.ref} --phase {in_percent(share)}`"
        yield from _located(context, iteration.result_path("rollout", share), faults, again)
    for _, _, path in iteration.earlier_rollouts:
        with suppress(IterataError):  # RES001 tells
            earlier = iteration.read_result(path, "rollout")
            if earlier.kind == "rollout":
                yield from _earlier_problems(context, iteration, path, earlier)


def _earlier_problems(
    context: DocumentContext, iteration: IterationFolder, path: str, result: RolloutResult
) -> Iterator[Problem]:
    """RES020 to RES024 for the result of an earlier release."""
    from iterata.rules.figures import rollout  # noqa: PLC0415  # only if there is a result

    if faults := [*rollout.faults(result)]:
        yield from _located(context, path, faults, to_restore(iteration, path, _is_consistent))


def _is_consistent(result: AnyResult) -> bool:
    """Whether the figures of a rollout's result do not contradict each other."""
    from iterata.rules.figures import rollout  # noqa: PLC0415  # only if there is a result

    return result.kind == "rollout" and not [*rollout.faults(result)]


def _problems(
    context: DocumentContext,
    iteration: IterationFolder,
    kind: Literal["lift", "experiment"],
    faults: Iterable[Fault],
) -> Iterator[Problem]:
    again = to_run(iteration) if kind == "experiment" else f"`iterata lift {iteration.ref}`"
    remedy = f"{OR_AGAIN} {again}"
    if kind == "lift" and keeps_lift(iteration):
        remedy = "restore the file from Git; other figures need a new iteration"
    yield from _located(context, iteration.result_path(kind), faults, remedy)


def _located(context: DocumentContext, path: str, faults: Iterable[Fault], remedy: str) -> Iterator[Problem]:
    """The faults of a result file, each in its line."""
    text = ""
    for fault in faults:
        from iterata.documents.yaml.positions import locate  # noqa: PLC0415  # only when something is wrong

        text = text or context.project.repository.tree.read(path).decode("utf-8", "replace")
        position = locate(text, fault.place)
        yield Problem(fault.code, Severity.ERROR, path, position, dotted(fault.place), fault.message, remedy)


def lift_faults(result: LiftResult, context: DocumentContext) -> Iterator[Fault]:
    """Contradictions in the expected lift of an assessment."""
    from iterata.rules.figures import (  # noqa: PLC0415
        bounds,
        classes,
        counts,
        derived,
        effect_curves,
        estimates,
        lift,
        of_kpi,
        provenance,
        uplift,
    )
    from iterata.rules.figures.fault import unequal  # noqa: PLC0415

    spec = _current_spec(result, context)
    kpi = spec.kpi if spec else None
    yield from estimates.interval_faults(result, kpi)
    yield from estimates.limit_faults(result, kpi)
    yield from derived.order_faults(result, kpi)
    yield from lift.gain_faults(result)
    yield from counts.sample_faults(result)
    yield from uplift.faults(result, kpi, spec.data if spec else None)
    yield from classes.faults(result, kpi)
    yield from lift.depth_faults(result)
    yield from bounds.meaning_faults(result, kpi)
    yield from provenance.form_faults(result)
    if spec is not None and context.assessment is not None and "override_reason" in result.model_fields_set:
        reason = (context.assessment.override_reason or "") if result.overrides else ""
        yield from unequal("RES024", ("override_reason",), result.override_reason, reason, lift.SPEC)
    if spec is not None:
        yield from of_kpi.kpi_faults(result, spec, all_rows=True)
        yield from lift.spec_faults(result, spec)
        yield from lift.curve_faults(result, spec)
        yield from lift.money_faults(result, spec)
        yield from lift.test_faults(result, spec)
        if spec.data is not None:
            stops = spec.data.status_quo.stop_below is not None
            yield from effect_curves.faults(result, kpi, {STATUS_QUO} if stops else ())
            yield from provenance.lift_data_faults(result, spec.data)


def _current_spec(result: LiftResult, context: DocumentContext) -> LiftSpec | None:
    """The analysis that a lift was computed from; None if the document has another one (RES002)."""
    assessment, is_current = context.assessment, result.spec_digest == context.lift_digest
    return assessment.lift if assessment is not None and is_current else None


def experiment_faults(result: ExperimentResult, context: DocumentContext) -> Iterator[Fault]:
    """Contradictions in the result of an experiment."""
    from iterata.rules.figures import (  # noqa: PLC0415
        bounds,
        classes,
        counts,
        derived,
        estimates,
        of_plan,
        provenance,
        uplift,
        verdicts,
    )

    assessment = context.assessment
    kpi = assessment.lift.kpi if assessment else None
    yield from estimates.interval_faults(result, kpi)
    yield from estimates.limit_faults(result, kpi)
    yield from derived.order_faults(result, kpi)
    for check in (derived.variant_faults, derived.segment_faults, derived.hypothesis_faults):
        yield from check(result)
    yield from derived.guardrail_faults(result)
    yield from counts.sample_faults(result)
    yield from counts.segment_faults(result)
    in_windows = context.plan is not None and context.plan.split.kind == "time_ordered"
    yield from uplift.faults(result, kpi, in_windows=in_windows)
    yield from classes.faults(result, kpi)
    yield from verdicts.p_faults(result)
    yield from verdicts.verdict_faults(result)
    yield from verdicts.guardrail_faults(result)
    yield from verdicts.broken_guardrail_faults(result)
    yield from verdicts.segment_test_faults(result)
    yield from of_plan.tuning_faults(result, kpi)
    yield from bounds.meaning_faults(result, kpi)
    yield from verdicts.learner_faults(result)
    yield from provenance.form_faults(result)
    yield from of_plan.leak_faults(result)
    if context.document.status is Status.COMPLETED:
        yield from provenance.run_faults(result)
    plan, proposal = context.plan, context.proposal
    if plan is not None and proposal is not None and context.plan_digest == result.plan_digest:
        yield from _of_plan(result, plan, proposal, context)


def _of_plan(
    result: ExperimentResult, plan: Plan, proposal: Proposal, context: DocumentContext
) -> Iterator[Fault]:
    from iterata.rules.figures import (  # noqa: PLC0415
        counts,
        derived,
        effect_curves,
        of_kpi,
        of_plan,
        provenance,
        verdicts,
    )

    yield from of_plan.name_faults(result, plan)
    yield from of_plan.setting_faults(result, plan)
    yield from of_plan.hypothesis_faults(result, plan)
    yield from of_plan.guardrail_faults(result, plan)
    yield from of_plan.variant_faults(result, plan)
    yield from of_plan.feature_faults(result, plan)
    yield from counts.fold_faults(result, plan.split)
    yield from verdicts.method_faults(result, plan)
    yield from verdicts.fold_test_faults(result, _fold_sizes(result, plan))
    metrics = {rail.name: rail.metric for rail in plan.metrics.guardrail if rail.metric is not None}
    yield from derived.guardrail_figure_faults(result, metrics)
    yield from provenance.data_faults(result, plan)
    if (assessment := context.assessment) is None:
        return
    if plan.split.kind != "time_ordered":
        stopping = of_plan.stopping(plan, assessment.lift)
        yield from effect_curves.faults(result, assessment.lift.kpi, stopping)
    whole = plan.split.kind not in ("hold_out", "time_ordered")
    yield from of_kpi.kpi_faults(result, assessment.lift, all_rows=whole)
    yield from of_plan.rows_faults(result, plan, assessment.lift)
    yield from of_plan.override_faults(result, proposal, assessment.lift)
    yield from _of_assessment(result, plan, assessment.lift, context)


def _fold_sizes(result: ExperimentResult, plan: Plan) -> FoldSizes:
    from iterata.rules.figures import counts, verdicts  # noqa: PLC0415

    of_rows = result.sample.units == result.sample.rows and result.sample.weights is None
    own_groups = plan.split.kind == "group_folds" and plan.split.column is not None
    random = plan.split.kind in ("stratified_folds", "group_folds")
    return verdicts.FoldSizes(
        counts.number_of_fits(plan.split), are_equal=random and of_rows and not own_groups
    )


def _of_assessment(
    result: ExperimentResult, plan: Plan, spec: LiftSpec, context: DocumentContext
) -> Iterator[Fault]:
    from iterata.rules.figures import bounds  # noqa: PLC0415
    from iterata.rules.figures.assessed import assessed_faults  # noqa: PLC0415

    base = bounds.base_of_sample(spec.kpi, result.kpi, result.sample)
    if base is not None:
        yield from bounds.bound_faults(result, base, in_windows=plan.split.kind == "time_ordered")
    folder = context.iteration.assessment_folder if context.iteration else None
    lift = folder.readable_result("lift") if folder else None
    if folder is not None and lift is not None and lift.kind == "lift":
        yield from assessed_faults(result, lift, is_current=lift.spec_digest == folder.lift_digest)
