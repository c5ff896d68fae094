from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ....helpers.code_host import CodeHostServer, ForgejoServer, GitLabServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[CodeHostServer]:
    server = CodeHostServer()
    yield server
    server.close()


@pytest.fixture
def gitlab() -> Iterator[GitLabServer]:
    server = GitLabServer()
    yield server
    server.close()


@pytest.fixture
def forgejo() -> Iterator[ForgejoServer]:
    server = ForgejoServer()
    yield server
    server.close()


@pytest.fixture
def waited() -> list[float]:
    """The waits of a host, which the tests do not wait for."""
    return []
