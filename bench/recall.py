"""How much of what people write in danger is found, and how often nothing is taken for something.

`python -m bench.recall` measures the dev set and writes docs/SAFETY.md; `--check` says whether the
document is current, and `--misses` prints the lines of the known part that are missed.

The dev set (tests/moderation/screening/lines) has three parts. The rules were written with the
`known` lines at hand. The `unread` ones are by people who never saw a rule; they were measured
once, after the last change of a rule, and none was written from them. `ordinary` is emotional talk
with no danger in it.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from typing import Final, NamedTuple

import msgspec

from bench.machine import HERE
from bench.report import table
from moderation.screening.folding import fold
from rooms.safety import ELEVATED, EMERGENCY, Category
from server.lexicons import shipped_screen

LINES: Final = HERE.parent / "tests" / "moderation" / "screening" / "lines"
DOCUMENT: Final = HERE.parent / "docs" / "SAFETY.md"
FRAME: Final = HERE / "safety.md"
LANGUAGES: Final = ("en", "es", "fr", "de", "pt")
CERTAIN: Final = 1.96
"""Standard deviations of a 95 % interval."""

KEYWORDS: Final = {
    "en": "suicide|kill myself|want to die|end my life|end it all|overdose|cut myself|hurt myself|"
    "self harm|not breathing|took pills|took all|gun|jump off|hang myself|goodbye everyone|"
    "better off dead|beat me|hit me|seizure",
    "es": "suicid|matarme|quiero morir|acabar con mi vida|sobredosis|cortarme|hacerme dano|"
    "no respira|pastillas|pistola|tirarme|ahorcarme|adios a todos|me pega|me golpea|convulsion",
    "fr": "suicid|me tuer|envie de mourir|en finir|overdose|surdose|me couper|me faire du mal|"
    "respire plus|cachets|arme|sauter|me pendre|adieu|me frappe|me bat|convulsion",
    "de": "suizid|selbstmord|umbringen|will sterben|leben beenden|ueberdosis|uberdosis|ritzen|"
    "atmet nicht|tabletten|pistole|springen|erhangen|lebt wohl|schlagt mich|krampfanfall",
    "pt": "suicid|me matar|quero morrer|acabar com a minha vida|acabar com tudo|overdose|me cortar|"
    "me machucar|nao respira|comprimidos|arma|me jogar|me enforcar|adeus|me bate|convulsao",
}
"""The plain list this is compared with: what one would write down in an afternoon."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message, what came just before it, and what a careful reader says of it."""

    text: str
    level: int
    before: list[str] = []
    category: Category | None = None
    subject: str | None = None
    trap: str | None = None


class Rate(NamedTuple):
    """So many of so many."""

    hits: int
    of: int

    def __str__(self) -> str:
        if not self.of:
            return "–"
        low, high = wilson(self.hits, self.of)
        return f"{self.hits / self.of:.2f} ({low:.2f}–{high:.2f})"


Look = Callable[[Line], int]
"""The level that something finds in a line."""


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a rate (Wilson 1927), which stays sensible where few were counted."""
    rate, square = hits / of, CERTAIN**2
    middle = (rate + square / (2 * of)) / (1 + square / of)
    half = CERTAIN / (1 + square / of) * sqrt(rate * (1 - rate) / of + square / (4 * of**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def lines(part: str, language: str) -> list[Line]:
    """One part of the dev set in one language."""
    written = (LINES / f"{part}-{language}.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Line) for line in written]


def by_rules() -> Look:
    """The Screen, exactly as the live room asks it."""
    screen = shipped_screen()
    return lambda line: screen.look(line.text, line.before).level


def by_keywords(language: str) -> Look:
    """The plain list: whatever holds one of its words is an emergency."""
    words = KEYWORDS[language].split("|")
    return lambda line: EMERGENCY * any(word in fold(line.text) for word in words)


def recall(found: Sequence[tuple[Line, int]], level: int) -> Rate:
    """How many of the lines at or above a level are found at or above it."""
    wanted = [got for line, got in found if line.level >= level]
    return Rate(sum(got >= level for got in wanted), len(wanted))


def precision(found: Sequence[tuple[Line, int]]) -> Rate:
    """How many alerts (level 2 or 3) are about a line of level 2 or 3."""
    alerts = [line.level for line, got in found if got >= ELEVATED]
    return Rate(sum(level >= ELEVATED for level in alerts), len(alerts))


def false_alerts(found: Sequence[tuple[Line, int]]) -> Rate:
    """How many lines without any danger raise an alert."""
    harmless = [got for line, got in found if line.level == 0]
    return Rate(sum(got >= ELEVATED for got in harmless), len(harmless))


def document() -> str:
    """docs/SAFETY.md as it has to be now."""
    rules = by_rules()
    found = {
        (part, language): [(line, rules(line)) for line in lines(part, language)]
        for part in ("known", "unread", "ordinary")
        for language in LANGUAGES
    }
    plain = {
        language: [(line, by_keywords(language)(line)) for line in lines("unread", language)]
        for language in LANGUAGES
    }
    text = FRAME.read_text(encoding="utf-8")
    parts = {
        "unread": _by_language({lang: found["unread", lang] for lang in LANGUAGES}),
        "known": _by_language({lang: found["known", lang] for lang in LANGUAGES}),
        "keywords": _by_language(plain),
        "categories": _by_category(found),
        "ordinary": table(
            ("language", "lines", "needless alerts", "cards shown"),
            [
                (
                    language,
                    str(len(looked)),
                    str(false_alerts(looked)),
                    str(Rate(sum(got > 0 for _, got in looked), len(looked))),
                )
                for language in LANGUAGES
                for looked in [found["ordinary", language]]
            ],
        ),
    }
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return text


def _by_language(found: dict[str, list[tuple[Line, int]]]) -> str:
    return table(
        ("language", "emergencies found", "level 2 and 3 found", "precision", "false on traps"),
        [
            (
                language,
                str(recall(looked, EMERGENCY)),
                str(recall(looked, ELEVATED)),
                str(precision(looked)),
                str(false_alerts(looked)),
            )
            for language, looked in found.items()
        ],
    )


def _by_category(found: dict[tuple[str, str], list[tuple[Line, int]]]) -> str:
    rows = []
    for category in Category:
        for language in LANGUAGES:
            looked = [
                one
                for part in ("known", "unread")
                for one in found[part, language]
                if one[0].category is category
            ]
            both = recall(looked, ELEVATED)
            missed = str(both.of - both.hits)
            rows.append((category, language, str(recall(looked, EMERGENCY)), str(both), missed))
    return table(("category", "language", "emergencies", "level 2 and 3", "missed"), rows)


def misses() -> Iterable[str]:
    """The known lines that are read as less than they are, and those that are taken for more."""
    rules = by_rules()
    for language in LANGUAGES:
        for line in lines("known", language):
            got = rules(line)
            if got < line.level or (line.level == 0 and got >= ELEVATED):
                whole = " / ".join([*line.before, line.text])
                yield f"{language} {line.level} read as {got}: {whole}"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the document, or say whether it is current."""
    parser = argparse.ArgumentParser(
        prog="bench.recall", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail when it is stale")
    parser.add_argument(
        "--misses", action="store_true", help="print the known lines that are missed"
    )
    arguments = parser.parse_args(argv)
    if arguments.misses:
        print("\n".join(misses()))
        return 0
    made = document()
    if not arguments.check:
        DOCUMENT.write_text(made, encoding="utf-8")
        return 0
    current = DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == made
    if not current:
        print("docs/SAFETY.md is stale: run ./dev docs", file=sys.stderr)
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
