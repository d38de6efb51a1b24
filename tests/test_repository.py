"""The repository as a whole: what may lie in it, and that each file of code has its tests."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parent.parent

# Addresses that a lock or configuration file may name, and why. Anything else is a host that the
# project would quietly depend on.
ALLOWED_ADDRESSES = {
    r"https?://(127\.0\.0\.1|localhost)\b": "this machine",
    r"sqlite:///": "a database file, no host",
}

CONFIGURATION_SUFFIXES = {".cfg", ".conf", ".ini", ".toml", ".yaml", ".yml"}
CONFIGURATION_FILES = {
    ".ci/run",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    ".npmrc",
    "Dockerfile",
    "dev",
    "package-lock.json",
    "package.json",
}

# An absolute path below a folder that only the author's machine has. Not preceded by a letter, so
# that a path inside the project or a web address does not count.
MACHINE_PATH = re.compile(r"(?<![\w.~])/(?:root|work|home/\w+)/")

# Files of code without a test file of their own, each with the reason.
WITHOUT_MIRROR: dict[str, str] = {
    "server/live/live_rooms.py": "says what others need; there is nothing in it to run",
}

MIRRORED = ("server", "rooms", "moderation")


def repository_files() -> list[str]:
    """Paths, relative to the root, of all files that are or would be committed."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = sorted(path for path in listing.split("\0") if path and (ROOT / path).is_file())
    assert "pyproject.toml" in paths, "this is not the project's own repository"
    return paths


def text_of(path: str) -> str:
    """The text of a file; empty for one that holds no text, such as a picture."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def is_configuration(path: str) -> bool:
    """Whether a file is a lock or configures a tool."""
    return (
        path.startswith("requirements/")
        or path in CONFIGURATION_FILES
        or PurePosixPath(path).suffix in CONFIGURATION_SUFFIXES
    )


def foreign_addresses(text: str) -> list[str]:
    """The lines that name an address outside the allow-list."""
    allowed = re.compile("|".join(ALLOWED_ADDRESSES))
    return [line.strip() for line in text.splitlines() if "://" in allowed.sub("", line)]


def machine_paths(text: str) -> list[str]:
    """The lines that name a path of somebody's machine."""
    return [line.strip() for line in text.splitlines() if MACHINE_PATH.search(line)]


def mirror_of(path: str) -> str:
    """Where the tests of a file of code are: `rooms/turns.py` has `tests/rooms/test_turns.py`."""
    code = PurePosixPath(path)
    return str("tests" / code.parent / f"test_{code.name}")


def without_mirror(paths: Iterable[str]) -> list[str]:
    """The files of code that have no test file of their own."""
    existing = set(paths)
    return sorted(
        path
        for path in existing
        if path.endswith(".py")
        and path.startswith(tuple(f"{package}/" for package in MIRRORED))
        and PurePosixPath(path).name not in {"__init__.py", "__main__.py"}
        and "migrations" not in PurePosixPath(path).parts
        and mirror_of(path) not in existing
    )


def test_locks_and_configuration_name_no_host() -> None:
    files = [path for path in repository_files() if is_configuration(path)]
    assert "requirements/dev.txt" in files
    found = {path: lines for path in files if (lines := foreign_addresses(text_of(path)))}
    assert found == {}


def test_no_file_names_a_path_of_a_machine() -> None:
    found = {path: lines for path in repository_files() if (lines := machine_paths(text_of(path)))}
    assert found == {}


def test_the_lock_that_names_hosts_is_not_committed() -> None:
    names = {PurePosixPath(path).name for path in repository_files()}
    assert names.isdisjoint({"uv.lock", "pylock.toml"})


def test_every_lock_pins_by_hash() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert {"bootstrap.txt", "build.txt", "dev.txt", "runtime.txt"} <= {lock.name for lock in locks}
    for lock in locks:
        entries = re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8"))
        loose = [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]
        assert loose == [], lock.name


def test_every_file_of_code_has_a_test_file_of_its_own() -> None:
    assert [path for path in without_mirror(repository_files()) if path not in WITHOUT_MIRROR] == []


def test_every_exception_from_the_mirror_is_still_needed() -> None:
    missing = without_mirror(repository_files())
    assert [path for path in WITHOUT_MIRROR if path not in missing] == []
    assert all(reason.strip() for reason in WITHOUT_MIRROR.values())


@pytest.mark.parametrize(
    "line",
    [
        "index-url = https://packages.example.org/simple",
        "--find-links http://10.0.0.7/wheels",
        'resolved = "https://user@localhost.example.org/x"',
        "a = 'http://127.0.0.1:8000' # or https://example.org",
        "git+ssh://example.org/fork.git",
    ],
)
def test_a_planted_host_is_found(line: str) -> None:
    assert foreign_addresses(line) == [line]


@pytest.mark.parametrize(
    "line", ["url = http://127.0.0.1:8000/", "url = sqlite:///room.db", "a: b"]
)
def test_an_address_of_this_machine_is_left_alone(line: str) -> None:
    assert foreign_addresses(line) == []


@pytest.mark.parametrize("folder", ["root", "work", "home/ada"])
def test_a_planted_machine_path_is_found(folder: str) -> None:
    line = f'data = "/{folder}/candlelight"'
    assert machine_paths(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "see docs/work/plan.md",
        "GET https://example.org/home/ada/",
        "~/work/notes",
        "/etc/candlelight/",
    ],
)
def test_a_path_that_every_machine_may_have_is_left_alone(line: str) -> None:
    assert machine_paths(line) == []


def test_a_file_of_code_without_tests_is_found() -> None:
    paths = ["rooms/__init__.py", "rooms/turns.py", "rooms/hands.py", "tests/rooms/test_turns.py"]
    assert without_mirror(paths) == ["rooms/hands.py"]
