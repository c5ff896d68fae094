"""What iterata writes is valid by the schemas that it publishes, and these schemas only ever gain keys."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from iterata.stages import RESULT_STAGES, Stage
from iterata_cli.output_schemas import OUTPUTS

from ..core.actions.approved_plan import FOLDER, planned
from ..helpers.command_line import CommandLine
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = Path(__file__).parent / "schemas" / "1"
"""The schemas of version 1 as they were published: `iterata schema ... > tests/cli/schemas/1/NAME.json`."""

NAMES = [
    *(("result", kind) for kind in (*RESULT_STAGES, "monitors")),
    *(("output", kind) for kind in OUTPUTS),
    *((stage.value,) for stage in Stage),
]
WORDS = ("description", "title", "default", "examples")
"""Keys of a schema that do not decide what is valid."""


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A knowledge base of an earlier version, which has problems."""
    root = tmp_path_factory.mktemp("earlier") / "base"
    shutil.copytree(ROOT / "tests/golden_bases/0.1.0.dev400", root)
    return CommandLine(root)


def schema(*name: str) -> dict[str, Any]:
    """A schema as the command prints it."""
    found: dict[str, Any] = json.loads(CommandLine(ROOT)("schema", *name).fine().out)
    return found


def losses(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Where a schema refuses, or no longer promises, what an earlier one did."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            yield f"{path}: {old} → {new}"
        return
    named = path.rpartition("/")[2] in ("properties", "$defs")
    for key, value in old.items():
        if key in WORDS and not named:
            continue
        place = f"{path}/{key}"
        if key not in new:
            yield f"{place}: is gone"
        elif key in ("enum", "required") and not named:
            yield from (f"{place}: lost {entry}" for entry in value if entry not in new[key])
        elif key in ("anyOf", "oneOf") and not named:
            yield from (f"{place}: lost {entry}" for entry in value if not _is_among(entry, new[key]))
        else:
            yield from losses(value, new[key], place)


def _is_among(entry: Any, entries: list[Any]) -> bool:
    return any(not list(losses(entry, other)) for other in entries)


@pytest.mark.parametrize("name", NAMES, ids=" ".join)
def test_schema_only_gains_keys_within_a_version(name: tuple[str, ...]) -> None:
    published = json.loads((PUBLISHED / f"{'-'.join(name)}.json").read_text("utf-8"))
    assert list(losses(published, schema(*name))) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name[0] == "result"], ids=" ".join)
def test_later_version_demands_no_new_key_of_a_result(name: tuple[str, ...]) -> None:
    """A result is read for as long as its project is: a key that is new is absent from earlier files."""
    published = json.loads((PUBLISHED / f"{'-'.join(name)}.json").read_text("utf-8"))
    assert list(losses(_demands(schema(*name)), _demands(published))) == []


def _demands(schema: dict[str, Any]) -> dict[str, Any]:
    blocks = {"": schema, **schema.get("$defs", {})}
    return {name: {"required": block.get("required", [])} for name, block in blocks.items()}


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]}, 0),
        ({"properties": {"a": {"type": "string"}}, "required": []}, 1),
        ({"properties": {"a": {"type": "integer"}}, "required": ["a"]}, 1),
        ({"properties": {}, "required": ["a"]}, 1),
    ],
)
def test_comparison_finds_what_breaks_readers(change: dict[str, Any], lost: int) -> None:
    old = {"properties": {"a": {"type": "string", "description": "x"}}, "required": ["a"]}
    assert len(list(losses(old, change))) == lost


COMMITTED = sorted(ROOT.glob("projects/*/*/results/*.json"))


@pytest.mark.parametrize("path", COMMITTED, ids=[str(path.relative_to(ROOT)) for path in COMMITTED])
def test_every_committed_result_is_valid(path: Path) -> None:
    Draft202012Validator(schema("result", path.stem.partition("-")[0])).validate(
        json.loads(path.read_text("utf-8"))
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("check", ("check",)),
        ("status", ("status",)),
        ("monitor", ("monitor",)),
        ("upgrade", ("upgrade", "--check")),
        ("cache", ("cache",)),
        ("cache_prune", ("cache", "prune", "--keep-size", "5GB")),
    ],
)
def test_output_is_valid_by_its_schema(earlier: CommandLine, kind: str, words: tuple[str, ...]) -> None:
    """That of `doctor` takes long to compute; the test of what it looks at validates it."""
    output = json.loads(earlier(*words, "--format", "json").out)
    assert (output["kind"], output["schema_version"]) == (kind, 1)
    Draft202012Validator(schema("output", kind)).validate(output)


def test_lift_is_valid_by_its_schemas(base: KnowledgeBase, iterata: CommandLine) -> None:
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    page = "churn/01-setup/assessment"
    base.set(page, "lift.data", None)
    assumptions = {"base_rate": [0.05, 0.1, 0.2], "status_quo": {"capture": 0.4}, "draws": 1000}
    base.set(page, "lift.assumptions", assumptions)
    base.set(page, "lift.period", {"name": "month", "rows": 100})
    for kind, words in (("what_if", ("--what-if", "project_cost=1")), ("lift", ())):
        output = json.loads(iterata("lift", "churn/01", *words, "--format", "json").fine().out)
        assert output["kind"] == kind
        Draft202012Validator(schema("output", kind)).validate(output)


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A knowledge base with a committed result, and the fits of its run in the cache."""
    base = KnowledgeBase(tmp_path_factory.mktemp("computed") / "base")
    git = planned(base)
    iterata = CommandLine(base.root)
    iterata("run", "churn/01", "--jobs", "1").fine()
    git.commit("the result")
    return iterata


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("experiment", ("run", "churn/01", "--jobs", "1")),
        ("draft", ("run", "churn/01", "--jobs", "1", "--draft")),
        ("verify", ("verify", "churn/01", "--jobs", "1")),
        ("status_all", ("status", "--all")),
        ("cache", ("cache",)),
    ],
)
def test_output_of_computed_results_is_valid(
    computed: CommandLine, kind: str, words: tuple[str, ...]
) -> None:
    output = json.loads(computed(*words, "--format", "json").fine().out)
    assert (output["kind"], output["schema_version"]) == (kind, 1)
    assert kind != "cache" or any(cache["entries"] for cache in output["caches"])
    assert kind != "status_all" or output["knowledge_bases"][0]["iterations"]
    Draft202012Validator(schema("output", kind)).validate(output)


def test_differences_of_a_result_are_valid(base: KnowledgeBase, iterata: CommandLine) -> None:
    """A committed figure that no run gives."""
    git = planned(base)
    iterata("run", "churn/01", "--jobs", "1").fine()
    result = base.root / FOLDER / "results/experiment.json"
    data = json.loads(result.read_text("utf-8"))
    data["variants"][0]["kpi"]["value"] += 1.0
    result.write_text(json.dumps(data, indent=2, sort_keys=True) + "\n", "utf-8")
    git.commit("an edited result")
    output = json.loads(iterata("verify", "churn/01", "--jobs", "1", "--format", "json").out)
    assert [found["committed"] - found["again"] for found in output["differences"]] == [1.0]
    Draft202012Validator(schema("output", "verify")).validate(output)


def test_unknown_kind_is_wrong_usage(iterata: CommandLine) -> None:
    assert iterata("schema", "result", "report").code == 2
    assert iterata("schema", "report", "lift").code == 2
    assert iterata("schema", "output").fine().out.split() == list(OUTPUTS)
