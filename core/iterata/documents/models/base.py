"""What the front matter of every stage document has in common.

These models define what authors may write. Each field's `description` is the one source for
the reference page, the JSON Schema that editors read, and the prompts in the templates.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from iterata.documents.models.addresses import remote
from iterata.documents.models.enums import FindingKind
from iterata.stages import IterationKind, Stage, Status

if TYPE_CHECKING:
    from pydantic.config import JsonDict

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""One or more sentences; never empty."""

NAME_PATTERN = r"^[^\n|`<>]+$"
_IDENTIFIER = r"^[A-Za-z][A-Za-z0-9_-]*$"
_DIGEST = r"^sha256:[0-9a-f]{64}$"
_ITERATION = r"^\d{2,}-[a-z0-9]+(-[a-z0-9]+)*$"
_FINDING = r"^([a-z0-9-]+/)?(\d{2,}-[a-z0-9-]+)?#[A-Za-z][A-Za-z0-9_-]*$"

SPELLINGS: dict[str, str] = {
    NAME_PATTERN: "a short label without line breaks, `|`, backticks, `<` or `>`",
    _IDENTIFIER: "a letter, and after it letters, digits, `_` or `-`",
    _DIGEST: "`sha256:` and 64 hexadecimal digits; a command writes it",
    _ITERATION: "the folder's name: two digits, then words joined by hyphens, such as 01-setup",
    _FINDING: "`#F1` within the report, `01-setup#F1` within the project, else `project/01-setup#F1`",
}
"""Each pattern in words, for authors."""

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=NAME_PATTERN)
]
"""A short label that fits a table's cell: no line break, `|`, backtick or angle bracket."""

Identifier = Annotated[str, StringConstraints(pattern=_IDENTIFIER, max_length=40)]
"""An id such as `H1` or `F2`: a letter, then letters, digits, `_` or `-`."""


def _relative_path(path: str) -> str:
    parts = path.split("/")
    if "\\" in path or ":" in path or path.startswith(("/", "~")) or ".." in parts or not path.isprintable():
        raise ValueError("must be a relative path, with forward slashes and without `..`")
    return path


def _data_path(path: str) -> str:
    try:
        return _relative_path(path)
    except ValueError:
        if found := remote(path):
            raise PydanticCustomError("address", "{message}", found._asdict()) from None
        raise


def _not_a_number(day: object) -> object:
    if isinstance(day, int | float):  # pydantic would read it as seconds since 1970
        raise ValueError("must be a day that exists, written as YYYY-MM-DD, such as 2026-11-23")
    return day


Day = Annotated[date, BeforeValidator(_not_a_number)]
"""A calendar day."""

RepoPath = Annotated[str, StringConstraints(min_length=1), AfterValidator(_relative_path)]
"""A path inside the project's folder: relative, forward slashes, no `..`."""

DataPath = Annotated[str, StringConstraints(min_length=1), AfterValidator(_data_path)]
"""A path of data; an address is refused with the command that downloads it."""

Digest = Annotated[str, StringConstraints(pattern=_DIGEST)]
"""`sha256:` and 64 hexadecimal digits."""

IterationName = Annotated[str, StringConstraints(pattern=_ITERATION)]
"""The name of an iteration's folder: a number of two digits, then words joined by hyphens."""

FindingRef = Annotated[str, StringConstraints(pattern=_FINDING)]
"""A finding: `project/01-setup#F2`, `01-setup#F2` within the project, or `#F2` within the report."""

Seed = Annotated[int, Field(ge=0, lt=2**32)]
"""A random state that scikit-learn accepts."""


class Part(BaseModel):
    """A block of front matter. An unknown key is an error, because it is nearly always misspelt."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


def exactly_one_of(**types: str) -> JsonDict:
    """JSON Schema of a block that has exactly one of some keys, by the keys' JSON types."""
    return {"oneOf": [{"required": [key], "properties": {key: {"type": types[key]}}} for key in types]}


def at_most_one_of(*keys: str) -> JsonDict:
    """JSON Schema of a block that has none or one of some keys."""
    return {"not": {"required": list(keys)}}


TAGS = ("kind", "producer")
"""The keys that select the kind of a block, if several are possible."""


def tag_of(model: type[BaseModel]) -> str:
    """The key that selects the kind of a block: one of `TAGS`."""
    return next(name for name in reversed(TAGS) if name in model.model_fields)


class Approval(Part):
    """One role's approval of the document as it is."""

    role: Name = Field(description="The role that approves, such as product.")
    on: Day = Field(description="The day of the approval, as YYYY-MM-DD.")
    by: Name | None = Field(None, description="The account on the code host that approves.")
    content: Digest | None = Field(
        None,
        description="The digest of the content that was agreed to, while others have not agreed yet; "
        "written by `iterata move`.",
    )


class Finding(Part):
    """Something learned, stated for readers who do not know the project."""

    id: Identifier = Field(description="F1, F2 …, unique in the document.")
    statement: Text = Field(description="What was learned, in one sentence that needs no context.")
    kind: FindingKind = Field(description="The kind of learning.")
    evidence: Text = Field(description="Where to see it: a result file, a table, a source.")
    tags: list[Name] = Field(default_factory=list, description="Words that others will search for.")
    supports: list[FindingRef] = Field(default_factory=list, description="Earlier findings it confirms.")
    contradicts: list[FindingRef] = Field(
        default_factory=list, description="Earlier findings it contradicts."
    )


class Abandonment(Part):
    """Why the work ends here, and what was learned. An abandoned project is not a failure."""

    on: Day = Field(description="The day it was abandoned, as YYYY-MM-DD.")
    why: Text = Field(description="Why it is not worth the investment, or no longer.")
    findings: list[Finding] = Field(min_length=1, description="What was learned: at least one finding.")


class Erratum(Part):
    """A misspelling that was corrected in the prose of an approved document."""

    on: Day = Field(description="The day it was corrected, as YYYY-MM-DD.")
    what: Text = Field(description="What was corrected.")


class Amendment(Part):
    """A change to an approved document, which needs another approval."""

    on: Day = Field(description="The day, as YYYY-MM-DD.")
    what: Text = Field(description="What changed.")
    why: Text = Field(description="Why it cannot wait for the next iteration.")


class Header(Part):
    """The front matter that every stage document begins with."""

    stage: Stage = Field(description="The stage; it matches the file's name.")
    schema_version: Literal[1] = Field(
        1, description="The version of this format; written by `iterata new`, raised by `iterata upgrade`."
    )
    title: Text = Field(description="The document's title.")
    status: Status = Field(description="The document's status; changed by `iterata move`.")
    owners: list[Name] = Field(min_length=1, description="The roles or accounts that maintain the document.")
    approvals: list[Approval] = Field(
        default_factory=list, description="Who approved it; written by `iterata move`."
    )
    written_against: dict[Stage, Digest] = Field(
        default_factory=dict,
        description="Fingerprints of the documents that this one builds on; written by `iterata move`.",
    )
    errata: list[Erratum] = Field(
        default_factory=list, description="Misspellings corrected in the prose after approval."
    )
    superseded_by: RepoPath | None = Field(None, description="The document that replaces this one.")
    abandoned: Abandonment | None = Field(None, description="Why it was abandoned, and what was learned.")


class Iteration(Part):
    """The iteration that begins with this document, and what it follows."""

    kind: IterationKind = Field(description="What it changes: setup, algorithm, data or feature.")
    follows: IterationName | None = Field(None, description="The iteration whose report led to this one.")
    inherits_assessment: IterationName | None = Field(
        None,
        description="The iteration whose approved assessment still applies; for data and feature iterations.",
    )
    requirements_revision: int = Field(
        1, ge=1, description="The revision of the requirements it is based on."
    )
