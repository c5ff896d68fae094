"""Packages that cannot be imported are named with the reason, whatever they do to the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.execution import import_check
from iterata.execution.import_check import import_failures

if TYPE_CHECKING:
    from pathlib import Path

MODULES = {
    "raises_here": "raise RuntimeError('no licence')",
    "lacks_another": "import certainly_not_installed",
    "ends_python": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "exits_fine": "import os; os._exit(0)",
    "talks": "print('welcome')",
    "waits": "import time; time.sleep(600)",
}


@pytest.fixture(autouse=True)
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_every_module_is_tried_whatever_the_others_do() -> None:
    modules = ["raises_here", "lacks_another", "json", "ends_python", "talks", "exits_fine", "csv"]
    failures = import_failures(modules)
    assert list(failures) == ["raises_here", "lacks_another", "ends_python", "exits_fine"]
    assert "no licence" in failures["raises_here"]
    assert "certainly_not_installed" in failures["lacks_another"]
    assert "SIGSEGV" in failures["ends_python"]


def test_a_module_that_waits_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_check, "TIME_LIMIT", 3.0)
    assert list(import_failures(["waits", "json"])) == ["waits"]


def test_nothing_of_the_working_directory_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base/csv.py").write_text("raise RuntimeError", "utf-8")
    monkeypatch.chdir(tmp_path / "base")
    assert import_failures(["csv"]) == {}
