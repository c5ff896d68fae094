"""Loads any YAML text safely: its data, or its problems with their positions.

This is the one way to read front matter. The package's docstring explains why there are two readers.
"""

from __future__ import annotations

import yaml

from iterata.documents.yaml.errors import (
    YamlProblem,
    duplicate_key,
    invalid_character,
    syntax_error,
    too_deep,
    too_deep_to_parse,
)
from iterata.documents.yaml.fast_path import NotSimple, read_simple
from iterata.documents.yaml.limits import alias_problem, depth_problem
from iterata.documents.yaml.schema import NodeLoader, TooDeep, construct

MAX_PROBLEMS = 100
"""How many problems of one kind are reported for a document."""


def load(text: str) -> tuple[object, list[YamlProblem]]:
    """The data of a YAML text and its problems; the data are None if the text cannot be read."""
    try:
        return read_simple(text), []
    except (NotSimple, yaml.YAMLError):
        return _load_any(text)


def _load_any(text: str) -> tuple[object, list[YamlProblem]]:
    if problem := depth_problem(text):
        return None, [problem]
    loader = NodeLoader(text)
    try:
        return _construct(loader, text)
    except TooDeep as error:
        problem = too_deep(text, error.problem_mark)
    except yaml.MarkedYAMLError as error:
        problem = syntax_error(text, error)
    except yaml.reader.ReaderError as error:
        problem = invalid_character(text, error)
    except RecursionError:
        problem = too_deep_to_parse()
    finally:
        loader.dispose()
    return None, [problem]


def _construct(loader: NodeLoader, text: str) -> tuple[object, list[YamlProblem]]:
    node = loader.get_single_node()
    if node is None:
        return {}, []
    if problem := alias_problem(text, node):
        return None, [problem]
    duplicates: list[yaml.ScalarNode] = []
    data = construct(node, duplicates)
    return data, [duplicate_key(text, key) for key in duplicates[:MAX_PROBLEMS]]
