"""A year of looks: the same verdicts at once as one by one, and no more false alarms than promised."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iterata.monitoring.day_effect import day_effect
from iterata.monitoring.days import daily
from iterata.monitoring.looks import fires
from iterata.monitoring.replay import _rules, replay, stationary_bootstrap
from iterata.monitoring.rows import MonitorRows, read_rows
from iterata.monitoring.sequence import sequence_of
from iterata.monitoring.tables import MonitorTables
from iterata.monitoring.values import compute_value
from iterata.monitoring.verdicts import judge
from iterata.results.monitors import MonitorVerdict

from .test_monitors import TODAY, monitor

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.arrays import Floats
    from iterata.documents.models.monitors import Monitor

    from ...helpers.rates import Rates

DAYS = 120
START = TODAY - timedelta(DAYS - 1)
KINDS: list[dict[str, Any]] = [
    {"measure": "ratio", "of": "kept", "per": "called", "lower": 0.24},
    {"measure": "ratio", "of": "kept", "per": "called", "lower": None, "upper": 0.2},
    {"measure": "mean", "of": "amount", "lower": 20},
    {"measure": "mean", "of": "amount", "lower": 20, "unit_id": "customer"},
    {"measure": "share", "of": "amount > 20", "lower": 0.48, "upper": 0.6},
    {"measure": "share", "of": "amount > 20", "lower": None, "upper": 0.33},
    {"measure": "quantile", "quantile": 0.9, "of": "amount", "lower": 52},
    {"measure": "quantile", "quantile": 0.5, "of": "amount", "lower": None, "upper": 13},
    {"measure": "sum", "of": "amount", "lower": 2400},
    {"measure": "count", "of": "amount > 20", "lower": None, "upper": 30},
    {"measure": "count", "of": "amount > 20", "last_days": 3, "lower": 15, "false_alarms": 0.5},
]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight rows on each of 120 days, but none on two; from day 60 on everything is a third lower."""
    generator = np.random.default_rng(3)
    lines = ["day,kept,called,amount,customer"]
    for number in range(DAYS):
        if number in (40, 41):
            continue
        level = 1 if number < 60 else 2 / 3
        for _ in range(8):
            called = generator.poisson(30) + 1
            kept, amount = generator.binomial(called, 0.26 * level), generator.gamma(2, 11 * level)
            day = START + timedelta(number)
            lines.append(f"{day},{kept},{called},{amount:.2f},{generator.integers(10_000)}")
    folder = tmp_path_factory.mktemp("past")
    (folder / "data").mkdir()
    (folder / "data/calls.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def watched(keys: dict[str, Any]) -> Monitor:
    return monitor(**({"date": "day", "last_days": 14} | keys))


SAMPLED = (0, 5, 12, 13, 20, 45, 61, 66, 72, 80, 90, 119)


def one_by_one(past: Path, one: Monitor) -> list[bool]:
    """Whether the monitor reports a regression on some days, with the rows up to that day."""
    head, *lines = (past / "data/calls.csv").read_text("utf-8").splitlines()
    until, fired = past / "until", []
    (until / "data").mkdir(parents=True, exist_ok=True)
    for number in SAMPLED:
        day = START + timedelta(number)
        seen = [line for line in lines if line[:10] <= str(day)]
        (until / "data/calls.csv").write_text("\n".join([head, *seen]) + "\n", "utf-8")
        value = compute_value(one, MonitorTables(until, past, [one]), day, START)
        fired.append(judge(one, value, day).verdict is MonitorVerdict.REGRESSION)
    return fired


def at_once(past: Path, one: Monitor) -> list[bool]:
    """The same by the sums of days."""
    rows = read_rows(one, MonitorTables(past, past, [one]), TODAY)
    rules = _rules(one, rows)
    days = daily(one, rows, rules.scale)
    return [bool(fired) for fired in fires(rules, days[np.newaxis])[0, list(SAMPLED)]]


@pytest.mark.parametrize("keys", KINDS, ids=lambda keys: f"{keys['measure']} {keys.get('upper') or ''}")
def test_a_replay_fires_where_the_looks_would_have(past: Path, keys: dict[str, Any]) -> None:
    one = watched(keys)
    by_looks = one_by_one(past, one)
    assert 0 < sum(by_looks) < len(SAMPLED), "the case tells nothing"
    assert at_once(past, one) == by_looks
    replayed = replay(one, MonitorTables(past, past, [one]), TODAY, 0.1)
    assert replayed.fired_days >= sum(by_looks)
    assert replayed.days == DAYS - 2


def rows_of(of: Floats, per: Floats | None = None) -> MonitorRows:
    """One row a day."""
    return MonitorRows("x", of, per, np.arange(len(of)), None, None)


def years(one: Monitor, of: Floats, per: Floats | None = None) -> Floats:
    """Whether the monitor fires in each of many years; `of` has the shape `(years, 365)`."""
    first = rows_of(of.ravel(), None if per is None else per.ravel())
    rules = _rules(one, first)
    days = daily(one, first, rules.scale).reshape(*of.shape, -1)
    return np.asarray(fires(rules, days).any(axis=1))


CASES = {
    "a mean of skewed daily amounts, 28 days": ({"measure": "mean", "last_days": 28}, "gamma"),
    "a ratio of daily counts, 7 days": ({"measure": "ratio", "per": "per", "last_days": 7}, "ratio"),
    "a sum of 28 days": ({"measure": "sum", "last_days": 28}, "sum"),
}


@pytest.mark.statistical
@pytest.mark.parametrize("case", CASES)
def test_a_year_of_daily_looks_keeps_its_false_alarms(case: str, rates: Rates) -> None:
    keys, kind = CASES[case]
    generator, shape = np.random.default_rng(11), (1000, 365)
    per: Floats | None = None
    if kind == "ratio":
        per = generator.poisson(200, shape).astype(float)
        of, bound = generator.binomial(per.astype(int), 0.2).astype(float), 0.2
    else:
        of, bound = generator.gamma(4, 5, shape), 20.0 * (28 if kind == "sum" else 1)
    fired = years(watched(keys | {"lower": bound}), of, per)
    what = "a monitor whose true value is its bound fires within a year of daily looks"
    rates.record(what, case, wrong=int(fired.sum()), of=len(fired))


@pytest.mark.statistical
def test_skewed_rows_keep_their_false_alarms(rates: Rates) -> None:
    generator, days = np.random.default_rng(13), np.repeat(np.arange(365), 20)
    one, wrong = watched({"measure": "mean", "last_days": 7, "lower": 20}), 0
    for _ in range(200):
        rows = MonitorRows("x", generator.exponential(20, len(days)), None, days, None, None)
        rules = _rules(one, rows)
        wrong += int(fires(rules, daily(one, rows, rules.scale)[np.newaxis]).any())
    what = "a monitor whose true value is its bound fires within a year of daily looks"
    rates.record(what, "a mean of exponential amounts, 20 a day, 7 days", wrong=wrong, of=200)


@pytest.mark.statistical
def test_a_small_lasting_change_is_found_by_all_days(rates: Rates) -> None:
    generator = np.random.default_rng(12)
    of = generator.gamma(4, 5, (300, 365)) * 0.93
    fired = years(watched({"measure": "mean", "last_days": 28, "lower": 20}), of)
    rates.power(
        "a mean 7 % below its bound is found within a year", "28 days", detected=int(fired.sum()), of=300
    )


def alike(correlation: float, years: int, generator: np.random.Generator, days: int = 365) -> Floats:
    """Daily figures of years, of which each resembles the one of the day before; mean 100, spread 10."""
    noise = generator.normal(size=(years, days))
    level = np.empty_like(noise)
    level[:, 0] = noise[:, 0]
    for day in range(1, days):
        level[:, day] = correlation * level[:, day - 1] + (1 - correlation**2) ** 0.5 * noise[:, day]
    return 100 + 10 * level


@pytest.mark.parametrize("keys", [{"measure": "mean"}, {"measure": "sum"}], ids=["mean", "sum"])
def test_days_that_resemble_each_other_alarm_hardly_more_often(keys: dict[str, Any]) -> None:
    """With the interval of independent days, 41 of 100 years had an alarm; now 3 of 100."""
    of = alike(0.5, 150, np.random.default_rng(14))
    bound = 100 * (28 if keys["measure"] == "sum" else 1)
    assert years(watched(keys | {"lower": bound, "last_days": 28}), of).mean() < 0.1
    assert years(watched(keys | {"lower": bound * 1.2, "last_days": 28}), of).all()


BASELINE = 90


def test_days_that_nearly_repeat_each_other_keep_the_false_alarms() -> None:
    """After 90 days; with a correlation of .9 taken from three blocks of 28 days, 42 of 100 years had one."""
    of = alike(0.9, 150, np.random.default_rng(16), BASELINE + 365)
    one = watched({"measure": "mean", "lower": 100, "last_days": 28})
    first = rows_of(of.ravel())
    rules = _rules(one, first)
    days = daily(one, first, rules.scale).reshape(*of.shape, -1)
    assert fires(rules, days)[:, BASELINE:].any(axis=1).mean() <= 0.1


def test_the_chance_of_rows_does_not_hide_that_days_are_alike() -> None:
    """Ten rows a day at a correlation of .9: days by themselves show .6."""
    generator = np.random.default_rng(18)
    level = np.repeat(alike(0.9, 1, generator, 365)[0], 10)
    of, days = level + generator.normal(0, 20, len(level)), np.repeat(np.arange(365), 10)
    one = watched({"measure": "mean", "lower": 100, "last_days": 28})
    found = day_effect(one, MonitorRows("x", of, None, days, None, None))
    totals = MonitorRows("x", np.bincount(days, of), None, np.arange(365), None, None)
    by_days = day_effect(one, totals)
    assert found.correlation > by_days.correlation + 0.05
    noise = generator.normal(100, 20, len(level))
    assert day_effect(one, MonitorRows("x", noise, None, days, None, None)).factor < 2


@pytest.mark.parametrize(("drop", "within"), [(10, 30), (20, 23), (40, 19)])
def test_days_that_are_independent_show_a_drop_as_soon_as_before(drop: float, within: int) -> None:
    """In the middle of histories; without regard to days that are alike it takes 28, 22 and 18 days."""
    of = alike(0.0, 60, np.random.default_rng(17), 330)
    of[:, 270:] -= drop
    one = watched({"measure": "mean", "lower": 100, "last_days": 28})
    first = rows_of(of.ravel())
    rules = _rules(one, first)
    fired = fires(rules, daily(one, first, rules.scale).reshape(*of.shape, -1))[:, 270:]
    waits = np.where(fired.any(axis=1), fired.argmax(axis=1) + 1, np.inf)
    assert np.median(waits) <= within


def test_rows_of_a_day_that_resemble_each_other_alarm_hardly_more_often() -> None:
    """Twenty rows of each day share its level; the first two weeks do not show that yet."""
    generator, days = np.random.default_rng(15), np.repeat(np.arange(365), 20)
    one, wrong = watched({"measure": "mean", "last_days": 28, "lower": 100}), 0
    for level in alike(0.0, 25, generator):
        of = np.repeat(level, 20) + generator.normal(0, 10, len(days))
        rows = MonitorRows("x", of, None, days, None, None)
        rules = _rules(one, rows)
        wrong += int(fires(rules, daily(one, rows, rules.scale)[np.newaxis])[0, 14:].any())
    assert wrong <= 2


def test_naive_looks_would_alarm() -> None:
    """The same years with an interval for a single look: the simulation above can fail."""
    generator = np.random.default_rng(11)
    of = generator.gamma(4, 5, (200, 365))
    fired = years(watched({"measure": "mean", "last_days": 28, "lower": 20, "looks_per_year": 1}), of)
    assert fired.mean() > 0.3


def test_drawn_years_keep_days_together() -> None:
    drawn = stationary_bootstrap(730, 50)
    assert drawn.shape == (50, 365)
    assert drawn.min() >= 0
    assert drawn.max() < 730
    follows = (np.diff(drawn, axis=1) % 730 == 1).mean()
    assert follows == pytest.approx(13 / 14, abs=0.01)
    assert (stationary_bootstrap(730, 50) == drawn).all()


def test_a_change_is_found_sooner_the_larger_it_is(past: Path) -> None:
    one = watched({"measure": "ratio", "of": "kept", "per": "called", "lower": 0.14})
    tables = MonitorTables(past, past, [one])
    small, large, none = (replay(one, tables, TODAY, drop).detection for drop in (0.35, 0.9, 0.001))
    assert large.found == large.tried > 0
    assert large.median_days is not None
    assert small.median_days is None or small.median_days > large.median_days
    assert none.found == 0
    assert none.change == -0.001


def test_a_constant_past_never_fires() -> None:
    of = np.full((3, 365), 5.0)
    assert not years(watched({"measure": "mean", "lower": 5, "upper": 5}), of).any()
    assert years(watched({"measure": "mean", "lower": 5.1}), of).all()


@pytest.mark.parametrize("rows_a_day", [1, 20])
def test_a_share_that_is_never_true_is_not_certain(rows_a_day: int) -> None:
    """40 rows of which none is true: with a true share of 10 % that happens in 1.5 % of all cases."""
    one = watched({"measure": "share", "of": "x", "lower": 0.1, "last_days": 14, "min_rows": 1})
    days = np.repeat(np.arange(40), rows_a_day)
    rows = MonitorRows("x", np.zeros(len(days)), None, days, None, None)
    rules = _rules(one, rows)
    fired = fires(rules, daily(one, rows, rules.scale)[np.newaxis])
    assert fired.any() == (rows_a_day == 20)
    sequence = sequence_of(one, rows, date(1970, 1, 1), rules.levels.sequence)
    assert sequence is not None
    assert (sequence.high < 0.1) == (rows_a_day == 20)
