"""No regular expression of the packages takes exponential or cubic time, whatever it is matched against."""

from __future__ import annotations

import importlib
import pkgutil
import re
import resource
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("iterata", "iterata_cli", "mkdocs_iterata")

SECONDS = 30
"""Of processor time, however busy the machine is. Linear patterns and the imports need less than 10 in all;
an exponential one needs years, a cubic one minutes."""

LONG, SHORT = 2000, 150
"""Repetitions: for a match at the start, and for a search, whose time may grow with the square."""

UNITS = (
    *("\n", " \n", "\t", *" aA1'\"([{`_*>#\\@"),
    *("1.", "1,", "a.", "a: ", "''", "[a", "<a ", "<!--", "/**/", "/*", "--", "- ", "$a$", "~^"),
)


def patterns() -> dict[re.Pattern[str], str]:
    """The compiled patterns of all modules, with the names of the variables that hold them."""
    found: dict[re.Pattern[str], str] = {}
    for package in PACKAGES:
        folder = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(folder, f"{package}."):
            if not module.name.endswith("__main__"):
                for name, value in vars(importlib.import_module(module.name)).items():
                    found |= dict.fromkeys(_patterns_in(value), f"{module.name}.{name}")
    return found


def _patterns_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        written = value.pattern
        yield re.compile(written if isinstance(written, str) else written.decode("latin-1"), value.flags)
    elif isinstance(value, dict):
        yield from _patterns_in(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _patterns_in(item)


def match_all(pattern: re.Pattern[str]) -> None:
    """Match a pattern against repetitions of what it is made of, which nearly match."""
    own = (character for character in pattern.pattern if character not in r"\()?|")
    for unit in dict.fromkeys((*UNITS, *own)):
        for start in ("", "-", "a"):
            for times, match in ((LONG, pattern.match), (LONG, pattern.fullmatch), (SHORT, pattern.search)):
                match(start + unit * (times // len(unit)) + "\0")


def test_no_pattern_is_exponential() -> None:
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode != -signal.SIGXCPU, f"this pattern takes too long: {lines[-1:]}"
    assert done.returncode == 0, done.stderr
    assert len(lines) > 100


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    for each, holder in patterns().items():
        print(holder, each.pattern, flush=True)
        match_all(each)
