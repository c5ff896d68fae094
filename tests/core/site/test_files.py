"""The files of the projects folder that a site has: none that a link takes from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.site.files import mounted

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    (folder / "churn").mkdir(parents=True)
    (folder / "churn/secret.md").write_text("secret", "utf-8")
    return folder


@pytest.mark.parametrize("link", ["projects", "teams", "projects/churn"])
def test_linked_folder_publishes_nothing_from_outside(tmp_path: Path, outside: Path, link: str) -> None:
    root = tmp_path / "root"
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(outside)
    folder = {"projects": "projects", "teams": "teams/churn", "projects/churn": "projects"}[link]
    assert not list(mounted(root, folder, publish_code=True))


def test_links_of_files_lead_to_files_inside(tmp_path: Path, outside: Path) -> None:
    root = tmp_path / "root"
    (root / "projects").mkdir(parents=True)
    (root / "shared.md").write_text("shared", "utf-8")
    links: dict[str, Path | str] = {
        "in.md": root / "shared.md",
        "out.md": outside / "churn/secret.md",
        "loop.md": "loop.md",
    }
    for name, target in links.items():
        (root / "projects" / name).symlink_to(target)
    (root / "projects/gone.md").symlink_to(root / "gone.md")
    assert [file.path for file in mounted(root, "projects", publish_code=True)] == ["projects/in.md"]
