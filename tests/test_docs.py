"""The documentation is held to what it says: links, files, words, commands and generated pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import reference
from server.__main__ import main
from server.settings import TABLE

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
WRITTEN = [page for page in PAGES if page.name not in reference.pages()]
CODE = ("rooms", "moderation", "server", "web")

LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)[^)]*\)")
FILE = re.compile(r"`((?:rooms|moderation|server|web|tests|docs|requirements)/[\w./-]*)`")
DEV = re.compile(r"\./dev (\w+)")
CANDLELIGHT = re.compile(r"(?:`|bin/)candlelight (\w+)")
NOUN = re.compile(r"^- \*\*(.+?)\*\*: ", re.MULTILINE)
CAPITALS = re.compile(r"`([A-Z]+_[A-Z_]+)`")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def broken_links(page: Path) -> list[str]:
    """The relative links of a page that lead nowhere."""
    return [link for link in LINK.findall(text_of(page)) if not (page.parent / link).exists()]


def missing_files(text: str) -> list[str]:
    """The files and folders that a text names in code type and that do not exist."""
    return [name for name in FILE.findall(text) if not (ROOT / name).exists()]


def unknown_commands(text: str, pattern: re.Pattern[str], known: set[str]) -> list[str]:
    """The commands that a text tells its reader to type and that nobody has heard of."""
    return [command for command in pattern.findall(text) if command not in known]


def dev_commands() -> set[str]:
    """The commands that `./dev help` lists."""
    listing = text_of(ROOT / "dev").partition("<<'TEXT'\n")[2].partition("\nTEXT\n")[0]
    return set(DEV.findall(listing))


def words_of_the_code() -> str:
    """All that the four packages say, without capitals and with spaces for underscores."""
    files = (
        path
        for package in CODE
        for path in sorted((ROOT / package).rglob("*"))
        if path.suffix in {".py", ".html", ".js"}
    )
    return " ".join(text_of(path) for path in files).lower().replace("_", " ")


def spellings(noun: str) -> Iterator[str]:
    """How code may write a noun: as one word or as several."""
    yield re.escape(noun.lower())
    yield re.escape(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", noun).lower())


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    assert missing_files(text_of(page)) == []


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_every_command_that_a_page_names_can_be_typed(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = re.findall(r"^ {4}(\w+)", capsys.readouterr().out, re.MULTILINE)
    assert {"serve", "invite", "room"} <= set(listed)
    assert unknown_commands(text_of(page), DEV, dev_commands()) == []
    assert unknown_commands(text_of(page), CANDLELIGHT, set(listed)) == []


def test_the_readme_begins_with_the_two_commands() -> None:
    first = re.search(r"```\n(.*?)```", text_of(ROOT / "README.md"), re.DOTALL)
    assert first is not None
    assert DEV.findall(first[1]) == ["run", "test"]


def test_every_setting_that_a_page_names_is_in_the_table() -> None:
    known = {row.name for row in TABLE}
    found = {name for page in WRITTEN for name in CAPITALS.findall(text_of(page))}
    assert found - known == set()
    exported = re.findall(r"export (\w+)=", text_of(ROOT / "README.md"))
    assert set(exported) <= known


def test_every_noun_of_the_glossary_is_a_word_of_the_code() -> None:
    code = words_of_the_code()
    nouns = NOUN.findall(text_of(ROOT / "docs" / "GLOSSARY.md"))
    assert len(nouns) > 50
    unused = [
        noun for noun in nouns if not any(re.search(rf"\b{s}", code) for s in spellings(noun))
    ]
    assert unused == []


def test_no_noun_stands_in_the_glossary_twice() -> None:
    nouns = NOUN.findall(text_of(ROOT / "docs" / "GLOSSARY.md"))
    assert len({noun.lower() for noun in nouns}) == len(nouns)


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(LINK.findall(text_of(folder / "README.md")))
    assert listed == {path.name for path in folder.glob("0*.md")}


def test_the_generated_pages_say_what_the_code_says() -> None:
    assert reference.stale(ROOT / "docs") == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[here](page.md#top) [there](gone.md) [away](https://example.org/x)")
    assert broken_links(page) == ["gone.md"]


def test_a_missing_file_is_found() -> None:
    assert missing_files("`rooms/turns.py` and `rooms/gone.py` in `tests/`") == ["rooms/gone.py"]


def test_an_unknown_command_is_found() -> None:
    assert unknown_commands("`./dev fly`, `./dev run`", DEV, {"run"}) == ["fly"]
