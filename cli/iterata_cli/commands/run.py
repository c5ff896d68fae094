"""`iterata run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata_cli.context import find_iteration, load_knowledge_base, today
from iterata_cli.long_running import long_running
from iterata_cli.options import engine_option, format_option, jobs_option, overwrite_newer_option
from iterata_cli.output import on_one_line, print_data, print_json, print_message, print_result

if TYPE_CHECKING:
    from iterata.actions.preparation import PreparedRun
    from iterata.actions.publish import Publication
    from iterata.documents.models.proposal import Plan
    from iterata.experiment.engines.base import Engine
    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult

DRAFTS = {
    None: "the plan is not approved",
    True: "the plan is approved, this run is a draft anyway",
    False: "the plan is not the one that was approved",
}
"""What a draft says about its plan, by `PreparedRun.matches_approval`."""


@click.command("run")
@click.argument("iteration")
@jobs_option()
@engine_option()
@click.option("--draft", is_flag=True, help="Try a plan that is not approved; the result never counts.")
@click.option(
    "--allow-dirty", is_flag=True, help="Run although files that the run depends on are uncommitted."
)
@overwrite_newer_option()
@format_option()
@long_running
def command(
    iteration: str,
    jobs: int,
    engine: Engine,
    *,
    draft: bool,
    allow_dirty: bool,
    overwrite_newer: bool,
    output_format: str,
) -> None:
    """Run the approved plan; an interrupted run resumes where it stopped.

    Trains and evaluates the variants of the plan, and nothing else. Writes results/experiment.json and the
    log in experiment.md. Predictions are kept in .iterata/; a second run only evaluates them.

    Lists the code that the plan names, including code of the project, and executes it. With --draft,
    all files are written below .iterata/, which no gate and no page reads.
    """
    from iterata.actions.preparation import prepare  # noqa: PLC0415
    from iterata.actions.run import run, run_draft  # noqa: PLC0415
    from iterata.execution.signals import signals_as_keyboard_interrupt  # noqa: PLC0415
    from iterata.knowledge.reuse import count_reuse, experiment_results  # noqa: PLC0415
    from iterata.render.experiment.reuse_note import sentences  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415
    from iterata_cli.progress import ProgressBar  # noqa: PLC0415

    config, repository = load_knowledge_base()
    folder = find_iteration(config, repository, iteration)
    with locked(config.root, folder.ref), signals_as_keyboard_interrupt():
        prepared = prepare(
            config, folder, draft=draft, allow_dirty=allow_dirty, overwrite_newer=overwrite_newer
        )
        print_message(announcement(prepared.plan, folder, "trying" if draft else "running", engine))
        with ProgressBar() as progress:
            if draft:
                done = run_draft(config, prepared, jobs=jobs, progress=progress, engine=engine)
            else:
                done = run(
                    config,
                    prepared,
                    today(),
                    jobs=jobs,
                    progress=progress,
                    engine=engine,
                    overwrite_newer=overwrite_newer,
                )
    if progress.kept:
        print_message(f"kept {progress.kept} of {progress.total} fits of an earlier run")
    if draft:
        _print_draft(output_format, done, prepared)
        return
    print_result(output_format, done)
    reuse = count_reuse(experiment_results(repository), done.result, folder.ref)
    for line in sentences(reuse.iterations, reuse.variants, len(done.result.variants)):
        print_message(f"note: {line}")
    if done.changed:
        print_message(f"next: iterata report {folder.ref}")


def _print_draft(output_format: str, done: Publication[ExperimentResult], prepared: PreparedRun) -> None:
    """Print the figures of a draft, marked as such."""
    from iterata.actions.run import draft_json  # noqa: PLC0415
    from iterata.render.experiment import log  # noqa: PLC0415

    if output_format == "json":
        print_json("draft", draft_json(done.result))
    else:
        print_data(f"**DRAFT: {DRAFTS[prepared.matches_approval]}, and these figures do not count.**\n")
        print_result(output_format, done)
        print_data(f"\n{log.render(done.result)}")
    if prepared.matches_approval:
        print_message(
            f"the plan is approved: `iterata run {prepared.folder.ref}` writes the result that counts"
        )
    print_message("a draft: the best of many variants tried on the same data looks better than it is")


def announcement(plan: Plan, folder: IterationFolder, action: str, engine: Engine) -> str:
    """The code that is about to be executed, and where if not on this machine."""
    from iterata.experiment.disclosure import executed_code, local_variants  # noqa: PLC0415
    from iterata.experiment.engines.base import LOCAL  # noqa: PLC0415

    code = [f"  {on_one_line(line)}" for line in executed_code(plan, folder.project.path)]
    lines = [f"{action} {folder.ref}, which executes:", *code]
    if engine != LOCAL:
        local = ", ".join(on_one_line(name) for name in local_variants(plan))
        on_this_machine = f"; on this machine: {local}" if local else ""
        lines.append(f"on the workers of {engine.kind}://{engine.address}{on_this_machine}")
    return "\n".join(lines)
