"""The generated blocks of stage pages: which result file each is rendered from, and by which command."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from iterata.repository.projects import IterationFolder
    from iterata.results import AnyResult, ExperimentResult, LiftResult, RolloutResult
    from iterata.stages import ResultKind

    Renderer: TypeAlias = Callable[[AnyResult, IterationFolder], str]
    """From a result and the iteration it belongs to, to Markdown."""


class PageBlock(NamedTuple):
    """A generated block and the source of its content."""

    name: str
    stage: Stage
    result: ResultKind
    """The kind of result that it is rendered from."""
    render: Renderer
    command: str
    """The command that writes it."""
    of_documents: bool = False
    """Whether its content depends on the iteration's documents as well."""


# Renderers are imported on first use: a check whose verdicts are cached renders nothing.


def _lift(result: AnyResult, _: IterationFolder) -> str:
    from iterata.render.lift.table import render  # noqa: PLC0415

    return render(_as_lift(result))


def _experiment_log(result: AnyResult, _: IterationFolder) -> str:
    from iterata.render.experiment.log import render  # noqa: PLC0415

    return render(_as_experiment(result))


def _experiment(result: AnyResult, _: IterationFolder) -> str:
    from iterata.render.experiment.tables import render  # noqa: PLC0415

    return render(_as_experiment(result))


def _omissions(result: AnyResult, folder: IterationFolder) -> str:
    from iterata.render.experiment.omissions import render  # noqa: PLC0415

    return render(_as_experiment(result), folder)


def _rollout(result: AnyResult, folder: IterationFolder) -> str:
    from iterata.render.rollout.tables import render  # noqa: PLC0415

    newest = _as_rollout(result)
    return render({**folder.rollout_results, newest.phase: newest})


def _as_rollout(result: AnyResult) -> RolloutResult:
    if result.kind != "rollout":
        raise TypeError(f"needs a result of kind rollout, not {result.kind}")
    return result


def _as_lift(result: AnyResult) -> LiftResult:
    if result.kind != "lift":
        raise TypeError(f"needs a result of kind lift, not {result.kind}")
    return result


def _as_experiment(result: AnyResult) -> ExperimentResult:
    if result.kind != "experiment":
        raise TypeError(f"needs a result of kind experiment, not {result.kind}")
    return result


PAGE_BLOCKS: tuple[PageBlock, ...] = (
    PageBlock("lift", Stage.ASSESSMENT, "lift", _lift, "lift"),
    PageBlock("experiment-log", Stage.EXPERIMENT, "experiment", _experiment_log, "run"),
    PageBlock("experiment", Stage.REPORT, "experiment", _experiment, "report"),
    PageBlock("not-done", Stage.REPORT, "experiment", _omissions, "report", of_documents=True),
    PageBlock("rollout", Stage.DEPLOYMENT, "rollout", _rollout, "rollout"),
)


def blocks_of(stage: Stage) -> tuple[PageBlock, ...]:
    """The generated blocks that a page of `stage` may hold."""
    return tuple(block for block in PAGE_BLOCKS if block.stage is stage)
