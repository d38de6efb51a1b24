"""The hidden field of the threshold's form."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from server.people.secrets import Secrets
from server.people.threshold import Enrolment, Threshold, ThresholdExpired, ThresholdForged
from server.people.words import draw

NOW = 1_800_000_000.0
SECRETS = Secrets(b"k" * 32)
THRESHOLD = Threshold(SECRETS)


def test_a_form_sent_twice_is_one_person() -> None:
    """A double tap, or a retry because the answer was lost, makes no ghost."""
    words = draw()
    token = THRESHOLD.seal(words, NOW)
    assert THRESHOLD.open(token, NOW + 5) == THRESHOLD.open(token, NOW + 60) == words


def test_two_people_who_load_the_page_are_two_people() -> None:
    one, two = (THRESHOLD.seal(draw(), NOW) for _ in range(2))
    assert THRESHOLD.open(one, NOW) != THRESHOLD.open(two, NOW)


def test_the_same_words_are_sealed_differently_each_time() -> None:
    words = draw()
    assert THRESHOLD.seal(words, NOW) != THRESHOLD.seal(words, NOW)


def test_the_field_does_not_show_the_words() -> None:
    words = draw()
    raw = urlsafe_b64decode(THRESHOLD.seal(words, NOW))
    assert words.drawn not in raw
    assert words.drawn[:4] not in raw


def test_a_page_is_good_for_half_an_hour_and_not_a_second_longer() -> None:
    token = THRESHOLD.seal(draw(), NOW)
    THRESHOLD.open(token, NOW + 30 * 60)
    with pytest.raises(ThresholdExpired):
        THRESHOLD.open(token, NOW + 30 * 60 + 1)


def test_a_clock_set_back_does_not_lose_a_page() -> None:
    words = draw()
    assert THRESHOLD.open(THRESHOLD.seal(words, NOW), NOW - 3600) == words


def test_every_changed_byte_is_noticed() -> None:
    raw = bytearray(urlsafe_b64decode(THRESHOLD.seal(draw(), NOW)))
    for at in range(len(raw)):
        changed = bytes(raw[:at]) + bytes([raw[at] ^ 1]) + bytes(raw[at + 1 :])
        with pytest.raises(ThresholdForged):
            THRESHOLD.open(urlsafe_b64encode(changed).decode(), NOW)


@pytest.mark.parametrize("token", ["", "x", "====", "\ud800", "ä" * 40, "A" * 62, "A" * 1_000_000])
def test_nonsense_is_a_forgery_and_not_an_error(token: str) -> None:
    with pytest.raises(ThresholdForged):
        THRESHOLD.open(token, NOW)


def test_a_field_of_another_deployment_is_a_forgery() -> None:
    with pytest.raises(ThresholdForged):
        Threshold(Secrets(b"x" * 32)).open(THRESHOLD.seal(draw(), NOW), NOW)


def test_a_field_of_the_invitation_page_is_a_forgery_at_the_threshold() -> None:
    enrolment = Enrolment(SECRETS)
    token = enrolment.seal("ABCDEFGHIJ", NOW)
    assert enrolment.open(token, NOW) == "ABCDEFGHIJ"
    with pytest.raises(ThresholdForged):
        THRESHOLD.open(token, NOW)
