"""The project code that a plan names is found with what it imports, and nothing of it is executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.documents.models.kpi import PythonSpec
from iterata.documents.models.proposal import Plan
from iterata.repository.plan_code import CodeMissingError, code_digest, code_of_plan, file_digest
from iterata.repository.tree import DiskTree

from ..conftest import PLAN

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = "projects/shop"
EXECUTED = "raise SystemExit('executed')\n"
FACTORY = {"name": "v", "features": "all", "factory": "model:build"}


def code(root: Path, files: dict[str, str], *variants: dict[str, Any], kpi: str | None = None) -> set[str]:
    """The files of code of a plan with these variants, relative to the project."""
    for path, text in files.items():
        place = root / PROJECT / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    spec = kpi and PythonSpec.model_validate({"kind": "python", "name": "k", "unit": "u", "function": kpi})
    plan = Plan.model_validate({**PLAN, "variants": list(variants) or PLAN["variants"]})
    found = code_of_plan(DiskTree(root), PROJECT, plan, spec or None)
    return {path.removeprefix(f"{PROJECT}/") for path in found}


def command(*words: str, **more: Any) -> dict[str, Any]:
    return {"name": "v", "features": "all", "producer": "command", "command": list(words), **more}


@pytest.mark.parametrize(
    ("statement", "imported"),
    [
        ("import helpers", {"helpers.py"}),
        ("import numpy, helpers as h", {"helpers.py"}),
        ("from helpers import scale", {"helpers.py"}),
        ("def build():\n    import helpers", {"helpers.py"}),
        ("try:\n    import helpers\nexcept ImportError:\n    pass", {"helpers.py"}),
        ("from lib import text", {"lib/__init__.py", "lib/text.py"}),
        ("import lib.text", {"lib/__init__.py", "lib/text.py"}),
        ("from lib.text import clean", {"lib/__init__.py", "lib/text.py"}),
        ("from lib import *", {"lib/__init__.py", "lib/text.py", "lib/numbers.py", "helpers.py"}),
        ("import lib.numbers", {"lib/__init__.py", "lib/numbers.py", "lib/text.py", "helpers.py"}),
        ("import bare.inner", {"bare/inner.py"}),
        ("import sklearn", set()),
    ],
)
def test_modules_that_a_factory_imports(tmp_path: Path, statement: str, imported: set[str]) -> None:
    files = {
        "model.py": f"{statement}\n",
        "helpers.py": EXECUTED,
        "unused.py": EXECUTED,
        "lib/__init__.py": EXECUTED,
        "lib/text.py": "import os\n",
        "lib/numbers.py": "from . import text\nfrom ..helpers import scale\nimport model\n",
        "bare/inner.py": EXECUTED,
    }
    assert code(tmp_path, files, FACTORY) == {"model.py"} | imported


@pytest.mark.parametrize(
    "statement",
    [
        "__import__(name)",
        "import importlib\nimportlib.import_module(name)",
        "from importlib import import_module as load",
        "exec(text)",
        "import subprocess",
        "import os\nos.system('python unused.py')",
        "def build(:",
        "x = " + "(" * 5000 + ")" * 5000,
        "x = " + "-" * 200_000 + "1",
    ],
)
def test_all_code_counts_if_a_module_may_run_more_than_it_names(tmp_path: Path, statement: str) -> None:
    files = {"model.py": f"{statement}\n", "unused.py": EXECUTED, "lib/__init__.py": "", "lib/deep.py": ""}
    assert code(tmp_path, files, FACTORY) == set(files)


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        (command("python", "train.py"), {"train.py", "helpers.py"}),
        (command("python", "-m", "train"), {"train.py", "helpers.py"}),
        (command("python", "./scripts/fit.py"), {"scripts/fit.py", "scripts/near.py", "helpers.py"}),
        (command("python", "train.py", reads=["net.json"]), {"train.py", "helpers.py", "net.json"}),
        (command("python", "train.py", "net.json"), {"train.py", "helpers.py", "net.json"}),
        (command("sh", "run.sh"), {"run.sh", "train.py", "helpers.py"}),
        (command("python", "-c", "import train"), {"train.py", "helpers.py"}),
        (command("python", "train.py", "../other/secret.py", "/etc/passwd"), {"train.py", "helpers.py"}),
    ],
)
def test_files_of_a_program(tmp_path: Path, variant: dict[str, Any], expected: set[str]) -> None:
    files = {
        "train.py": "import helpers\n",
        "helpers.py": EXECUTED,
        "scripts/fit.py": "import near, helpers\n",
        "scripts/near.py": "",
        "run.sh": "python train.py\n",
        "net.json": "{}",
        "../other/secret.py": "",
    }
    assert code(tmp_path, files, variant) == expected


def test_module_of_a_python_kpi_counts_and_installed_estimators_do_not(tmp_path: Path) -> None:
    assert code(tmp_path, {"kpis.py": EXECUTED, "model.py": EXECUTED}, kpi="kpis:margin") == {"kpis.py"}
    assert code(tmp_path, {}) == set()


@pytest.mark.parametrize("variant", [FACTORY, command("python", "train.py", reads=["net.json"])])
def test_missing_file_is_refused(tmp_path: Path, variant: dict[str, Any]) -> None:
    with pytest.raises(CodeMissingError):
        code(tmp_path, {"train.py": ""}, variant)


def test_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / PROJECT).mkdir(parents=True)
    (tmp_path / "elsewhere.py").write_text("")
    (tmp_path / PROJECT / "model.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(CodeMissingError):
        code(tmp_path, {}, FACTORY)


def test_digest_does_not_depend_on_line_breaks_or_on_the_folder_of_projects() -> None:
    assert file_digest(b"a\r\nb\r\n") == file_digest(b"a\nb\n") != file_digest(b"a\nb")
    one, other = ({f"{folder}/shop/model.py": "sha256:1"} for folder in ("projects", "ml"))
    assert code_digest(one, "projects/shop") == code_digest(other, "ml/shop")
    assert code_digest({}, "projects/shop") is None


def test_digest_of_a_pointer_is_that_of_the_file_in_large_file_storage() -> None:
    content = b"weights"
    pointer = f"version https://git-lfs.github.com/spec/v1\noid {file_digest(content)}\nsize 7\n"
    assert file_digest(pointer.encode()) == file_digest(content)
