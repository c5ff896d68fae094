"""The words that front matter may use. The docstring of each word explains it to users."""

from __future__ import annotations

from enum import StrEnum

STATUS_QUO = "status quo"
"""The name of the current practice in a plan, next to the names of its variants."""


class Direction(StrEnum):
    """Whether more or less of a number is better."""

    MAXIMISE = "maximise"
    """More is better."""
    MINIMISE = "minimise"
    """Less is better."""

    @property
    def sign(self) -> float:
        """The factor from a number to utility: 1 if more is better, -1 if less is better."""
        return 1.0 if self is Direction.MAXIMISE else -1.0


class ModelKind(StrEnum):
    """The kind of model that a business hypothesis suggests."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    RECOMMENDATION = "recommendation"
    RANKING = "ranking"
    FORECASTING = "forecasting"
    CLUSTERING = "clustering"
    LANGUAGE = "language"
    OTHER = "other"


class Approach(StrEnum):
    """A way to solve the problem, with or without a trained model."""

    RULE_BASED = "rule_based"
    """Rules written by people."""
    DETERMINISTIC = "deterministic"
    """A calculation whose result follows from its inputs."""
    HEURISTIC = "heuristic"
    """A rule of thumb that is good enough."""
    STATISTICAL = "statistical"
    """A summary or a test, such as a rate per segment."""
    SIMULATION = "simulation"
    """A simulation of the process."""
    MODEL = "model"
    """A trained model."""


class AlternativeVerdict(StrEnum):
    """The decision on an alternative."""

    STATUS_QUO = "status_quo"
    """It is the current practice."""
    CHOSEN = "chosen"
    """It goes forward to the proposal."""
    REJECTED = "rejected"
    """It does not solve the problem, for the reason given."""
    LATER = "later"
    """It is considered again in a later iteration."""


class Go(StrEnum):
    """Whether the work should go on to a proposal."""

    GO = "go"
    NO_GO = "no_go"


class Spend(StrEnum):
    """What happens to the rest of a budget when no contact is worth its cost."""

    FORCED = "forced"
    """The whole budget is spent in any case."""
    OPTIONAL = "optional"
    """The rest can stay unspent: the perfect model contacts only positives."""


class RandomModel(StrEnum):
    """How many rows a random model acts upon if the KPI has no budget."""

    STATUS_QUO_RATE = "status_quo_rate"
    """As many as the status quo."""
    BASE_RATE = "base_rate"
    """As many as there are positives."""
    HALF = "half"
    """Half of them: each row with probability 0.5."""

    @property
    def without_status_quo(self) -> RandomModel:
        """The alternative if the rows that the status quo acts upon are not known."""
        return RandomModel.BASE_RATE if self is RandomModel.STATUS_QUO_RATE else self


class RandomAnswers(StrEnum):
    """What a random model answers if there are many classes."""

    STATUS_QUO_SHARES = "status_quo_shares"
    """Each answer as often as the status quo gives it."""
    CLASS_SHARES = "class_shares"
    """Each class as often as it is true; nothing is handed to a person."""
    UNIFORM = "uniform"
    """Every answer with the same probability."""

    @property
    def without_status_quo(self) -> RandomAnswers:
        """The alternative if the answers of the status quo are not known."""
        return RandomAnswers.CLASS_SHARES if self is RandomAnswers.STATUS_QUO_SHARES else self


class Decide(StrEnum):
    """Which class a variant answers, given the probabilities of all classes."""

    MOST_LIKELY = "most_likely"
    """The class with the highest probability."""
    MOST_VALUABLE = "most_valuable"
    """The answer with the highest expected value, by the values of the KPI."""


class RankingMeasure(StrEnum):
    """A metric of the first k rows of a group."""

    PRECISION = "precision"
    """The share of the first k that is relevant."""
    RECALL = "recall"
    """The share of the relevant rows that are among the first k."""
    NDCG = "ndcg"
    """Normalised discounted cumulative gain: degrees of relevance, and earlier is better."""
    HIT_RATE = "hit_rate"
    """Whether any of the first k is relevant."""
    RECIPROCAL_RANK = "reciprocal_rank"
    """One divided by the rank of the first relevant row, or 0 if that is beyond k."""


class EmptyGroups(StrEnum):
    """How a group without any relevant row counts."""

    SKIP = "skip"
    """It is excluded from the mean."""
    ZERO = "zero"
    """It counts as 0."""


class OutcomeKind(StrEnum):
    """The kind of values in a target column."""

    YES_NO = "yes_no"
    """Positive or not."""
    NUMBER = "number"
    """An amount, such as units sold."""
    RELEVANCE = "relevance"
    """The degree of relevance: 0 if a row is not relevant."""
    CLASSES = "classes"
    """One of several classes, such as the topic of a message."""


class UpliftMethod(StrEnum):
    """How an estimator of the outcome estimates the effect of a treatment."""

    TWO_MODELS = "two_models"
    """One estimator for each arm; the effect is the difference of their predictions."""
    TREATMENT_AS_FEATURE = "treatment_as_feature"
    """One estimator that gets the treatment as a feature; the effect is the difference of its predictions for
    both values of it."""
    TRANSFORMED_OUTCOME = "transformed_outcome"
    """One estimator of a number whose expectation is the effect."""


class Verdict(StrEnum):
    """What the evidence says about a hypothesis."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    TOO_FEW = "too_few"
    """The rows cannot answer the question, whatever the figure: too few positives, folds or differences."""

    @property
    def label(self) -> str:
        """The verdict as people read it."""
        return "too few to tell" if self is Verdict.TOO_FEW else self.value


class LeakSign(StrEnum):
    """A sign that a model may use what is only known after the decision."""

    MODEL = "near_perfect_model"
    """A model takes almost all of the potential lift."""
    COLUMN = "column_tells_target"
    """A column alone nearly tells the target."""
    COPY = "copy_of_target"
    """A column is the target under another name."""
    GAPS = "gaps_tell_target"
    """Whether a column is filled in nearly tells the target."""
    TREATMENT = "column_tells_treatment"
    """A column nearly tells who was treated: it is the assignment, or one of its consequences."""


class FindingKind(StrEnum):
    """The kind of learning in a finding."""

    INSIGHT = "insight"
    """Something about the customers, the market or the world behind the data."""
    NEGATIVE = "negative"
    """An expectation that turned out to be wrong."""
    METHOD = "method"
    """Something about how to model, measure or work."""
    DATA = "data"
    """Something about the data's quality, coverage or meaning."""
    RISK = "risk"
    """Something that could go wrong later."""


class WorkKind(StrEnum):
    """The kind of work that time was spent on."""

    SETUP = "setup"
    DATA = "data"
    FEATURES = "features"
    MODELLING = "modelling"
    ANALYSIS = "analysis"
    WRITING = "writing"


class CheckState(StrEnum):
    """The state of an item of the release checklist."""

    TODO = "todo"
    DONE = "done"
    NOT_NEEDED = "not_needed"
    """Left out on purpose; the note says why."""


class MonitorMeasure(StrEnum):
    """How a monitor computes one value from its rows."""

    COUNT = "count"
    """The number of rows for which `of` is true; without `of`, of all rows."""
    SHARE = "share"
    """The share of rows for which `of` is true."""
    SUM = "sum"
    """The sum of `of`."""
    MEAN = "mean"
    """The mean of `of`."""
    RATIO = "ratio"
    """The sum of `of` divided by the sum of `per`."""
    QUANTILE = "quantile"
    """A quantile of `of`."""
    LAST = "last"
    """`of` in the newest row by `date`; without `date`, in the last row of the file."""


class Advice(StrEnum):
    """What the result of a phase advises."""

    ADVANCE = "advance"
    """Go on to the next phase."""
    HOLD = "hold"
    """Stay in this phase."""
    REVERT = "revert"
    """Return to the status quo."""


class Reaction(StrEnum):
    """What follows from a problem of a split test: never an advance."""

    HOLD = "hold"
    """Stay in the phase until the problem is solved."""
    REVERT = "revert"
    """Return to the status quo."""


class Requirement(StrEnum):
    """What a phase must show before the next one begins."""

    NO_HARM = "no_harm"
    """The primary metric is not worse than the control by more than its margin."""
    GAIN = "gain"
    """The primary metric is better than the control."""
