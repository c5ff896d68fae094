"""Turns what pydantic says of front matter into what a person can act on."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def closest(word: str, choices: Sequence[str]) -> str | None:
    """The choice that `word` was probably meant to be."""
    lowered = {choice.lower(): choice for choice in choices}
    match = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[match[0]] if match else None


def dotted(loc: Sequence[str | int]) -> str:
    """A path into the front matter as people write it: `plan.variants[0].name`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models a field's annotation may hold, through Optional, lists, dicts and unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        arguments = arguments[:1]
    return [model for argument in arguments for model in _models(argument)]


def _field_tag(model: type[BaseModel], tag: object) -> bool:
    kind = model.model_fields.get("kind")
    return kind is not None and tag in get_args(kind.annotation)


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
    return f"did you mean `{guess}`? The choices are {listed}" if guess else f"choose one of {listed}"


def _extra(error: ErrorDetails, _: FieldInfo | None, siblings: list[type[BaseModel]]) -> tuple[str, str]:
    key = str(error["loc"][-1])
    known = list(dict.fromkeys(name for model in siblings for name in model.model_fields))
    guess = closest(key, known)
    remedy = f"did you mean `{guess}`?" if guess else f"remove it; the keys here are {', '.join(known)}"
    return f"unknown key `{key}`", remedy


def _missing(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
    key = error["loc"][-1]
    return f"`{key}` is missing", f"add `{key}:` {_lowered(_description(field))}".rstrip()


def _choice(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
    expected = str(error.get("ctx", {}).get("expected", ""))
    choices = [word.strip().strip("'") for word in expected.replace(" or ", ", ").split(",") if word.strip()]
    return f"`{_short(error['input'])}` is not one of the choices", _choose(error["input"], choices)


def _tag(error: ErrorDetails, _: FieldInfo | None, __: list[type[BaseModel]]) -> tuple[str, str]:
    context = error.get("ctx", {})
    choices = [word.strip().strip("'") for word in str(context.get("expected_tags", "")).split(",")]
    return f"`kind: {_short(context.get('tag', ''))}` is not known here", _choose(context.get("tag"), choices)


def _no_tag(_: ErrorDetails, field: FieldInfo | None, __: list[type[BaseModel]]) -> tuple[str, str]:
    kinds = [
        str(tag)
        for model in _models(getattr(field, "annotation", None))
        for tag in get_args(model.model_fields["kind"].annotation)
    ]
    return "`kind` is missing", f"add `kind:`, one of {', '.join(kinds)}"


def _typed(
    wanted: str, remedy: str
) -> Callable[[ErrorDetails, FieldInfo | None, list[type[BaseModel]]], tuple[str, str]]:
    def explain(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
        found = (
            f"`{_short(error['input'])}`"
            if isinstance(error["input"], str | int | float)
            else kind_of(error["input"])
        )
        advice = f"{remedy}. {_description(field)}" if field is not None else remedy
        return f"must be {wanted}, not {found}", advice.rstrip()

    return explain


def _said(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
    said = (
        error["msg"]
        .removeprefix("Value error, ")
        .replace("Input should be", "must be")
        .replace("Input should", "must")
    )
    return said[:1].lower() + said[1:], _description(field) or "change the value"


def _pattern(error: ErrorDetails, field: FieldInfo | None, _: list[type[BaseModel]]) -> tuple[str, str]:
    return f"`{_short(error['input'])}` is not written as it must be", _description(
        field
    ) or "change the value"


_NUMBER = _typed("a number", "write digits, with a point for the decimals and without a unit")
_WHOLE = _typed("a whole number", "write digits only")
_DAY = _typed("a day that exists", "write it as YYYY-MM-DD, such as 2026-11-23")
_LIST = _typed("a list", "begin each entry on a line of its own with `- `")
_BLOCK = _typed("a block of keys", "write `key: value` lines below it, indented")

_EXPLANATIONS: dict[
    str, Callable[[ErrorDetails, FieldInfo | None, list[type[BaseModel]]], tuple[str, str]]
] = {
    "extra_forbidden": _extra,
    "missing": _missing,
    "enum": _choice,
    "literal_error": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _no_tag,
    "string_type": _typed("text", "put quotes around it"),
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": _typed("true or false", "write true or false"),
    "bool_parsing": _typed("true or false", "write true or false"),
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "list_type": _LIST,
    "dict_type": _BLOCK,
    "model_type": _BLOCK,
    "model_attributes_type": _BLOCK,
    "string_pattern_mismatch": _pattern,
}

CODES: dict[str, str] = {"extra_forbidden": "DOC006", "missing": "DOC007", "union_tag_not_found": "DOC007"}
"""Rule codes by pydantic's error type; everything else is DOC008, a wrong value."""


def explain(model: type[BaseModel], error: ErrorDetails) -> tuple[str, Loc, str, str]:
    """Return code, path, message and remedy for one error of `model`."""
    field, _, path = field_at(model, error["loc"])
    _, siblings, _ = field_at(model, error["loc"][:-1])
    message, remedy = _EXPLANATIONS.get(error["type"], _said)(error, field, siblings)
    return CODES.get(error["type"], "DOC008"), path, message, remedy


def _description(field: FieldInfo | None) -> str:
    return (field.description or "") if field is not None else ""


def _lowered(sentence: str) -> str:
    return f"({sentence[:1].lower()}{sentence[1:].rstrip('.')})" if sentence else ""


def _short(value: object) -> str:
    text = str(value).replace("\n", " ")
    return text if len(text) <= 40 else f"{text[:39]}…"
