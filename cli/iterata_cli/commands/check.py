"""`iterata check`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iterata_cli.context import knowledge_base, reading_only, within
from iterata_cli.exits import Exit
from iterata_cli.formats import FORMATS, written
from iterata_cli.options import format_option
from iterata_cli.output import say, show
from iterata_cli.reviewing import PullRequestName, pull_request_option, reviewed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.problems import Problem
    from iterata.repository.config import Config
    from iterata.repository.projects import Repository


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--base", metavar="REF", help="Judge what changed since the merge base with this revision.")
@click.option(
    "--head", metavar="REF", help="With --base: the revision to judge, instead of the working tree."
)
@pull_request_option
@format_option(FORMATS)
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    base: str | None,
    head: str | None,
    pull_request: PullRequestName | None,
    form: str,
) -> None:
    """Judge documents, gates and results; one line to mend each problem.

    PATH limits it to some documents or folders; without one, everything is judged. With --base the
    transitions made since then are judged as well, and problems that were there before, in documents left
    alone, do not count.
    """
    if (base and paths) or ((head or pull_request) and not base):
        raise click.UsageError("--base takes no PATH, and --head and --pull-request go with --base")
    reading_only()
    config, repository = knowledge_base()
    others: Sequence[Problem] = ()
    if base:
        with reviewed(config, base, head, pull_request) as (_, verdict):
            problems, others = verdict.own, verdict.others
    else:
        problems = _judged(config, repository, paths)
    if text := written(form, problems, config.root, repository.tree):
        show(text)
    if form == "text":
        say(_summary(problems))
    if others:
        say(f"not counted: {_summary(others)}, there before; `iterata check` lists them all")
    ctx.exit(Exit.PROBLEMS if any(problem.severity == "error" for problem in problems) else Exit.FINE)


def _judged(config: Config, repository: Repository, paths: Sequence[str]) -> list[Problem]:
    from iterata.errors import NotFoundError  # noqa: PLC0415
    from iterata.rules.cache import VerdictCache  # noqa: PLC0415
    from iterata.rules.check import check  # noqa: PLC0415

    wanted = [within(config.root, path) for path in paths]
    for path in wanted:
        place = Path(os.path.normpath(config.root / path))
        if not place.exists() and not place.is_symlink():
            raise NotFoundError("there is no such file or folder", remedy="correct the path", where=path)
        if not place.is_relative_to(config.root):
            remedy = f"name something below {config.root}"
            raise NotFoundError("is no part of this knowledge base", remedy=remedy, where=path)
    return check(repository, wanted, None if wanted else VerdictCache(config))


def _summary(problems: Sequence[Problem]) -> str:
    files = len({problem.path for problem in problems})
    in_files = f"in {files} {'file' if files == 1 else 'files'}"
    match len(problems):
        case 0:
            return "no problems"
        case 1:
            return f"1 problem {in_files}"
        case count:
            return f"{count} problems {in_files}"
