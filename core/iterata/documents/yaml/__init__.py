"""Front matter as YAML 1.2, with the position of every key.

There are two readers, because a check of a large knowledge base spends most of its time here:

- `fast_path` turns the parser's events into data in one pass. It knows only what nearly every document
  consists of: blocks, lists and scalars.
- `loader` composes nodes first, then makes data of them. It takes half as long again, but it also
  understands anchors, aliases and tags, and it reports errors with their positions.

`loader.load` tries the fast path, and uses the slow reader if a text is not simple or not valid.
Both use the scalars of `schema`, and a property test checks that they return the same data.
"""
