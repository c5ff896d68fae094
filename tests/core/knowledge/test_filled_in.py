"""What an author still has to write is left out, and nothing else moves."""

from __future__ import annotations

import pytest

from iterata.knowledge.filled_in import filled_in, without_prompts


@pytest.mark.parametrize(
    ("prose", "left"),
    [
        ("## Risks\n\nTODO: What could go wrong.\n\n## Next\n\nText.", "## Next\n\nText."),
        ("Good.\n\n- TODO: a prompt\n  over two lines\n- kept", "Good.\n\n- kept"),
        ("**TODO**: bold\nand on.\n\nKept TODO within.", "Kept TODO within."),
        ("## Empty\n\n<!-- a\nprompt -->\n\n### Also\n\n## Full\n\n### P\n\nx", "## Full\n\n### P\n\nx"),
        ("| a | b |\n| - | - |\n| TODO | x |\n| y | z |", "| a | b |\n| - | - |\n| y | z |"),
        ("# Title\n\n## TODO: a name\n", "# Title"),
        ("```\n# TODO: in code\n## No heading\n```", "```\n# TODO: in code\n## No heading\n```"),
        ("# Title", "# Title"),
    ],
)  # fmt: skip
def test_prompts_and_empty_sections_are_left_out(prose: str, left: str) -> None:
    found = filled_in(prose)
    assert len(found) == len(prose)
    assert [index for index, character in enumerate(found) if character == "\n"] == [
        index for index, character in enumerate(prose) if character == "\n"
    ]
    visible = "\n".join(line.rstrip() for line in found.split("\n") if line.strip() and "<!--" not in line)
    kept = [line for line in visible.split("\n") if not line.endswith("-->")]
    assert kept == [line for line in left.split("\n") if line]


def test_front_matter_keeps_everything_that_is_written() -> None:
    data = {
        "a": "TODO: x",
        "b": ["TODO", "y", {"c": " TODO.TODO", "d": None}],
        "e": "not TODO",
        "f": 0,
        "g": False,
    }
    assert without_prompts(data) == {"b": ["y", {"d": None}], "e": "not TODO", "f": 0, "g": False}
