"""One error for all runs that failed."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError, RunError
from iterata.experiment.variants.refusals import at_variant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iterata.experiment.engines.fold_runs import FoldRun

MAX_MESSAGES = 3
"""How many different messages are shown per variant."""

_DIGITS = re.compile(r"\d+")


class Failure(NamedTuple):
    """A run that failed."""

    run: FoldRun
    error: IterataError


def combine(failures: Iterable[Failure]) -> RunError:
    """The error of the first failure, with those of others in `also`.

    Each variant appears with each of its different messages, at the first fold that has it.
    """
    variants: dict[str, dict[str, list[Failure]]] = {}
    for failure in failures:
        messages = variants.setdefault(failure.run.variant, {})
        message = _DIGITS.sub("", failure.error.message)  # the row number differs from fold to fold
        if message not in messages and len(messages) == MAX_MESSAGES:
            message = list(messages)[-1]
        messages.setdefault(message, []).append(failure)
    groups = chain.from_iterable(messages.values() for messages in variants.values())
    *errors, last = map(_summary, groups)
    remedy = f"{last.remedy}; then run again: finished folds are cached"
    first, *others = [*errors, last.replace(remedy=remedy)]
    return first.with_others(others)


def _summary(failures: Sequence[Failure]) -> RunError:
    """The error of the first of some failures with the same message, and how many there are."""
    run, error = failures[0]
    if not isinstance(error, RunError):
        error = RunError(error.message, remedy=error.remedy, where=error.location)
    error = at_variant(error, run.location)
    if len(failures) == 1:
        return error
    return error.replace(message=f"{error.message} (and in {len(failures) - 1} more of its folds)")
