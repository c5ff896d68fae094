"""The chapter on monitors quotes real output: its document and its file give its table."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from iterata.documents.models.enums import MonitorMeasure
from iterata.documents.models.monitors import Monitor
from iterata.results.monitors import MonitorVerdict

if TYPE_CHECKING:
    import pytest

    from ..helpers.command_line import CommandLine
    from ..helpers.knowledge_base import KnowledgeBase

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "monitors.md").read_text("utf-8")
CODE_BLOCKS = re.findall(r"^```(yaml|csv|text)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def first(kind: str) -> str:
    """The first code block of a kind."""
    return next(text for found, text in CODE_BLOCKS if found == kind)


def test_monitors_page_quotes_the_command_output(
    base: KnowledgeBase, iterata: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iterata_cli.commands.monitor.today", lambda: date(2026, 11, 23))
    base.grow("churn\n  requirements: approved\n  01-setup\n    deployment: rolling_out\n")
    base.set("churn/01-setup/deployment", "monitors", yaml.safe_load(first("yaml"))["monitors"])
    base.write("projects/churn/data/release.csv", first("csv"))
    command_result = iterata("monitor")
    assert command_result.code == 1
    assert command_result.out.startswith(first("text"))


def test_monitors_of_the_page_are_valid() -> None:
    monitors = [
        monitor
        for kind, text in CODE_BLOCKS
        if kind == "yaml"
        for monitor in yaml.safe_load(text)["monitors"]
    ]
    assert len(monitors) > 3
    assert all(Monitor.model_validate(monitor) for monitor in monitors)


def test_monitors_page_names_all_keys_measures_and_verdicts() -> None:
    keys = {key for key in Monitor.model_fields if not re.search(rf"`{key}[`:]|^ +-? ?{key}: ", PAGE, re.M)}
    assert keys == set()
    assert {measure for measure in MonitorMeasure if f"`{measure}`" not in PAGE} == set()
    assert {verdict for verdict in MonitorVerdict if f"| {verdict.label} |" not in PAGE} == set()
