"""The shape of the code: rules without side effects, imports at the top, and a word on every file.

Layers and foreign packages are checked by import-linter (see pyproject.toml). Here is what it
cannot see. Every check is a plain function from source text to offences, and is itself tested with
planted offenders, so that it cannot go blind unnoticed.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PURE = ("rooms", "moderation")
PACKAGES = (*PURE, "server", "web", "bench", "tests")

# Small pure libraries; everything else from outside the standard library is refused.
PURE_LIBRARIES = {"ahocorasick", "msgspec", "regex", "precis_i18n", "confusable_homoglyphs"}

# Parts of the standard library that wait, read a clock, draw randomness or touch the world.
IMPURE = set(
    "asyncio concurrent ctypes ftplib glob http imaplib importlib io locale logging mmap"
    " multiprocessing os pathlib poplib queue random sched secrets select selectors shutil signal"
    " smtplib socket socketserver sqlite3 ssl subprocess sys tempfile threading time urllib.request"
    " uuid warnings webbrowser xmlrpc zipfile".split()
)
IMPURE_CALLS = {"__import__", "breakpoint", "eval", "exec", "input", "open", "print"}
IMPURE_METHODS = {"read_bytes", "read_text", "write_bytes", "write_text"}
CLOCK_READINGS = {"now", "today", "utcnow"}

WAITING = (ast.AsyncFor, ast.AsyncFunctionDef, ast.AsyncWith, ast.Await)
FUNCTIONS = (ast.AsyncFunctionDef, ast.FunctionDef, ast.Lambda)

Check = Callable[[str], list[str]]


def imported(node: ast.AST) -> Iterator[str]:
    """The full dotted names that an import statement reaches, `urllib.parse.quote` for instance."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        # A relative import stays in the family; ruff refuses it anyway.
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def may_be_imported(name: str) -> bool:
    """Whether rules may import this: rules, small pure libraries, and what is pure of the rest."""
    top = name.partition(".")[0]
    if any(f"{name}.".startswith(f"{impure}.") for impure in IMPURE):
        return False
    return top in PURE_LIBRARIES or top in PURE or top in sys.stdlib_module_names


def clock_names(tree: ast.AST) -> set[str]:
    """What this file calls the module `datetime` and the two classes that can read the clock."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {a.asname or a.name for a in node.names if a.name == "datetime"}
        elif isinstance(node, ast.ImportFrom) and node.module == "datetime":
            names |= {a.asname or a.name for a in node.names}
    return names


def base_name(node: ast.expr) -> str:
    """`datetime` of `datetime.datetime.now`: the name an attribute chain begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def impurities(source: str) -> list[str]:
    """Everything in a file of rules that waits, reads a clock, draws, or touches the world."""
    tree = ast.parse(source)
    clocks = clock_names(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, WAITING) or (isinstance(node, ast.comprehension) and node.is_async):
            found.append(f"{where(node)} waits")
        found += [
            f"{where(node)} imports {name}" for name in imported(node) if not may_be_imported(name)
        ]
        if isinstance(node, ast.Name) and node.id in IMPURE_CALLS:
            found.append(f"{where(node)} uses {node.id}()")
        if isinstance(node, ast.Attribute):
            if node.attr in IMPURE_METHODS:
                found.append(f"{where(node)} uses .{node.attr}()")
            if node.attr in CLOCK_READINGS and base_name(node.value) in clocks:
                found.append(f"{where(node)} reads the clock with .{node.attr}()")
    return found


def hidden_imports(source: str) -> list[str]:
    """Imports inside a function, where neither a reader nor import-linter's cycles see them."""
    return [
        f"{where(node)} imports inside a function"
        for function in ast.walk(ast.parse(source))
        if isinstance(function, FUNCTIONS)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def silence(source: str) -> list[str]:
    """A file that does not say what it is."""
    return [] if ast.get_docstring(ast.parse(source)) else ["line 1 has no module docstring"]


def where(node: ast.AST) -> str:
    """The line of a node, in words. A comprehension's clause has none of its own."""
    return f"line {getattr(node, 'lineno', '?')}"


def offences(check: Check, packages: tuple[str, ...]) -> list[str]:
    """What a check finds in all Python files of some packages, each with its file."""
    files = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    assert files, f"no files under {packages}"
    return [
        f"{path.relative_to(ROOT)}: {offence}"
        for path in files
        for offence in check(path.read_text(encoding="utf-8"))
    ]


def test_the_rules_neither_wait_nor_look_at_the_world() -> None:
    assert offences(impurities, PURE) == []


def test_every_import_stands_at_the_top_of_its_file() -> None:
    assert offences(hidden_imports, PACKAGES) == []


def test_every_file_says_what_it_is() -> None:
    assert offences(silence, PACKAGES) == []


@pytest.mark.parametrize(
    "source",
    [
        "async def rule(): ...",
        "async def rule():\n    await other()",
        "async def rule():\n    async with lock: ...",
        "async def rule():\n    async for hand in hands: ...",
        "hands = [hand async for hand in raised]",
        "import time",
        "import os.path",
        "import random as dice",
        "import secrets",
        "import socket",
        "import asyncio",
        "import uuid",
        "import pathlib",
        "from time import monotonic",
        "from os import environ",
        "from pathlib import Path",
        "from importlib import resources",
        "import urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import sqlalchemy",
        "from starlette.requests import Request",
        "from server.settings import Settings",
        "import datetime\ndatetime.datetime.now(datetime.UTC)",
        "import datetime as calendar\ncalendar.date.today()",
        "from datetime import datetime\ndatetime.utcnow()",
        "from datetime import datetime as moment\nclock = moment.now",
        "from datetime import date\ndate.today()",
        "open('words.txt')",
        "print('a hand went up')",
        "say = print",
        "__import__('time')",
        "exec('import time')",
        "def load(path):\n    return path.read_text()",
        "def save(path):\n    path.write_bytes(b'')",
    ],
)
def test_a_rule_that_looks_at_the_world_is_found(source: str) -> None:
    assert impurities(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "import msgspec\nimport regex\nimport re\nimport unicodedata",
        "from rooms.kernel import Command",
        "from urllib.parse import urlsplit",
        "from datetime import datetime, timedelta\nend = datetime.fromisoformat(text)",
        "def decide(self, room, at):\n    return at.now + 60",
        "def due(schedule, now):\n    return schedule.today(now)",
    ],
)
def test_an_honest_rule_is_left_alone(source: str) -> None:
    assert impurities(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "def rule():\n    import re",
        "async def rule():\n    from rooms import kernel",
        "class Rule:\n    def decide(self):\n        if True:\n            import re",
        "def outer():\n    class Inner:\n        import re",
    ],
)
def test_an_import_inside_a_function_is_found(source: str) -> None:
    assert hidden_imports(source) != []


def test_an_import_at_the_top_is_left_alone() -> None:
    assert hidden_imports("import re\n\ndef rule():\n    return re.compile('')") == []


@pytest.mark.parametrize("source", ["", "import re", "# only a comment", "x = '''no docstring'''"])
def test_a_file_without_a_docstring_is_found(source: str) -> None:
    assert silence(source) != []


def test_a_file_with_a_docstring_is_left_alone() -> None:
    assert silence('"""What may be said."""') == []
