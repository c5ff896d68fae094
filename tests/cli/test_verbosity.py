"""`--quiet` and `--verbose`, lines with times, the heartbeat and `iterata cache`."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from iterata.experiment.cache.in_use import InUse
from iterata.experiment.engines.base import FitProgress
from iterata_cli.long_running import LongCommand
from iterata_cli.progress import ProgressBar

from ..core.actions.approved_plan import planned
from ..helpers.command_line import CommandLine
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

TIMED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (run|monitor): \S")
RUN = ("run", "churn/01", "--jobs", "1")


@pytest.fixture(scope="module")
def churn(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """An iteration that was run once."""
    base = KnowledgeBase(tmp_path_factory.mktemp("churn"))
    planned(base)
    CommandLine(base.root)(*RUN).fine()
    return base


@pytest.fixture(scope="module")
def iterata(churn: KnowledgeBase) -> CommandLine:
    return CommandLine(churn.root)


@pytest.mark.parametrize("words", [("-q", *RUN), (*RUN, "--quiet"), ("status", "-q"), ("--quiet", "cache")])
def test_quiet_commands_print_data_only(iterata: CommandLine, words: tuple[str, ...]) -> None:
    done = iterata(*words).fine()
    assert done.out
    assert not done.err


def test_quiet_commands_print_errors(iterata: CommandLine) -> None:
    done = iterata("-q", "run", "wine/01")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("  fix: ")


def test_verbosity_does_not_outlive_its_command(iterata: CommandLine) -> None:
    iterata("-q", *RUN).fine()
    assert iterata(*RUN).fine().err


def test_quiet_and_verbose_exclude_each_other(iterata: CommandLine) -> None:
    for words in (("-q", "-v", "status"), ("-q", "status", "-v"), ("status", "--quiet", "--verbose")):
        assert iterata(*words).code == 2
    assert iterata("-v", "status", "-v").code == 0


def test_verbose_commands_print_steps_with_their_duration(iterata: CommandLine) -> None:
    plain, verbose = iterata(*RUN).fine(), iterata(*RUN, "-v").fine()
    assert verbose.out == plain.out
    assert len(verbose.err.splitlines()) > len(plain.err.splitlines()) + 3
    assert re.search(r"reading the data: \d+\.\d\d s", verbose.err)
    assert re.fullmatch(r"took \d+\.\d\d s", verbose.err.splitlines()[-1])
    assert re.fullmatch(
        r"took \d+\.\d\d s\n", iterata("check", "-v").fine().err.splitlines(keepends=True)[-1]
    )


def test_lines_of_long_commands_have_times(iterata: CommandLine) -> None:
    for words in (RUN, ("monitor",)):
        lines = iterata(*words).err.splitlines()
        assert lines
        assert all(TIMED.match(line) or line.startswith("  ") for line in lines)
    assert not TIMED.match(iterata("status").fine().err)


def test_errors_are_the_same_everywhere(iterata: CommandLine) -> None:
    assert iterata("run", "wine/01").err.startswith("wine/01: error: ")


def beats(capsys: pytest.CaptureFixture[str], seconds: float) -> list[str]:
    time.sleep(seconds)
    return [line.split("run: ", 1)[1] for line in capsys.readouterr().err.splitlines()]


def test_a_long_fit_has_a_heartbeat(capsys: pytest.CaptureFixture[str]) -> None:
    with LongCommand("run", interval=0.05), ProgressBar() as progress:
        progress(FitProgress("boosted", 12, 60, under_way=3, to_fit=48))
        assert set(beats(capsys, 0.3)) == {"12 of 60 fits, 3 under way"}
        progress(FitProgress("boosted", 14, 60, under_way=3, fitted=2, to_fit=48))
        first, *others = beats(capsys, 0.3)
        assert first == "boosted (14 of 60)"
        assert len(others) >= 2
        assert all(re.fullmatch(r"14 of 60 fits, 3 under way, about \d+ s left", line) for line in others)
    assert not beats(capsys, 0.15), "it ends with the command"


def test_a_line_postpones_the_heartbeat(capsys: pytest.CaptureFixture[str]) -> None:
    with LongCommand("run", interval=10.0), ProgressBar() as progress:
        progress(FitProgress("boosted", 1, 60, under_way=3, fitted=1, to_fit=60))
        assert beats(capsys, 0.1) == ["boosted (1 of 60)"]


def test_every_other_step_has_a_heartbeat(capsys: pytest.CaptureFixture[str]) -> None:
    import logging  # noqa: PLC0415

    with LongCommand("run", interval=0.05):
        logging.getLogger("iterata.anything").debug("reading the data")
        assert set(beats(capsys, 0.3)) == {"reading the data, for 0 s"}


def test_cache_is_shown_and_pruned(churn: KnowledgeBase, iterata: CommandLine) -> None:
    (held,) = json.loads(iterata("cache", "--format", "json").fine().out)["caches"]
    assert (held["place"], held["shared"], held["entries"], held["in_use"]) == (".iterata/cache", False, 3, 0)
    assert [one["iteration"] for one in held["iterations"]] == ["churn/01-setup"]
    assert "churn/01-setup" in iterata("cache").fine().out
    assert iterata("cache", "prune").code == 2
    assert iterata("cache", "prune", "--older-than", "soon").code == 2
    assert iterata("cache", "prune", "--shared", "--keep-size", "0").code == 1
    young = json.loads(iterata("cache", "prune", "--older-than", "30d", "--format", "json").fine().out)
    assert (young["kind"], young["removed"], young["kept"]) == ("cache_prune", 0, 3)
    cache = churn.root / ".iterata" / "cache"
    with InUse(cache) as mark:
        (used, *_) = cache.rglob("*.npz")
        mark.add([used.relative_to(cache).as_posix()])
        for words, left in ((("--dry-run",), 3), ((), 1)):
            iterata("cache", "prune", "--keep-size", "0", *words).fine()
            assert len([*cache.rglob("*.npz"), *cache.rglob("*.zip")]) == left
    done = iterata(*RUN).fine()
    assert "kept 1 of 2" in done.err


def test_cache_size_limits_the_cache_after_a_run(tmp_path: Path) -> None:
    base = KnowledgeBase(tmp_path)
    planned(base)
    base.write("mkdocs.yml", "site_name: shop\nplugins:\n  - iterata:\n      cache_size: 6 kB\n")
    CommandLine(base.root)(*RUN, "--allow-dirty").fine()
    sizes = [path.stat().st_size for path in (base.root / ".iterata/cache").rglob("*.*") if path.is_file()]
    assert sizes
    assert sum(sizes) <= 6000
    base.write("mkdocs.yml", "site_name: shop\nplugins:\n  - iterata:\n      cache_size: large\n")
    assert CommandLine(base.root)("check").code == 1
