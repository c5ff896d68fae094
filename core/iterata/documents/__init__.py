"""Stage documents: Markdown files whose front matter is validated, with every error on its line."""

from iterata.documents.document import Document, model_of, parse, unreadable

__all__ = ["Document", "model_of", "parse", "unreadable"]
