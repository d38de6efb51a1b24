"""What we say to people: no word that shames, no promise that does not hold, no method."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po

TRANSLATIONS: Final = Path(__file__).parents[2] / "web" / "translations"
LANGUAGES: Final = ("de", "es", "fr", "pt")

STIGMA: Final = {
    "en": r"addicts?|junkies?|drug abuse\w*|substance abuse\w*|abusers?|alcoholics?|drunks?|"
    r"clean (?:and|again|for)|dirty|commit(?:s|ted|ting)? suicide|successful suicide|"
    r"failed attempt|crazy|insane|psychos?|lunatics?|manipulative|attention.seeking|weak-willed|"
    r"victims?|habit",
    "es": r"adict[oa]s?|drogadict\w+|yonquis?|borrach[oa]s?|alcohólic[oa]s?|"
    r"comet\w+ suicidio|loc[oa]s?|víctimas?|vicio\w*",
    "fr": r"toxico\w*|drogués?|camés?|junkies?|ivrognes?|alcooliques?|"
    r"(?:commet\w*|commis) (?:un |le )?suicide|fou|folle|victimes?",
    "de": r"süchtige?[rn]?|junkies?|säufer\w*|alkoholiker\w*|selbstm[oö]rd\w*|verrückt\w*|"
    r"irre[rn]?|opfer|missbrauch\w*",
    "pt": r"viciad[oa]s?|drogad[oa]s?|bêbad[oa]s?|alcoólatras?|comet\w+ suicídio|louc[oa]s?|"
    r"vítimas?|vício\w*",
}
"""Words that people in recovery are hurt by, and words that make a crime or a feat of a death."""
PROMISES: Final = {
    "en": r"help is on (?:its|the) way|we(?:’|')?ll send|we will send|we will call the|"
    r"you are safe (?:now|here)|completely (?:confidential|anonymous)|100 ?%|guarantee\w*|"
    r"everything will be (?:fine|ok|okay|alright)",
    "es": r"(?:la )?ayuda (?:ya )?(?:está|va) en camino|enviaremos|te garantizamos|todo irá bien|"
    r"estás a salvo (?:aquí|ahora)|totalmente (?:anónimo|confidencial)",
    "fr": r"les secours arrivent|l.aide arrive|nous envoyons|tout ira bien|garanti\w*|"
    r"tu es en sécurité (?:ici|maintenant)|totalement (?:anonyme|confidentiel)",
    "de": r"hilfe ist unterwegs|wir schicken|wir senden|alles wird gut|garantier\w*|"
    r"du bist (?:hier|jetzt) sicher|völlig (?:anonym|vertraulich)",
    "pt": r"a ajuda (?:já )?está a caminho|vamos enviar|enviaremos|garantimos|vai ficar tudo bem|"
    r"você está em segurança (?:aqui|agora)|totalmente (?:anônimo|anónimo|confidencial)",
}
SHAME: Final = (
    r"think of your (?:kids|children|family)|be strong|snap out|don.t do anything stupid|"
    r"calm down|selfish|permanent solution"
)
DOSES: Final = (
    r"\d+(?:[.,]\d+)?\s?(?:mg|milligram\w*|µg|mcg|ml|tablets?|pills?|tabletten|pastillas)"
)

OURS: Final = {
    # "Alcoholics Anonymous" and its like are names of groups, and what they call themselves.
    r"alcoholics? anonymous",
}


def strings(language: str) -> Iterator[str]:
    """Everything a person may read in a language."""
    if language == "en":
        for catalogue in ("messages.pot", "safety.pot"):
            with (TRANSLATIONS / catalogue).open("rb") as file:
                for message in read_po(file):
                    yield from _forms(message.id)
        return
    with (TRANSLATIONS / language / "safety.po").open("rb") as file:
        for message in read_po(file):
            yield from _forms(message.string)


def _forms(said: object) -> Iterator[str]:
    forms = said if isinstance(said, tuple | list) else (said,)
    yield from (str(form) for form in forms if form)


def with_one_of(pattern: str, language: str) -> list[str]:
    """The strings in which one of these words stands."""
    wanted = re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)
    ours = re.compile("|".join(OURS), re.IGNORECASE)
    return [text for text in strings(language) if wanted.search(ours.sub("", text))]


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_no_word_of_ours_shames_anybody(language: str) -> None:
    assert with_one_of(STIGMA[language], language) == []


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_nothing_is_promised_that_does_not_hold(language: str) -> None:
    assert with_one_of(PROMISES[language], language) == []


def test_nobody_is_told_to_pull_themselves_together() -> None:
    assert with_one_of(SHAME, "en") == []


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_no_text_of_ours_names_an_amount(language: str) -> None:
    assert with_one_of(DOSES, language) == []


def test_the_words_this_looks_for_are_found() -> None:
    told = "He committed suicide. Help is on its way. Be strong. Take 20 mg."
    for pattern in (STIGMA["en"], PROMISES["en"], SHAME, DOSES):
        assert re.search(rf"\b(?:{pattern})\b", told, re.IGNORECASE)


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_every_language_says_that_we_cannot_send_help(language: str) -> None:
    cannot = {
        "en": "cannot send help",
        "es": r"no podemos (?:enviar|mandar)",
        "fr": r"pouvons (?:donc )?pas (?:t.)?envoyer",
        "de": r"keine Hilfe (?:zu dir )?schicken",
        "pt": r"não podemos (?:enviar|mandar)",
    }
    assert any(re.search(cannot[language], text) for text in strings(language))
