"""YAML read safely, with every key's place known, and what is wrong with it said in words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from iterata.documents.yaml import fast_path
from iterata.documents.yaml.schema import MAX_DEPTH, Loader, TooDeep, construct
from iterata.problems import Position

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_EXPANDED_NODES = 50_000
"""What a document may grow to once its aliases are followed; an honest one stays below 5,000."""

MAX_TOLD = 100
"""How many problems of a kind are told of one document; whoever has more than that has one problem only."""

_ALIAS = re.compile(r"[\s\[{,:-]\*[^\s\]},*]")
"""What may be an alias; a false alarm costs only time."""

_OPENERS = ("[", "{", "- ", "? ")
_SUSPICIOUS = 1_000


class YamlFault(NamedTuple):
    """Something wrong with the YAML itself."""

    code: str
    position: Position
    message: str
    remedy: str


def load(text: str) -> tuple[Any, list[YamlFault]]:
    """Return the data of a YAML text and what is wrong with it; the data is None where it cannot be read.

    Positions count from the first line of `text`.
    """
    try:
        return fast_path.read(text), []
    except (fast_path.NotPlainError, yaml.YAMLError):
        return _carefully(text)


def _carefully(text: str) -> tuple[Any, list[YamlFault]]:
    """The same of any text at all, in two passes."""
    if fault := _depth_fault(text):
        return None, [fault]
    loader = Loader(text)
    try:
        return _read(loader, text)
    except TooDeep as error:
        fault = _too_deep(text, error.problem_mark)
    except yaml.MarkedYAMLError as error:
        fault = _syntax(error, text)
    except yaml.reader.ReaderError as error:
        fault = _character(error, text)
    except RecursionError:
        fault = YamlFault(
            "DOC005", Position(1), "nested too deep to be read", "make the front matter simpler"
        )
    finally:
        loader.dispose()
    return None, [fault]


def _read(loader: Loader, text: str) -> tuple[Any, list[YamlFault]]:
    node = loader.get_single_node()
    if node is None:
        return {}, []
    if _ALIAS.search(text) and (fault := _alias_fault(node)):
        return None, [fault]
    duplicates: list[yaml.ScalarNode] = []
    data = construct(node, duplicates)
    return data, [_duplicate(text, key) for key in duplicates[:MAX_TOLD]]


def locate(text: str, path: Sequence[str | int], *, key: bool = False) -> Position:
    """Return where the value at `path` stands, or the nearest thing above it that does exist.

    With `key`, the place of its key instead. Steps that match nothing, such as the tags a discriminated union
    puts in a path, are passed over.
    """
    node = _composed(text)
    mark = node.start_mark if node is not None else None
    for step in path:
        found = _step(node, step)
        if found is not None:
            key_node, node = found
            mark = (key_node if key else node).start_mark
    return _position(text, mark)


@lru_cache(maxsize=2)
def _composed(text: str) -> yaml.Node | None:
    """The nodes of a text, kept while one problem of it after another is placed."""
    loader = Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
    except yaml.YAMLError:
        return None
    else:
        return node
    finally:
        loader.dispose()


def _position(text: str, mark: Any) -> Position:
    return _place(text, mark.index) if mark is not None else Position(1)


def _place(text: str, index: int) -> Position:
    """Where a character stands, in lines as Git counts them; YAML knows more line breaks than it does."""
    start = text.rfind("\n", 0, index) + 1
    return Position(text.count("\n", 0, start) + 1, index - start + 1)


def _step(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _duplicate(text: str, key: yaml.ScalarNode) -> YamlFault:
    position = _position(text, key.start_mark)
    return YamlFault(
        "DOC004",
        position,
        f"the key `{key.value}` stands here twice",
        "keep one of the two; only the last would count",
    )


def _character(error: yaml.reader.ReaderError, text: str) -> YamlFault:
    code = error.character if isinstance(error.character, int) else ord(str(error.character)[:1])
    position = _place(text, max(0, text.find(chr(code))))  # the error's own place counts bytes
    message = f"a character that YAML does not allow: U+{code:04X}"
    return YamlFault("DOC003", position, message, "remove the character; an editor may not show it")


def _syntax(error: yaml.MarkedYAMLError, text: str) -> YamlFault:
    mark = error.problem_mark or error.context_mark
    position = _position(text, mark)
    line = text.split("\n")[position.line - 1]
    said = (error.problem or error.context or "not readable").replace("\n", " ")
    return YamlFault("DOC003", position, f"not valid YAML: {said}", _syntax_remedy(said, line))


_SYNTAX_REMEDIES: tuple[tuple[str, str], ...] = (
    (
        "mapping values are not allowed",
        "a text that holds `: ` needs quotes around it, or `>-` and a line of its own",
    ),
    (
        "cannot start any token",
        "indent with spaces; a text may not begin with a tab, `@`, `` ` `` or `%` without quotes",
    ),
    ("undefined alias", "a text that begins with `*` needs quotes around it"),
    ("expected alphabetic or numeric character", "a text that begins with `*` or `&` needs quotes around it"),
    ("escape", "between double quotes a backslash begins an escape; use single quotes instead"),
    (
        "could not determine a constructor",
        "remove the tag that begins with `!`; a text that begins so needs quotes",
    ),
    ("expected <block end>", "check the indentation: entries of one block begin in the same column"),
    ("did not find expected key", "check the indentation, and that every quote and bracket above is closed"),
    ("did not find expected ',' or", "close the bracket or brace, and put a comma between its entries"),
    ("unexpected end of stream", "close the quote that was opened above"),
    ("could not find expected ':'", "put `: ` after the key; a longer text belongs after `>-`, indented"),
    ("unhashable", "a key must be a word, not a list or a block"),
    ("but found another document", "remove the line `---` or `...` within the front matter"),
)


def _syntax_remedy(said: str, line: str) -> str:
    if line.startswith("\t") or "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces; YAML does not allow tabs"
    return next(
        (mend for cause, mend in _SYNTAX_REMEDIES if cause in said), "check this line and the one above"
    )


def _depth_fault(text: str) -> YamlFault | None:
    """Refuse nesting that could exhaust the stack; ordinary texts pay only for counting a few characters."""
    if sum(text.count(opener) for opener in _OPENERS) < _SUSPICIOUS:
        return None
    depth = 0
    try:
        for event in yaml.parse(text, Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                return _too_deep(text, event.start_mark)
    except yaml.YAMLError:
        return None  # the reading proper says what is wrong, and where
    return None


def _too_deep(text: str, mark: Any) -> YamlFault:
    message = f"nested more than {MAX_DEPTH} deep"
    return YamlFault("DOC005", _position(text, mark), message, "make the front matter simpler")


def _alias_fault(root: yaml.Node) -> YamlFault | None:
    """Refuse a few bytes that would unfold into gigabytes, or into themselves."""
    sizes: dict[int, int] = {}
    under_way: set[int] = set()

    def size(node: yaml.Node, depth: int = 1) -> int:
        if id(node) in under_way:
            return MAX_EXPANDED_NODES + 1
        if depth > MAX_DEPTH + 1:  # a scalar in the deepest block
            raise TooDeep(None, None, None, node.start_mark)
        if id(node) not in sizes:
            under_way.add(id(node))
            children = (
                [child for pair in node.value for child in pair]
                if isinstance(node, yaml.MappingNode)
                else node.value
            )
            nested = children if isinstance(node, yaml.CollectionNode) else ()
            sizes[id(node)] = 1 + sum(size(child, depth + 1) for child in nested)
            under_way.discard(id(node))
        return sizes[id(node)]

    if size(root) <= MAX_EXPANDED_NODES:
        return None
    return YamlFault(
        "DOC005", Position(1), "its aliases (`*name`) unfold into too much", "write the values out instead"
    )
