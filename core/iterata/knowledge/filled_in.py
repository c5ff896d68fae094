"""Documents without what their authors still have to write: prompts, and headings with nothing below them.

What is left out of prose becomes spaces, so that every other character keeps its line and its offset.
"""

from __future__ import annotations

import re

from iterata.lifecycle.conditions import TODO

_PROMPT = re.compile(rf"[^\w\n`]*{TODO}\b")
_BLOCK_START = re.compile(r"\s*(?:[-*+>|#]|\d+[.)]\s|<!--|```|~~~)")
"""A line that does not continue the paragraph or the list item above it."""
_FENCE = re.compile(r"\s{0,3}(```+|~~~+)")
_HEADING = re.compile(r"(#{1,6})\s")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def without_prompts(value: object) -> object:
    """Front matter without texts that begin with TODO; None if the value is one."""
    match value:
        case str():
            return None if value.lstrip().startswith(TODO) else value
        case dict():
            kept = {key: without_prompts(entry) for key, entry in value.items()}
            return {key: entry for key, entry in kept.items() if entry is not None or value[key] is None}
        case list():
            return [entry for entry in map(without_prompts, value) if entry is not None]
    return value


def filled_in(prose: str) -> str:
    """Markdown without prompts, and without headings that have nothing else below them.

    >>> filled_in("# Title\\n\\n## Risks\\n\\nTODO: What could go wrong.\\n\\n## Next\\n\\nText.").split()
    ['#', 'Title', '##', 'Next', 'Text.']
    """
    lines = prose.split("\n")
    is_code = _code_lines(lines)
    _blank_prompts(lines, is_code)
    _blank_empty_sections(lines, is_code)
    return "\n".join(lines)


def _code_lines(lines: list[str]) -> list[bool]:
    """Which lines are in a fenced block of code, or are a fence."""
    fence, is_code = "", []
    for line in lines:
        found = _FENCE.match(line)
        is_code.append(bool(fence or found))
        if fence:
            if found and found[1].startswith(fence):
                fence = ""
        elif found:
            fence = found[1]
    return is_code


def _blank_prompts(lines: list[str], is_code: list[bool]) -> None:
    is_prompt = False
    for number, line in enumerate(lines):
        if is_code[number]:
            is_prompt = False
        elif _PROMPT.match(line):
            is_prompt = not line.lstrip().startswith("|")  # a row of a table is a prompt by itself
            lines[number] = " " * len(line)
        elif is_prompt and line.strip() and not _BLOCK_START.match(line):
            lines[number] = " " * len(line)
        else:
            is_prompt = False


def _blank_empty_sections(lines: list[str], is_code: list[bool]) -> None:
    """Blank every heading without content, the last first: a chapter of empty sections is empty, too."""
    visible = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), "\n".join(lines)).split("\n")
    levels = [0 if code else _level(line) for line, code in zip(visible, is_code, strict=True)]
    for number in reversed(range(len(lines))):
        if (level := levels[number]) < 2:
            continue
        end = next(
            (later for later in range(number + 1, len(lines)) if 0 < levels[later] <= level), len(lines)
        )
        if not any(line.strip() for line in visible[number + 1 : end]):
            lines[number] = visible[number] = " " * len(lines[number])
            levels[number] = 0


def _level(line: str) -> int:
    heading = _HEADING.match(line)
    return len(heading[1]) if heading else 0
