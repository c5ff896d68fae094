"""How an assessment describes its assumptions if there are no data yet."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from iterata.documents.models.base import Name, Part
from iterata.documents.models.kpi import texts_as_keys
from iterata.documents.models.ranges import Amount, Cost, Count, Proportion, Rate

ShareByClass = Annotated[dict[Name, Proportion], BeforeValidator(texts_as_keys)]
"""A share for each class."""

AmountByAnswer = Annotated[
    dict[Name, Annotated[dict[Name, Amount], BeforeValidator(texts_as_keys)]], BeforeValidator(texts_as_keys)
]
"""`answer: {truth: value}`."""


class AssumedStatusQuo(Part):
    """How well the status quo does: one figure for `targeting` and `class_value`, two for `outcome_value`."""

    capture: Proportion | None = Field(
        None,
        description="The share of all positives that the status quo contacts, for targeting; of the effect "
        "of treating everybody that it takes, for uplift.",
    )
    lift_over_random: Cost | None = Field(
        None,
        description="Its positives divided by those of random contacts (the lift); for targeting.",
    )
    precision: Proportion | None = Field(
        None, description="The share of the rows acted upon that are positive."
    )
    recall: Proportion | None = Field(
        None, description="The share of all positives that are acted upon; for outcome_value."
    )
    action_rate: Proportion | None = Field(
        None, description="The share of all rows that are acted upon; for outcome_value and uplift."
    )
    uplift: Amount | None = Field(
        None, description="For uplift: the effect among the rows that it treats, as a difference of shares."
    )
    kpi: Amount | None = Field(None, description="The KPI that the status quo reaches in a period.")
    accuracy: Proportion | None = Field(
        None, description="The share of answers that are right; for class_value."
    )
    recall_by_class: ShareByClass | None = Field(
        None,
        description="Instead: the share of each class's rows that get the right answer; for class_value.",
    )
    handed_over: Proportion | None = Field(
        None, description="The share of rows that are handed to a person; for class_value."
    )
    answer: Name | None = Field(None, description="Instead: the answer that every row gets; for class_value.")
    label: Name = Field("status quo", description="The name in tables, such as today's mailing rule.")


class AssumedValues(Part):
    """Uncertain values of the KPI; each replaces the one under `kpi`."""

    value_per_hit: Amount | None = Field(None, description="What one contacted positive is worth.")
    value_per_outcome: Amount | None = Field(None, description="What one positive outcome is worth.")
    cost_per_contact: Cost | None = Field(None, description="What one contact costs.")
    tp: Amount | None = Field(None, description="Positive, and acted upon.")
    fp: Amount | None = Field(None, description="Negative, and acted upon.")
    fn: Amount | None = Field(None, description="Positive, and not acted upon.")
    tn: Amount | None = Field(None, description="Negative, and not acted upon.")
    right: Amount | None = Field(None, description="What a right answer is worth; for class_value.")
    wrong: Amount | None = Field(None, description="What a wrong answer is worth; for class_value.")
    person: Amount | None = Field(None, description="What a row is worth that is handed over.")
    answers: AmountByAnswer | None = Field(
        None, description="What an answer is worth, written `answer: {truth: value}`; for class_value."
    )


class Assumptions(Part):
    """What is assumed instead of data; each a number, `[low, high]` or `[low, likely, high]`."""

    volume: Count | None = Field(
        None, description="Rows in a period; leave it out to take them from `period`. Number or range."
    )
    base_rate: Rate | None = Field(
        None,
        description="The share of rows that are positive, for uplift if not treated; not for class_value.",
    )
    classes: ShareByClass | None = Field(
        None,
        description="The share of each class, such as `{billing: 0.6, technical: 0.4}`; for class_value. "
        "Numbers or ranges; draws are divided by their sum.",
    )
    effect: Amount | None = Field(
        None,
        description="For uplift: how much treating everybody changes that share (the average effect).",
    )
    treated_rate: Rate | None = Field(
        None, description="For uplift, instead of `effect`: the share of treated rows that are positive."
    )
    status_quo: AssumedStatusQuo = Field(description="How well the status quo does.")
    values: AssumedValues | None = Field(None, description="Uncertain values of the KPI.")
    draws: int = Field(10_000, ge=1000, le=1_000_000, description="The number of draws from the ranges.")
