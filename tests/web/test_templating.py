"""What every page carries, and small words about time and language."""

import pytest

from server.settings import read_settings
from web.templating import Templates, language_name, minutes_since

PAGES: dict[str, dict[str, object]] = {
    "forgotten.html": {},
    "about.html": {"gone_after": 48},
    "error.html": {"heading": "Heading", "sentence": "Sentence.", "mark": ""},
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_begins_with_leave_and_help_and_a_neutral_title(name: str) -> None:
    templates = Templates(read_settings({"GROUP_NAME": "Evening Group"}))
    page = templates.text(name, **PAGES[name])
    body = page.partition("<body")[2]
    assert "<title>Evening Group</title>" in page
    assert body.index('href="/leave"') < body.index('href="/help"') < body.index('href="#main"')
    assert body.index('href="#main"') < body.index("<main")
    assert 'rel="nofollow noreferrer"' in body
    assert 'content="noindex, noarchive"' in page
    # With "no-referrer" a browser on plain http would send our own forms with "Origin: null".
    assert '<meta name="referrer" content="same-origin">' in page


def test_the_operators_names_are_used_everywhere() -> None:
    settings = read_settings({"GROUP_NAME": "A & B", "NEUTRAL_TITLE": "Recipes"})
    page = Templates(settings).text("about.html", gone_after=48)
    assert "A &amp; B" in page
    assert 'data-neutral-title="Recipes"' in page
    assert "<title>Recipes</title>" in Templates(settings).text("covered.html")


def test_minutes_are_whole_and_a_wrong_clock_makes_none_negative() -> None:
    assert minutes_since(1000.0, 1000.0 + 12 * 60 + 59) == 12
    assert minutes_since(1000.0, 900.0) == 0


@pytest.mark.parametrize(
    ("code", "name"), [("en", "English"), ("es", "español"), ("x-nothing", "x-nothing"), ("", "")]
)
def test_a_language_is_named_as_its_speakers_name_it(code: str, name: str) -> None:
    assert language_name(code) == name
