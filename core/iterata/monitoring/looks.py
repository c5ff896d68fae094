"""At which looks a monitor fires: the verdict of every day at once, from sums of days.

The same rules as for today's value (`iterata.monitoring.verdicts`), as tests of the bounds: an interval is
beyond a bound if and only if the test at its level refuses the bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special

from iterata.documents.models.enums import MonitorMeasure
from iterata.monitoring.day_effect import (
    BLOCKS,
    NO_EFFECT,
    BlockEffect,
    DayEffect,
    DayProducts,
    block_of,
    combined,
    products_of_days,
)
from iterata.monitoring.days import (
    CUBE,
    CUBE_1,
    CUBE_2,
    CUBE_3,
    HIGH,
    LOW,
    OF,
    OF_OF,
    OF_PER,
    PER,
    PER_PER,
    ROWS,
)
from iterata.monitoring.intervals import FEWEST_DAYS, reaches
from iterata.monitoring.levels import ONE_LOOK
from iterata.monitoring.sequence import MEASURES, TOTALS, critical_values, least_squares

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats
    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.days import Scale
    from iterata.monitoring.levels import Levels


class LookRules(NamedTuple):
    """What decides whether a monitor fires."""

    monitor: Monitor
    levels: Levels
    scale: Scale
    least_rows: int
    design_effect: float
    units_per_row: float


def fires(rules: LookRules, days: Floats) -> Bools:
    """Whether the monitor fires at the end of each day.

    Args:
        rules: the bounds, levels and scales.
        days: the sums of days in their order, of several histories; shape `(h, d, 12)`.

    Returns:
        Shape `(h, d)`; False on days without rows, at which nothing new is seen.
    """
    window, length = _windows(days, rules.monitor.last_days)
    enough = window[..., ROWS] * rules.units_per_row >= rules.least_rows
    looked = enough & (days[..., ROWS] > 0)
    fired: Bools = np.zeros(looked.shape, bool)
    for side in ("lower", "upper"):
        if getattr(rules.monitor, side) is None:
            continue
        beyond = looked & _is_beyond(rules, window, side)
        if side == "lower" and rules.monitor.measure in TOTALS:
            beyond &= length >= (rules.monitor.last_days or 0)
        if not beyond.any():
            continue
        effect = _day_effects(rules, days, beyond, length)
        certain = _certain(rules, window[beyond], length[beyond], effect, side)
        fired[beyond] |= certain
        if rules.levels.sequence:
            fired[beyond] |= _sequence_beyond(rules, days, beyond, effect, side)
    return fired


def _windows(days: Floats, last_days: int | None) -> tuple[Floats, Floats]:
    """The sums over the window that ends on each day, and its number of days."""
    sums = np.cumsum(days, axis=1)
    count = days.shape[1]
    length = np.arange(1, count + 1, dtype=np.float64)
    if last_days is not None and last_days < count:
        sums = np.concatenate(
            (sums[:, :last_days], sums[:, last_days:] - sums[:, : count - last_days]), axis=1
        )
        length = np.minimum(length, last_days)
    return sums, np.broadcast_to(length, sums.shape[:2])


def _day_effects(rules: LookRules, days: Floats, looks: Bools, length: Floats) -> DayEffect:
    """How much larger the variance is because days are alike, as `day_effect` at the end of some days."""
    measure, block = rules.monitor.measure, block_of(rules.monitor)
    if measure not in MEASURES + TOTALS:
        return DayEffect(*(np.full(int(looks.sum()), part) for part in NO_EFFECT))
    newest, shape = _newest_block(rules, days, block), days.shape[:2]
    history, day = np.nonzero(looks)
    count = 1 if block is None else min(BLOCKS, -(-shape[1] // block))
    ends = day - (block or 0) * np.arange(count)[:, np.newaxis]
    parts = (np.where(ends >= 0, part[history, np.maximum(ends, 0)], np.nan) for part in newest)
    return combined(BlockEffect(*parts), length[looks])


def _newest_block(rules: LookRules, days: Floats, block: int | None) -> BlockEffect:
    """What the newest block tells at the end of each day; shape `(h, d)`. Earlier ones ended before it."""
    shape, is_total = days.shape[:2], rules.monitor.measure in TOTALS
    per = np.ones(shape) if is_total else days[..., PER]
    used = np.ones(shape) if is_total else (days[..., ROWS] > 0).astype(np.float64)
    products = products_of_days(days[..., OF], per)
    same = np.concatenate((np.stack([*products[:5], used], axis=2), days), axis=2)
    pairs = np.stack(products[5:], axis=2)
    return _effect(rules, _windows(same, block)[0], _windows(pairs, block and block - 1)[0])


def _effect(rules: LookRules, same: Floats, pairs: Floats) -> BlockEffect:
    """The effect of days from the sums of their products, and of their rows."""
    products, used = DayProducts(*np.moveaxis(same[..., :5], 2, 0), *np.moveaxis(pairs, 2, 0)), same[..., 5]
    rows = same[..., 6:]
    if rules.monitor.measure in TOTALS:
        return products.effect(used, rows[..., OF_OF] * rules.design_effect)
    with np.errstate(all="ignore"):
        ratio = rows[..., OF] / rows[..., PER]
        squares = rows[..., OF_OF] - 2 * ratio * rows[..., OF_PER] + ratio**2 * rows[..., PER_PER]
        units = rows[..., ROWS] * rules.units_per_row
        squares = np.maximum(squares, 0) * rules.design_effect * units / (units - 1)
    return products.effect(used, squares, units)


def _bound(rules: LookRules, side: str) -> float:
    bound = rules.monitor.lower if side == "lower" else rules.monitor.upper
    return 0.0 if bound is None else bound


def _is_beyond(rules: LookRules, window: Floats, side: str) -> Bools:
    """Whether the value itself is beyond a bound."""
    bound, measure = _bound(rules, side), rules.monitor.measure
    sign = 1 if side == "lower" else -1
    with np.errstate(all="ignore"):
        if measure is MonitorMeasure.QUANTILE:
            quantile = rules.monitor.quantile or 0.0
            share = window[..., LOW if side == "lower" else HIGH] / window[..., ROWS]
            return np.asarray(share > quantile if side == "lower" else share < quantile)
        if measure in TOTALS:
            return np.asarray(sign * (bound / rules.scale.of - window[..., OF]) > 0)
        value = window[..., OF] / window[..., PER]
        edge = bound if measure is MonitorMeasure.SHARE else rules.scale.bound(bound)
        return np.asarray(sign * (edge - value) > 0)


def _certain(rules: LookRules, window: Floats, length: Floats, effect: DayEffect, side: str) -> Bools:
    """Whether the interval of windows whose value is beyond a bound is beyond it too; shape `(w,)`."""
    tail, measure = rules.levels.look / 2, rules.monitor.measure
    bound, is_lower = _bound(rules, side), side == "lower"
    if measure is MonitorMeasure.QUANTILE:
        count = window[:, LOW if is_lower else HIGH]
        rows = window[:, ROWS] / rules.design_effect
        few = not is_lower
        count = count / rules.design_effect
        return np.asarray(_binomial(count, rows, rules.monitor.quantile or 0.0, few=few) <= tail)
    if measure is MonitorMeasure.SHARE and rules.design_effect == 1 and rules.units_per_row == 1:
        count, rows = window[:, OF] / effect.factor, window[:, ROWS] / effect.factor
        return np.asarray(_binomial(count, rows, bound, few=is_lower) < tail)
    if measure in TOTALS:
        return _totals(rules, window, length, effect, bound, is_lower=is_lower)
    edge = bound if measure is MonitorMeasure.SHARE else rules.scale.bound(bound)
    return _ratio(rules, window, effect, edge, is_lower=is_lower)


def _binomial(count: Floats, rows: Floats, share: float, *, few: bool) -> Floats:
    """The probability of so few successes, or so many, if each has this probability."""
    with np.errstate(all="ignore"):
        if few:
            p_value = special.betainc(np.maximum(rows - count, 1e-9), count + 1, 1 - share)
            return np.where(count >= rows, 1.0, p_value)
        p_value = special.betainc(np.maximum(count, 1e-9), rows - count + 1, share)
        return np.where(count <= 0, 1.0, p_value)


def _ratio(rules: LookRules, window: Floats, effect: DayEffect, edge: float, *, is_lower: bool) -> Bools:
    """The delta method, as `iterata.monitoring.intervals.ratio_interval`."""
    rows, of, per = window[:, ROWS], window[:, OF], window[:, PER]
    units, tail = rows * rules.units_per_row, rules.levels.look / 2
    with np.errstate(all="ignore"):
        ratio = of / per
        squares = window[:, OF_OF] - 2 * ratio * window[:, OF_PER] + ratio**2 * window[:, PER_PER]
        squares = np.maximum(squares, 0)
        error = np.sqrt(squares * units / (units - 1) * rules.design_effect * effect.factor) / np.abs(per)
        cubes = window[:, CUBE] - 3 * ratio * window[:, CUBE_1]
        cubes = (cubes + 3 * ratio**2 * window[:, CUBE_2] - ratio**3 * window[:, CUBE_3]) * np.sign(per)
        critical = special.stdtrit(effect.freedom(units), 1 - tail)
        spread = np.sqrt(np.maximum(window[:, PER_PER] - per**2 / rows, 0) / (rows - 1) * rows)
        down, up = reaches(critical, units, squares, cubes) if _is_far(rules) else (critical, critical)
        certain = np.abs(ratio - edge) > (up if is_lower else down) * error
    limited: Bools = (units > 1) & (np.abs(per) > critical * spread) & certain
    return limited


def _is_far(rules: LookRules) -> bool:
    """Whether the interval of a look reaches into tails where skewness matters."""
    return rules.levels.look < ONE_LOOK


def _totals(
    rules: LookRules, window: Floats, length: Floats, effect: DayEffect, bound: float, *, is_lower: bool
) -> Bools:
    tail, total = rules.levels.look / 2, window[:, OF]
    edge = bound / rules.scale.of
    with np.errstate(all="ignore"):
        squares = np.maximum(window[:, PER_PER] - total**2 / length, 0)  # of the days' totals
        error = np.sqrt(squares / (length - 1) * length * effect.factor)
        critical = special.stdtrit(effect.freedom(length), 1 - tail)
        cubes = window[:, CUBE] - 3 * total / length * window[:, PER_PER] + 2 * total**3 / length**2
        down, up = reaches(critical, length, squares, cubes) if _is_far(rules) else (critical, critical)
        by_days = np.abs(total - edge) > (up if is_lower else down) * error
        spread = np.sqrt(window[:, OF_OF] * rules.design_effect)
        by_rows = np.abs(total - edge) > special.ndtri(1 - tail) * spread
        if rules.monitor.measure is MonitorMeasure.COUNT and rules.units_per_row == 1:
            count = total * rules.scale.of
            few = special.gammaincc(count + 1, max(bound, 1e-300))
            many = special.gammainc(np.maximum(count, 1e-9), max(bound, 1e-300))
            by_rows = (few if is_lower else many) < tail
    return np.where(length >= FEWEST_DAYS, by_days, by_rows)


def _sequence_beyond(rules: LookRules, days: Floats, looks: Bools, effect: DayEffect, side: str) -> Bools:
    """Whether the confidence sequence from the first day on is beyond a bound, at some days; shape `(w,)`."""
    measure = rules.monitor.measure
    if measure not in MEASURES + TOTALS:
        return np.zeros(int(looks.sum()), bool)
    is_total = measure in TOTALS
    per_day = np.ones(days.shape[:2]) if is_total else days[..., PER]
    used = np.ones(days.shape[:2]) if is_total else (days[..., ROWS] > 0).astype(np.float64)
    of = days[..., OF]
    count, total, divisor, of_of, of_per, per_per = (
        np.cumsum(part, axis=1)[looks] for part in (used, of, per_day, of**2, of * per_day, per_day**2)
    )
    edge = _bound(rules, side)
    if is_total:
        edge /= rules.scale.of * (rules.monitor.last_days or 1)
    elif measure is not MonitorMeasure.SHARE:
        edge = rules.scale.bound(edge)
    with np.errstate(all="ignore"):
        ratio = total / divisor
        squares = np.maximum(of_of - 2 * ratio * of_per + ratio**2 * per_per, 0)
        if measure is MonitorMeasure.SHARE:
            squares = np.maximum(squares, least_squares(total, divisor))
        squares = squares * effect.alike(count)
        standard_error = np.sqrt(squares / (count - 1) * count) / np.abs(divisor)
        critical = critical_values(days.shape[1], rules.levels.sequence)[count.astype(np.int64)]
        sign = 1 if side == "lower" else -1
        beyond: Bools = (standard_error > 0) & (sign * (edge - ratio) > critical * standard_error)
    return beyond
