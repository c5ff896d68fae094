"""The message and the remedy for each type of pydantic's validation errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, get_args

from iterata.documents.model_fields import models_of
from iterata.documents.models.base import SPELLINGS, Header, tag_of
from iterata.documents.number_spelling import plain_booleans, plain_days, plain_numbers
from iterata.documents.renamed_keys import RENAMED_KEYS
from iterata.stages import statuses
from iterata.text import closest, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

MAX_VALUE_LENGTH = 40
"""How much of a wrong value a message shows."""


class WrongValue(NamedTuple):
    """A validation error, with the field and the block that it concerns."""

    error: ErrorDetails
    field: FieldInfo | None
    """The field whose value is wrong."""
    blocks: list[type[BaseModel]]
    """The models of the block that the value is in."""

    def context(self, key: str) -> object:
        """A part of pydantic's message."""
        return self.error.get("ctx", {}).get(key, "")


class Advice(NamedTuple):
    """What is wrong and how to fix it."""

    message: str
    remedy: str


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a block of keys"),
    (type(None), "empty"),
)


def kind_of(value: object) -> str:
    """The kind of a value, in an author's words."""
    return next((words for kinds, words in _KINDS if isinstance(value, kinds)), type(value).__name__)


def advise(error: ErrorDetails, field: FieldInfo | None, blocks: list[type[BaseModel]]) -> Advice:
    """The message and the remedy for one error.

    Args:
        error: pydantic's error.
        field: the field whose value is wrong.
        blocks: the models of the block that the value is in.
    """
    kind = error["type"]
    message = _MESSAGES.get(kind) or (_wrong_type if _is_about_type(kind) else _other)
    return message(WrongValue(error, field, blocks))


def advise_on_union(errors: Sequence[ErrorDetails], field: FieldInfo | None) -> Advice:
    """The message for a value that is of none of the kinds its field may have, one error for each."""
    kinds = dict.fromkeys(error["type"].split("_")[0] for error in errors)
    if "float" in kinds:
        kinds.pop("int", None)  # a whole number is a number
    words = [_EXPECTED[kind][0] for kind in kinds if kind in _EXPECTED]
    expected = " or ".join(dict.fromkeys(words)) or "of another kind"
    value = errors[0]["input"]
    message = f"must be {expected}, not {_shown(value)}"
    proposal = _plain_spelling(value, plain_numbers) if {"float", "int"} & kinds.keys() else ""
    return Advice(message, proposal or _with_description("write one plain value", field))


def code_of(error_type: str) -> str:
    """The code of the rule that reports an error of pydantic's type."""
    return _CODES.get(error_type, "DOC008")


_CODES = {"extra_forbidden": "DOC006", "missing": "DOC007", "union_tag_not_found": "DOC007"}


def _unknown_key(wrong: WrongValue) -> Advice:
    key = str(wrong.error["loc"][-1])
    keys = list(dict.fromkeys(name for block in wrong.blocks for name in block.model_fields))
    new_name = RENAMED_KEYS.get(key)
    if new_name in keys:
        return Advice(f"`{key}` is now called `{new_name}`", "rename the key")
    if key.isdigit():  # `{budget: 0,4}` is two keys in YAML
        return Advice(f"unknown key `{key}`", f"write decimals with a point, such as `0.{key}`")
    if ":" in key and wrong.error["input"] is None:  # `{budget:0.4}` is one key in YAML
        return Advice(f"unknown key `{key}`", f"write `{key.replace(':', ': ', 1)}`")
    guess = closest(key, keys)
    remedy = f"did you mean `{guess}`?" if guess else f"remove it; the keys here are {', '.join(keys)}"
    return Advice(f"unknown key `{key}`", remedy)


def _missing_key(wrong: WrongValue) -> Advice:
    key, description = wrong.error["loc"][-1], _description(wrong.field)
    in_brackets = f" ({description[:1].lower()}{description[1:].rstrip('.')})" if description else ""
    return Advice(f"`{key}` is missing", f"add `{key}:`{in_brackets}")


def _unknown_choice(wrong: WrongValue) -> Advice:
    choices = _of_stage(wrong, re.findall(r"'([^']+)'", str(wrong.context("expected"))))
    value = wrong.error["input"]
    return Advice(f"{_shown(value)} is not one of the choices", _choose(value, choices))


def _of_stage(wrong: WrongValue, choices: list[str]) -> list[str]:
    """The choices that a document of its stage has: for its status, those that its stage may reach."""
    headers = [block for block in wrong.blocks if issubclass(block, Header)]
    if not headers or wrong.error["loc"][-1] != "status":
        return choices
    (stage,) = get_args(headers[0].model_fields["stage"].annotation) or (None,)
    return [str(status) for status in statuses(stage)] if stage else choices


def _unknown_kind(wrong: WrongValue) -> Advice:
    (key,) = {tag_of(model) for model in _models(wrong.field)}
    choices = [word.strip().strip("'") for word in str(wrong.context("expected_tags")).split(",")]
    kind = wrong.context("tag")
    return Advice(f"`{key}: {_short(kind)}` is unknown here", _choose(kind, choices))


def _missing_kind(wrong: WrongValue) -> Advice:
    kinds = [
        str(kind)
        for model in _models(wrong.field)
        for kind in get_args(model.model_fields["kind"].annotation)
    ]
    return Advice("`kind` is missing", f"add `kind:`, one of {', '.join(kinds)}")


_EXPECTED: dict[str, tuple[str, str]] = {
    "string": ("text", "put quotes around it"),
    "float": ("a number", "write digits, with a point for the decimals and without a unit"),
    "int": ("a whole number", "write digits only"),
    "bool": ("true or false", "write true or false"),
    "date": ("a day that exists", "write it as YYYY-MM-DD, such as 2026-11-23"),
    "list": ("a list", "begin each entry on a line of its own with `- `"),
    "dict": ("a block of keys", "write `key: value` lines below it, indented"),
    "model": ("a block of keys", "write `key: value` lines below it, indented"),
}
"""The kind of value that is expected and how to write it, by the first word of pydantic's error type."""


def _is_about_type(error_type: str) -> bool:
    first, _, rest = error_type.partition("_")
    return first in _EXPECTED and rest.startswith(("type", "parsing", "from", "attributes"))


def _wrong_type(wrong: WrongValue) -> Advice:
    expected, remedy = _EXPECTED[wrong.error["type"].split("_")[0]]
    value = wrong.error["input"]
    if value is None:
        remedy = "write a value"
    elif proposal := _plain_spelling(value, _SPELLINGS.get(expected)):
        return Advice(f"must be {expected}, not {_shown(value)}", proposal)
    return Advice(f"must be {expected}, not {_shown(value)}", _with_description(remedy, wrong.field))


_SPELLINGS: dict[str, Callable[[str], list[str]]] = {
    "a number": plain_numbers,
    "a whole number": plain_numbers,
    "a day that exists": plain_days,
    "true or false": plain_booleans,
}
"""How to write the value that an author meant, by the kind that is expected."""


def _plain_spelling(value: object, spellings: Callable[[str], list[str]] | None) -> str:
    """A remedy with the value as YAML reads it; empty if it does not show what is meant."""
    texts = spellings(value) if spellings and isinstance(value, str) else []
    return f"write {' or '.join(f'`{text}`' for text in texts)}" if texts else ""


def _wrong_form(wrong: WrongValue) -> Advice:
    spelling = SPELLINGS.get(str(wrong.context("pattern")))
    remedy = f"write {spelling}" if spelling else _with_description("correct it", wrong.field)
    return Advice(f"{_shown(wrong.error['input'])} does not have the required form", remedy)


_LIMITS: dict[str, tuple[str, str]] = {
    "greater_than": ("must be more than {gt:g}, not {value}", "write a larger number"),
    "greater_than_equal": ("must be at least {ge:g}, not {value}", "write a larger number"),
    "less_than": ("must be less than {lt:g}, not {value}", "write a smaller number"),
    "less_than_equal": ("must be at most {le:g}, not {value}", "write a smaller number"),
    "finite_number": ("must be a number, not {value}", "write digits"),
    "string_too_short": ("must not be empty", "write a text"),
    "string_too_long": ("must be at most {max_length} characters long", "shorten it"),
    "too_short": ("too few entries: at least {min_length}, not {actual_length}", "add one"),
    "too_long": ("too many entries: at most {max_length}, not {actual_length}", "remove one"),
}
"""The message and the remedy for a value beyond a limit, by pydantic's error type."""


def _beyond_limit(wrong: WrongValue) -> Advice:
    message, remedy = _LIMITS[wrong.error["type"]]
    value = _shown(wrong.error["input"])
    text = message.format(**wrong.error.get("ctx", {}), value=value)
    if share := _as_share(wrong):
        remedy = f"write `{share}` for {value.strip('`')} %"
    return Advice(text, _with_description(remedy, wrong.field))


def _as_share(wrong: WrongValue) -> str:
    """A percentage as the share that is expected; empty if it is none."""
    limit = wrong.context("le") or wrong.context("lt")
    return _share_of(wrong.error["input"]) if limit == 1 else ""


def _share_of(value: object) -> str:
    is_percentage = isinstance(value, int | float) and 1 < value <= 100
    return plain_numbers(f"{value}%")[0] if is_percentage else ""


def _address(wrong: WrongValue) -> Advice:
    return Advice(str(wrong.context("message")), str(wrong.context("remedy")))


def _other(wrong: WrongValue) -> Advice:
    message = wrong.error["msg"].removeprefix("Value error, ")
    message = message.replace("Input should be", "must be").replace("Input should", "must")
    value = wrong.error["input"]
    if "share up to 1" in message and (share := _share_of(value)):
        return Advice(message, f"write `{share}` for {value} %")
    remedy = ""
    if wrong.error["type"] == "value_error":  # a validator of ours may say how to correct it
        message, _, remedy = message.partition("; ")
    return Advice(message[:1].lower() + message[1:], remedy or _with_description("correct it", wrong.field))


_MESSAGES: dict[str, Callable[[WrongValue], Advice]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "enum": _unknown_choice,
    "literal_error": _unknown_choice,
    "union_tag_invalid": _unknown_kind,
    "union_tag_not_found": _missing_kind,
    "string_pattern_mismatch": _wrong_form,
    "address": _address,
    **dict.fromkeys(_LIMITS, _beyond_limit),
}
"""The function that writes the message, by pydantic's error type."""


def _choose(value: object, choices: Sequence[str]) -> str:
    guess = closest(value, choices) if isinstance(value, str) else None
    listed = ", ".join(choices)
    if len(choices) == 1:
        return f"write `{listed}`"
    return f"did you mean `{guess}`? The choices are {listed}" if guess else f"choose one of {listed}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{_short(value)}`" if isinstance(value, str | int | float) else kind_of(value)


def _short(value: object) -> str:
    return one_line(str(value), MAX_VALUE_LENGTH)


def _models(field: FieldInfo | None) -> list[type[BaseModel]]:
    return models_of(field.annotation) if field is not None else []


def _description(field: FieldInfo | None) -> str:
    return (field.description or "") if field is not None else ""


def _with_description(remedy: str, field: FieldInfo | None) -> str:
    return f"{remedy}. {_description(field)}".rstrip(". ") + ("." if field is not None else "")
