"""`iterata rollout --simulate`: what a declared rollout would do. It is printed, and no file holds it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from iterata.documents.models.enums import Requirement
from iterata.results.parts import Kpi, ResultPart, RoundedFloat


class SimulatedPhase(ResultPart):
    """A phase with a control group, as it is declared, and what its look can show."""

    share: RoundedFloat
    days: int
    """Its days and its units, in whole weeks."""
    units: int
    """Units of both arms in these days."""
    requires: Requirement
    information: RoundedFloat
    """The fraction of the information of the whole plan at its end."""
    critical: RoundedFloat | None
    """The critical value of z of what the phase requires; None if the look may show nothing."""
    detectable: RoundedFloat | None
    """What the look shows in 80 of 100 releases, in utility and per period: a gain of this size; or, if no
    harm is required, that there is no loss of this size if there is no effect."""
    units_needed: int | None = None
    """Units of both arms with which the phase, without those before it, would show this equally often: the
    expected gain, or that a loss of the margin is excluded without an effect. None if it is not known."""
    days_needed: int | None = None
    """The days until these units have come, in whole weeks."""


SimulatedName = Literal[
    "no_effect", "loss_of_margin", "assessment", "report", "report_low", "report_high", "half_of_potential"
]


class SimulatedEffect(ResultPart):
    """What happens to many releases with one true effect."""

    name: SimulatedName
    gain: RoundedFloat
    """The true gain, in utility and per period."""
    advanced: RoundedFloat
    """The share of releases that pass all phases with a control group."""
    held: RoundedFloat
    """The share that stays in a phase, because it does not show what is required."""
    reverted: RoundedFloat
    """The share that is reverted because it shows a loss."""
    passed: list[RoundedFloat]
    """The share of all releases that passes each phase."""
    found_gain: RoundedFloat
    """The share in which a look showed a gain."""
    days: RoundedFloat
    """The mean number of days until a release has passed or is reverted, or its last phase ends."""


class SimulatedGuardrail(ResultPart):
    """How often the looks show that a guardrail is kept, if this is the true difference."""

    name: str
    margin: RoundedFloat
    """How much worse than the control is acceptable."""
    source: Literal["no_effect", "report"]
    worsening: RoundedFloat
    """How much worse the variant is."""
    kept: list[RoundedFloat]
    """The probability that the look after each phase shows it, whatever the others show."""


class RolloutSimulation(ResultPart):
    """The declared phases and looks, simulated."""

    kpi: Kpi
    alpha: RoundedFloat
    units_per_day: RoundedFloat
    """Units of both arms in a day."""
    margin: RoundedFloat | None
    """The acceptable loss of the primary metric, in utility and per period; None if there is none."""
    deviation: RoundedFloat
    """The standard deviation of what a unit adds, times the factor from a unit to a period."""
    phases: list[SimulatedPhase]
    effects: list[SimulatedEffect]
    days: int
    """The days of all phases with a control group."""
    most_units: RoundedFloat | None = None
    """How many times as many units the planned looks need at most, compared with one look at the end."""
    guardrails: list[str] = Field(default_factory=list)
    """The guardrails that are not simulated: how much they vary is not known before."""
    guardrail_looks: list[SimulatedGuardrail] = Field(default_factory=list)
    """The guardrails whose rate the report tells."""
    simulations: int
    seed: int
