"""Rules about findings, and about the references between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iterata.documents.findings import FindingEntry, resolve
from iterata.repository.iteration_results import share_of_file
from iterata.rules.rule import RuleSet
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.documents import Document
    from iterata.documents.findings import FindingKey
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.repository.projects import IterationFolder

RULES = RuleSet()

_RESULT_FILE = re.compile(r"results/(?<![\w/.-]results/)([\w.-]+\.json)\b")
"""A result file of the iteration itself; the path of another iteration's file has a folder before it.

The pattern begins with plain letters, which a search finds many times as fast as what must not precede them.
"""

_RESULT_ELSEWHERE = re.compile(
    r"(?<![\w/.:-])((?:\.\./)*(?:[\w-]+/)*\d{2,}-[a-z0-9-]+)/results/([\w.-]+\.json)\b"
)
"""A result file of another iteration, by the path of its folder."""

_FINDING_ELSEWHERE = re.compile(r"(?<![\w/.:-])(?:[a-z0-9-]+/)?\d{2,}-[a-z0-9-]+#[A-Za-z][\w-]*")
"""A finding that evidence refers to."""

_HYPOTHESIS = re.compile(r"\bH\d+\b")


@RULES.rule(
    "REF001",
    "Ids are unique, and the findings that are referred to exist.",
    why="Findings outlive their project; a dead link is a lost learning.",
    bad="contradicts: [churn/01-setup#F9]  # a report with three findings",
    good="contradicts: [churn/01-setup#F2]",
)
def ids_are_unique(context: DocumentContext) -> Iterator[Problem]:
    """REF001: no id appears twice among a document's findings, or its hypotheses and their answers."""
    document = context.document
    seen_ids: set[str] = set()
    for path, entry in (*document.findings, *_hypothesis_entries(document.data)):
        identifier = entry.get("id")
        if not isinstance(identifier, str):
            continue  # DOC007 or DOC008
        if identifier in seen_ids:
            message = f"the id {identifier} is used twice"
            yield document.problem("REF001", [*path, "id"], message, "use another id")
        seen_ids.add(identifier)


def _hypothesis_entries(data: dict[str, object]) -> Iterator[FindingEntry]:
    entries = data.get("hypotheses")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield FindingEntry(("hypotheses", index), entry)


@RULES.check()
def references_exist(context: DocumentContext) -> Iterator[Problem]:
    """REF001: every finding that is supported or contradicted exists, and is another one."""
    project, iteration = context.project.name, context.iteration.name if context.iteration else ""
    for path, entry in context.document.findings:
        for relation in ("supports", "contradicts"):
            references = entry.get(relation)
            for index, reference in enumerate(references if isinstance(references, list) else ()):
                if not isinstance(reference, str):
                    continue  # DOC008
                key, field = resolve(reference, project, iteration), [*path, relation, index]
                if entry.get("id") == key.id and context.document in _documents(context, key):
                    message, remedy = f"{reference} is this finding itself", "name another finding"
                    yield context.document.problem("REF001", field, message, remedy)
                elif not _exists(context, key):
                    yield _no_finding(context, field, reference)
        evidence = str(entry.get("evidence", ""))
        for reference in _FINDING_ELSEWHERE.findall(evidence) if "#" in evidence else ():
            if not _exists(context, resolve(reference, project, iteration)):
                yield _no_finding(context, [*path, "evidence"], reference)


def _no_finding(context: DocumentContext, field: list[str | int], reference: str) -> Problem:
    remedy = "name it as project/01-iteration#F1, 01-iteration#F1 or #F1"
    return context.document.problem("REF001", field, f"there is no finding {reference}", remedy)


def _exists(context: DocumentContext, key: FindingKey) -> bool:
    entries = (entry for document in _documents(context, key) for entry in document.findings)
    return any(entry.data.get("id") == key.id for entry in entries)


def _documents(context: DocumentContext, key: FindingKey) -> Iterable[Document]:
    """The documents that may have the finding: those of its iteration, or the project's requirements."""
    projects = (project for project in context.project.repository.projects if project.name == key.project)
    project = next(projects, None)
    if project is None:
        return ()
    if not key.iteration:
        return [project.requirements] if project.requirements else ()
    folder = project.iteration(key.iteration)
    return folder.documents.values() if folder else ()


@RULES.rule(
    "REF002",
    "Evidence in a result file can be found there.",
    why="A finding that cannot be looked up is an opinion.",
    bad='evidence: "results/experiment.json, H7: the difference"  # of a plan with three hypotheses',
    good='evidence: "results/experiment.json, H2: the difference"',
)
def evidence_exists(context: DocumentContext) -> Iterator[Problem]:
    """REF002: evidence names a result file that iterata writes, and hypotheses of the plan."""
    for path, entry in context.document.findings:
        evidence, field = entry.get("evidence"), [*path, "evidence"]
        if not isinstance(evidence, str) or context.iteration is None or "results/" not in evidence:
            continue
        for name in _RESULT_FILE.findall(evidence):
            if name not in _COMMANDS and share_of_file(name) is None:
                remedy = "name results/experiment.json or results/lift.json, and what in it shows the finding"
                yield context.document.problem(
                    "REF002", field, f"there is no result file results/{name}", remedy
                )
            elif context.document.status is not Status.DRAFT and name not in context.iteration.result_files:
                command = _COMMANDS.get(name, "rollout")
                remedy = f"`iterata {command} {context.iteration.ref}`; or name other evidence"
                yield context.document.problem("REF002", field, f"there is no file results/{name}", remedy)
        for folder, name in _RESULT_ELSEWHERE.findall(evidence) if "/results/" in evidence else ():
            other = _iteration_at(context, folder)
            if other is None or name not in other.result_files:
                remedy = "name a file that exists, such as 01-setup/results/experiment.json"
                message = f"there is no file {folder}/results/{name}"
                yield context.document.problem("REF002", field, message, remedy)
        names = dict.fromkeys(_HYPOTHESIS.findall(evidence)) if _RESULT_FILE.search(evidence) else {}
        hypotheses = _planned_hypotheses(context.iteration.document(Stage.PROPOSAL)) if names else []
        for name in names:
            if hypotheses and name not in hypotheses:
                message, remedy = f"the plan has no hypothesis {name}", f"name one of {', '.join(hypotheses)}"
                yield context.document.problem("REF002", field, message, remedy)


_COMMANDS = {"lift.json": "lift", "experiment.json": "run", "monitors.json": "monitor --record"}


def _iteration_at(context: DocumentContext, path: str) -> IterationFolder | None:
    """The iteration at a path that begins at the repository, its projects, this project or this iteration."""
    parts = path.replace("../", "").removeprefix(f"{context.project.repository.projects_dir}/").split("/")
    name = parts[-2] if len(parts) > 1 else context.project.name
    projects = (project for project in context.project.repository.projects if project.name == name)
    project = next(projects, None)
    return project.iteration(parts[-1]) if project else None


def _planned_hypotheses(proposal: Document | None) -> list[str]:
    """The ids of the plan's hypotheses; the proposal may be invalid."""
    plan = proposal.data.get("plan") if proposal is not None else None
    entries = plan.get("hypotheses") if isinstance(plan, dict) else None
    return [
        str(entry["id"])
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and "id" in entry
    ]
