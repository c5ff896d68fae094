"""What every stage document's front matter shares.

These models are the edge: they say what people may write. Each field's `description` is the one source for
the reference page, the JSON Schema that editors read, and the prompts in the templates.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from iterata.documents.models.enums import FindingKind
from iterata.stages import IterationKind, Stage, Status

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A sentence or more; never empty."""

_NAME = r"^[^\n|`<>]+$"
_IDENTIFIER = r"^[A-Za-z][A-Za-z0-9_-]*$"
_DIGEST = r"^sha256:[0-9a-f]{64}$"
_ITERATION = r"^\d{2,}-[a-z0-9]+(-[a-z0-9]+)*$"
_FINDING = r"^([a-z0-9-]+/)?(\d{2,}-[a-z0-9-]+)?#[A-Za-z][A-Za-z0-9_-]*$"

SPELLINGS: dict[str, str] = {
    _NAME: "a short label without line breaks, `|`, backticks, `<` or `>`",
    _IDENTIFIER: "a letter, and after it letters, digits, `_` or `-`",
    _DIGEST: "`sha256:` and 64 hexadecimal digits; a command writes it",
    _ITERATION: "the folder's name: two digits, then words joined by hyphens, such as 01-setup",
    _FINDING: "`#F1` within the report, `01-setup#F1` within the project, else `project/01-setup#F1`",
}
"""What each pattern means to whoever has to write it."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=_NAME)]
"""A short label that fits a table's cell: no line break, `|`, backtick or angle bracket."""

Identifier = Annotated[str, StringConstraints(pattern=_IDENTIFIER, max_length=40)]
"""An id such as `H1` or `F2`: a letter, then letters, digits, `_` or `-`."""


def _inside(path: str) -> str:
    parts = path.split("/")
    if "\\" in path or ":" in path or path.startswith(("/", "~")) or ".." in parts or not path.isprintable():
        raise ValueError("must be a relative path, with forward slashes and without `..`")
    return path


def _written_out(day: object) -> object:
    if isinstance(day, int | float):  # pydantic would take it for seconds since 1970
        raise ValueError("must be a day that exists, written as YYYY-MM-DD, such as 2026-11-23")
    return day


Day = Annotated[date, BeforeValidator(_written_out)]
"""A calendar day."""

RepoPath = Annotated[str, StringConstraints(min_length=1), AfterValidator(_inside)]
"""A path inside the project's folder: relative, forward slashes, no `..`."""

Digest = Annotated[str, StringConstraints(pattern=_DIGEST)]
"""`sha256:` and 64 hexadecimal digits."""

IterationName = Annotated[str, StringConstraints(pattern=_ITERATION)]
"""The name of an iteration's folder: a number of two digits, then words joined by hyphens."""

FindingRef = Annotated[str, StringConstraints(pattern=_FINDING)]
"""A finding: `project/01-setup#F2`, `01-setup#F2` within the project, or `#F2` within the report."""

Seed = Annotated[int, Field(ge=0, lt=2**32)]
"""What scikit-learn takes for one."""


class Part(BaseModel):
    """A block of front matter. An unknown key is an error: it is nearly always a misspelt one."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


TAGS = ("kind", "producer")
"""The keys by which blocks that may be of several kinds are told apart."""


def tag_of(model: type[BaseModel]) -> str:
    """The key that says of which kind a block is: one of `TAGS`."""
    return next(name for name in reversed(TAGS) if name in model.model_fields)


class Approval(Part):
    """One role's agreement to the document as it stands."""

    role: Name = Field(description="The role that agrees, such as product.")
    on: Day = Field(description="The day of the agreement, as YYYY-MM-DD.")
    by: Name | None = Field(None, description="The account on the code host that agrees.")


class Finding(Part):
    """Something learned, stated so that it is of use to somebody who never saw the project."""

    id: Identifier = Field(description="F1, F2 …, unique in the document.")
    statement: Text = Field(description="What was learned, in one sentence that stands alone.")
    kind: FindingKind = Field(description="What sort of learning it is.")
    evidence: Text = Field(description="Where it can be seen: a result file, a table, a source.")
    tags: list[Name] = Field(default_factory=list, description="Words by which others will look for it.")
    supports: list[FindingRef] = Field(default_factory=list, description="Earlier findings it confirms.")
    contradicts: list[FindingRef] = Field(
        default_factory=list, description="Earlier findings it speaks against."
    )


class Abandonment(Part):
    """Why the work ends here, and what it taught. An abandoned project is not a failure."""

    on: Day = Field(description="The day it was given up, as YYYY-MM-DD.")
    why: Text = Field(description="Why it is not, or no longer, worth the investment.")
    findings: list[Finding] = Field(
        min_length=1, description="What was learned on the way: at least one finding."
    )


class Erratum(Part):
    """A slip of the pen, mended in the prose of a document that was agreed already."""

    on: Day = Field(description="The day it was mended, as YYYY-MM-DD.")
    what: Text = Field(description="What was mended.")


class Header(Part):
    """The front matter every stage document begins with."""

    stage: Stage = Field(description="The stage; it matches the file's name.")
    title: Text = Field(description="The title people will know the document by.")
    status: Status = Field(description="Where the document stands; moved by `iterata move`.")
    owners: list[Name] = Field(min_length=1, description="The roles or accounts that keep the document.")
    approvals: list[Approval] = Field(
        default_factory=list, description="Who agreed; written by `iterata move`."
    )
    written_against: dict[Stage, Digest] = Field(
        default_factory=dict,
        description="Fingerprints of the documents this one was written against; written by `iterata move`.",
    )
    errata: list[Erratum] = Field(
        default_factory=list, description="Slips mended in the prose after approval."
    )
    superseded_by: RepoPath | None = Field(None, description="The document that replaces this one.")
    abandoned: Abandonment | None = Field(None, description="Why it was given up, and what was learned.")


class Iteration(Part):
    """What kind of iteration begins with this document, and where it comes from."""

    kind: IterationKind = Field(description="What it changes: setup, algorithm, data or feature.")
    follows: IterationName | None = Field(None, description="The iteration whose report led to this one.")
    inherits_assessment: IterationName | None = Field(
        None,
        description="The iteration whose approved assessment still holds; for data and feature iterations.",
    )
    requirements_revision: int = Field(1, ge=1, description="The revision of the requirements it answers to.")
