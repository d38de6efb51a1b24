"""The cookies: what a browser is told, and what is believed of what it says."""

import pytest

from server.people.cookie import (
    end_session_cookie,
    forget_cookie,
    read_session,
    read_words,
    session_cookie,
    words_cookie,
)
from server.people.words import Words, draw

ADA = Words(bytes(range(10)))


def test_the_words_cookie_is_exactly_what_the_architecture_says() -> None:
    value = words_cookie(ADA, remember=False, secure=True)
    name, *attributes = value.split("; ")
    assert name == "__Host-words=AAECAwQFBgcICR8"
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"}


def test_remember_me_on_this_device_lasts_ninety_days() -> None:
    attributes = words_cookie(ADA, remember=True, secure=True).split("; ")
    assert f"Max-Age={90 * 86400}" in attributes
    assert not any("Max-Age" in part for part in words_cookie(ADA, False, True).split("; "))


def test_over_loopback_http_there_is_no_prefix_and_no_secure() -> None:
    value = words_cookie(ADA, remember=False, secure=False)
    assert value.startswith("words=")
    assert "Secure" not in value
    assert "__Host-" not in value
    assert {"Path=/", "HttpOnly", "SameSite=Lax"} <= set(value.split("; "))


def test_the_staff_cookie_is_strict_and_ends_with_the_browser() -> None:
    name, *attributes = session_cookie("token", secure=True).split("; ")
    assert name == "__Host-sid=token"
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Strict", "Secure"}


@pytest.mark.parametrize("secure", [True, False])
def test_a_browser_is_known_by_its_words_again(secure: bool) -> None:
    for _ in range(50):
        words = draw()
        sent = words_cookie(words, False, secure).partition(";")[0]
        name, _, value = sent.partition("=")
        assert read_words(sent, secure) == words
        assert read_words(f"a=b; {sent};c=d", secure) == words
        assert read_words({name: value}, secure) == words


def test_the_cookie_does_not_spell_the_words() -> None:
    words = draw()
    value = words_cookie(words, remember=True, secure=True).lower()
    assert not any(word in value.split("=")[1] for word in words.spoken.split() if len(word) > 4)


def test_in_production_a_cookie_without_the_prefix_is_nobody() -> None:
    """A sister domain can plant `words`; only this host can set `__Host-words`."""
    planted = words_cookie(ADA, remember=False, secure=False).partition(";")[0]
    assert read_words(planted, secure=True) is None
    assert read_session("sid=planted", secure=True) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "AAECAwQFBgcICQ",
        "AAECAwQFBgcICR9",
        "AAECAwQFBgcICR-",
        "AAECAwQFBgcICR8=",
        " AAECAwQFBgcICR8.",
        "AAECAwQFBgcICR8A",
        "AAECAwQ%BgcICR8",
        "ä",
        "\ud800",
        "A" * 100_000,
        '"AAECAwQFBgcICR8"',
    ],
)
def test_a_malformed_cookie_is_a_guest_without_words(value: str) -> None:
    assert read_words({"__Host-words": value}, secure=True) is None


@pytest.mark.parametrize("cookies", [None, "", ";;;", "=", "words", "a=b", {}])
def test_no_cookie_is_a_guest_without_words(cookies: str | dict[str, str] | None) -> None:
    assert read_words(cookies, secure=True) is None
    assert read_session(cookies, secure=True) is None


def test_of_two_cookies_of_one_name_the_first_counts() -> None:
    one, two = (words_cookie(w, False, True).partition(";")[0] for w in (ADA, draw()))
    assert read_words(f"{one}; {two}", secure=True) == ADA


@pytest.mark.parametrize("secure", [True, False])
def test_forgetting_names_the_same_cookie_and_empties_it(secure: bool) -> None:
    for forget, given in (
        (forget_cookie(secure), words_cookie(ADA, True, secure)),
        (end_session_cookie(secure), session_cookie("token", secure)),
    ):
        name, *attributes = forget.split("; ")
        assert name == given.partition("=")[0] + "="
        assert "Max-Age=0" in attributes
        assert set(attributes) - {"Max-Age=0"} <= set(given.split("; "))
