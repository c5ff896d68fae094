"""What a plan may try: whatever makes predictions, told apart by its `producer`."""

from __future__ import annotations

import shlex
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from iterata.documents.models.base import Digest, Name, Part, RepoPath, Text

Parameter = str | int | float | bool | None | list[str | int | float | bool | None]


class _Variant(Part):
    name: Name = Field(description="What to call it in tables.")


class SklearnVariant(_Variant):
    """A classifier with scikit-learn's interface, fitted and scored in folds."""

    producer: Literal["sklearn"] = Field("sklearn", description="An estimator with scikit-learn's interface.")
    estimator: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")] | None = Field(
        None, description="The class, such as sklearn.linear_model.LogisticRegression."
    )
    factory: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*:[A-Za-z_]\w*$")] | None = Field(
        None,
        description="Instead: `model:boosted` for the function `boosted` of the project's `model.py`, which "
        "is called with the parameters and gives an estimator.",
    )
    params: dict[str, Parameter] = Field(
        default_factory=dict, description="The parameters of the estimator or the factory."
    )
    tune: dict[str, list[Parameter]] = Field(
        default_factory=dict, description="Values to choose from inside each training fold, per parameter."
    )
    features: Name = Field(description="The feature set it uses, by name.")
    preprocess: bool = Field(
        default=True,
        description="Whether gaps are filled, numbers scaled and categories made into numbers before it; "
        "else it gets a pandas table of numbers and categories.",
    )

    @model_validator(mode="after")
    def _one_origin(self) -> SklearnVariant:
        if (self.estimator is None) == (self.factory is None):
            raise ValueError("a variant needs either estimator or factory, and not both")
        return self

    @property
    def origin(self) -> str:
        """What makes its predictions, as the plan names it."""
        return str(self.estimator or self.factory)


class CommandVariant(_Variant):
    """Any program, in any language: it gets a fold on disk and writes its predictions."""

    producer: Literal["command"] = Field(description="A program that is run once for each fold.")
    command: list[Text] = Field(
        min_length=1,
        description="The program and its arguments, started in the project's folder and never by a shell; "
        "the fold's folder is added as the last argument.",
    )
    params: dict[str, Parameter] = Field(default_factory=dict, description="Handed on in fold.json.")
    features: Name = Field(description="The feature set it is given, by name.")
    format: Literal["csv", "parquet"] = Field("csv", description="How tables are exchanged.")
    reads: list[RepoPath] = Field(
        default_factory=list,
        description="Files of the project that it depends on, besides Python code and its arguments.",
    )
    minutes: float = Field(60, gt=0, le=10080, description="How long it may take for one fold.")
    tolerance: float = Field(
        0,
        ge=0,
        le=1,
        description="How far figures may be off, relative to themselves, when `iterata verify` repeats it.",
    )

    @property
    def origin(self) -> str:
        """What makes its predictions, as one would type it."""
        return shlex.join(self.command)


class FileVariant(_Variant):
    """Predictions made elsewhere, read from a table."""

    producer: Literal["file"] = Field(description="A table of predictions.")
    source: RepoPath = Field(
        description="A CSV or Parquet file, relative to the project's folder; it may have columns `repeat` "
        "and `fold`, counted from 1."
    )
    digest: Digest | None = Field(
        None, description="The file's fingerprint; written by `iterata move` at approval."
    )
    learned_from: Text = Field(
        description="Which rows they were learned from: never from those they are to be judged on."
    )
    made_by: Text | None = Field(None, description="The command that makes the file, for whoever lacks it.")
    key: Name | None = Field(
        None,
        description="The column, in this file and in the data, that names a row; else `row_id` counts the "
        "data's rows from 0.",
    )
    score: Name = Field("prediction", description="The column of predictions.")

    @property
    def origin(self) -> str:
        """What makes its predictions."""
        return self.source


def _producer(written: Any) -> str:
    """Which of the models describes what was written; an unknown word is told as such."""
    said = written.get("producer", "sklearn") if isinstance(written, dict) else "sklearn"
    return str(getattr(written, "producer", said))


Variant = Annotated[
    Annotated[SklearnVariant, Tag("sklearn")]
    | Annotated[CommandVariant, Tag("command")]
    | Annotated[FileVariant, Tag("file")],
    Discriminator(_producer),
]
"""Any of them, told apart by `producer`."""
