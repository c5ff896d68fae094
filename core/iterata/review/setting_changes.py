"""What changes between two versions of the settings, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.rules.catalogue import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iterata.repository.config import Settings


class SettingChange(NamedTuple):
    """One setting before and after."""

    subject: str
    before: str
    after: str


_SUBJECTS = {
    "required_roles": "who must approve the {}",
    "role_holders": "who holds the role {}",
    "severity": "{}",
}
"""The settings that map a name to what applies to it."""

_ABSENT = {
    "required_roles": "nobody",
    "role_holders": "the team of that name in CODEOWNERS",
    "severity": "as the rule says",
}


def setting_changes(before: Settings, after: Settings) -> Iterator[SettingChange]:
    """Every setting that differs."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    for name in type(before).model_fields:
        if old[name] == new[name]:
            continue
        if name in _SUBJECTS:
            yield from _by_key(name, old[name], new[name])
        else:
            yield SettingChange(name, _text(old[name]), _text(new[name]))


def _by_key(
    name: str, old: Mapping[str, str | Sequence[str]], new: Mapping[str, str | Sequence[str]]
) -> Iterator[SettingChange]:
    for key in sorted({*old, *new}):
        before, after = (_text(values[key]) if key in values else _ABSENT[name] for values in (old, new))
        if before != after:
            rule = RULES.get(key) if name == "severity" else None
            subject = f"{key} ({rule.summary.rstrip('.')})" if rule else key
            yield SettingChange(_SUBJECTS[name].format(subject), before, after)


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nobody"
    return "none" if value is None else str(value)
