"""Whether the survey of a CSV file agrees with a parser that knows every rule of the format."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iterata.data.sources import csv_survey

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = 3
PARTS = st.sampled_from(
    ["a", "1.5", "", '"', '""', '"x"', '"x,y"', '"x\ny"', ",", ",,", "\n", "\r\n", "\r", " "]
)


@pytest.mark.parametrize("block", [1, 2, 3, 7, 1 << 22])
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(PARTS, max_size=25))
def test_regular_file_has_no_line_with_too_many_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, parts: list[str]
) -> None:
    monkeypatch.setattr(csv_survey, "BLOCK", block)
    text = "x,y,z\n" + "".join(parts)
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8", newline="")
    survey = csv_survey.survey_lines(path, FIELDS)
    if survey.regular:
        assert max(len(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)) <= FIELDS


@pytest.mark.parametrize("block", [1, 5, 1 << 22])
@pytest.mark.parametrize(
    ("text", "regular"),
    [
        ("x,y\n1,2\n3,4", True),
        ("x,y\r\n1,2\r\n", True),
        ('x,y\n"a, b",2\n"say ""hi""",3\n', True),
        ('"x","y"\n"a\nb",""\n', True),
        ("x,y\n1\n\n1,2\n", True),
        ("x,y\n1,2,3\n", False),
        ("x,y\n1,2\n1,2,\n", False),
        ('x,y\n5" pipe,2\n6" pipe,3\n', False),  # only a parser can tell
        ('x,y\n"a,1\n', False),
        ("x,y\r1,2\r", False),
    ],
)
def test_file_is_regular_if_its_lines_certainly_fit_the_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, text: str, *, regular: bool
) -> None:
    monkeypatch.setattr(csv_survey, "BLOCK", block)
    for mark in ("", "\ufeff"):
        (tmp_path / "a.csv").write_text(mark + text, "utf-8", newline="")
        assert csv_survey.survey_lines(tmp_path / "a.csv", 2).regular is regular


def test_lines_are_counted(tmp_path: Path) -> None:
    for end in ("", "\n"):
        (tmp_path / "a.csv").write_text("x\n" + "\n".join(["1"] * 7) + end, "utf-8")
        assert csv_survey.survey_lines(tmp_path / "a.csv", 1).lines == 7


@pytest.mark.parametrize("block", [1, 2, 5, 1 << 22])
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(
            st.sampled_from(
                ["0", "07", "-00", "+01.5", "0.5", "10", "", '"007"', '"a,07"', '"x\n05"', "a07"]
            ),
            min_size=FIELDS,
            max_size=FIELDS,
        ),
        max_size=12,
    )
)
def test_columns_with_leading_zeros_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, rows: list[list[str]]
) -> None:
    monkeypatch.setattr(csv_survey, "BLOCK", block)
    text = "x,y,z\n" + "".join(f"{','.join(row)}\n" for row in rows)
    (tmp_path / "a.csv").write_text(text, "utf-8", newline="")
    padded = csv_survey.survey_lines(tmp_path / "a.csv", FIELDS).padded
    signed = {column for row in rows for column, cell in enumerate(row) if cell in ("-00", "+01.5")}
    plain = {column for row in rows for column, cell in enumerate(row) if cell in ("07", '"007"')}
    assert plain | signed <= padded
    text_columns = {column for row in rows for column, cell in enumerate(row) if '"a' in cell or '"x' in cell}
    if not text_columns:
        assert padded <= plain | signed
