"""The strongly connected components of a directed graph, by Kosaraju's algorithm without recursion."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def components(graph: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Groups of nodes that reach each other; a node without a circle is a group by itself.

    A group comes before all groups that it leads to. Edges to nodes that the graph does not have are ignored.

    >>> components({"a": ["b"], "b": ["c"], "c": ["b"]})
    [['a'], ['b', 'c']]
    """
    reverse: dict[str, list[str]] = defaultdict(list)
    for node, successors in graph.items():
        for successor in successors:
            reverse[successor].append(node)
    seen: set[str] = set()
    return [_reached(root, reverse, seen) for root in reversed(_finished(graph)) if root not in seen]


def _finished(graph: Mapping[str, Sequence[str]]) -> list[str]:
    """The nodes in the order in which a depth-first search leaves them."""
    order: list[str] = []
    seen: set[str] = set()
    for root in graph:
        todo = [] if root in seen else [(root, iter(graph[root]))]
        seen.add(root)
        while todo:
            node, successors = todo[-1]
            following = next((other for other in successors if other in graph and other not in seen), None)
            if following is None:
                order.append(node)
                todo.pop()
            else:
                seen.add(following)
                todo.append((following, iter(graph[following])))
    return order


def _reached(root: str, graph: Mapping[str, Sequence[str]], seen: set[str]) -> list[str]:
    """The nodes that a node reaches without those seen before; they are seen afterwards."""
    seen.add(root)
    reached = [root]
    for node in reached:
        for other in graph.get(node, ()):
            if other not in seen:
                seen.add(other)
                reached.append(other)
    return reached
