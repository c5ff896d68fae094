"""The best variant of an experiment: the same one in charts, answers, exports and new documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iterata.results.experiment import ExperimentResult, VariantResult
    from iterata.results.parts import Estimate


def is_shown(gain: Estimate) -> bool:
    """Whether the whole interval of a gain is above zero."""
    ends = gain.interval
    return ends is not None and ends[0] > 0


def broken_by(result: ExperimentResult, name: str) -> list[str]:
    """The guardrails that a variant does not keep, sorted."""
    return sorted({kept.name for kept in result.guardrails if kept.variant == name and not kept.holds})


def best_variant(result: ExperimentResult) -> VariantResult | None:
    """The variant to release, if any is; None if none was measured.

    A variant that keeps every guardrail comes before one that does not, whatever that one gains: nobody may
    release it. Among these, a gain that is shown comes before a larger one that may be chance.
    """
    breaking = {kept.variant for kept in result.guardrails if not kept.holds}

    def rank(variant: VariantResult) -> tuple[bool, bool, float]:
        gain = variant.difference
        return variant.name not in breaking, is_shown(gain), gain.value

    return max(result.variants, key=rank, default=None)
