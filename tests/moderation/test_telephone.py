"""Numbers as they are dialled: links that work, and short codes left as they are."""

import pytest

from moderation.telephone import Phone, TextNumber, call_link, dialable


def test_a_link_dials_what_the_page_shows() -> None:
    assert call_link("116 123") == "tel:116123"
    assert call_link("(011) 5275-1135") == "tel:01152751135"


def test_a_short_code_never_gets_a_country_prefix() -> None:
    assert Phone(dial="113", e164="+31113").link == "tel:113"


def test_a_hash_survives_being_part_of_an_address() -> None:
    assert call_link("*120*7867#") == "tel:*120*7867%23"


@pytest.mark.parametrize("number", ["999", "15", "*4141", "+683 4202", "1-800-222-1222"])
def test_a_number_that_a_telephone_can_dial_is_known(number: str) -> None:
    assert dialable(number)


@pytest.mark.parametrize("number", ["", "+1988", "1", "12+3", "no number", "1234567890123456"])
def test_a_number_that_no_telephone_can_dial_is_told(number: str) -> None:
    assert not dialable(number)


def test_a_text_begins_with_the_word_the_service_asks_for() -> None:
    assert TextNumber(number="741741", keyword="HOME").link == "sms:741741?&body=HOME"
    assert TextNumber(number="988").link == "sms:988"


def test_whatsapp_opens_with_an_international_number() -> None:
    assert TextNumber(number="+65 9151 1767", app="whatsapp").link == "https://wa.me/6591511767"
