"""The text under a field is its documentation. It is read when someone asks for it, not whenever golive starts."""

from __future__ import annotations

import ast
import functools
import inspect
import sys


def attribute_docs(cls: type) -> dict[str, str]:
    """Return the text under each attribute of a class, inherited ones included, one line each."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        found.update(docs_of_module(base.__module__).get(base.__qualname__, {}))
    return found


def first_paragraph(text: str) -> str:
    """Return a docstring's first paragraph on one line."""
    return " ".join(inspect.cleandoc(text).split("\n\n")[0].split())


@functools.cache
def docs_of_module(name: str) -> dict[str, dict[str, str]]:
    """Return the attributes' texts of every class at a module's top, empty where its source is not at hand."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[name]))
    except (OSError, TypeError, KeyError, SyntaxError):
        return {}
    return {node.name: docs_of_class(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def docs_of_class(node: ast.ClassDef) -> dict[str, str]:
    """Return the text under each attribute of one class."""
    found: dict[str, str] = {}
    for statement, below in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            found[statement.target.id] = " ".join(inspect.cleandoc(below.value.value).split())
    return found
