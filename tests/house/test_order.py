"""One help text per command, complete rules, short files, true examples, no paths of a machine."""

from __future__ import annotations

import doctest
import re
from collections import Counter
from importlib import import_module
from inspect import cleandoc
from pathlib import Path

import pytest

from iterata.lifecycle.gates import GATES
from iterata.rules.catalogue import RULES
from iterata_cli.main import COMMANDS, cli

MOST_LINES = 400

CODE = re.compile(r'"((?:[A-Z]{3,6})\d{3})"')

DEFINITION = re.compile(r'\b(?:Gate|define|rule)\(\s*"([A-Z]+\d+)"')
"""The code of a rule or a gate where it is defined."""


@pytest.mark.parametrize("verb", COMMANDS)
def test_command_list_shows_each_help_text(verb: str) -> None:
    command = cli.get_command(None, verb)  # type: ignore[arg-type]  # the context is not looked at
    assert command is not None
    assert command.name == verb
    assert cleandoc(command.help or "").splitlines()[0] == COMMANDS[verb]


def test_command_list_is_complete(root: Path) -> None:
    files = {path.stem for path in (root / "cli/iterata_cli/commands").glob("[!_]*.py")}
    assert files == set(COMMANDS)


def test_every_code_is_defined_once_and_used(root: Path) -> None:
    sources = [path.read_text("utf-8") for path in (root / "core/iterata").rglob("*.py")]
    defined = Counter(code for source in sources for code in DEFINITION.findall(source))
    assert not [code for code, times in defined.items() if times > 1]
    assert set(defined) == set(RULES)
    used = Counter(code for source in sources for code in CODE.findall(source)) - defined
    assert set(used) >= set(RULES) - {gate.code for gate in GATES}


def test_every_rule_has_a_reason_and_examples() -> None:
    assert all(all(text.strip() for text in rule[:5]) for rule in RULES.values())


def test_files_are_short(tracked: tuple[Path, ...], root: Path) -> None:
    lengths = {
        str(path): len((root / path).read_text("utf-8").splitlines())
        for path in tracked
        if path.suffix in {".py", ".j2", ".css", ".js", ".yml"}
    }
    assert not {path: lines for path, lines in lengths.items() if lines > MOST_LINES}


@pytest.mark.parametrize(
    "pattern",
    [r"/(?:home|root|Users|work)/\w", r"pypi[.]org", r"pythonhosted[.]org"],
    ids=["a machine's path", "a registry", "a registry's files"],
)
def test_no_file_names_a_machine_or_registry(pattern: str, tracked: tuple[Path, ...], root: Path) -> None:
    naming = [
        str(path) for path in tracked if re.search(pattern, (root / path).read_text("utf-8", "replace"))
    ]
    assert not naming


def modules() -> list[str]:
    """Every module of the three packages."""
    root = Path(__file__).resolve().parents[2]
    return [
        ".".join(path.relative_to(root / room).with_suffix("").parts).removesuffix(".__init__")
        for room in ("core", "cli", "plugin")
        for path in sorted((root / room).rglob("*.py"))
        if ">>>" in path.read_text("utf-8")
    ]


@pytest.mark.parametrize("name", modules())
def test_docstring_examples_are_true(name: str) -> None:
    results = doctest.testmod(import_module(name))
    assert results.attempted
    assert not results.failed
