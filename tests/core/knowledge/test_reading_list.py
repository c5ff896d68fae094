"""The findings that a newcomer reads first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.knowledge.reading_list import MOST, reading_list

from ...helpers.written_base import WrittenBase

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def written(tmp_path: Path) -> WrittenBase:
    return WrittenBase(tmp_path)


def keys(written: WrittenBase, most: int = MOST) -> list[str]:
    return [reading.finding.key for reading in reading_list(written.read(), most)]


def test_supported_finding_comes_first(written: WrittenBase) -> None:
    written.report("churn/01-a", {"F1": {}, "F2": {"tags": ["price"]}})
    written.report("wine/01-a", {"F1": {"supports": ["churn/01-a#F2"]}}, "2026-09-09")
    readings = reading_list(written.read())
    assert readings[0].finding.key == "churn/01-a#F2"
    assert len(readings[0].reasons) == 1
    assert [reading.finding.key for reading in readings[1:]] == ["wine/01-a#F1", "churn/01-a#F1"]


def test_named_reason_of_a_decision_outweighs_one_support(written: WrittenBase) -> None:
    decision = {"outcome": "deploy", "by": [{"role": "product"}], "on": "2026-03-03", "why": "As #F2 says."}
    written.report("churn/01-a", {"F1": {}, "F2": {}}, decision=decision)
    written.report("churn/02-a", {"F1": {"supports": ["01-a#F1"]}})
    assert keys(written)[0] == "churn/01-a#F2"


def test_list_covers_other_subjects_before_repeating_one(written: WrittenBase) -> None:
    entries = {f"F{number}": {"tags": ["price"]} for number in range(1, 4)}
    written.report("churn/01-a", {**entries, "F4": {"tags": ["age"]}})
    written.report("wine/01-a", {"F1": {"tags": ["Price"]}}, "2026-01-01")
    assert keys(written, 2) == ["churn/01-a#F1", "churn/01-a#F4"]


@pytest.mark.parametrize("status", ["draft", "superseded"])
def test_only_agreed_findings_that_stand_are_listed(written: WrittenBase, status: str) -> None:
    written.report("churn/01-a", {"F1": {}})
    written.report("churn/02-a", {"F1": {"contradicts": ["01-a#F1"]}})
    written.report("churn/03-a", {"F1": {}}, status=status)
    assert keys(written) == ["churn/02-a#F1"]


def test_list_ends_after_a_dozen(written: WrittenBase) -> None:
    written.report("churn/01-a", {f"F{number}": {} for number in range(20)})
    assert len(keys(written)) == MOST
    assert keys(WrittenBase(written.root / "empty")) == []


def test_every_finding_has_a_reason(written: WrittenBase) -> None:
    written.report("churn/01-a", {f"F{number}": {} for number in range(3)})
    assert all(reading.reasons for reading in reading_list(written.read()))
