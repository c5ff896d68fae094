"""How often the looks of a rollout show that a guardrail is kept, if the report tells how it varies."""

from __future__ import annotations

from math import isfinite, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from iterata.results.rollout_simulation import SimulatedGuardrail

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.documents.models.deployment import Deployment
    from iterata.documents.models.proposal import Metrics
    from iterata.measure.release.spending import PlannedLook
    from iterata.results.experiment import GuardrailResult
    from iterata.rollout.scale import Expectations


class KnownGuardrail(NamedTuple):
    """A guardrail that is a share, so that its rate tells how much it varies."""

    name: str
    margin: float
    offline: GuardrailResult
    variance: float
    """Of a unit with the rate of the status quo."""
    at_margin: float
    """Of a unit that loses the margin, if this is more."""


def simulated_guardrails(
    deployment: Deployment,
    before: Expectations,
    proposed: Metrics,
    phases: Sequence[tuple[float, float]],
    looks: Sequence[PlannedLook],
) -> list[SimulatedGuardrail]:
    """Each guardrail without a difference, and with the one of the report; in closed form.

    A unit of the split test is taken as yes or no, with the rate of the status quo in the report.

    Args:
        deployment: the declared rollout.
        before: what is known of the variant.
        proposed: the metrics of the proposal.
        phases: the share and the units of each phase.
        looks: the looks as they are held against a margin.
    """
    return [
        SimulatedGuardrail(
            name=known.name,
            margin=known.margin,
            source=source,
            worsening=worsening,
            kept=[_kept(known, worsening, phases[: at + 1], look.critical) for at, look in enumerate(looks)],
        )
        for known in _known(deployment, before, proposed)
        for source, worsening in (("no_effect", 0.0), ("report", known.offline.worsening))
        if worsening is not None
    ]


def _known(deployment: Deployment, before: Expectations, proposed: Metrics) -> Iterator[KnownGuardrail]:
    measures = deployment.split_test.metrics if deployment.split_test else {}
    offline = {
        found.name: found
        for found in (before.experiment.guardrails if before.experiment else [])
        if found.variant == before.variant and found.share_of is not None
    }
    for guardrail in proposed.guardrail:
        measure, found = measures.get(guardrail.name), offline.get(guardrail.name)
        if measure is None or measure.per is not None or found is None or found.status_quo is None:
            continue
        variance = found.status_quo * (1 - found.status_quo)
        if variance > 0:
            margin = guardrail.margin if measure.margin is None else measure.margin
            better = measure.better or guardrail.better
            lost = found.status_quo + (-margin if better == "higher" else margin)
            at_margin = max(lost * (1 - lost), variance)
            yield KnownGuardrail(guardrail.name, margin, found, variance, at_margin)


def _kept(
    guardrail: KnownGuardrail, worsening: float, phases: Sequence[tuple[float, float]], critical: float
) -> float:
    """How often a look excludes a loss of the margin; the look takes the larger variance."""
    known = sum(units * share * (1 - share) for share, units in phases)
    if known <= 0 or not isfinite(critical):
        return 0.0
    error = sqrt(guardrail.variance / known)
    taken = sum(
        units * share * (1 - share) * ((1 - share) * guardrail.at_margin + share * guardrail.variance)
        for share, units in phases
    )
    return NormalDist().cdf((guardrail.margin - worsening - critical * sqrt(taken) / known) / error)
