"""Turns what pydantic says of front matter into what a person can act on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel

from iterata.documents.models.base import SPELLINGS, TAGS, tag_of
from iterata.documents.renamed_keys import RENAMED_KEYS
from iterata.errors import dotted
from iterata.text import closest, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pydantic import ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

Loc = tuple[str | int, ...]

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a block of keys"),
    (type(None), "empty"),
)


def kind_of(value: object) -> str:
    """What a value is, in words."""
    return next((words for kinds, words in _KINDS if isinstance(value, kinds)), type(value).__name__)


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models a field's annotation may hold, through Optional, lists, dicts and unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        arguments = arguments[:1]
    return [model for argument in arguments for model in _models(argument)]


def _field_tag(model: type[BaseModel], tag: object) -> bool:
    fields = (model.model_fields[name] for name in TAGS if name in model.model_fields)
    return any(tag in get_args(field.annotation) for field in fields)


def field_at(model: type[BaseModel], loc: Loc) -> tuple[FieldInfo | None, list[type[BaseModel]], Loc]:
    """Follow `loc` from `model`: the last field met, the models it may hold, and `loc` without union tags."""
    field, models, path = None, [model], list[str | int]()
    for part in loc:
        tagged = [each for each in models if _field_tag(each, part)]
        if tagged and len(models) > 1:
            models = tagged
            continue
        path.append(part)
        found = next(
            (
                each.model_fields[part]
                for each in models
                if isinstance(part, str) and part in each.model_fields
            ),
            None,
        )
        if found is not None:
            field, models = found, _models(found.annotation)
        elif models and isinstance(part, str) and get_origin(getattr(field, "annotation", None)) is not dict:
            models = []
    return field, models, tuple(path)


def _choose(word: object, choices: Sequence[str]) -> str:
    guess = closest(word, choices) if isinstance(word, str) else None
    listed = ", ".join(choices)
    if len(choices) == 1:
        return f"write `{listed}`"
    return f"did you mean `{guess}`? The choices are {listed}" if guess else f"choose one of {listed}"


def _extra(error: ErrorDetails, _: FieldInfo | None, siblings: list[type[BaseModel]]) -> tuple[str, str]:
    key = str(error["loc"][-1])
    known = list(dict.fromkeys(name for model in siblings for name in model.model_fields))
    new_name = RENAMED_KEYS.get(key)
    if new_name in known:
        return f"`{key}` is now called `{new_name}`", "rename the key"
    guess = closest(key, known)
    remedy = f"did you mean `{guess}`?" if guess else f"remove it; the keys here are {', '.join(known)}"
    return f"unknown key `{key}`", remedy


def _missing(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
    key = error["loc"][-1]
    return f"`{key}` is missing", f"add `{key}:` {_lowered(_description(field))}".rstrip()


def _choice(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
    expected = str(error.get("ctx", {}).get("expected", ""))
    choices = re.findall(r"'([^']+)'", expected)
    return f"{_found(error)} is not one of the choices", _choose(error["input"], choices)


def _tag(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
    context = error.get("ctx", {})
    (key,) = {tag_of(model) for model in _models(getattr(field, "annotation", None))}
    choices = [word.strip().strip("'") for word in str(context.get("expected_tags", "")).split(",")]
    tag = context.get("tag", "")
    return f"`{key}: {_short(tag)}` is not known here", _choose(tag, choices)


def _no_tag(_: ErrorDetails, field: FieldInfo | None, __: list[type[BaseModel]]) -> tuple[str, str]:
    kinds = [
        str(tag)
        for model in _models(getattr(field, "annotation", None))
        for tag in get_args(model.model_fields["kind"].annotation)
    ]
    return "`kind` is missing", f"add `kind:`, one of {', '.join(kinds)}"


_WANTED: dict[str, tuple[str, str]] = {
    "string": ("text", "put quotes around it"),
    "float": ("a number", "write digits, with a point for the decimals and without a unit"),
    "int": ("a whole number", "write digits only"),
    "bool": ("true or false", "write true or false"),
    "date": ("a day that exists", "write it as YYYY-MM-DD, such as 2026-11-23"),
    "list": ("a list", "begin each entry on a line of its own with `- `"),
    "dict": ("a block of keys", "write `key: value` lines below it, indented"),
    "model": ("a block of keys", "write `key: value` lines below it, indented"),
}
"""What a value should have been, in words, and how to write it, by the first word of an error type."""


def _typed(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
    wanted, remedy = _WANTED[error["type"].split("_")[0]]
    if error["input"] is None:
        remedy = "fill it in"
    return f"must be {wanted}, not {_found(error)}", _advice(remedy, field)


def _one_of_several(errors: Sequence[ErrorDetails], field: FieldInfo | None) -> tuple[str, str]:
    """A value that fits none of the kinds a field may have."""
    kinds = dict.fromkeys(error["type"].split("_")[0] for error in errors)
    if "float" in kinds:
        kinds.pop("int", None)  # a whole number is a number
    words = [_WANTED[kind][0] for kind in kinds if kind in _WANTED]
    wanted = " or ".join(dict.fromkeys(words)) or "of another kind"
    return f"must be {wanted}, not {_found(errors[0])}", _advice("write one plain value", field)


def _found(error: ErrorDetails) -> str:
    value = error["input"]
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{_short(value)}`" if isinstance(value, str | int | float) else kind_of(value)


def _advice(remedy: str, field: FieldInfo | None) -> str:
    return f"{remedy}. {_description(field)}".rstrip(". ") + ("." if field is not None else "")


def _said(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
    said = (
        error["msg"]
        .removeprefix("Value error, ")
        .replace("Input should be", "must be")
        .replace("Input should", "must")
    )
    return said[:1].lower() + said[1:], _advice("correct it", field)


def _pattern(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
    message = f"{_found(error)} is not written as it must be"
    spelling = SPELLINGS.get(error.get("ctx", {}).get("pattern", ""))
    return message, f"write {spelling}" if spelling else _advice("correct it", field)


_LIMITS: dict[str, tuple[str, str]] = {
    "greater_than": ("must be more than {gt:g}, not {found}", "write a larger number"),
    "greater_than_equal": ("must be at least {ge:g}, not {found}", "write a larger number"),
    "less_than_equal": ("must be at most {le:g}, not {found}", "write a smaller number"),
    "finite_number": ("must be a number, not {found}", "write digits"),
    "string_too_short": ("must not be empty", "write it out"),
    "string_too_long": ("must be at most {max_length} characters long", "shorten it"),
    "too_short": ("too few entries: at least {min_length}, not {actual_length}", "add one"),
    "too_long": ("too many entries: at most {max_length}, not {actual_length}", "remove one"),
}
"""What to say of a value that is too much or too little, and what to do, by pydantic's error type."""


def _limit(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
    message, remedy = _LIMITS[error["type"]]
    return message.format(**error.get("ctx", {}), found=_found(error)), _advice(remedy, field)


_EXPLANATIONS: dict[
    str, Callable[[ErrorDetails, FieldInfo | None, list[type[BaseModel]]], tuple[str, str]]
] = {
    "extra_forbidden": _extra,
    "missing": _missing,
    "enum": _choice,
    "literal_error": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _no_tag,
    "string_pattern_mismatch": _pattern,
    **dict.fromkeys(_LIMITS, _limit),
}

CODES: dict[str, str] = {"extra_forbidden": "DOC006", "missing": "DOC007", "union_tag_not_found": "DOC007"}
"""Rule codes by pydantic's error type; everything else is DOC008, a wrong value."""


class Explained(NamedTuple):
    """One error in words."""

    code: str
    path: Loc
    message: str
    remedy: str


def explain(model: type[BaseModel], data: object, errors: Sequence[ErrorDetails]) -> list[Explained]:
    """What is wrong with `data`, one entry for each place; `errors` are those of validating it by `model`."""
    places: dict[Loc, list[ErrorDetails]] = {}
    for error in errors:
        places.setdefault(_written_path(model, data, error), []).append(error)
    return [
        each
        for path, group in places.items()
        if not _is_told_within(path, group, places)
        for each in _explain_place(model, path, group)
    ]


TOLD_IN_ONE = 5
"""How many errors one message tells of."""


def in_one(model: type[BaseModel], data: object, error: ValidationError) -> tuple[str, str]:
    """All that is wrong with data that stand in no file, in one message, and how to mend it."""
    told = explain(model, data, error.errors(include_url=False))[:TOLD_IN_ONE]
    said = [f"{dotted(each.path[:-1] if _names_it(each) else each.path)}: {each.message}" for each in told]
    remedies = dict.fromkeys(each.remedy.rstrip(".") for each in told)
    return "; ".join(each.removeprefix(": ") for each in said), "; ".join(remedies)


def _names_it(told: Explained) -> bool:
    """Whether the message itself names the last key of the path."""
    return bool(told.path) and f"`{told.path[-1]}`" in told.message


def _is_told_within(path: Loc, errors: Sequence[ErrorDetails], places: Iterable[Loc]) -> bool:
    """Whether a value fits one of the kinds it may have, but for something inside it."""
    return len(errors) > 1 and any(other[: len(path)] == path and other != path for other in places)


def _explain_place(model: type[BaseModel], path: Loc, errors: Sequence[ErrorDetails]) -> Iterator[Explained]:
    field, _, _ = field_at(model, errors[0]["loc"])
    if len(errors) > 1 and all(len(error["loc"]) > len(path) for error in errors):
        yield Explained("DOC008", path, *_one_of_several(errors, field))
        return
    for error in errors:
        _, siblings, _ = field_at(model, error["loc"][:-1])
        kind = error["type"]
        known = _EXPLANATIONS.get(kind) or (_typed if _is_about_type(kind) else _said)
        yield Explained(CODES.get(kind, "DOC008"), path, *known(error, field, siblings))


def _is_about_type(kind: str) -> bool:
    first, _, rest = kind.partition("_")
    return first in _WANTED and rest.startswith(("type", "parsing", "from", "attributes"))


def _written_path(model: type[BaseModel], data: object, error: ErrorDetails) -> Loc:
    """The error's place in what was written: without what unions put in, with a missing key.

    What they put in may be a key as well: a `command` variant has a key `command`.
    """
    path: list[str | int] = []
    _, _, loc = field_at(model, error["loc"])
    last = len(loc) - 1
    for index, part in enumerate(loc):
        if (isinstance(data, dict) and part in data) or (isinstance(data, list) and isinstance(part, int)):
            data = data[part]  # type: ignore[index]  # narrowed above, by the kind of the part
            path.append(part)
        elif index == last and error["type"] == "missing":
            path.append(part)
    return tuple(path)


def _description(field: FieldInfo | None) -> str:
    return (field.description or "") if field is not None else ""


def _lowered(sentence: str) -> str:
    return f"({sentence[:1].lower()}{sentence[1:].rstrip('.')})" if sentence else ""


def _short(value: object) -> str:
    return one_line(str(value), 40)
