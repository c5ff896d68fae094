"""`requires`: which versions of iterata a knowledge base works with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iterata import __version__
from iterata.errors import ConfigError, Location
from iterata.execution.installed import NAME, how_to_upgrade, install_listed

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS = "requirements.txt"
"""What the team of a knowledge base installs."""

_AT_LEAST = re.compile(rf"{NAME} ?>= ?([0-9]+(?:\.[0-9]+)*)")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)*")


class UnfitVersion(ConfigError):
    """The knowledge base requires another version of iterata than the one that is installed."""


def validated(requirement: object) -> object:
    """The requirement, if it names iterata and versions of it.

    Raises:
        ValueError: it does not; with the reason.
    """
    if requirement is None or (isinstance(requirement, str) and _AT_LEAST.fullmatch(requirement)):
        return requirement
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415  # slow, and rare

    try:
        parsed = Requirement(str(requirement))
    except InvalidRequirement:
        raise ValueError(f"must be a requirement, such as `{NAME}>={__version__}`") from None
    if parsed.name.lower() != NAME or parsed.url or parsed.marker or parsed.extras or not parsed.specifier:
        raise ValueError(f"must name {NAME} and its versions only, such as `{NAME}>={__version__}`")
    return requirement


def refuse_unfit(requirement: object, location: Location, folder: Path | None) -> None:
    """Refuse to work on a knowledge base that requires another version of iterata.

    Args:
        requirement: the value of `requires`; one that is not valid is told later, with other settings.
        location: where it is written.
        folder: the knowledge base, whose `requirements.txt` tells what its team installs.

    Raises:
        UnfitVersion: the version that is running does not fit.
    """
    if not isinstance(requirement, str) or _admits(requirement, __version__):
        return
    specifier = requirement.strip().removeprefix(NAME).strip()
    message = f"this knowledge base requires {requirement}; iterata {__version__} is installed"
    raise UnfitVersion(message, remedy=_remedy(specifier, folder), where=location)


def _admits(requirement: str, version: str) -> bool:
    """Whether a requirement admits a version; True for a requirement that is not valid."""
    at_least = _AT_LEAST.fullmatch(requirement)
    if at_least and _PLAIN.fullmatch(version):
        return _release(version) >= _release(at_least[1])
    try:
        validated(requirement)
    except ValueError:
        return True
    from packaging.requirements import Requirement  # noqa: PLC0415

    return Requirement(requirement).specifier.contains(version, prereleases=True)


def _release(version: str) -> list[int]:
    """The numbers of a version; `0.3` and `0.3.0` are the same."""
    numbers = [int(number) for number in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers


def _remedy(specifier: str, folder: Path | None) -> str:
    path = folder / REQUIREMENTS if folder else None
    if path is None or not path.is_file():
        return how_to_upgrade(specifier)
    lines = path.read_text("utf-8", "replace").splitlines()
    for number, line in enumerate(lines, 1):
        text = line.partition(" #")[0].strip()
        if not re.match(rf"{NAME}\s*(\[|@|[=<>~!]|$|;)", text, re.IGNORECASE):
            continue
        install = install_listed(path)
        if "@" in text:  # a commit or a file, which does not tell its version
            other = f"; if that is another version, name one of {NAME}{specifier} in line {number} first"
            return f"{install}{other}"
        pinned = text.partition("==")[2].split(";")[0].strip()
        if pinned and _admits(f"{NAME}{specifier}", pinned):
            return install
        return f"write `{NAME}{specifier}` in line {number} of {path.name}, then {install}"
    return how_to_upgrade(specifier)


_ENTRY = re.compile(
    r"^(?P<indent>[ \t]*)- iterata(?P<colon>:?)[ \t]*(?P<comment>#[^\r\n]*)?(?P<end>\r?)$", re.MULTILINE
)
_AS_KEY = re.compile(r"^(?P<indent>[ \t]+)iterata:[ \t]*(?:#[^\r\n]*)?(?P<end>\r?)$", re.MULTILINE)


def with_requirement(text: str, old: str | None, new: str) -> str | None:
    """The text of a `mkdocs.yml` with another requirement, in the layout that it has.

    None if the requirement has limits that a person chose, or if the plugin's entry is written in braces.
    The caller reads the text again: whatever this edit touched by mistake shows as another setting.
    """
    if old is not None:
        if not _AT_LEAST.fullmatch(old):
            return None
        return re.sub(
            rf"(\brequires:[ \t]*[\"']?){re.escape(old)}", lambda found: found[1] + new, text, count=1
        )
    if entry := _ENTRY.search(text):
        indent, is_last = f"{entry['indent']}    ", _next_indent(text, entry.end())
        keys = is_last if entry["colon"] and len(is_last) > len(entry["indent"]) else indent
        comment = f"  {entry['comment']}" if entry["comment"] else ""
        line = f"{entry['indent']}- iterata:{comment}{entry['end']}\n{keys}requires: {new}{entry['end']}"
        return text[: entry.start()] + line + text[entry.end() :]
    if entry := _AS_KEY.search(text):
        following = _next_indent(text, entry.end())
        keys = following if len(following) > len(entry["indent"]) else f"{entry['indent']}  "
        return f"{text[: entry.end()]}\n{keys}requires: {new}{entry['end']}{text[entry.end() :]}"
    return None


def _next_indent(text: str, end: int) -> str:
    """The indentation of the first line after a position that is neither empty nor a comment."""
    for line in text[end:].split("\n")[1:]:
        if line.strip() and not line.lstrip().startswith("#"):
            return line[: len(line) - len(line.lstrip())]
    return ""
