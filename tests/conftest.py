"""How every room is tested, and what the rooms share."""

from __future__ import annotations

import gc
import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

# Every core has a worker of pytest-xdist: more threads of a library would only wait for each other, busily.
# This comes before NumPy is imported, and holds in the programs that tests start.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

from hypothesis.internal.conjecture import providers

from .helpers.cluster import Cluster
from .helpers.command_line import CommandLine
from .helpers.git import HERMETIC
from .helpers.golden import Golden
from .helpers.knowledge_base import KnowledgeBase
from .helpers.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

if not os.environ.get("CI"):  # there hypothesis chooses the same examples every time, and takes its time
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")

# Hypothesis draws some examples from the constants of all modules that are imported by then: it parses them,
# which takes seconds in every process, and the examples depend on the tests before.
providers._get_local_constants = lambda: providers._local_constants  # type: ignore[attr-defined]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes what messages say now, `--update-rates` how often intervals and verdicts err.

    Read the difference before committing it.
    """
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files of the tests that run"
    )
    parser.addoption(
        "--update-rates", action="store_true", help="write the rates of the simulations that run"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave what is collected out of garbage collection: some libraries collect garbage in every call."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


def pytest_sessionfinish() -> None:
    """Let libraries release their objects at the end."""
    gc.unfreeze()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """The golden files beside the test."""
    return Golden(request.path.parent / "golden", bool(request.config.getoption("update_golden")))


@pytest.fixture
def rates(request: pytest.FixtureRequest) -> Rates:
    """How often intervals and verdicts err, beside the test."""
    path = request.path.parent / "rates" / f"{request.path.stem}.json"
    return Rates(path, request.function.__name__, bool(request.config.getoption("update_rates")))


@pytest.fixture(autouse=True, scope="session")
def _heeded_hangup() -> None:
    """Let the programs that tests start end with their terminal, also where `nohup` starts the tests."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True, scope="session")
def _nobodys_git() -> None:
    """Keep the settings of whoever runs the tests out of every call to Git."""
    os.environ.update(HERMETIC)


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """Let commands be interrupted even where the tests were started in the background, which ignores ^C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    """An empty knowledge base."""
    return KnowledgeBase(tmp_path / "base")


@pytest.fixture
def iterata(base: KnowledgeBase) -> CommandLine:
    """The command line, in that knowledge base."""
    return CommandLine(base.root)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two workers, for all tests that leave them alive."""
    pytest.importorskip("distributed", reason="needs the extra dask")
    with Cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler and two workers, for one test that kills some of them."""
    pytest.importorskip("distributed", reason="needs the extra dask")
    with Cluster(tmp_path) as started:
        yield started
