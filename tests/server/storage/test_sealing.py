"""A sealed body opens with its own key, in its own place, unchanged; and nowhere else."""

import pytest

from server.storage.sealing import DataKey, SealBroken, Sealed, digest, seal, unseal
from tests.server.storage.samples import OTHER_ROOM, ROOM

KEY = DataKey(1, b"k" * 32)
WORDS = b"I have not told anybody this before"


def test_what_ada_wrote_opens_in_its_place() -> None:
    assert unseal(KEY, ROOM, 7, 0, seal(KEY, ROOM, 7, 0, WORDS)) == WORDS


def test_the_stored_body_shows_none_of_the_words() -> None:
    sealed = seal(KEY, ROOM, 7, 0, WORDS)
    assert WORDS not in sealed.body
    assert len(sealed.nonce) == 12


@pytest.mark.parametrize(
    ("room", "n", "stream"), [(OTHER_ROOM, 7, 0), (ROOM, 8, 0), (ROOM, 7, 1), (ROOM, 0, 7)]
)
def test_a_body_moved_to_another_place_does_not_open(room: str, n: int, stream: int) -> None:
    sealed = seal(KEY, ROOM, 7, 0, WORDS)
    with pytest.raises(SealBroken):
        unseal(KEY, room, n, stream, sealed)


def test_a_changed_body_does_not_open() -> None:
    nonce, body = seal(KEY, ROOM, 7, 0, WORDS)
    changed = Sealed(nonce, bytes([body[0] ^ 1]) + body[1:])
    with pytest.raises(SealBroken):
        unseal(KEY, ROOM, 7, 0, changed)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        unseal(DataKey(1, b"q" * 32), ROOM, 7, 0, seal(KEY, ROOM, 7, 0, WORDS))


def test_the_same_words_never_look_the_same_twice() -> None:
    assert len({seal(KEY, ROOM, 7, 0, WORDS) for _ in range(100)}) == 100


def test_a_private_stream_with_the_largest_member_id_can_be_sealed() -> None:
    largest = 2**48 - 1
    assert unseal(KEY, ROOM, 1, largest, seal(KEY, ROOM, 1, largest, WORDS)) == WORDS


def test_a_digest_is_stable_under_one_key_and_different_under_another() -> None:
    assert digest(KEY, b"actor", b"Ada") == digest(KEY, b"actor", b"Ada")
    assert len(digest(KEY, b"actor", b"Ada")) == 16
    assert digest(KEY, b"actor", b"Ada") != digest(DataKey(1, b"q" * 32), b"actor", b"Ada")


def test_the_parts_of_a_digest_do_not_run_together() -> None:
    assert digest(KEY, b"ab", b"c") != digest(KEY, b"a", b"bc")
    assert digest(KEY, b"actor", b"x") != digest(KEY, b"mark", b"x")


def test_a_key_does_not_show_itself() -> None:
    assert repr(KEY) == "DataKey(id=1)"
