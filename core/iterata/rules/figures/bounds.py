"""RES021: the bounds of a KPI that follow from the number of rows and positives, or from assumptions."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.assumed_classes import class_ranges
from iterata.documents.models.assumed_status_quo import payoff_matrix, ranges, status_quo_shares
from iterata.documents.models.enums import RandomModel
from iterata.documents.models.kpi import ClassValueSpec, OutcomeValueSpec, TargetingSpec, UpliftSpec
from iterata.measure import random_model
from iterata.rules.figures.fault import Fault, close, differs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents.models.assumed_status_quo import AssumableKpi, PayoffMatrix
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.ranges import Range
    from iterata.results import Kpi, Sample, SampleResult

CODE = "RES021"


class Base(NamedTuple):
    """What the bounds of a KPI of yes / no decisions follow from."""

    spec: AssumableKpi
    inputs: Mapping[str, float]
    """`volume`, `base_rate` and the values of the KPI, as `iterata.documents` names them."""
    budget: float | None
    rows: float
    """The rows that a blind draw is made from."""
    why: str

    def with_base_rate(self, base_rate: float) -> Base:
        """The same with another share of positives."""
        return self._replace(inputs={**self.inputs, "base_rate": base_rate})

    @property
    def payoffs(self) -> PayoffMatrix:
        """What a row is worth, by its outcome and whether it is acted upon."""
        return payoff_matrix(self.spec, self.inputs)

    @property
    def base_rate(self) -> float:
        """The share of rows that are positive."""
        return self.inputs["base_rate"]

    @property
    def idle(self) -> float:
        """The worth of a row if none is acted upon."""
        return float(self.payoffs.without_action(self.base_rate))

    @property
    def forced(self) -> bool:
        """Whether the whole budget is spent in any case."""
        return isinstance(self.spec, TargetingSpec) and not self.spec.may_stop

    def acting(self, share: float) -> float:
        """The worth of a row if a random share of all rows is acted upon."""
        hit, miss = self.payoffs.gains_of_acting
        return float(self.idle + share * (self.base_rate * hit + (1 - self.base_rate) * miss))

    def perfect(self) -> float:
        """The worth of a row if the best rows are acted upon."""
        sign, (hit, miss) = self.spec.direction.sign, self.payoffs.gains_of_acting
        left, total = 1.0 if self.budget is None else self.budget, self.idle
        choices = sorted(((hit, self.base_rate), (miss, 1 - self.base_rate)), reverse=sign > 0)
        for gain, available in choices:
            if self.forced or sign * gain > 0:
                acted = min(left, available)
                total, left = total + gain * acted, left - acted
        return float(total)

    def perfect_contacts(self) -> float:
        """The share of rows that the perfect model acts upon."""
        sign, (hit, miss) = self.spec.direction.sign, self.payoffs.gains_of_acting
        choices = (hit, self.base_rate), (miss, 1 - self.base_rate)
        return min(self.budget or 1.0, sum(share for gain, share in choices if sign * gain > 0))

    def random_share(self) -> float | None:
        """The share of rows that the random model acts upon; None if it follows the status quo."""
        if isinstance(self.spec, TargetingSpec):
            return self.budget
        return {RandomModel.BASE_RATE: self.base_rate, RandomModel.HALF: 0.5}.get(self.spec.random)

    def random_sd(self, rows_of_period: float) -> float | None:
        """The standard deviation of the KPI of one blind choice; None if it follows the status quo."""
        share, (hit, miss) = self.random_share(), self.payoffs.gains_of_acting
        if share is None:
            return None
        scale = sqrt(self.rows * rows_of_period)
        if isinstance(self.spec, OutcomeValueSpec) and self.spec.random is RandomModel.HALF:
            squared = self.base_rate * hit**2 + (1 - self.base_rate) * miss**2
            return scale * random_model.coin_toss_sd(squared, self.rows)
        hits = random_model.hits_sd(self.rows, self.base_rate, share)
        return float(scale * abs(hit - miss) * hits / self.rows)


def base_of_sample(spec: object, kpi: Kpi, sample: Sample | None) -> Base | None:
    """What follows from a sample; None if rows have weights of their own, or the KPI is of another kind."""
    if not isinstance(spec, TargetingSpec | OutcomeValueSpec) or sample is None or not sample.rows:
        return None
    if sample.positives is None or (sample.weights is not None and sample.weights.column is not None):
        return None
    known = sample.weights.base_rate if sample.weights else None
    base_rate = sample.positives / sample.rows if known is None else known
    inputs = {"volume": float(kpi.period_rows), "base_rate": base_rate, **_values(spec)}
    why = "a known base rate" if known is not None else f"{sample.positives:,} of {sample.rows:,} rows"
    return Base(spec, inputs, kpi.budget, float(sample.rows), f"{why} of the sample are positive")


def _values(spec: AssumableKpi) -> dict[str, float]:
    if isinstance(spec, TargetingSpec):
        return {"values.value_per_hit": spec.value_per_hit, "values.cost_per_contact": spec.cost_per_contact}
    return {f"values.{cell}": value for cell, value in spec.values}


def base_of_assumptions(lift: LiftSpec, kpi: Kpi) -> Base | None:
    """What follows from the likely values of an assessment's assumptions; None if it has data."""
    if lift.assumptions is None or not isinstance(lift.kpi, TargetingSpec | OutcomeValueSpec):
        return None
    inputs = {name: value.likely for name, value in assumed(lift).items()}
    return Base(lift.kpi, inputs, kpi.budget, inputs["volume"], "the assumptions say so")


def assumed(lift: LiftSpec) -> dict[str, Range]:
    """Every assumption by its name; empty for a lift from data."""
    if lift.assumptions is not None and isinstance(lift.kpi, ClassValueSpec):
        return class_ranges(lift.kpi, lift.assumptions, lift.period)
    if lift.assumptions is None or not isinstance(lift.kpi, TargetingSpec | OutcomeValueSpec):
        return {}
    return ranges(lift.kpi, lift.assumptions, lift.period)


def bound_faults(result: SampleResult, base: Base, *, in_windows: bool = False) -> Iterator[Fault]:
    """Bounds that do not follow from the sample. In windows of time only some of them do."""
    scale, factor, why = result.scale, base.inputs["volume"], base.why
    can_treat_all = not base.forced or base.budget == 1
    expected = {
        "do_nothing": factor * base.acting(0.0),
        "treat_all": factor * base.acting(1.0) if can_treat_all else None,
    }
    hit, miss = map(abs, base.payoffs.gains_of_acting)
    summands = factor * (base.base_rate * hit + (1 - base.base_rate) * miss)  # they can cancel each other
    known = (value for value in (*expected.values(), scale.perfect.value, summands) if value is not None)
    largest = max(map(abs, known))
    for name, value in expected.items():
        yield from differs(CODE, ("scale", name), getattr(scale, name), value, why, largest)
    best = factor * base.perfect()
    if not in_windows:
        yield from differs(CODE, ("scale", "perfect", "value"), scale.perfect.value, best, why, largest)
        yield from _of_random(result, base)
        yield from _of_base_rate(result, base)
    elif base.spec.direction.sign * (scale.perfect.value - best) > 1e-5 * largest:
        yield Fault(CODE, ("scale", "perfect", "value"), f"is better than {best:.7g}: {why}")
    if scale.contacts is not None and not in_windows:
        place = ("scale", "contacts")
        yield from differs(CODE, (*place, "perfect"), scale.contacts.perfect, base.perfect_contacts(), why)
        yield from differs(CODE, (*place, "budget"), scale.contacts.budget, base.budget, "the KPI's budget")


def _of_base_rate(result: SampleResult, base: Base) -> Iterator[Fault]:
    """Random and perfect follow from the base rate of a resample, and so do the ends of their intervals."""
    random, perfect = result.scale.random.expectation, result.scale.perfect
    if not isinstance(base.spec, TargetingSpec) or random.interval is None or perfect.interval is None:
        return
    factor, share = base.inputs["volume"], base.budget or 1.0
    at_0, at_1 = (factor * base.with_base_rate(rate).acting(share) for rate in (0.0, 1.0))
    if at_0 == at_1:
        return
    rates = sorted((end - at_0) / (at_1 - at_0) for end in random.interval)
    slope = 2 * factor * max(map(abs, base.payoffs.gains_of_acting))
    if (
        rates[0] < share < rates[1] or rates[0] < 1 - share < rates[1]
    ):  # the perfect model's curve bends there
        return
    expected = sorted(factor * base.with_base_rate(rate).perfect() for rate in rates)
    for end, found, value in zip(("low", "high"), perfect.interval, expected, strict=True):
        why = "perfect and random have the same base rates in the resamples"
        yield from differs(CODE, ("scale", "perfect", end), found, value, why, slope)


def meaning_faults(result: SampleResult, spec: KpiSpec | None) -> Iterator[Fault]:
    """The random model in other words than those of the KPI."""
    found = result.scale.random.meaning.removesuffix(", in each window")
    budget = result.kpi.budget
    match spec:
        case TargetingSpec() | UpliftSpec():
            words = [random_model.budget_meaning(budget or 1.0)]
        case OutcomeValueSpec():
            words = [
                random_model.MEANINGS[spec.random],
                random_model.MEANINGS[spec.random.without_status_quo],
            ]
        case ClassValueSpec():
            words = [random_model.ANSWERS[spec.random], random_model.ANSWERS[spec.random.without_status_quo]]
        case None:
            return
        case _:
            words = [*random_model.OTHER_MEANINGS, *random_model.MEANINGS.values()]
    if found not in words:
        yield Fault(CODE, ("scale", "random", "meaning"), f"is {found!r}, but the KPI says {words[0]!r}")


def _of_random(result: SampleResult, base: Base) -> Iterator[Fault]:
    random, factor, share = result.scale.random, base.inputs["volume"], base.random_share()
    if share is None:
        return
    place, found = ("scale", "random", "expectation", "value"), random.expectation.value
    yield from differs(CODE, place, found, factor * base.acting(share), base.why, result.scale.perfect.value)
    sd = base.random_sd(factor)
    if sd is not None and not close(random.sd_of_one_draw or 0.0, sd):
        yield from differs(CODE, ("scale", "random", "sd_of_one_draw"), random.sd_of_one_draw, sd, base.why)


def assumed_status_quo(base: Base) -> float:
    """The status quo's KPI that follows from assumptions."""
    shares, (hit, miss) = status_quo_shares(base.spec, base.inputs), base.payoffs.gains_of_acting
    gain = shares.true_positives * hit + (shares.action_rate - shares.true_positives) * miss
    return float(base.inputs["volume"] * (base.idle + gain))
