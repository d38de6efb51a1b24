"""The words of the Store that belong to no implementation; its contract is in tests/contracts."""

from server.storage.store import new_epoch


def test_a_rooms_mark_is_never_drawn_twice() -> None:
    drawn = {new_epoch() for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(len(epoch) == 16 for epoch in drawn)
