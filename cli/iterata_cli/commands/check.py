"""`iterata check`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iterata_cli.context import load_knowledge_base, relative_to_root
from iterata_cli.exits import Exit, print_error
from iterata_cli.formats import FORMATS, format_problems, lines_of, writer
from iterata_cli.garbage_collection import disable_garbage_collection
from iterata_cli.knowledge_bases import Target, all_option, all_targets, targets_of
from iterata_cli.options import format_option
from iterata_cli.output import print_data, print_message
from iterata_cli.pull_request import checked_revision, pull_request_option, review_changes
from iterata_cli.tried_before import print_told, tried_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.problems import Problem
    from iterata.repository.config import Config
    from iterata.repository.projects import Repository
    from iterata.repository.tree import Tree
    from iterata.review.codehost.connect import PullRequestName


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--base", metavar="REF", help="Check the changes since the merge base with this revision.")
@click.option(
    "--head", metavar="REF", help="With --base: the revision to check, instead of the one checked out."
)
@pull_request_option
@all_option
@format_option(FORMATS)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    all_bases: bool,
    base: str | None,
    head: str | None,
    pull_request: PullRequestName | None,
    output_format: str,
) -> None:
    """Check documents, gates and results; every problem comes with a fix.

    PATH limits the check to documents or folders. With --base, the transitions since the merge base are
    checked, too; problems that existed there, in unchanged documents, do not count. It reads the commit that
    is checked out; if files differ from it, it reads them as Git would commit them. REF is a branch, a tag or
    a commit; a name that several of them have is refused.

    With --all, or PATHs in other knowledge bases than the one around the working directory, all of them are
    checked, and paths are relative to the top of the Git repository.
    """
    if ((base or all_bases) and paths) or ((head or pull_request) and not base):
        message = "--base and --all cannot be used with PATH; --head and --pull-request need --base"
        raise click.UsageError(message)
    disable_garbage_collection()
    if targets := all_targets() if all_bases else targets_of(paths):
        ctx.exit(_check_all(targets, output_format, base, head, pull_request))
    config, repository = load_knowledge_base()
    others: Sequence[Problem] = ()
    changed: Sequence[str]
    if base:
        with review_changes(config, base, head, pull_request) as (comparison, review):
            problems, others = review.own, review.others
            text = format_problems(output_format, problems, config.root, comparison.head.tree)
            print_message(checked_revision(comparison))
            changed = [change.path for change in comparison.changes if change.after]
            told = tried_before(comparison.head, changed, output_format)
    else:
        problems, changed = _check(config, repository, paths)
        text = format_problems(output_format, problems, config.root, repository.tree)
        told = tried_before(repository, changed, output_format)
    if text:
        print_data(text)
    if output_format == "text":
        if not base:
            _warn_of_conversions(config)
            _warn_of_zensical(config)
        print_message(_summary(problems))
    print_told(told)
    if others:
        print_message(f"not counted: {_summary(others)}, present before; `iterata check` lists them")
    ctx.exit(Exit.PROBLEMS if any(problem.severity == "error" for problem in problems) else Exit.FINE)


def _check_all(
    targets: Sequence[Target],
    output_format: str,
    base: str | None,
    head: str | None,
    pull_request: PullRequestName | None,
) -> Exit:
    """Check several knowledge bases; one that cannot be read hides nothing of the others."""
    from iterata.errors import IterataError  # noqa: PLC0415

    problems: list[Problem] = []
    lines: dict[str, Sequence[str]] = {}
    failed = False
    for target in targets:
        try:
            own, quoted = _check_one(target, base, head, pull_request)
        except IterataError as error:
            failed = True
            print_error(error, target.prefix)
        else:
            problems += own
            lines |= quoted
    if text := writer(output_format)(problems, lambda path: lines.get(path, ())):
        print_data(text)
    if output_format == "text":
        print_message(_summary(problems))
    return Exit.PROBLEMS if failed or any(problem.severity == "error" for problem in problems) else Exit.FINE


def _check_one(
    target: Target, base: str | None, head: str | None, pull_request: PullRequestName | None
) -> tuple[list[Problem], dict[str, Sequence[str]]]:
    """The problems of one of several knowledge bases, and the lines of their files."""
    from iterata.repository.projects import Repository  # noqa: PLC0415

    config = target.load()
    if config is None:
        return [], {}
    if base:
        with review_changes(config, base, head, pull_request) as (comparison, review):
            return _from_top(target, review.own, comparison.head.tree)
    repository = Repository.on_disk(config)
    return _from_top(target, _check(config, repository, target.paths)[0], repository.tree)


def _from_top(
    target: Target, problems: Sequence[Problem], tree: Tree
) -> tuple[list[Problem], dict[str, Sequence[str]]]:
    """Problems with paths from the top of the Git repository, and the lines of their files by path."""
    prefix = target.prefix
    lines = {f"{prefix}{path}": lines_of(tree, path) for path in {problem.path for problem in problems}}
    moved = [
        problem._replace(path=f"{prefix}{problem.path}", remedy=target.from_here(problem.remedy))
        for problem in problems
    ]
    return moved, lines


def _check(
    config: Config, repository: Repository, paths: Sequence[str]
) -> tuple[list[Problem], Sequence[str]]:
    """The problems, and the paths of the proposals that were named or had changed."""
    from iterata.errors import NotFoundError  # noqa: PLC0415
    from iterata.rules.cache import VerdictCache  # noqa: PLC0415
    from iterata.rules.check import check  # noqa: PLC0415

    relative = [relative_to_root(config.root, path) for path in paths]
    for path in relative:
        place = Path(os.path.normpath(config.root / path))
        if not place.exists() and not place.is_symlink():
            raise NotFoundError("there is no such file or folder", remedy="correct the path", where=path)
        if not place.is_relative_to(config.root):
            remedy = f"name a path below {config.root}"
            raise NotFoundError("the path is outside this knowledge base", remedy=remedy, where=path)
    if relative:
        return check(repository, relative), relative
    cache = VerdictCache(config)
    problems = check(repository, (), cache)
    return problems, cache.checked_files(repository)


def _warn_of_conversions(config: Config) -> None:
    from iterata.repository.attributes import converted_documents  # noqa: PLC0415

    converted = converted_documents(config.root, config.settings.projects_dir)
    if converted:
        path, attribute = next(iter(converted.items()))
        more = f" and {len(converted) - 1} more" if len(converted) > 1 else ""
        print_message(
            f"warning: `.gitattributes` sets `{attribute}` for {path}{more}: Git may store another text than "
            "the one that was checked here; `iterata check --base HEAD` checks what Git stores"
        )


def _warn_of_zensical(config: Config) -> None:
    from iterata.repository.zensical import advice  # noqa: PLC0415

    if found := advice(config.root):
        print_message(f"warning: {found}")


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
