"""Nothing is written through a symbolic link of the checkout, not even to another folder of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.errors import IterataError
from iterata.repository.files import locked, state_dir, write_within

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    (folder / "kept").write_text("as it was\n", "utf-8")
    return folder


@pytest.mark.parametrize("link", ["projects", "projects/churn", "projects/churn/results"])
def test_linked_folder_is_refused(tmp_path: Path, target: Path, link: str) -> None:
    (tmp_path / link).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / link).symlink_to(target)
    with pytest.raises(IterataError) as error:
        write_within(tmp_path, "projects/churn/results/lift.json", "{}\n")
    assert error.value.location.source == link
    assert [path.name for path in target.rglob("*")] == ["kept"]


def test_link_in_place_of_a_file_is_replaced(tmp_path: Path, target: Path) -> None:
    (tmp_path / "report.md").symlink_to(target / "kept")
    write_within(tmp_path, "report.md", "new\n")
    assert (target / "kept").read_text("utf-8") == "as it was\n"
    assert not (tmp_path / "report.md").is_symlink()


@pytest.mark.parametrize(
    "link", [".iterata", ".iterata/cache", ".iterata/churn--01.lock", ".iterata/.gitignore"]
)
def test_linked_state_is_refused(tmp_path: Path, target: Path, link: str) -> None:
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(target if link != ".iterata/.gitignore" else target / "missing")
    with pytest.raises(IterataError) as error:
        state_dir(tmp_path)
    assert error.value.location.source == link
    with pytest.raises(IterataError), locked(tmp_path, "churn/01"):
        pass
    assert [path.name for path in target.rglob("*")] == ["kept"]
