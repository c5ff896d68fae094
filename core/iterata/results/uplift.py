"""What results hold about treatment effects: intervals of identification, the arms' balance, the curve."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from iterata.results.parts import Estimate, Identified, ResultPart, RoundedFloat


class Arm(ResultPart):
    """The rows of one arm. Rows are counted, never weighted; the mean is weighted."""

    rows: int
    units: int
    positives: int | None
    """How many outcomes are positive; None if they are numbers."""
    mean: RoundedFloat
    """The mean outcome, weighted by the inverse probability of the arm."""


class AssignmentTest(ResultPart):
    """Whether as many units are treated as the declared probability says, by unit."""

    test: Literal["chi2", "z"]
    """`chi2` with one degree of freedom for each probability; `z` if there are too many of these."""
    statistic: RoundedFloat
    freedom: int | None = None
    """The degrees of freedom of chi2."""
    p: RoundedFloat
    expected: RoundedFloat
    """How many units were expected to be treated."""
    off: bool
    """Whether the assignment cannot be the declared one: p below .001."""


class ColumnDifference(ResultPart):
    """How much a column, or one level of it, differs between the arms."""

    name: str
    """The column; of a category `column: level`."""
    difference: RoundedFloat
    """The standardised difference: treated minus control, in pooled standard deviations."""


class Balance(ResultPart):
    """Whether the arms are alike before the treatment, as chance makes them."""

    treated: Arm
    control: Arm
    declared: bool
    """Whether the probability of treatment was declared."""
    probability: RoundedFloat | None
    """The probability of treatment, declared or the share treated; None if it varied."""
    sample_ratio: AssignmentTest | None = None
    """None without a declared probability: the ratio cannot be tested."""
    units_in_both: int = 0
    """Units with rows in both arms: they are resampled as a whole."""
    columns: int = 0
    """How many columns and levels were compared."""
    largest: ColumnDifference | None = None
    """The largest standardised difference; None if no column was compared."""
    chance: RoundedFloat | None = None
    """What chance alone exceeds in 5 of 100 such tables."""

    @property
    def fewest_units(self) -> int:
        """The units of the smaller arm."""
        return min(self.treated.units, self.control.units)


class CurvePoint(ResultPart):
    """The gain of treating the best-scored share of the rows."""

    depth: RoundedFloat
    gain: RoundedFloat
    """A row, in units of the outcome, before cost: positive if the treatment helps."""
    low: RoundedFloat | None = None
    high: RoundedFloat | None = None
    """The pointwise 95 % band; None if there are too few rows to give one."""


class UpliftCurve(ResultPart):
    """The gain by depth, and the area between it and the straight line of a random choice."""

    points: list[CurvePoint]
    area: Estimate
    """A row, not normalised: 0 for a random order and for an effect that is the same for all."""


class UpliftAnalysis(ResultPart):
    """What only a KPI of treatment effects has, beside the scale."""

    turned: Identified | None = None
    """The share of rows that the treatment turns to the better outcome; None for a number."""
    turned_away: Identified | None = None
    """The share of rows that the treatment turns to the worse outcome; None for a number."""
    effect: Estimate
    """The average effect of treating everybody, on the outcome; positive if the treatment helps."""
    shares_that_gain: list[RoundedFloat] = Field(default_factory=list)
    """For a number: Makarov's bounds of the share of rows whose outcome the treatment makes better."""
    plug_in_lower: RoundedFloat | None = None
    """For a number: perfect at its sharp lower end as the rows show it, which leans upwards."""
    strata: list[str] = Field(default_factory=list)
    """The strata of the bounds, the status quo's decision left out; empty if all rows are one."""
    joined_strata: list[str] = Field(default_factory=list)
    """Strata that were too small, and are joined to `others`."""
    contradicts_no_harm: bool = False
    """Whether the rows contradict what `turned_away_at_most` assumes, beyond chance."""
    undefined_resamples: int = 0
    """In how many resamples the status quo's gain is undefined: an arm has no row in its choice."""
