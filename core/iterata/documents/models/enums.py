"""The closed lists of words that front matter may use. Each word's docstring is its explanation to users."""

from __future__ import annotations

from enum import StrEnum

STATUS_QUO = "status quo"
"""What a plan calls today's way of doing things, beside the names of its variants."""


class Direction(StrEnum):
    """Which way a number is better."""

    MAXIMISE = "maximise"
    """More is better."""
    MINIMISE = "minimise"
    """Less is better."""

    @property
    def sign(self) -> float:
        """The factor from a number to utility: 1 if more is better, -1 if less is."""
        return 1.0 if self is Direction.MAXIMISE else -1.0


class ModelKind(StrEnum):
    """The sort of model a business hypothesis suggests."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    RECOMMENDATION = "recommendation"
    RANKING = "ranking"
    FORECASTING = "forecasting"
    CLUSTERING = "clustering"
    LANGUAGE = "language"
    OTHER = "other"


class Approach(StrEnum):
    """A way of solving the problem that may need no trained model."""

    RULE_BASED = "rule_based"
    """Rules written by people."""
    DETERMINISTIC = "deterministic"
    """A calculation whose result follows from its inputs."""
    HEURISTIC = "heuristic"
    """A rule of thumb that is good enough."""
    STATISTICAL = "statistical"
    """A summary or a test, such as a rate per segment."""
    SIMULATION = "simulation"
    """Playing the process through."""
    MODEL = "model"
    """A trained model."""


class AlternativeVerdict(StrEnum):
    """What became of an alternative."""

    STATUS_QUO = "status_quo"
    """It is what is done today."""
    CHOSEN = "chosen"
    """It goes forward to the proposal."""
    REJECTED = "rejected"
    """It will not do, for the reason given."""
    LATER = "later"
    """Worth another look in a later iteration."""


class Go(StrEnum):
    """Whether the work should go on to a proposal."""

    GO = "go"
    NO_GO = "no_go"


class Spend(StrEnum):
    """What happens to a budget when there is nobody left worth contacting."""

    FORCED = "forced"
    """The whole budget is spent, whoever is left."""
    OPTIONAL = "optional"
    """The rest may be kept: the perfect model contacts only those who respond."""


class RandomModel(StrEnum):
    """How many rows a random model acts upon, where the KPI has no budget."""

    STATUS_QUO_RATE = "status_quo_rate"
    """As many as the status quo."""
    BASE_RATE = "base_rate"
    """As many as there are positives."""
    HALF = "half"
    """A coin is thrown for every row."""

    @property
    def without_status_quo(self) -> RandomModel:
        """The nearest one where nobody knows whom the status quo acts upon."""
        return RandomModel.BASE_RATE if self is RandomModel.STATUS_QUO_RATE else self


class RankingMeasure(StrEnum):
    """How the first rows of a group are judged."""

    PRECISION = "precision"
    """The share of the first k that is relevant."""
    RECALL = "recall"
    """The share of the relevant rows that are among the first k."""
    NDCG = "ndcg"
    """Normalised discounted cumulative gain: degrees of relevance, and earlier is better."""
    HIT_RATE = "hit_rate"
    """Whether any of the first k is relevant."""
    RECIPROCAL_RANK = "reciprocal_rank"
    """One over the rank of the first relevant row, 0 beyond k."""


class EmptyGroups(StrEnum):
    """What becomes of a group in which nothing is relevant, so that no order could be any good."""

    SKIP = "skip"
    """It is left out of the mean."""
    ZERO = "zero"
    """It counts as 0."""


class OutcomeKind(StrEnum):
    """What a target column holds."""

    YES_NO = "yes_no"
    """Positive or not."""
    NUMBER = "number"
    """An amount, such as units sold."""
    RELEVANCE = "relevance"
    """How relevant a row was: 0 for not at all."""


class Verdict(StrEnum):
    """What the evidence says of a hypothesis."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"


class FindingKind(StrEnum):
    """What sort of learning a finding is."""

    INSIGHT = "insight"
    """Something about the customers, the market or the data's world."""
    NEGATIVE = "negative"
    """Something that was expected and is not so."""
    METHOD = "method"
    """Something about how to model, measure or work."""
    DATA = "data"
    """Something about the data's quality, coverage or meaning."""
    RISK = "risk"
    """Something that may go wrong later."""


class WorkKind(StrEnum):
    """What the time of an experiment went into."""

    SETUP = "setup"
    DATA = "data"
    FEATURES = "features"
    MODELLING = "modelling"
    ANALYSIS = "analysis"
    WRITING = "writing"


class CheckState(StrEnum):
    """How far an item of the release checklist is."""

    TODO = "todo"
    DONE = "done"
    NOT_NEEDED = "not_needed"
    """Left out on purpose; the note says why."""


class MonitorMeasure(StrEnum):
    """How one figure is made of the rows that a monitor reads."""

    COUNT = "count"
    """The rows for which `of` holds; without `of`, all of them."""
    SHARE = "share"
    """The share of the rows for which `of` holds."""
    SUM = "sum"
    """`of`, summed."""
    MEAN = "mean"
    """`of`, on average."""
    RATIO = "ratio"
    """The sum of `of` over the sum of `per`."""
    QUANTILE = "quantile"
    """What so large a share of the rows stays below, in `of`."""
    LAST = "last"
    """`of` in the newest row: by `date`, or without it the file's last."""
