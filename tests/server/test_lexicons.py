"""The lexicons as they ship, and what was read of them, which is kept and never taken on trust."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from moderation.screening.lexicon import Concept, Lexicon, read_concepts, read_lexicon
from moderation.screening.patterns import Patterns
from moderation.screening.screen import Screen
from server.lexicons import Kept, compile_all, compiled, prepare, read, shipped_screen

CONCEPTS = b"""
[wants]
says = "wants to die"
level = 2
category = "suicide"
subject = "self"
source = "a test"
"""
FREQUENT = b'hundred = "to the"\nthirty = "i"\nten = "all"\n'
LANGUAGE = b"""
language = "xx"
common = "i to the"
other_meanings = []
words = {}
[contexts]
negation = ["not"]
past = []
present = []
information = []
generic = []
laughing = []
question = []
rising = []
parting = []
me = []
them = []
you = []
[patterns]
wants = ["want to die"]
"""
TEXTS = {"concepts.toml": CONCEPTS, "frequent.toml": FREQUENT, "xx.toml": LANGUAGE}


def shipped() -> Iterator[tuple[str, bytes]]:
    """The files of the languages."""
    for file in resources.files("moderation").joinpath("lexicons").iterdir():
        if file.name.endswith(".toml") and file.name not in ("concepts.toml", "frequent.toml"):
            yield file.name, file.read_bytes()


LANGUAGES: list[Lexicon] = [read_lexicon(text) for _, text in shipped()]
SHIPPED_CONCEPTS: dict[str, Concept] = read_concepts(
    resources.files("moderation").joinpath("lexicons", "concepts.toml").read_bytes()
)


def screen(kept: Kept) -> Screen:
    """The Screen over what was read."""
    return Screen(kept.concepts, kept.lexicons, kept.frequent, kept.index)


# What ships.


def test_the_screen_is_made_once() -> None:
    assert shipped_screen() is shipped_screen()


def test_five_languages_ship_each_in_a_file_of_its_own_name() -> None:
    names = [name for name, _ in shipped()]
    assert sorted(names) == sorted(f"{language.language}.toml" for language in LANGUAGES)
    assert {language.language for language in LANGUAGES} == {"en", "es", "fr", "de", "pt"}


def test_every_language_can_say_every_emergency() -> None:
    becomes = {concept.them for concept in SHIPPED_CONCEPTS.values()}
    emergencies = {name for name, c in SHIPPED_CONCEPTS.items() if c.level == 3} - becomes
    for language in LANGUAGES:
        missing = {name for name in emergencies if not language.patterns.get(name)}
        assert not missing, language.language


def test_every_concept_says_why_it_counts_and_reads_as_a_sentence() -> None:
    for name, concept in SHIPPED_CONCEPTS.items():
        assert concept.source.strip(), name
        assert bool(concept.category) != concept.craving, name
        assert not concept.says.endswith("."), name


def test_every_concept_is_told_of_in_some_language() -> None:
    told = {name for language in LANGUAGES for name in language.patterns}
    becomes = {concept.them for concept in SHIPPED_CONCEPTS.values()}
    assert SHIPPED_CONCEPTS.keys() <= told | becomes


# What was read is kept.


def test_what_was_kept_says_what_the_files_say(tmp_path: Path) -> None:
    place = tmp_path / "kept" / "lexicons.read"
    made = read(TEXTS, b"digest", place)
    assert place.exists()
    kept = read(TEXTS, b"digest", place)
    assert kept == made
    assert screen(kept).look("i want to die").level == 2
    assert screen(kept).look("i do not want to die").level == 0


def test_what_was_kept_spares_the_reading(tmp_path: Path) -> None:
    made = read(TEXTS, b"digest", tmp_path / "kept")
    assert read({}, b"digest", tmp_path / "kept") == made


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    read(TEXTS, b"before", tmp_path / "kept")
    changed = TEXTS | {"xx.toml": LANGUAGE.replace(b"want to die", b"will die")}
    for _ in range(2):
        assert screen(read(changed, b"after", tmp_path / "kept")).look("i will die").level == 2


@pytest.mark.parametrize("kept", [b"", b"\x00", b"\xff" * 99, msgspec.msgpack.encode({"a": 1})])
def test_what_was_kept_and_spoilt_is_read_anew(tmp_path: Path, kept: bytes) -> None:
    place = tmp_path / "kept"
    place.write_bytes(kept)
    assert screen(read(TEXTS, b"digest", place)).look("want to die").level == 2
    assert place.read_bytes() != kept


def test_what_was_half_written_is_read_anew(tmp_path: Path) -> None:
    place = tmp_path / "kept"
    made = read(TEXTS, b"digest", place)
    place.write_bytes(place.read_bytes()[:-1])
    assert read(TEXTS, b"digest", place) == made


def test_a_place_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for place in (tmp_path / "file" / "kept", tmp_path / "no" / "such" / "folder"):
        assert screen(read(TEXTS, b"digest", place)).look("want to die").level == 2


def test_keeping_leaves_nothing_else_behind(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()  # a folder stands where the file should be
    read(TEXTS, b"digest", tmp_path / "kept")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


# Files that are broken.


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("xx.toml", b'language = "xx"', b'language = "xx', "line 2"),
        ("xx.toml", b'past = []', b'past = ""', "contexts.past"),
        ("xx.toml", b"to die", b"to (die", "wants"),
        ("xx.toml", b"wants =", b"joy =", "joy"),
        ("concepts.toml", b"level = 2", b"level = 9", "level"),
        ("concepts.toml", b"[wants]", b"[wants", "line 2"),
        ("frequent.toml", b"ten =", b"eleven =", "eleven"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_in_a_sentence_with_its_name_and_the_place(
    tmp_path: Path, file: str, old: bytes, new: bytes, place: str
) -> None:
    assert old in TEXTS[file]
    broken = TEXTS | {file: TEXTS[file].replace(old, new)}
    with pytest.raises((ValueError, msgspec.MsgspecError)) as refused:
        read(broken, b"digest", tmp_path / "kept")
    said = str(refused.value)
    assert place in said
    assert "\n" not in said
    assert not (tmp_path / "kept").exists()
    assert file.removesuffix(".toml") in said


# What was compiled is kept.


def without_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever compiles an expression from now on fails."""

    def source(*_: object) -> None:
        raise AssertionError("an expression was compiled")

    monkeypatch.setattr(Patterns, "source", source)


def ready_screen(made: Kept, place: Path) -> Screen:
    """The Screen with what was compiled."""
    ready = compiled(b"digest", place)
    return Screen(made.concepts, made.lexicons, made.frequent, made.index, ready)


def test_nobody_waits_for_a_compiler_once_all_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = read(TEXTS, b"digest", tmp_path / "read")
    compile_all(made.lexicons, b"digest", tmp_path / "compiled")
    without_compiler(monkeypatch)
    ready = ready_screen(made, tmp_path / "compiled")
    assert ready.look("i want to die").level == 2
    assert ready.look("i do not want to die").level == 0
    with pytest.raises(AssertionError, match="compiled"):
        screen(made).look("i want to die")


def test_the_shipped_lexicons_are_compiled_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped_screen.cache_clear()
    try:
        prepare()
        without_compiler(monkeypatch)
        for text in ("I am going to kill myself tonight", "ella no respira", "ich will sterben"):
            assert shipped_screen().look(text).level >= 2
    finally:
        shipped_screen.cache_clear()


@pytest.mark.parametrize("kept", [b"", b"\x00" * 9, b"\xff" * 99])
def test_what_was_compiled_and_spoilt_is_compiled_when_it_is_needed(
    tmp_path: Path, kept: bytes
) -> None:
    made = read(TEXTS, b"digest", tmp_path / "read")
    (tmp_path / "compiled").write_bytes(kept)
    assert compiled(b"digest", tmp_path / "compiled") == {}
    assert ready_screen(made, tmp_path / "compiled").look("want to die").level == 2


def test_what_was_compiled_of_other_files_is_not_used(tmp_path: Path) -> None:
    made = read(TEXTS, b"digest", tmp_path / "read")
    compile_all(made.lexicons, b"before", tmp_path / "compiled")
    assert compiled(b"digest", tmp_path / "compiled") == {}


@pytest.mark.parametrize("lost", [1, 60])
def test_what_was_half_compiled_finds_the_same(tmp_path: Path, lost: int) -> None:
    made = read(TEXTS, b"digest", tmp_path / "read")
    place = tmp_path / "compiled"
    compile_all(made.lexicons, b"digest", place)
    place.write_bytes(place.read_bytes()[:-lost])
    assert ready_screen(made, place).look("i want to die").level == 2
    assert ready_screen(made, place).look("i do not want to die").level == 0
