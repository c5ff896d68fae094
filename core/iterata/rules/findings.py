"""Rules about findings and the references between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.documents import Document
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.repository.projects import Project, Repository

_LISTS: tuple[tuple[str, ...], ...] = (("findings",), ("post_mortem", "findings"), ("abandoned", "findings"))

_RESULT = re.compile(r"(?<![\w/.-])results/([\w.-]+\.json)\b")
"""A result file of the iteration itself; one of another iteration has a folder before it."""

_WRITTEN = ("experiment.json", "lift.json")

_HYPOTHESIS = re.compile(r"\bH\d+\b")


def _findings(data: Any) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    for path in _LISTS:
        entries = data
        for key in path:
            entries = entries.get(key) if isinstance(entries, dict) else None
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield (*path, index), entry


def ids_are_unique(case: DocumentContext) -> Iterator[Problem]:
    """REF001: no id stands twice among a document's findings, or its hypotheses and answers to them."""
    seen: set[str] = set()
    hypotheses = case.document.data.get("hypotheses")
    listed = hypotheses if isinstance(hypotheses, list) else []
    entries: list[tuple[tuple[str | int, ...], dict[str, Any]]] = [
        *_findings(case.document.data),
        *((("hypotheses", index), entry) for index, entry in enumerate(listed) if isinstance(entry, dict)),
    ]
    for path, entry in entries:
        name = entry.get("id")
        if not isinstance(name, str):
            continue  # DOC007 or DOC008
        if name in seen:
            yield case.document.problem(
                "REF001", [*path, "id"], f"the id {name} is taken", "give it one of its own"
            )
        seen.add(name)


def references_exist(case: DocumentContext) -> Iterator[Problem]:
    """REF001: every finding that is supported or contradicted is there."""
    for path, entry in _findings(case.document.data):
        for relation in ("supports", "contradicts"):
            refs = entry.get(relation)
            for index, ref in enumerate(refs if isinstance(refs, list) else ()):
                if isinstance(ref, str) and _is_itself(case, entry, ref):
                    message, remedy = f"{ref} is this finding itself", "name another finding"
                    yield case.document.problem("REF001", [*path, relation, index], message, remedy)
                elif isinstance(ref, str) and not _exists(case, ref):
                    remedy = "name it as project/01-iteration#F1, 01-iteration#F1 or #F1"
                    yield case.document.problem(
                        "REF001", [*path, relation, index], f"there is no finding {ref}", remedy
                    )


def evidence_is_there(case: DocumentContext) -> Iterator[Problem]:
    """REF002: evidence in a result file names one that iterata writes, and hypotheses of the plan."""
    for path, entry in _findings(case.document.data):
        said = entry.get("evidence")
        if not isinstance(said, str) or case.iteration is None:
            continue
        for name in _RESULT.findall(said):
            if name not in _WRITTEN:
                remedy = "name results/experiment.json or results/lift.json, and what in it shows the finding"
                message = f"there is no result file results/{name}"
                yield case.document.problem("REF002", [*path, "evidence"], message, remedy)
        asked = _hypotheses(case.iteration.document(Stage.PROPOSAL))
        for name in dict.fromkeys(_HYPOTHESIS.findall(said)) if _RESULT.search(said) and asked else ():
            if name not in asked:
                remedy = f"name one of {', '.join(asked)}"
                message = f"the plan has no hypothesis {name}"
                yield case.document.problem("REF002", [*path, "evidence"], message, remedy)


def _hypotheses(proposal: Document | None) -> list[str]:
    plan = proposal.data.get("plan") if proposal is not None else None
    listed = plan.get("hypotheses") if isinstance(plan, dict) else None
    entries = listed if isinstance(listed, list) else []
    return [str(each["id"]) for each in entries if isinstance(each, dict) and "id" in each]


def _is_itself(case: DocumentContext, entry: dict[str, Any], ref: str) -> bool:
    place, _, wanted = ref.partition("#")
    return entry.get("id") == wanted and case.document in _documents_at(case, place)


def _exists(case: DocumentContext, ref: str) -> bool:
    place, _, wanted = ref.partition("#")
    documents = _documents_at(case, place)
    return any(entry.get("id") == wanted for document in documents for _, entry in _findings(document.data))


def _documents_at(case: DocumentContext, place: str) -> Iterable[Document]:
    """Those of `project/01-setup`, of `01-setup`, the requirements of `project/`, or those beside it."""
    project_name, elsewhere, iteration_name = place.rpartition("/")
    project = _project(case.project.repository, project_name) if elsewhere else case.project
    folder = project.iteration(iteration_name) if project and iteration_name else None
    if folder is None and not place:
        folder = case.iteration
    if folder is not None:
        return folder.documents.values()
    return [project.requirements] if project and project.requirements and not iteration_name else ()


def _project(repository: Repository, name: str) -> Project | None:
    return next((project for project in repository.projects if project.name == name), None)


CHECKS = (ids_are_unique, references_exist, evidence_is_there)
