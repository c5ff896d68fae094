"""Whether the arms are as large as chance would make them.

If they are not, units were lost or assigned in another way than planned, and no difference between the arms
can be trusted (Fabijan and others 2019, Diagnosing Sample Ratio Mismatch in Online Controlled Experiments).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVEL = 0.001
"""The ratio is off below this p-value: a release is stopped for nothing once in a thousand."""

FEW = 10
"""Below this expected number of units in one of two arms, the p-value is the binomial one."""


class RatioTest(NamedTuple):
    """Pearson's chi-square test of the sizes of arms, without a continuity correction."""

    chi_square: float
    freedom: int
    p_value: float

    def is_off(self, looks: int = 1, level: float = LEVEL) -> bool:
        """Whether the sizes are no chance, in one of several looks at them."""
        return self.p_value < limit(looks, level)


def limit(looks: int, level: float = LEVEL) -> float:
    """The p-value below which the ratio is off, if it is looked at several times (Bonferroni)."""
    return level / max(looks, 1)


def sample_ratio(units: Sequence[int], shares: Sequence[float]) -> RatioTest:
    """Test the sizes of two or more arms.

    >>> test = sample_ratio([5000, 5200], [1, 1])
    >>> round(test.chi_square, 3), test.freedom, round(test.p_value, 4)
    (3.922, 1, 0.0477)

    Args:
        units: the number of units of each arm.
        shares: the planned share of each arm, up to a factor.

    Raises:
        ValueError: the numbers of arms differ, there is only one, or a share is not above 0.
    """
    if len(units) != len(shares) or len(units) < 2 or min(shares) <= 0:
        raise ValueError(f"{len(units)} arms cannot be compared with the shares {list(shares)}")
    observed, planned = np.asarray(units, dtype=float), np.asarray(shares, dtype=float)
    freedom, total = len(units) - 1, observed.sum()
    if total == 0:
        return RatioTest(0.0, freedom, 1.0)
    expected = total * planned / planned.sum()
    statistic = float(((observed - expected) ** 2 / expected).sum())
    if freedom == 1 and expected.min() < FEW:
        from scipy.stats import binomtest  # noqa: PLC0415  # slow to import

        p_value = binomtest(int(observed[0]), int(total), float(expected[0] / total)).pvalue
    else:
        p_value = _tail(statistic, freedom)
    return RatioTest(statistic, freedom, float(p_value))


def combined(tests: Sequence[RatioTest]) -> RatioTest:
    """Tests of independent units together, such as those of unlike shares: the sum of their statistics.

    The units are never pooled.
    """
    statistic, freedom = sum(test.chi_square for test in tests), sum(test.freedom for test in tests)
    return RatioTest(statistic, freedom, _tail(statistic, freedom) if freedom else 1.0)


def _tail(statistic: float, freedom: int) -> float:
    """The probability of a chi-square statistic at least as large."""
    from scipy.special import chdtrc  # noqa: PLC0415  # slow to import

    return float(chdtrc(freedom, statistic))
