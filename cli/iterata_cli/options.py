"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iterata.experiment.engines.base import Engine

C = TypeVar("C", bound="Callable[..., object]")

TEXT_OR_JSON = {"text": "for people", "json": "for programs"}


def format_option(choices: Mapping[str, str] = TEXT_OR_JSON) -> Callable[[C], C]:
    """`--format`, with the first choice as the default; the callback receives `output_format`."""
    purposes = "; ".join(f"{name}: {purpose}" for name, purpose in choices.items())
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(list(choices)),
        default=next(iter(choices)),
        help=f"{purposes}.",
    )


def engine_option() -> Callable[[C], C]:
    """`--engine`: where predictions are computed."""
    purpose = "Where to compute predictions: local, or on a cluster at dask://host:port, ray:// or spark://."
    return click.option("--engine", default="local", show_default=True, callback=_parse_engine, help=purpose)


def _parse_engine(ctx: click.Context, param: click.Parameter, value: str) -> Engine:
    del ctx, param
    from iterata.experiment.engines.base import parse_engine  # noqa: PLC0415  # only for commands that run a plan

    return parse_engine(value)


def overwrite_newer_option() -> Callable[[C], C]:
    """`--overwrite-newer`: whether to lose what a newer version of iterata wrote."""
    purpose = "Write over what a newer version of iterata wrote."
    return click.option("--overwrite-newer", is_flag=True, help=purpose)


def jobs_option() -> Callable[[C], C]:
    """`--jobs`: how many processes to use."""
    purpose = "How many processes to use."
    return click.option(
        "--jobs", default=-1, show_default="all processors", callback=_check_jobs, help=purpose
    )


def _check_jobs(ctx: click.Context, param: click.Parameter, value: int) -> int:
    del ctx, param
    if value == 0:
        raise click.UsageError("--jobs is a number of processes, or -1 for all processors")
    return value
