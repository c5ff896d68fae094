"""The table of the stages that a check applies to loses nothing."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest

from iterata.lifecycle.context import document_contexts
from iterata.repository import config
from iterata.repository.projects import Repository
from iterata.rules.check import CHECKS
from iterata.stages import Stage

from .example_base import Base
from .test_every_code import REFUSED

if TYPE_CHECKING:
    from pathlib import Path

EVERY_CHECK = tuple(dict.fromkeys(chain.from_iterable(CHECKS.values())))


def test_every_stage_has_checks() -> None:
    assert set(CHECKS) == set(Stage)
    assert all(len(checks) > 5 for checks in CHECKS.values())


@pytest.mark.parametrize("code", [code for code in REFUSED if not code.startswith(("DOC", "TREE"))])
def test_a_check_finds_nothing_in_documents_of_other_stages(tmp_path: Path, code: str) -> None:
    base = Base(tmp_path)
    REFUSED[code](base)
    for context in document_contexts(Repository.on_disk(config.load(base.root))):
        for check in EVERY_CHECK:
            if check not in CHECKS[context.document.stage]:
                assert not list(check(context)), f"{check.__name__} in {context.document.path}"
