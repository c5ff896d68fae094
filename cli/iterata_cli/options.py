"""Options that several verbs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iterata.experiment.engines.base import Engine

PEOPLE_OR_PROGRAMS = {"text": "for people", "json": "for programs"}


def format_option(choices: Mapping[str, str] = PEOPLE_OR_PROGRAMS) -> Callable[[Any], Any]:
    """`--format`, the first choice being the default; the callback gets it as `form`."""
    explained = "; ".join(f"{name}: {purpose}" for name, purpose in choices.items())
    return click.option(
        "--format",
        "form",
        type=click.Choice(list(choices)),
        default=next(iter(choices)),
        help=f"{explained}.",
    )


def engine_option() -> Callable[[Any], Any]:
    """`--engine`: which processes predict."""
    told = "Which processes predict: local, or those of a cluster: dask://host:port, ray://, spark://."
    return click.option("--engine", default="local", show_default=True, callback=_engine, help=told)


def _engine(ctx: click.Context, param: click.Parameter, written: str) -> Engine:
    del ctx, param
    from iterata.experiment.engines.base import engine  # noqa: PLC0415  # only who runs

    return engine(written)
