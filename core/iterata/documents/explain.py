"""Turns pydantic's validation errors into problems that an author can fix, one for each place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.error_messages import advise, advise_on_union, code_of
from iterata.documents.model_fields import field_at
from iterata.errors import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    from iterata.errors import FieldPath

MAX_SUMMARIZED = 5
"""How many errors a summary lists."""


class Explanation(NamedTuple):
    """One error in words."""

    code: str
    path: FieldPath
    message: str
    remedy: str
    consequences: tuple[FieldPath, ...] = ()
    """Further paths at which the same mistake shows."""


def explain(model: type[BaseModel], data: object, errors: Sequence[ErrorDetails]) -> list[Explanation]:
    """Everything that is wrong with `data`, one entry for each place.

    Args:
        model: what the data were validated with.
        data: as they are written.
        errors: pydantic's errors.
    """
    errors_by_path: dict[FieldPath, list[ErrorDetails]] = {}
    for error in errors:
        errors_by_path.setdefault(_path_in_data(model, data, error), []).append(error)
    return [
        explanation
        for path, errors_at_path in errors_by_path.items()
        if not _is_explained_inside(path, errors_at_path, errors_by_path)
        for explanation in _explain_place(model, path, errors_at_path)
    ]


def summarize(model: type[BaseModel], data: object, error: ValidationError) -> tuple[str, str]:
    """One message and one remedy for all errors of data that are in no file."""
    explanations = explain(model, data, error.errors(include_url=False))[:MAX_SUMMARIZED]
    messages = [_with_path(explanation) for explanation in explanations]
    remedies = dict.fromkeys(explanation.remedy.rstrip(".") for explanation in explanations)
    return "; ".join(messages), "; ".join(remedies)


def _with_path(explanation: Explanation) -> str:
    path, message = explanation.path, explanation.message
    if path and f"`{path[-1]}`" in message:  # the message itself names the last key
        path = path[:-1]
    return f"{dotted(path)}: {message}" if path else message


def _is_explained_inside(path: FieldPath, errors: Sequence[ErrorDetails], paths: Iterable[FieldPath]) -> bool:
    """Whether a value is of one of the kinds its field may have, except for something inside it."""
    return len(errors) > 1 and any(other[: len(path)] == path and other != path for other in paths)


def _explain_place(
    model: type[BaseModel], path: FieldPath, errors: Sequence[ErrorDetails]
) -> Iterator[Explanation]:
    field = field_at(model, errors[0]["loc"]).field
    if len(errors) > 1 and all(len(error["loc"]) > len(path) for error in errors):
        yield Explanation("DOC008", path, *advise_on_union(errors, field))
        return
    for error in errors:
        blocks = field_at(model, error["loc"][:-1]).models
        yield Explanation(code_of(error["type"]), path, *advise(error, field, blocks))


def _path_in_data(model: type[BaseModel], data: object, error: ErrorDetails) -> FieldPath:
    """The path of an error in the data as written: without the tags of unions, but with a missing key.

    A tag may be a key as well: a `command` variant has a key `command`.
    """
    path: list[str | int] = []
    loc = field_at(model, error["loc"]).path
    for index, step in enumerate(loc):
        if isinstance(data, dict) and step in data:  # noqa: SIM114  # keys and indices have other types
            data = data[step]
        elif isinstance(data, list) and isinstance(step, int):
            data = data[step]
        elif index < len(loc) - 1 or error["type"] != "missing":
            continue
        path.append(step)
    return tuple(path)
