"""Exports are valid by the schemas of their tools, and names from documents execute nothing in them.

The schemas are the parts that matter of `prometheus.rules.json` (SchemaStore, and the documentation of
Prometheus' alerting rules) and of the custom resource `analysistemplates.argoproj.io` (Argo Rollouts,
manifests/crds/analysis-template-crd.yaml, with the limits of its integers).
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from iterata.monitoring.argo import analysis_templates
from iterata.monitoring.prometheus import Watched, alerting_rules, text_metrics
from iterata.monitoring.verdicts import Interval, MonitorValue
from iterata.results.monitors import MonitorVerdict

from .test_monitors import monitor

if TYPE_CHECKING:
    from ...helpers.golden import Golden

DURATION = {"type": "string", "pattern": r"^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$"}
LABELS = {
    "patternProperties": {"^[a-zA-Z_][a-zA-Z0-9_]*$": {"type": "string"}},
    "additionalProperties": False,
}
RULES_SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["groups"],
    "properties": {"groups": {"type": "array", "items": {
        "type": "object", "additionalProperties": False, "required": ["name", "rules"],
        "properties": {"name": {"type": "string"}, "rules": {"type": "array", "items": {
            "type": "object", "additionalProperties": False, "required": ["alert", "expr"],
            "properties": {
                "alert": {"type": "string", "pattern": "^[a-zA-Z_:][a-zA-Z0-9_:]*$"},
                "expr": {"type": "string", "minLength": 1},
                "for": DURATION, "labels": LABELS, "annotations": LABELS,
            },
        }}},
    }}},
}  # fmt: skip
COUNTER = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
TEMPLATE_SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["apiVersion", "kind", "metadata", "spec"],
    "properties": {
        "apiVersion": {"const": "argoproj.io/v1alpha1"}, "kind": {"const": "AnalysisTemplate"},
        "metadata": {"required": ["name"], "properties": {
            "name": {"type": "string", "maxLength": 253, "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"},
            "annotations": {"additionalProperties": {"type": "string"}},
        }},
        "spec": {"type": "object", "additionalProperties": False, "properties": {
            "args": {"type": "array", "items": {
                "required": ["name"], "additionalProperties": False,
                "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
            }},
            "metrics": {"type": "array", "items": {
                "type": "object", "additionalProperties": False, "required": ["name", "provider"],
                "properties": {
                    "name": {"type": "string"}, "interval": {"type": "string"}, "count": COUNTER,
                    "successCondition": {"type": "string"}, "failureCondition": {"type": "string"},
                    "failureLimit": COUNTER, "inconclusiveLimit": COUNTER, "consecutiveErrorLimit": COUNTER,
                    "provider": {"additionalProperties": False, "required": ["prometheus"], "properties": {
                        "prometheus": {"additionalProperties": False, "properties": {
                            "address": {"type": "string"}, "query": {"type": "string"},
                        }},
                    }},
                },
            }},
        }},
    },
}  # fmt: skip
HOSTILE = 'a "b" \\ {{ $x }} {{args.y}} {% x %}: # ü - &'


def watched(**keys: Any) -> Watched:
    return Watched("churn/01-setup", "projects/churn/01-setup/deployment.md", monitor(**keys))


MONITORS = [
    watched(),
    watched(name="kept in the north", lower=None, upper=0.25),
    watched(lower=-1.5, upper=1e6, promql='sum(rate(kept{region="north"}[7d])) / 2'),
    Watched("churn/02-more", "projects/churn/02-more/deployment.md", monitor(name=HOSTILE)),
]


def rules_of(*monitors: Watched) -> list[dict[str, Any]]:
    groups = yaml.safe_load(alerting_rules(monitors))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def metrics_of(*monitors: Watched) -> list[dict[str, Any]]:
    templates = yaml.safe_load_all(analysis_templates(monitors))
    return [metric for template in templates for metric in template["spec"]["metrics"]]


def test_exports_are_valid_by_their_schemas() -> None:
    rules = yaml.safe_load(alerting_rules(MONITORS))
    Draft202012Validator(RULES_SCHEMA).validate(rules)
    assert [group["name"] for group in rules["groups"]] == ["iterata churn/01-setup", "iterata churn/02-more"]
    templates = list(yaml.safe_load_all(analysis_templates(MONITORS)))
    for template in templates:
        Draft202012Validator(TEMPLATE_SCHEMA).validate(template)
        names = [metric["name"] for metric in template["spec"]["metrics"]]
        assert len(set(names)) == len(names)
    assert [template["metadata"]["name"] for template in templates] == ["churn-01-setup", "churn-02-more"]


def test_texts_of_exports(golden: Golden) -> None:
    golden.check("alerting_rules", alerting_rules(MONITORS[:3]).rstrip("\n"))
    golden.check("analysis_templates", analysis_templates(MONITORS[:3]).rstrip("\n"))


def test_every_bound_is_an_alert() -> None:
    expressions = [
        rule["expr"] for rule in rules_of(*MONITORS[:3]) if rule["labels"]["severity"] == "warning"
    ]
    assert len(expressions) == 4
    assert expressions[2:] == [
        '(sum(rate(kept{region="north"}[7d])) / 2) < -1.5',
        '(sum(rate(kept{region="north"}[7d])) / 2) > 1000000',
    ]
    assert re.search(r"_value\{.*\} < 0 and iterata_monitor_verdict\{.*\} == 2$", expressions[0])
    assert " > 0.25 and " in expressions[1]


def unquoted(text: str) -> str:
    """A string of PromQL as Prometheus reads it."""
    escapes = {"\\\\": "\\", '\\"': '"', "\\n": "\n", "\\x7b": "{", "\\x7d": "}"}
    return re.sub(r'\\(?:\\|"|n|x7b|x7d)', lambda found: escapes[found[0]], text)


def test_names_of_documents_are_quoted() -> None:
    (rule, silent) = rules_of(MONITORS[3])
    quoted = re.findall(r'monitor="((?:[^"\\]|\\.)*)"\}', rule["expr"])
    assert [unquoted(text) for text in quoted] == [HOSTILE] * 2
    assert "{{" not in rule["expr"] + silent["expr"]
    (query,) = (metric["provider"]["prometheus"]["query"] for metric in metrics_of(MONITORS[3]))
    assert unquoted(query.partition('monitor="')[2].removesuffix('"}')) == HOSTILE
    assert "{{" not in query
    for text in (*rule["labels"].values(), rule["annotations"]["summary"]):
        templates = re.sub(r'\{\{ "\{\{" \}\}', "", text)
        assert "{{" not in templates, "a template would be executed"


def conditions(metric: dict[str, Any], result: list[float]) -> tuple[bool, bool]:
    """Whether a measurement is a success, and whether it is a failure; neither is inconclusive."""
    names = {"len": len, "isNaN": math.isnan, "result": result}
    found = []
    for key in ("successCondition", "failureCondition"):
        python = metric[key].replace("&&", " and ").replace("||", " or ").replace("!isNaN", "not isNaN")
        found.append(bool(eval(python, {"__builtins__": {}}, names)))  # noqa: S307  # our own text
    return found[0], found[1]


@pytest.mark.parametrize("watched_metric", metrics_of(*MONITORS), ids=lambda metric: metric["name"])
def test_no_data_never_reverts_and_never_goes_on(watched_metric: dict[str, Any]) -> None:
    for nothing in ([], [float("nan")]):
        assert conditions(watched_metric, nothing) == (False, False)
    assert watched_metric["inconclusiveLimit"] == 0, "the first such measurement pauses the rollout"
    assert watched_metric["consecutiveErrorLimit"] == 2**31 - 1, "Prometheus is waited for"
    assert watched_metric["failureLimit"] == 0


def test_verdicts_and_bounds_decide() -> None:
    own, _, declared, _ = metrics_of(*MONITORS)
    assert [conditions(own, [code]) for code in (0, 1, 2)] == [(True, False), (False, False), (False, True)]
    within = {-1.5: True, 0: True, 1e6: True, -1.51: False, 1e6 + 1: False}
    assert {value: conditions(declared, [value]) for value in within} == {
        value: (fine, not fine) for value, fine in within.items()
    }


def test_metrics_of_values(golden: Golden) -> None:
    value = MonitorValue(0.25, 40, None, Interval(0.2, float("inf")))
    shown = [
        MONITORS[0]._replace(value=value, verdict=MonitorVerdict.FINE),
        MONITORS[1]._replace(value=value._replace(interval=None), verdict=MonitorVerdict.REGRESSION),
        MONITORS[2]._replace(value=value, verdict=MonitorVerdict.STALE),
        MONITORS[3]._replace(value=value, verdict=MonitorVerdict.TOO_FEW),
    ]
    golden.check("text_metrics", text_metrics(shown).rstrip("\n"))
    assert text_metrics([]) == ""


def test_a_comment_in_an_expression_hides_nothing_after_it() -> None:
    commented = "sum(kept)  # of all regions"
    for rule in rules_of(watched(promql=commented)):
        assert rule["expr"].partition(commented)[2].startswith("\n)")
