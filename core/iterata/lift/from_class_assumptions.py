"""Computes the expected lift of class values from assumptions: shares of classes, and how often answers are
right.

Wrong answers are assumed to fall on the other classes in proportion to their shares, and rows are assumed to
be handed to a person whatever their class is.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata import results
from iterata.documents.models.assumed_classes import answers_of, class_ranges, pair_of
from iterata.documents.models.enums import RandomAnswers
from iterata.documents.models.kpi import ClassValueSpec
from iterata.lift import monte_carlo, planning
from iterata.lift.answers import test_of_gain
from iterata.lift.bounds import Gains, gains_of
from iterata.lift.sensitivity import sensitivity
from iterata.lift.split_test import of_half_the_potential
from iterata.measure import random_model
from iterata.measure.intervals import CONFIDENCE, ROUNDING, estimate, share_estimate
from iterata.measure.kpi.class_value import shuffle_sd
from iterata.results import provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.ranges import Range
    from iterata.errors import Location
    from iterata.lift.monte_carlo import ConsistentDraws

PACKAGES = ("iterata", "numpy")
"""Packages whose version may change a figure."""

CHUNK = 10_000
"""So many draws are computed at a time."""

IMPOSSIBLE = (
    "the status quo would be better than a perfect model",
    "the status quo would be worse than the worst answers",
)
"""What a known KPI of the status quo can contradict."""


class ClassFigures(NamedTuple):
    """Figures for a period: `(n,)`, one for each draw."""

    random: Floats
    status_quo: Floats
    perfect: Floats
    worst: Floats
    """The KPI of the worst answer to every row."""


class Draws(NamedTuple):
    """Numbers that are assumed, in `n` draws."""

    volume: Floats
    """`(n,)`."""
    true: Floats
    """`(classes, n)`, the share of each class."""
    right: Floats | None
    """`(classes, n)`, the share of right answers of those that are given; None if only the KPI is known."""
    handed_over: Floats
    """`(n,)`, the share of rows that are handed over."""
    values: Floats
    """`(answers, classes, n)`, or `(answers, classes, 1)` if they are certain."""
    kpi: Floats | None
    """`(n,)`, the KPI of the status quo; None if it follows from the others."""


class ClassModel(NamedTuple):
    """The KPI, its classes, and which answer the status quo always gives, if it does."""

    kpi: ClassValueSpec
    classes: tuple[str, ...]
    answer: str | None

    @property
    def answers(self) -> tuple[str, ...]:
        """All answers: the classes, and the person after them."""
        return answers_of(self.kpi, self.classes)

    @property
    def random(self) -> RandomAnswers:
        """How often the random model gives each answer."""
        return self.kpi.random

    def draws(self, inputs: Mapping[str, Floats]) -> Draws:
        """The numbers by their role; every input is `(n,)`."""
        shares = np.stack([inputs[f"classes.{name}"] for name in self.classes])
        recalls = [f"status_quo.recall_by_class.{name}" for name in self.classes]
        right: Floats | None = None
        if recalls[0] in inputs:
            right = np.stack([inputs[name] for name in recalls])
        elif "status_quo.accuracy" in inputs:
            right = np.broadcast_to(inputs["status_quo.accuracy"], shares.shape)
        count = len(inputs["volume"])
        return Draws(
            inputs["volume"],
            shares / shares.sum(axis=0),
            right,
            inputs.get("status_quo.handed_over", np.zeros(count)),
            self._values(inputs),
            inputs.get("status_quo.kpi"),
        )

    def _values(self, inputs: Mapping[str, Floats]) -> Floats:
        answers, named = self.answers, {n: v for n, v in inputs.items() if n.startswith("values.")}
        certain = all(np.ptp(values) == 0 for values in named.values())
        worth = {name: values[:1] if certain else values for name, values in named.items()}
        shape = (len(answers), len(self.classes), len(worth["values.wrong"]))
        values = np.broadcast_to(worth["values.wrong"], shape).copy()
        for code in range(len(self.classes)):
            values[code, code] = worth["values.right"]
        if self.kpi.person is not None:
            values[-1] = worth["values.person"]
        for name, value in worth.items():
            pair = pair_of(name, answers)
            if pair is not None:
                values[answers.index(pair[0]), self.classes.index(pair[1])] = value
        return values

    def figures(self, draws: Draws) -> ClassFigures:
        """The figures of each draw."""
        true, values, sign = draws.true, draws.values, self.kpi.direction.sign
        best, worst = ((sign * values).max(axis=0) * sign, (sign * values).min(axis=0) * sign)
        status_quo = self._mean(draws, values) if draws.kpi is None else draws.kpi / draws.volume
        random = np.einsum("an,acn,cn->n", self.random_shares(draws), _per_draw(values, true), true)
        figures = (random, status_quo, (best * true).sum(axis=0), (worst * true).sum(axis=0))
        return ClassFigures(*(draws.volume * figure for figure in figures))

    def random_shares(self, draws: Draws) -> Floats:
        """How often the random model gives each answer: `(answers, n)`."""
        answers, true = len(self.answers), draws.true
        if self.random is RandomAnswers.UNIFORM:
            return np.full((answers, true.shape[1]), 1 / answers)
        of_classes = np.zeros((answers, true.shape[1]))
        of_classes[: len(true)] = true
        unknown = draws.right is None and self.answer is None
        if self.random is RandomAnswers.CLASS_SHARES or unknown:
            return of_classes
        return self._given(draws)

    def _given(self, draws: Draws) -> Floats:
        """How often the status quo gives each answer: `(answers, n)`."""
        given = np.zeros((len(self.answers), draws.true.shape[1]))
        if draws.right is None:
            given[self.answers.index(self.answer or "")] = 1.0
            return given
        true = draws.true
        spread = _wrong(draws)
        answered = true * draws.right + true * (spread.sum(axis=0) - spread)
        given[: len(true)] = (1 - draws.handed_over) * answered
        if self.kpi.person is not None:
            given[-1] += draws.handed_over
        return given

    def _mean(self, draws: Draws, values: Floats) -> Floats:
        """The mean over rows of a number by answer and truth, `(answers, classes, n)`, of the status quo."""
        true = draws.true
        if draws.right is None:
            return np.asarray((values[self.answers.index(self.answer or "")] * true).sum(axis=0))
        own = np.stack([values[code, code] for code in range(len(true))])
        of_others = np.einsum("an,acn->cn", true, _per_draw(values[: len(true)], true)) - true * own
        answered = (true * draws.right * own).sum(axis=0) + (_wrong(draws) * of_others).sum(axis=0)
        mean: Floats = (1 - draws.handed_over) * answered
        if self.kpi.person is not None:
            mean = mean + draws.handed_over * (values[-1] * true).sum(axis=0)
        return mean

    def variance(self, draws: Draws) -> float:
        """The variance of the worth of a row, answered by the status quo, in the first draw; 0 if unknown."""
        if draws.right is None and self.answer is None:
            return 0.0
        squares = self._mean(draws, draws.values**2) - self._mean(draws, draws.values) ** 2
        return float(squares[0])

    def sd_of_one_draw(self, draws: Draws) -> float:
        """The standard deviation of the KPI of one blind choice, in the first draw."""
        values, true, volume = draws.values[..., 0], draws.true[:, 0], float(draws.volume[0])
        if self.random is RandomAnswers.UNIFORM:
            return sqrt(max(float(true @ values.var(axis=0)), 0.0) * volume)
        return volume * shuffle_sd(values, self.random_shares(draws)[:, 0], true, max(volume, 2.0))

    def best_constant(self, draws: Draws) -> results.ConstantAnswer:
        """The best answer to every row, in the first draw."""
        by_answer = draws.values[..., 0] @ draws.true[:, 0]
        best = int(np.argmax(self.kpi.direction.sign * by_answer))
        return results.ConstantAnswer(
            answer=self.answers[best], value=float(draws.volume[0] * by_answer[best])
        )


def _wrong(draws: Draws) -> Floats:
    """By which the share of a class is multiplied for the rows of another one that get it: `(classes, n)`."""
    assert draws.right is not None  # noqa: S101  # the callers know
    true = draws.true
    others = np.where(true < 1, 1 - true, 1.0)
    spread: Floats = true * (1 - draws.right) / others
    return spread


def _per_draw(values: Floats, true: Floats) -> Floats:
    return np.broadcast_to(values, (*values.shape[:2], true.shape[1]))


class Simulation(NamedTuple):
    """The figures of the likely values and of each draw."""

    model: ClassModel
    ranges: Mapping[str, Range]
    consistent: ConsistentDraws
    likely: ClassFigures
    drawn: ClassFigures
    likely_gains: Gains
    drawn_gains: Gains

    @classmethod
    def of(cls, model: ClassModel, ranges: Mapping[str, Range], consistent: ConsistentDraws) -> Simulation:
        """Compute the figures of the likely values, and of the draws."""
        sign = model.kpi.direction.sign
        likely = _figures(model, {name: np.array([value.likely]) for name, value in ranges.items()})
        drawn = _figures(model, consistent.values)
        return cls(model, ranges, consistent, likely, drawn, _gains(sign, likely), _gains(sign, drawn))

    @property
    def likely_draws(self) -> Draws:
        """The likely values as the only draw."""
        return self.model.draws({name: np.array([value.likely]) for name, value in self.ranges.items()})

    def figure(self, name: str) -> results.Estimate:
        """The KPI of a reference model, with its interval."""
        return estimate(float(getattr(self.likely, name)[0]), getattr(self.drawn, name), extend=True)

    def gain(self, name: str) -> tuple[float, Floats]:
        """A gain at the likely values, and in each draw."""
        return float(getattr(self.likely_gains, name)[0]), getattr(self.drawn_gains, name)


def compute(
    spec: LiftSpec, where: str | Location = "", *, commit: str | None = None, dirty: bool = False
) -> results.LiftResult:
    """The bounds of class values, if the assumptions are true; see `iterata.lift.from_assumptions.compute`.

    Raises:
        DataError: most draws contradict themselves.
    """
    kpi, assumptions = spec.kpi, spec.assumptions
    if assumptions is None or not isinstance(kpi, ClassValueSpec):
        raise TypeError("these are assumptions about class values")
    inputs = class_ranges(kpi, assumptions, spec.period)
    model = ClassModel(kpi, tuple(assumptions.classes or ()), assumptions.status_quo.answer)
    drawn = monte_carlo.draw(inputs, assumptions.draws, np.random.default_rng(spec.seed))
    impossible, reason = _contradictions(model, drawn)
    simulation = Simulation.of(model, inputs, monte_carlo.without(drawn, impossible, reason, where))
    potential, risk, span = (simulation.gain(name) for name in ("potential", "risk", "span"))
    break_even = planning.break_even(spec, potential[0], None)
    uncertain = any(value.distribution != "fixed" for value in inputs.values())
    return results.LiftResult(
        kpi=_kpi(spec, round(inputs["volume"].likely)),
        sample=None,
        assumed=_analysis(simulation, break_even),
        scale=_scale(simulation, assumptions.status_quo.label),
        potential_lift=estimate(*potential, extend=True),
        risk=estimate(*risk, extend=True),
        position=share_estimate((risk[0], span[0]), (risk[1], span[1]), extend=True),
        break_even=break_even,
        split_test=_split_test(spec, simulation, break_even),
        interval=results.IntervalMethod(
            confidence=CONFIDENCE,
            resamples=len(simulation.consistent.values["volume"]) if uncertain else 0,
            unit="draw",
        ),
        seed=spec.seed,
        provenance=provenance.collect(data={}, packages=PACKAGES, commit=commit, dirty=dirty, seconds={}),
    )


def _figures(model: ClassModel, inputs: Mapping[str, Floats]) -> ClassFigures:
    count = len(inputs["volume"])
    parts = [
        model.figures(model.draws({name: values[start : start + CHUNK] for name, values in inputs.items()}))
        for start in range(0, count, CHUNK)
    ]
    return ClassFigures(*map(np.concatenate, zip(*parts, strict=True)))


def _gains(sign: float, figures: ClassFigures) -> Gains:
    return gains_of(sign, figures.random, figures.status_quo, figures.perfect)


def _contradictions(model: ClassModel, drawn: Mapping[str, Floats]) -> tuple[Bools, str]:
    """Which draws are impossible, `(n,)`, and what most of these would mean."""
    figures, sign = _figures(model, drawn), model.kpi.direction.sign
    slack = ROUNDING * np.maximum(np.abs(figures.perfect), np.abs(figures.worst))
    tests = (
        sign * (figures.status_quo - figures.perfect) > slack,
        sign * (figures.worst - figures.status_quo) > slack,
    )
    impossible: Bools = tests[0] | tests[1]
    if not impossible.any():
        return impossible, ""
    return impossible, IMPOSSIBLE[int(tests[1].sum() > tests[0].sum())]


def _kpi(spec: LiftSpec, period_rows: int) -> results.Kpi:
    return results.Kpi(
        name=spec.kpi.name,
        kind=spec.kpi.kind,
        unit=spec.kpi.unit,
        direction=spec.kpi.direction,
        period=spec.period.name if spec.period else "",
        period_rows=period_rows,
    )


def _scale(simulation: Simulation, label: str) -> results.Scale:
    model, likely = simulation.model, simulation.likely_draws
    unknown = likely.right is None and model.answer is None
    return results.Scale(
        random=results.RandomModel(
            expectation=simulation.figure("random"),
            sd_of_one_draw=model.sd_of_one_draw(likely),
            meaning=random_model.ANSWERS[model.random.without_status_quo if unknown else model.random],
        ),
        status_quo=simulation.figure("status_quo"),
        status_quo_label=label,
        perfect=simulation.figure("perfect"),
        best_constant=model.best_constant(likely),
    )


def _analysis(simulation: Simulation, break_even: results.BreakEven | None) -> results.AssumptionAnalysis:
    model = simulation.model
    return results.AssumptionAnalysis(
        inputs=[
            results.Assumption(name=name, **value._asdict()) for name, value in simulation.ranges.items()
        ],
        sensitivity=sensitivity(
            simulation.ranges,
            simulation.consistent.values,
            simulation.drawn_gains.potential,
            lambda inputs: _potential(model, inputs),
        ),
        dropped=simulation.consistent.dropped,
        dropped_because=simulation.consistent.reason,
        treat_all=None,
        captured_share=_captured_share(simulation, break_even),
    )


def _potential(model: ClassModel, inputs: Mapping[str, float]) -> float | None:
    """The potential lift of single numbers; None if they contradict each other."""
    one = {name: np.array([value]) for name, value in inputs.items()}
    if _contradictions(model, one)[0].any():
        return None
    return float(_gains(model.kpi.direction.sign, _figures(model, one)).potential[0])


def _captured_share(simulation: Simulation, break_even: results.BreakEven | None) -> results.Estimate | None:
    """The break-even share in each draw: the cost divided by the potential lift."""
    if break_even is None or break_even.captured_share is None:
        return None
    likely, drawn = simulation.gain("potential")
    cost = break_even.captured_share * likely  # in the KPI's unit
    return share_estimate((cost, likely), (np.full_like(drawn, cost), drawn), extend=True)


def _split_test(
    spec: LiftSpec, simulation: Simulation, break_even: results.BreakEven | None
) -> results.SplitTest | None:
    """The A/B test of the gain that repays the project's cost; else of half of the potential lift."""
    share = break_even.captured_share if break_even else None
    variance = max(simulation.model.variance(simulation.likely_draws), 0.0)
    potential, rows = simulation.gain("potential")[0], round(simulation.ranges["volume"].likely)
    if share is None or share > 1:
        return of_half_the_potential(spec, potential, variance, rows)
    return test_of_gain(spec, share * potential, variance, rows)
