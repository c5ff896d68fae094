"""The public Python interface: a complete list of its names and parameters, each typed and documented."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import iterata

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PUBLIC: dict[str, dict[str, str]] = {
    "iterata.kpi": {"describe": "kind, *, name, unit, **parameters"},
    "iterata.lift": {
        "expected_lift": "target, status_quo, kpi, *, frame, positive, negative, unit_id, group, weights, "
        "base_rate, treated, probability, columns, period, project_cost, worth, payback_periods, label, "
        "source, resamples, seed",
        "lift_from_assumptions": "kpi, *, base_rate, classes, status_quo, period, volume, values, "
        "project_cost, worth, payback_periods, label, draws, seed",
        "query": "sql, database, *, folder",
    },
}
"""Public modules, their functions, and the parameters of each. A removal or renaming breaks programs."""

FUNCTIONS = [(module, name) for module, functions in PUBLIC.items() for name in functions]

KPI_TYPES = {
    "CellValues",
    "ClassValueSpec",
    "ForecastCostSpec",
    "KpiSpec",
    "MetricSpec",
    "OutcomeValueSpec",
    "PersonAnswer",
    "PythonSpec",
    "RankingSpec",
    "TargetingSpec",
    "UpliftSpec",
}
"""The types of what `describe` returns."""

PACKAGES = {
    "iterata": {"__version__"},
    "iterata.kpi": {*PUBLIC["iterata.kpi"], *KPI_TYPES},
    "iterata.lift": set(PUBLIC["iterata.lift"]),
}


def public_function(module: str, name: str) -> Callable[..., object]:
    function = getattr(importlib.import_module(module), name)
    assert inspect.isfunction(function)
    return function


def parameters(function: Callable[..., object]) -> str:
    """The names of the parameters, as in the signature but without types and defaults."""
    signature = inspect.signature(function)
    untyped_parameters = [
        parameter.replace(annotation=inspect.Parameter.empty, default=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
    ]
    # A `*` comes before the first parameter that is passed by keyword only.
    names: list[str] = []
    for parameter in untyped_parameters:
        keyword_only = parameter.kind is inspect.Parameter.KEYWORD_ONLY
        if keyword_only and "*" not in names:
            names.append("*")
        names.append(str(parameter))
    return ", ".join(names)


@pytest.mark.parametrize("module", PACKAGES)
def test_all_lists_exactly_the_public_names(module: str) -> None:
    assert set(importlib.import_module(module).__all__) == PACKAGES[module]


@pytest.mark.parametrize(("module", "name"), FUNCTIONS)
def test_public_function_has_exactly_these_parameters(module: str, name: str) -> None:
    assert parameters(public_function(module, name)) == PUBLIC[module][name]


@pytest.mark.parametrize(("module", "name"), FUNCTIONS)
def test_public_function_is_typed(module: str, name: str) -> None:
    signature = inspect.signature(public_function(module, name))
    assert signature.return_annotation not in {inspect.Signature.empty, "Any"}
    untyped = [
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.annotation is inspect.Parameter.empty
    ]
    assert not untyped


@pytest.mark.parametrize(("module", "name"), FUNCTIONS)
def test_docstring_of_public_function_describes_every_parameter(module: str, name: str) -> None:
    function = public_function(module, name)
    documentation = inspect.getdoc(function) or ""
    described = set(re.findall(r"^    \**(\w+): ", _section(documentation, "Args"), re.MULTILINE))
    assert described == set(inspect.signature(function).parameters)
    assert _section(documentation, "Raises").strip()


def test_version_is_that_of_the_distribution() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", iterata.__version__)


def test_type_checker_knows_the_public_functions(root: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from iterata.kpi import describe\n"
        "from iterata.lift import expected_lift, lift_from_assumptions, query\n"
        "lift = expected_lift([0, 1], [0.2, 0.7], describe('targeting', budget=1), unit_id=['a', 'b'])\n"
        "assumed = lift_from_assumptions(describe('targeting', budget=1), base_rate=0.1, status_quo={})\n"
        "value: float = lift.potential_lift.value + assumed.risk.value\n"
        "expected_lift([0, 1], 1, {'kind': 'targeting'}, frame=query('SELECT 1'), label=3)  # one mistake\n",
        "utf-8",
    )
    checked = subprocess.run(  # with the cache of `make types`
        [sys.executable, "-m", "mypy", str(program)], capture_output=True, text=True, check=False, cwd=root
    )
    # The cache may know the same program by the folder of an earlier run.
    mistakes = [line for line in checked.stdout.splitlines() if f"/{program.name}:" in line]
    assert [line.split(":")[1] for line in mistakes] == ["6"], checked.stdout


def _section(documentation: str, title: str) -> str:
    """The lines of a section of a docstring; empty without the section."""
    match: Any = re.search(rf"^{title}:\n((?:    .*\n?|\n)*)", documentation, re.MULTILINE)
    return str(match[1]) if match else ""
