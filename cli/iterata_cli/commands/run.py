"""`iterata run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata_cli.context import iteration_named, knowledge_base, today
from iterata_cli.options import engine_option, format_option
from iterata_cli.output import printable, say, show, show_json, show_outcome

if TYPE_CHECKING:
    from iterata.actions.publish import Publication
    from iterata.documents.models.proposal import Plan
    from iterata.experiment.engines.base import Engine
    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult


@click.command("run")
@click.argument("iteration")
@click.option("--jobs", default=-1, show_default="all processors", help="How many processes to use.")
@engine_option()
@click.option("--draft", is_flag=True, help="Try out a plan that is not approved; the result never counts.")
@click.option("--allow-dirty", is_flag=True, help="Run although what the run depends on is not committed.")
@format_option()
def command(iteration: str, jobs: int, engine: Engine, *, draft: bool, allow_dirty: bool, form: str) -> None:
    """Carry out the approved plan; resumes where it was interrupted.

    Trains and evaluates the variants that the plan names, and nothing else; writes results/experiment.json
    and the log in experiment.md. Predictions are kept in .iterata/, so that a second run only has to score.

    This executes code that the plan names, the project's own among it, and says which before it does. With
    --draft all that is written is below .iterata/, which no gate and no page looks at.
    """
    from iterata.actions.preparation import prepare  # noqa: PLC0415
    from iterata.actions.run import run, run_draft  # noqa: PLC0415
    from iterata.execution.signals import signals_as_keyboard_interrupt  # noqa: PLC0415
    from iterata.knowledge.reuse import kept, other_looks  # noqa: PLC0415
    from iterata.render.experiment.reuse_note import sentences  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415
    from iterata_cli.progress import Bar  # noqa: PLC0415

    if jobs == 0:
        raise click.UsageError("--jobs is a number of processes, or -1 for all processors")
    config, repository = knowledge_base()
    folder = iteration_named(config, repository, iteration)
    with locked(config.root, folder.ref), signals_as_keyboard_interrupt():
        prepared = prepare(config, folder, draft=draft, allow_dirty=allow_dirty)
        say(announcement(prepared.plan, folder, "trying out" if draft else "running", engine))
        with Bar() as bar:
            if draft:
                done = run_draft(config, prepared, jobs=jobs, progress=bar, engine=engine)
            else:
                done = run(config, prepared, today(), jobs=jobs, progress=bar, engine=engine)
    if draft:
        _show_draft(form, done)
        return
    show_outcome(form, done.result, done.changed, done.page)
    looks = other_looks(kept(repository), done.result, folder.ref)
    for line in sentences(looks.iterations, looks.variants, len(done.result.variants)):
        say(f"note: {line}")
    if done.changed:
        say(f"next: iterata report {folder.ref}")


def _show_draft(form: str, done: Publication[ExperimentResult]) -> None:
    """Figures that nobody may take for a result."""
    from iterata.actions.run import draft_json  # noqa: PLC0415
    from iterata.render.experiment.tables import log  # noqa: PLC0415

    if form == "json":
        show_json(draft_json(done.result))
    else:
        show("**DRAFT: the plan is not approved, so none of this counts.**\n")
        show_outcome(form, done.result, done.changed, done.page)
        show(f"\n{log(done.result)}")
    say("a draft: looking at the same data often makes the best of many variants look better than it is")


def announcement(plan: Plan, folder: IterationFolder, doing: str, engine: Engine) -> str:
    """What is about to be executed, and where if not on this machine, before it is."""
    from iterata.experiment.disclosure import in_words, stay_here  # noqa: PLC0415
    from iterata.experiment.engines.base import LOCAL  # noqa: PLC0415

    code = [f"  {printable(each)}" for each in in_words(plan, folder.project.path)]
    said = [f"{doing} {folder.ref}, which executes:", *code]
    if engine != LOCAL:
        here = ", ".join(printable(each) for each in stay_here(plan))
        said.append(f"by the workers of {engine.kind}://{engine.address}" + (here and f"; here: {here}"))
    return "\n".join(said)
