"""The variants that a plan compares: three kinds of producers of predictions."""

from __future__ import annotations

import shlex
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from iterata.documents.models.base import DataPath, Digest, Name, Part, RepoPath, Text
from iterata.documents.models.columns import COLUMNS, ColumnSpec
from iterata.documents.models.enums import Decide, UpliftMethod
from iterata.documents.models.text import TUNED, TextSettings
from iterata.documents.yaml.schema import resolve_scalar


def _typed_key(key: object) -> object:
    """A key of a mapping, read as a value would be: `{0: 1, 1: 5}` has numbers as keys, not texts."""
    typed = resolve_scalar(key) if isinstance(key, str) else key
    return key if typed is None else typed


_Scalar = str | int | float | bool | None
_Key = Annotated[str | int | float | bool, BeforeValidator(_typed_key)]
_Nested = _Scalar | list[_Scalar] | dict[_Key, _Scalar]
Parameter = _Scalar | list[_Nested] | dict[_Key, _Nested]
"""The value of a parameter: a scalar, or a list or mapping of scalars, lists and mappings."""


class _Variant(Part):
    name: Name = Field(description="The name in tables.")
    stop_below: float | None = Field(
        None,
        description="The lowest score that is acted upon, if the variant stops before the budget is spent; "
        "only for a KPI of kind targeting whose spend is optional.",
    )
    decide: Decide = Field(
        Decide.MOST_LIKELY,
        description="Which class is answered; most_valuable needs a KPI of kind class_value, and "
        "probabilities.",
    )
    person_below: float | None = Field(
        None,
        gt=0,
        le=1,
        description="A row whose best probability is below this is handed to a person; only for a KPI of "
        "kind class_value with `person`.",
    )

    @property
    def needs_probabilities(self) -> bool:
        """Whether its answers follow from the probabilities of all classes."""
        return self.decide is Decide.MOST_VALUABLE or self.person_below is not None


class SklearnVariant(_Variant):
    """An estimator with scikit-learn's interface, fitted and evaluated in folds."""

    producer: Literal["sklearn"] = Field("sklearn", description="An estimator with scikit-learn's interface.")
    estimator: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")] | None = Field(
        None, description="The class, such as sklearn.linear_model.LogisticRegression."
    )
    factory: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*:[A-Za-z_]\w*$")] | None = Field(
        None,
        description="Instead: `model:boosted` for the function `boosted` of the project's `model.py`, which "
        "is called with the parameters and returns an estimator.",
    )
    params: dict[str, Parameter] = Field(
        default_factory=dict, description="The parameters of the estimator or the factory."
    )
    tune: dict[str, list[Parameter]] = Field(
        default_factory=dict, description="Values to choose from within each training fold, by parameter."
    )
    features: Name = Field(description="The name of its feature set.")
    sample_weight: bool = Field(
        default=False, description="Whether `fit` gets the weights of the rows as `sample_weight`."
    )
    preprocess: bool = Field(
        default=True,
        description="Whether missing values are imputed, numbers scaled and categories one-hot encoded "
        "before it, and text becomes TF-IDF; otherwise it gets a data frame of numbers, categories and "
        "text as it is.",
    )
    text: TextSettings | None = Field(
        None,
        description="How columns of text become numbers; by default TF-IDF of words. Settings are tuned as "
        "`text__min_df` and so on.",
    )

    uplift: UpliftMethod | None = Field(
        None,
        description="How it estimates the effect of the treatment, for a KPI of kind uplift; left out, it "
        "estimates the outcome: a model of propensity.",
    )

    @field_validator("params", "tune")
    @classmethod
    def _named(cls, values: dict[str, object]) -> dict[str, object]:
        if wrong := next((name for name in values if not name.isidentifier()), None):
            raise ValueError(f"`{wrong}` is not the name of a parameter")
        return values

    @model_validator(mode="after")
    def _one_origin(self) -> SklearnVariant:
        if (self.estimator is None) == (self.factory is None):
            raise ValueError("a variant needs either estimator or factory, and not both")
        return self

    @model_validator(mode="after")
    def _text_settings(self) -> SklearnVariant:
        if self.text is not None and not self.preprocess:
            raise ValueError("`text` is for `preprocess: true`: without it, the estimator gets text as it is")
        given = self.text_settings
        for name, values in self.tuned_text.items():
            if name in given:
                raise ValueError(f"`{name}` is listed under both text and tune: keep one of the two")
            for value in values:
                TextSettings.model_validate({**given, name: value})
        return self

    @property
    def text_settings(self) -> dict[str, object]:
        """The settings of text that the plan gives."""
        return {} if self.text is None else self.text.model_dump(mode="json", exclude_unset=True)

    @property
    def tuned_text(self) -> dict[str, list[Parameter]]:
        """The values to choose from for settings of text, by setting."""
        names = {f"{TUNED}{name}" for name in TextSettings.model_fields} if self.preprocess else set()
        return {name.removeprefix(TUNED): values for name, values in self.tune.items() if name in names}

    @property
    def origin(self) -> str:
        """What produces its predictions, as the plan names it."""
        return str(self.estimator or self.factory)


class CommandVariant(_Variant):
    """A program in any language, which reads a fold from disk and writes its predictions."""

    producer: Literal["command"] = Field(description="A program that is run once for each fold.")
    command: list[Text] = Field(
        min_length=1,
        description="The program and its arguments, started in the project's folder and never by a shell; "
        "the fold's folder is added as the last argument.",
    )
    params: dict[str, Parameter] = Field(default_factory=dict, description="Passed on in fold.json.")
    features: Name = Field(description="The name of its feature set.")
    format: Literal["csv", "parquet"] = Field("csv", description="The file format of the tables.")
    reads: list[RepoPath] = Field(
        default_factory=list,
        description="Files of the project that it depends on, besides Python code and its arguments.",
    )
    minutes: float = Field(60, gt=0, le=10080, description="The time limit for one fold.")
    tolerance: float = Field(
        0,
        ge=0,
        le=1,
        description="The relative difference of figures that `iterata verify` allows.",
    )

    @property
    def origin(self) -> str:
        """What produces its predictions, as typed in a shell."""
        return shlex.join(self.command)


class FileVariant(_Variant):
    """Predictions from another system, read from a table."""

    producer: Literal["file"] = Field(description="A table of predictions.")
    source: DataPath = Field(
        description="A CSV or Parquet file, or a folder of Parquet files, relative to the project's folder; "
        "it may have columns `repeat` and `fold`, counted from 1."
    )
    digest: Digest | None = Field(
        None, description="The file's fingerprint; written by `iterata move` at approval."
    )
    learned_from: Text = Field(
        description="Which rows the model learned from; never the rows it is evaluated on."
    )
    made_by: Text | None = Field(None, description="The command that creates the file.")
    key: Name | None = Field(
        None,
        description="The column that identifies a row in this file and in the data; by default `row_id`, "
        "which counts the data's rows from 0.",
    )
    score: Name = Field("prediction", description="The column of predictions.")
    columns: dict[Name, ColumnSpec] = Field(default_factory=dict, description=COLUMNS)

    @property
    def origin(self) -> str:
        """What produces its predictions."""
        return self.source


def _producer(variant: object) -> str:
    """The tag that selects the model; pydantic reports an unknown one."""
    tag = variant.get("producer", "sklearn") if isinstance(variant, dict) else "sklearn"
    return str(getattr(variant, "producer", tag))


Variant = Annotated[
    Annotated[SklearnVariant, Tag("sklearn")]
    | Annotated[CommandVariant, Tag("command")]
    | Annotated[FileVariant, Tag("file")],
    Discriminator(_producer),
]
"""A variant of any kind; `producer` selects the model."""
