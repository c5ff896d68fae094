"""The random model: how it is described, and how much a single draw of it varies."""

from __future__ import annotations

from math import sqrt

from iterata.documents.models.enums import RandomAnswers, RandomModel

SHUFFLES = 20
"""How many shuffles approximate the random model of a KPI of kind `python`."""

DECISIONS = "as many predicted positives as the status quo has, drawn blindly"
FORECASTS = "forecasts drawn blindly from what happens"
ORDER = "the rows of each group in a blind order"
SHUFFLED = f"the status quo's predictions shuffled, the mean of {SHUFFLES} draws"
MEANINGS = {
    RandomModel.STATUS_QUO_RATE: "as many rows as the status quo acts upon, drawn blindly",
    RandomModel.BASE_RATE: "as many rows as are positive, drawn blindly",
    RandomModel.HALF: "a coin thrown for every row",
}
"""What the random model of each kind of KPI is, in words for the page. Result files hold these sentences."""

CLASS_SHARES = "the share of each class as its probability, for every row"
ANSWERS = {
    RandomAnswers.STATUS_QUO_SHARES: "each answer as often as the status quo gives it, drawn blindly",
    RandomAnswers.CLASS_SHARES: "each class as often as it is true, drawn blindly",
    RandomAnswers.UNIFORM: "any answer with the same probability, for every row",
}
"""The same for a KPI of kind class_value."""


def budget_meaning(share: float) -> str:
    """The random model of a KPI with a budget, in words; `share` is the share of rows it acts upon.

    >>> budget_meaning(0.2), budget_meaning(1.0)
    ('20 % of the rows, drawn blindly', 'every row')
    """
    return f"{share * 100:.4g} % of the rows, drawn blindly" if share < 1 else "every row"


def constant_meaning(*, of_numbers: bool) -> str:
    """The random model of a metric, in words: the same prediction for every row."""
    return f"the same forecast for every row: the {'mean' if of_numbers else 'base rate'}"


OTHER_MEANINGS = (
    DECISIONS,
    FORECASTS,
    ORDER,
    SHUFFLED,
    CLASS_SHARES,
    *ANSWERS.values(),
    constant_meaning(of_numbers=True),
    constant_meaning(of_numbers=False),
)
"""The random models of KPIs without a budget and without values of decisions."""


def hits_sd(rows: float, base_rate: float, share: float) -> float:
    """The standard deviation of the number of positives in a random `share` of the rows, without replacement.

    It is that of the hypergeometric distribution.
    """
    if rows <= 1:
        return 0.0
    return sqrt(max(rows**2 / (rows - 1) * base_rate * (1 - base_rate) * share * (1 - share), 0.0))


def coin_toss_sd(mean_squared_gain: float, rows: float) -> float:
    """The standard deviation of the mean gain over the rows if a fair coin decides each of them.

    `mean_squared_gain` is the mean over rows of the squared difference that acting makes.
    """
    return sqrt(mean_squared_gain / rows) / 2
