"""Class values against loops over all possibilities, against outcome_value, and against reference numbers."""

from __future__ import annotations

from itertools import permutations, product
from statistics import fmean, pstdev
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.wine import BY_ANSWER, CLASSES, VALUES, wine

from iterata.errors import at_field
from iterata.kpi import describe
from iterata.measure.bootstrap import bootstrap
from iterata.measure.kpi import from_spec
from iterata.measure.kpi.class_value import ClassValue, PersonIsClass, UnknownClass
from iterata.measure.kpi.outcome_value import OutcomeValue
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import RowByRow
from iterata.measure.windows import in_windows

ABC = ("a", "b", "c")
amounts = st.integers(-4, 4).map(float)

Case = tuple[list[tuple[int, int]], ClassValue]
"""The class and the answer of each row, and the KPI."""


def make_kpi(**keys: Any) -> ClassValue:
    kpi = from_spec(describe("class_value", **keys), 1)
    assert isinstance(kpi, ClassValue)
    return kpi


@st.composite
def cases(draw: st.DrawFn) -> Case:
    person = draw(st.none() | amounts)
    answers = [*ABC, *(["nobody"] if person is not None else [])]
    values = {answer: {truth: draw(amounts) for truth in ABC} for answer in answers if draw(st.booleans())}
    kpi = make_kpi(
        values=values,
        right=draw(amounts),
        wrong=draw(amounts),
        person=None if person is None else {"answer": "nobody", "value": person},
        direction=draw(st.sampled_from(["maximise", "minimise"])),
    )
    codes = st.tuples(st.integers(0, 2), st.integers(0, len(answers) - 1))
    return draw(st.lists(codes, min_size=2, max_size=5)), kpi


def columns(rows: list[tuple[int, int]]) -> tuple[Outcomes, Any]:
    true, given_ = np.array(rows, dtype=float).T
    return Outcomes(true, classes=ABC), given_


def worth(kpi: ClassValue, answer: int, truth: int) -> float:
    """What a row is worth, looked up without a table."""
    names = kpi.answers(ABC)
    for listed, true, value in kpi.listed:
        if (listed, true) == (names[answer], ABC[truth]):
            return value
    if answer == len(ABC):
        assert kpi.person is not None
        return kpi.person[1]
    return kpi.right if answer == truth else kpi.wrong


def total(kpi: ClassValue, rows: list[tuple[int, int]], answers: Any) -> float:
    return sum(worth(kpi, int(answer), row[0]) for row, answer in zip(rows, answers, strict=True))


@given(cases())
@settings(max_examples=30)
def test_kpi_is_the_sum_of_what_answers_are_worth(case: Case) -> None:
    rows, kpi = case
    measured = kpi.measure(*columns(rows)).on_sample(len(rows))
    assert len(rows) * measured == pytest.approx(total(kpi, rows, [row[1] for row in rows]))


@given(cases())
@settings(max_examples=30)
def test_perfect_is_the_best_of_all_answers(case: Case) -> None:
    rows, kpi = case
    answers = range(len(kpi.answers(ABC)))
    best = max if kpi.sign > 0 else min
    expected = sum(best(worth(kpi, answer, truth) for answer in answers) for truth, _ in rows)
    assert len(rows) * kpi.perfect(columns(rows)[0]).on_sample(len(rows)) == pytest.approx(expected)


@given(cases())
@settings(max_examples=30)
def test_random_is_a_shuffle_of_the_answers(case: Case) -> None:
    rows, kpi = case
    outcomes, answers = columns(rows)
    shuffles = [total(kpi, rows, order) for order in permutations(answers)]
    assert len(rows) * kpi.random(outcomes, answers).on_sample(len(rows)) == pytest.approx(fmean(shuffles))
    sd = kpi.random_sd(outcomes, answers)
    assert len(rows) * (sd or 0) == pytest.approx(pstdev(shuffles), abs=1e-7)


@given(cases())
@settings(max_examples=30)
def test_uniform_random_answers_every_row_on_its_own(case: Case) -> None:
    rows, kpi = (
        case[0][:4],
        ClassValue(
            case[1].listed, case[1].right, case[1].wrong, case[1].person, case[1].sign, _random("uniform")
        ),
    )
    outcomes, answers = columns(rows)
    drawn = [total(kpi, rows, choice) for choice in product(range(len(kpi.answers(ABC))), repeat=len(rows))]
    assert len(rows) * kpi.random(outcomes, answers).on_sample(len(rows)) == pytest.approx(fmean(drawn))
    assert len(rows) * (kpi.random_sd(outcomes, answers) or 0) == pytest.approx(pstdev(drawn), abs=1e-7)


def _random(name: str) -> Any:
    return make_kpi(random=name).random_answers


@given(cases())
@settings(max_examples=30)
def test_best_constant_answer_is_named(case: Case) -> None:
    rows, kpi = case
    names = kpi.answers(ABC)
    always = {name: total(kpi, rows, [code] * len(rows)) for code, name in enumerate(names)}
    found = kpi.best_constant(columns(rows)[0])
    best = max(kpi.sign * value for value in always.values())
    assert kpi.sign * always[found.answer] == pytest.approx(best, abs=1e-9)
    assert len(rows) * found.kpi == pytest.approx(always[found.answer])


@given(
    st.tuples(amounts, amounts, amounts, amounts),
    st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 3)), min_size=2, max_size=12),
    st.sampled_from(["maximise", "minimise"]),
    st.sampled_from(
        [("status_quo_shares", "status_quo_rate"), ("class_shares", "base_rate"), ("uniform", "half")]
    ),
    st.booleans(),
)
@settings(max_examples=40)
def test_two_classes_equal_outcome_value_in_every_figure(
    cells: tuple[float, float, float, float],
    rows: list[tuple[bool, bool, int]],
    direction: Any,
    random: tuple[Any, Any],
    weighted: bool,
) -> None:
    tp, fp, fn, tn = cells
    values = {"no": {"no": tn, "yes": fn}, "yes": {"no": fp, "yes": tp}}
    ours = make_kpi(values=values, right=0, wrong=0, direction=direction, random=random[0])
    theirs = from_spec(
        describe(
            "outcome_value",
            values={"tp": tp, "fp": fp, "fn": fn, "tn": tn},
            direction=direction,
            random=random[1],
        ),
        1,
    )
    assert isinstance(theirs, OutcomeValue)
    true, acts, count = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    weight = count / count.mean() if weighted else None
    classes, binary = Outcomes(true, weight, classes=("no", "yes")), Outcomes(true, weight)
    n = len(rows)
    pairs = (
        (ours.measure(classes, acts), theirs.measure(binary, acts)),
        (ours.perfect(classes), theirs.perfect(binary)),
        (ours.random(classes, acts), theirs.random(binary, acts)),
    )
    for one, other in pairs:
        assert one.on_sample(n) == pytest.approx(other.on_sample(n), abs=1e-12)
    sd = theirs.random_sd(binary, acts)
    assert ours.random_sd(classes, acts) == pytest.approx(sd, abs=1e-7)


@given(cases())
@settings(max_examples=30)
def test_weights_equal_repeated_rows(case: Case) -> None:
    rows, kpi = case
    outcomes, answers = columns(rows)
    weights = np.array([[1 + row % 3 for row in range(len(rows))]])
    repeated = np.repeat(np.arange(len(rows)), weights[0])
    again = Outcomes(outcomes.target[repeated], classes=ABC)
    for of in (
        kpi.measure,
        lambda o, a: kpi.perfect(o),
        kpi.random,
    ):
        (under,) = of(outcomes, answers)(RowByRow.of(weights))
        assert under == pytest.approx(of(again, answers[repeated]).on_sample(len(repeated)))


class TestWine:
    """Reference numbers `wine.*`, of scikit-learn's wine: odd rows, a rule as the status quo."""

    kpi = make_kpi(values=BY_ANSWER)
    outcomes = Outcomes(wine().target, classes=CLASSES)

    def test_figures_of_a_row(self) -> None:
        rows, answers = wine(), wine().status_quo
        assert [np.bincount(codes.astype(int)).tolist() for codes in (rows.target, answers, rows.tree)] == [
            [29, 36, 24],
            [31, 29, 29],
            [26, 34, 29],
        ]
        assert self.kpi.measure(self.outcomes, answers).on_sample(89) == pytest.approx(3.662921348)
        assert self.kpi.perfect(self.outcomes).on_sample(89) == pytest.approx(5)
        assert self.kpi.random(self.outcomes, answers).on_sample(89) == pytest.approx(-1.026890544)
        assert self.kpi.random_sd(self.outcomes, answers) == pytest.approx(0.495024263)

    def test_the_sd_is_that_of_a_shuffle_and_not_of_independent_draws(self) -> None:
        truth, answers, values = wine().target.astype(int), wine().status_quo.astype(int), np.array(VALUES)
        rng = np.random.default_rng(1)
        shuffles = [values[rng.permutation(answers), truth].mean() for _ in range(2000)]
        found = self.kpi.random_sd(self.outcomes, wine().status_quo)
        assert (np.mean(shuffles), np.std(shuffles)) == pytest.approx((-1.030247191, found), rel=0.06)
        share = np.bincount(answers) / len(answers)
        of_truth = share @ values**2 - (share @ values) ** 2
        independent = np.sqrt(of_truth[truth].mean() / len(truth))
        assert independent == pytest.approx(0.5147373876)
        assert self.kpi.best_constant(self.outcomes) == ("2", pytest.approx(0.7752808989))

    def test_position_and_total(self) -> None:
        spec = describe("class_value", values=BY_ANSWER, unit="EUR")
        scale = KpiScale.of(spec, self.outcomes, wine().status_quo, None)
        rng = np.random.default_rng(0)
        sample, draws = bootstrap(scale.bounds, 89, 400, rng, None, self.outcomes)
        found, position = scale.scale(sample, draws, "rule"), scale.position(sample, draws)
        assert found.status_quo.value == pytest.approx(326)
        assert found.random.sd_of_one_draw == pytest.approx(89 * 0.495024263, rel=1e-6)
        assert position is not None
        assert position.value == pytest.approx(0.7781478456, rel=1e-6)
        assert found.do_nothing is found.treat_all is None
        assert found.best_constant is not None
        assert found.best_constant.answer == "2"

    def test_person(self) -> None:
        probabilities = wine().probabilities
        unsure = probabilities.max(axis=1) < 0.9
        answers = np.where(unsure, 3, probabilities.argmax(axis=1)).astype(float)
        kpi = make_kpi(values=BY_ANSWER, person={"value": 1})
        assert unsure.sum() == 15
        assert kpi.measure(self.outcomes, answers).on_sample(89) == pytest.approx(4.460674157)
        assert kpi.perfect(self.outcomes).on_sample(89) == pytest.approx(5)
        assert kpi.random(self.outcomes, answers).on_sample(89) == pytest.approx(-0.7145562429)
        assert kpi.random_sd(self.outcomes, answers) == pytest.approx(0.445955481)
        assert kpi.best_constant(self.outcomes) == ("to a person", pytest.approx(1))

    def test_weights(self) -> None:
        outcomes = Outcomes(wine().target, wine().weight, classes=CLASSES)
        answers = wine().status_quo
        assert self.kpi.measure(outcomes, answers).on_sample(89) == pytest.approx(4.06779661)
        assert self.kpi.perfect(outcomes).on_sample(89) == pytest.approx(5)
        assert self.kpi.random(outcomes, answers).on_sample(89) == pytest.approx(-1.003830317)

    def test_two_classes(self) -> None:
        values = {"no": {"no": -1, "yes": -7}, "yes": {"no": -2, "yes": 9}}
        kpi = make_kpi(values=values)
        outcomes = Outcomes((wine().target == 2).astype(float), classes=("no", "yes"))
        answers = (wine().status_quo == 2).astype(float)
        assert kpi.measure(outcomes, answers).on_sample(89) == pytest.approx(0.8764044944)
        assert kpi.perfect(outcomes).on_sample(89) == pytest.approx(1.696629213)
        assert kpi.random(outcomes, answers).on_sample(89) == pytest.approx(-1.450069436)
        assert kpi.random_sd(outcomes, answers) == pytest.approx(0.3769332901)
        at_shares = make_kpi(values=values, random="class_shares")
        assert at_shares.random(outcomes, answers).on_sample(89) == pytest.approx(-1.6514329)

    def test_random_of_windows_is_that_of_each(self) -> None:
        window = (np.arange(89) >= 40).astype(np.intp)
        outcomes = Outcomes(wine().target, window=window, classes=CLASSES)
        windowed = in_windows(self.kpi, outcomes)
        parts = [outcomes.among(window == code) for code in (0, 1)]
        expected = sum(
            len(part) / 89 * self.kpi.random(part, wine().status_quo[window == code]).on_sample(len(part))
            for code, part in enumerate(parts)
        )
        assert windowed.random(outcomes, wine().status_quo).on_sample(89) == pytest.approx(expected)


class TestResamples:
    """Rows with the same answer and class are drawn together."""

    def test_many_rows_vary_as_few_rows_do(self) -> None:
        few = Outcomes(wine().target, classes=CLASSES)
        times = 500
        many = Outcomes(np.tile(wine().target, times), classes=CLASSES)
        answers = wine().status_quo
        spec = describe("class_value", values=BY_ANSWER)
        deviations = {}
        for name, outcomes, given_ in (("few", few, answers), ("many", many, np.tile(answers, times))):
            scale = KpiScale.of(spec, outcomes, given_, None)
            rng = np.random.default_rng(1)
            _, draws = bootstrap(scale.bounds, len(outcomes), 4000, rng, None, outcomes)
            deviations[name] = {
                bound: np.std(drawn) / np.sqrt(len(outcomes)) for bound, drawn in draws.items()
            }
        values, of_cell = np.array(VALUES), (wine().status_quo.astype(int), wine().target.astype(int))
        expected = float(np.std(values[of_cell]))
        assert deviations["few"]["status_quo"] == pytest.approx(expected, rel=0.06)
        assert deviations["many"]["status_quo"] == pytest.approx(expected, rel=0.06)
        by_answer, by_truth = values @ few.class_shares, np.array([31, 29, 29]) / 89 @ values
        influence = by_answer[of_cell[0]] + by_truth[of_cell[1]]  # to first order, for very many rows
        assert deviations["many"]["random"] == pytest.approx(float(np.std(influence)), rel=0.06)

    def test_units_are_drawn_as_a_whole(self) -> None:
        units = np.arange(89) // 6
        outcomes = Outcomes(wine().target, classes=CLASSES)
        scale = KpiScale.of(describe("class_value", values=BY_ANSWER), outcomes, wine().status_quo, None)
        rng = np.random.default_rng(0)
        _, draws = bootstrap(scale.bounds, 89, 300, rng, units, None)
        rows = np.array(
            [VALUES[int(a)][int(c)] for a, c in zip(wine().status_quo, wine().target, strict=True)]
        )
        sums, sizes = np.bincount(units, rows), np.bincount(units)
        rng, means = np.random.default_rng(5), []
        for _ in range(4000):
            drawn = rng.integers(0, len(sums), len(sums))
            means.append(89 * sums[drawn].sum() / sizes[drawn].sum())
        assert np.std(draws["status_quo"]) == pytest.approx(np.std(means), rel=0.15)


class TestRefusals:
    @pytest.mark.parametrize(
        ("values", "field"),
        [({"d": {"a": 1}}, "kpi.values.d"), ({"a": {"d": 1}}, "kpi.values.a.d")],
    )
    def test_values_of_a_class_that_does_not_occur(self, values: Any, field: str) -> None:
        with pytest.raises(UnknownClass) as caught:
            make_kpi(values=values).values(Outcomes(np.array([0.0, 1, 2]), classes=ABC))
        assert caught.value.location == at_field(field)

    def test_person_with_the_name_of_a_class(self) -> None:
        kpi = make_kpi(person={"answer": "b", "value": 1})
        with pytest.raises(PersonIsClass) as caught:
            kpi.values(Outcomes(np.array([0.0, 1, 2]), classes=ABC))
        assert caught.value.location == at_field("kpi.person.answer")
