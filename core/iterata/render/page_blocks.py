"""Which block of which page is rendered from which result file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult, LiftResult


class PageBlock(NamedTuple):
    """A generated block and where its content comes from."""

    name: str
    stage: Stage
    result: str
    """The kind of result it is rendered from."""
    renderer: str
    """`module:function`, from a result to Markdown; light to import, and pure."""
    command: str
    """The command that writes it."""
    of_documents: bool = False
    """Whether it tells of the iteration's documents, too."""

    def render(self, result: LiftResult | ExperimentResult, folder: IterationFolder) -> str:
        """The block's content, from the result and, where it tells of them, the iteration's documents."""
        module, function = self.renderer.split(":")
        renderer: Callable[..., str] = getattr(import_module(module), function)
        return renderer(result, folder) if self.of_documents else renderer(result)


PAGE_BLOCKS: tuple[PageBlock, ...] = (
    PageBlock("lift", Stage.ASSESSMENT, "lift", "iterata.render.lift.table:render", "lift"),
    PageBlock(
        "experiment-log", Stage.EXPERIMENT, "experiment", "iterata.render.experiment.tables:log", "run"
    ),
    PageBlock("experiment", Stage.REPORT, "experiment", "iterata.render.experiment.tables:render", "report"),
    PageBlock(
        "not-done",
        Stage.REPORT,
        "experiment",
        "iterata.render.experiment.omissions:render",
        "report",
        of_documents=True,
    ),
)

STANDS_ON = {Stage.ASSESSMENT: "lift", Stage.REPORT: "experiment"}
"""The kind of result that each agreed document stands on."""


def blocks_of(stage: Stage) -> tuple[PageBlock, ...]:
    """The generated blocks a page of `stage` may hold."""
    return tuple(block for block in PAGE_BLOCKS if block.stage is stage)
