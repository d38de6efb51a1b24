"""MemberTags: one person, many rooms, and nothing in common."""

import hmac
import os

from server.people.tags import member_tag, staff_tag
from server.people.words import draw


def test_a_person_has_one_tag_in_a_room_for_as_long_as_they_keep_their_words() -> None:
    key = draw().person_key(b"salt")
    assert member_tag(key, "k7m2qx") == member_tag(key, "k7m2qx")
    assert member_tag(key, "k7m2qx") == hmac.digest(key, b"k7m2qx", "sha256")
    assert len(member_tag(key, "k7m2qx")) == 32


def test_one_persons_tags_in_two_rooms_share_nothing() -> None:
    for _ in range(50):
        key = os.urandom(32)
        one, two = member_tag(key, "k7m2qx"), member_tag(key, "k7m2qy")
        pieces = {one[i : i + 4] for i in range(29)}
        assert not pieces & {two[i : i + 4] for i in range(29)}


def test_two_people_in_a_room_have_two_tags() -> None:
    assert member_tag(os.urandom(32), "k7m2qx") != member_tag(os.urandom(32), "k7m2qx")


def test_staff_have_a_tag_of_their_own_by_account_and_room() -> None:
    secret = os.urandom(32)
    tags = {staff_tag(secret, account, room) for account in (1, 2) for room in ("abcdef", "bbcdef")}
    assert len(tags) == 4
    assert staff_tag(secret, 1, "abcdef") == staff_tag(secret, 1, "abcdef")
    assert staff_tag(os.urandom(32), 1, "abcdef") not in tags


def test_no_account_and_room_read_as_another_account_and_room() -> None:
    secret = os.urandom(32)
    assert staff_tag(secret, 1, "1room") != staff_tag(secret, 11, "room")
    assert staff_tag(secret, 0x31, "room") != staff_tag(secret, 0, "1room")
