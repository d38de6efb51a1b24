"""How Babel finds the sentences of this project: besides the marked ones, those of refusals.

A refusal gives its sentence as `text` in its class body; marking each of them by a call would put
the translator's need into the rules.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any, cast

from babel.messages.extract import extract_python

Found = tuple[Any, Any, Any, Any]
"""Line, function, message or messages, comments: what Babel asks of an extractor."""


def sentences(
    file: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Iterator[Found]:
    """The marked sentences of a Python file, and those of the refusals it declares."""
    yield from extract_python(file, keywords, comment_tags, cast(Any, options))
    file.seek(0)
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.ClassDef):
            given = dict(_given(node))
            if "code" in given and "text" in given:
                line, text = given["text"]
                yield line, None, text, []


def _given(node: ast.ClassDef) -> Iterator[tuple[str, tuple[int, str]]]:
    """The names a class body gives a plain string, with line and value."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            value = statement.value.value
            for name in statement.targets:
                if isinstance(name, ast.Name) and isinstance(value, str):
                    yield name.id, (statement.lineno, value)
