"""Languages: English where nothing else is there, and never a key or a hole."""

import json
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from starlette.requests import HTTPConnection

from web import language
from web.language import (
    SAFE,
    chosen,
    environment,
    language_cookie,
    safety_environment,
    safety_translations,
    script_strings,
    translations,
)


def test_a_language_that_is_not_there_yet_answers_in_english() -> None:
    assert translations("tlh").gettext("Help now") == "Help now"


def test_a_template_escapes_what_somebody_wrote() -> None:
    template = environment("en").from_string("{{ name }}")
    assert template.render(name="<b>Ada</b>") == "&lt;b&gt;Ada&lt;/b&gt;"


def test_a_translated_sentence_escapes_what_is_put_into_it() -> None:
    template = environment("en").from_string("{% trans %}to {{ name }}{% endtrans %}")
    assert template.render(name="<b>") == "to &lt;b&gt;"


def test_a_page_with_a_hole_in_it_fails() -> None:
    with pytest.raises(UndefinedError):
        environment("en").from_string("{{ missing }}").render()


def test_scripts_speak_english_without_a_catalogue() -> None:
    assert script_strings("en") is None
    assert script_strings("tlh") is None


def test_a_sentence_for_scripts_cannot_end_its_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "es").mkdir()
    strings = {"Loading.": "</script><script>Cargando."}
    (tmp_path / "es" / "strings.json").write_text(json.dumps(strings), encoding="utf-8")
    monkeypatch.setattr(language, "CATALOGUES", tmp_path)
    script_strings.cache_clear()
    block = script_strings("es")
    script_strings.cache_clear()
    assert block is not None
    assert "<" not in block
    assert json.loads(block) == strings


# The language of Help and of the cards.


def browser(accept: str = "", cookie: str = "", query: str = "") -> HTTPConnection:
    """A browser that asks for languages, with a cookie or without."""
    headers = [(b"accept-language", accept.encode()), (b"cookie", cookie.encode())]
    return HTTPConnection({"type": "http", "headers": headers, "query_string": query.encode()})


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("pt-BR", "pt"),
        ("nl, fr;q=0.5, en;q=0.4", "fr"),
        ("en;q=0.2, es;q=0.9", "es"),
        ("es;q=0.9, fr", "fr"),
        ("tlh", "en"),
        ("*", "en"),
        ("es;q=x, fr;q=0.5", "fr"),
        ("es;q=1.2.3, fr;q=0.5", "fr"),
        ("<script>", "en"),
        ("x" * 5_000 + ", es", "en"),
    ],
)
def test_a_browser_is_answered_in_the_first_of_its_languages_that_we_have(
    accept: str, language: str
) -> None:
    assert chosen(browser(accept)) == language


def test_a_language_somebody_chose_counts_before_what_their_browser_asks_for() -> None:
    assert chosen(browser("de", "language=fr")) == "fr"
    assert chosen(browser("de", "language=tlh")) == "de"
    assert chosen(browser("", "language=../../etc")) == "en"
    assert chosen(browser("de", "language=fr", "in=es")) == "es"
    assert chosen(browser("de", "language=fr", "in=tlh")) == "fr"


def test_a_chosen_language_is_kept_until_the_browser_closes() -> None:
    assert language_cookie("es", secure=False) == "language=es; Path=/; SameSite=Lax"
    assert language_cookie("es", secure=True).endswith("; Secure")
    assert "Max-Age" not in language_cookie("es", secure=True)


@pytest.mark.parametrize("tag", SAFE)
def test_whoever_is_in_danger_reads_their_own_language(tag: str) -> None:
    words = safety_translations(tag).gettext('Leave <span class="leave__word">quickly</span>')
    assert (words == 'Leave <span class="leave__word">quickly</span>') is (tag == "en")


def test_a_catalogue_of_safety_that_is_not_there_answers_in_english() -> None:
    assert safety_translations("tlh").gettext("Help now") == "Help now"


def test_help_and_the_cards_escape_what_is_put_into_them_and_fail_at_a_hole() -> None:
    templates = safety_environment("de", "safety")
    assert templates.from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        templates.from_string("{{ missing }}").render()
