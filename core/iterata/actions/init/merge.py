"""Add what is missing to a file that exists; every line of it stays as it was."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import TYPE_CHECKING, NamedTuple

import yaml
from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from iterata.actions.init.table import Merge

Entry = dict[str, object]


class NotMergeable(Exception):
    """The missing part cannot be added without changing what is there."""


def merged(how: Merge, existing: str, template: str) -> str:
    """The text of a file with what it lacks of the template; the same text if nothing is missing.

    Raises:
        NotMergeable: the layout of the file does not allow it.
    """
    line_break = "\r\n" if "\r\n" in existing else "\n"
    text = _MERGES[how](existing.replace("\r\n", "\n"), template)
    return text.replace("\n", line_break)


def _keep(existing: str, template: str) -> str:
    del template
    return existing


def _with_mention(existing: str, template: str) -> str:
    """The text, and the template below it, unless the text mentions iterata."""
    return existing if "iterata" in existing else _joined(existing, template)


def _with_block(existing: str, template: str) -> str:
    """The text, and the template below it, unless the text has the template's first line."""
    return existing if template.split("\n", 1)[0] in existing.split("\n") else _joined(existing, template)


def _joined(existing: str, template: str) -> str:
    return f"{existing.rstrip()}\n\n{template}" if existing.strip() else template


class _Line(NamedTuple):
    """A line of a template."""

    key: str
    text: str
    heading: tuple[str, ...]
    """The blank line and the comments above the block of lines that it is part of."""


def _with_lines(existing: str, template: str) -> str:
    """Add the lines whose first word is missing."""
    return _inserted(existing, list(_lines(template)))


def _with_owners(existing: str, template: str) -> str:
    """Add the lines of CODEOWNERS whose pattern is missing.

    Not added are `*`, which would take files from their owners, and files for all that have an owner already.
    """
    if not existing.strip():
        return template
    specific = GitIgnoreSpec.from_lines(
        key for line in existing.splitlines() if (key := _key(line)) and not _CATCH_ALL.fullmatch(key)
    )
    return _inserted(
        existing,
        [
            line
            for line in _lines(template)
            if not _CATCH_ALL.fullmatch(line.key)
            and not (_FOR_ALL.match(line.key) and specific.match_file(line.key.strip("/").replace("*", "")))
        ],
    )


_CATCH_ALL = re.compile(r"/?\*{1,2}(/\*+)?")
_FOR_ALL = re.compile(r"/?\.|CODEOWNERS")
"""Patterns of files for the whole repository: workflows, Git's attributes, CODEOWNERS."""


def _inserted(existing: str, wanted: Sequence[_Line]) -> str:
    """Insert each missing line before the line of the template that follows it, otherwise at the end.

    Order matters: the last line of CODEOWNERS or .gitignore that matches counts.
    """
    lines = existing.rstrip("\n").split("\n")
    present = {_key(line) for line in lines}
    begun = {line.heading for line in wanted if line.key in present}
    missing: dict[str, list[str]] = {}
    for line in wanted:
        if line.key not in present:
            missing[line.key] = [line.text] if line.heading in begun else [*line.heading, line.text]
            begun.add(line.heading)
    position = len(lines)
    for line in reversed(wanted):
        if line.key in missing:
            lines[position:position] = missing[line.key]
        else:
            position = max(number for number, other in enumerate(lines) if _key(other) == line.key)
    return "\n".join(lines).lstrip("\n") + "\n" if missing else existing


def _lines(template: str) -> Iterator[_Line]:
    heading: tuple[str, ...] = ("",)
    text_above = ""
    for text in template.splitlines():
        if text.startswith("#"):
            heading = (*heading, text) if text_above.startswith("#") else ("", text)
        elif text.strip():
            yield _Line(_key(text), text, heading)
        text_above = text


_FIRST_WORD = re.compile(r"(?:\\.|\S)+")


def _key(line: str) -> str:
    """What a line is about: the pattern of CODEOWNERS or .gitignore; empty for a comment."""
    match = None if line.lstrip().startswith("#") else _FIRST_WORD.search(line)
    return match[0] if match else ""


def _is_same_hook(entry: Entry, wanted: Entry) -> bool:
    """Whether a repository of pre-commit's configuration has the hook, for the same documents."""
    (hook,) = _entries(wanted, "hooks")
    return any(
        other.get("id") == hook["id"] and _selects(other.get("files"), str(hook["files"]))
        for other in _entries(entry, "hooks")
    )


def _selects(pattern: object, wanted: str) -> bool:
    """Whether a pattern selects the documents that the wanted pattern selects."""
    if pattern is None or pattern == wanted:
        return True
    document = (
        re.sub(r"\\(.)", r"\1", wanted.removeprefix("^").partition("/.*")[0]) + "/churn/requirements.md"
    )
    try:
        return re.search(str(pattern), document) is not None
    except re.error:
        return False


def _is_same_include(entry: Entry, wanted: Entry) -> bool:
    """Whether GitLab's configuration already includes the file."""
    return str(entry.get("local")).lstrip("/") == wanted["local"]


def _is_same_update(entry: Entry, wanted: Entry) -> bool:
    """Whether Dependabot already looks at the folder for these packages."""
    folders = entry.get("directories")
    patterns = folders if isinstance(folders, list) else [entry.get("directory")]
    return entry.get("package-ecosystem") == wanted["package-ecosystem"] and any(
        fnmatch(_folder(wanted["directory"]), _folder(pattern)) for pattern in patterns
    )


def _folder(path: object) -> str:
    return "/" + str(path).strip("/")


def _entries(mapping: Entry, key: str) -> list[Entry]:
    values = mapping.get(key)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


_SAME: Mapping[str, Callable[[Entry, Entry], bool]] = {
    "repos": _is_same_hook,
    "updates": _is_same_update,
    "include": _is_same_include,
}
"""The lists that gain entries, and when an entry is the same as one that exists."""


def _with_entries(existing: str, template: str) -> str:
    """Add the entries of the template's list that the list of the file lacks."""
    if not existing.strip():
        return template
    wanted, data = yaml.safe_load(template), _loaded(existing)
    ((key, is_same),) = ((key, same) for key, same in _SAME.items() if key in wanted)
    listed = data.get(key) or []
    entries = _entries(data, key)
    missing = [
        index
        for index, entry in enumerate(wanted[key])
        if not any(is_same(other, entry) for other in entries)
    ]
    if not missing:
        return existing
    blocks = _blocks(template, key)
    text = _appended(existing, key, [blocks[index] for index in missing])
    added = [wanted[key][index] for index in missing]
    if not isinstance(listed, list) or _loaded(text) != {**data, key: [*listed, *added]}:
        raise NotMergeable
    return text


def _loaded(text: str) -> Entry:
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        raise NotMergeable from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise NotMergeable
    return data


def _blocks(template: str, key: str) -> list[list[str]]:
    """The lines of each entry of a template's list, without the indentation of the list."""
    sequence, lines = _sequence(template, key), template.splitlines()
    if sequence is None:
        return []
    starts = [item.start_mark.line for item in sequence.value]
    ends = [*starts[1:], len(lines)]
    indent = _dash(lines[starts[0]])
    return [[line[indent:] for line in lines[start:end]] for start, end in zip(starts, ends, strict=True)]


def _appended(text: str, key: str, blocks: Sequence[list[str]]) -> str:
    """The text with entries at the end of a list, indented as the list is."""
    sequence, lines = _sequence(text, key), text.rstrip("\n").split("\n")
    if sequence is None:
        return f"{text.rstrip()}\n{key}:\n" + "".join(f"  {line}\n" for block in blocks for line in block)
    if not sequence.value or sequence.flow_style:
        raise NotMergeable
    indent = " " * _dash(lines[sequence.value[-1].start_mark.line])
    end = _last_line(sequence.value[-1]) + 1
    lines[end:end] = [f"{indent}{line}".rstrip() for block in blocks for line in block]
    return "\n".join(lines) + "\n"


def _sequence(text: str, key: str) -> yaml.SequenceNode | None:
    """The list at a top-level key; None if there is no such key."""
    root = yaml.compose(text, yaml.SafeLoader)
    for name, node in root.value if isinstance(root, yaml.MappingNode) else ():
        if name.value == key:
            if isinstance(node, yaml.SequenceNode):
                return node
            raise NotMergeable
    return None


def _dash(line: str) -> int:
    """The column of the dash that begins an entry."""
    return len(line) - len(line.lstrip())


def _last_line(node: yaml.Node) -> int:
    """The last line of a node's own text, without the comments and blank lines below it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    mark = node.end_mark
    return mark.line if mark.column else mark.line - 1


_MERGES: Mapping[Merge, Callable[[str, str], str]] = {
    "keep": _keep,
    "lines": _with_lines,
    "owners": _with_owners,
    "yaml": _with_entries,
    "mention": _with_mention,
    "block": _with_block,
}
