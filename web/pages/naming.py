"""The name at the threshold: the one a room holds already, three to choose from, or one's own."""

import secrets
from asyncio import Future
from collections.abc import Callable, Iterator
from typing import Final

from rooms.pseudonyms import PseudonymTaken, PseudonymTooShort
from rooms.suggestions import suggest
from server.assemble import Parts
from server.live.host import Numbers, Who
from server.live.protocol import Conflict
from web.forms import Form

NAMES: Final = 5
"""Names that are tried for somebody who comes; one that is taken is not theirs to worry about."""


async def former_name(parts: Parts, room_id: str, who: Who) -> str | None:
    """The name a room holds for somebody who has been here before; None for a stranger."""
    core = (await parts.hosts.host(room_id)).room.core
    member = core.tags.get(who.tag)
    return None if member is None else core.members[member].pseudonym


def chosen_name(form: Form, former: str | None) -> str:
    """The name of their own where somebody wrote one, else the one they picked.

    A name that was refused before (`tried`) and is still in its field does not count against one
    that was picked instead. Somebody who came back with their words and wrote no name keeps the
    one they have here: the suggestion that happened to be ticked was for a stranger. Raises
    `PseudonymTooShort` for none.
    """
    own, picked = form["own"].strip(), form["name"]
    if own and not (picked and own == form["tried"].strip()):
        return own
    if form["words"].strip() and former:
        return former
    if not picked:
        raise PseudonymTooShort(limit=2)
    return picked


async def under_some_name(come: Callable[[str], Future[Numbers]]) -> None:
    """Let somebody come under a name that says nothing. Raises PseudonymTaken when all that were
    tried are, and what else `come` is refused with."""
    for name in suggestions(NAMES):
        try:
            await come(name)
        except PseudonymTaken:
            continue
        except Conflict:
            return  # a second tap: the first was carried out, under another name
        return
    raise PseudonymTaken()


def suggestions(how_many: int) -> list[str]:
    """Names that need one tap. That one of them is taken meanwhile is told when it is sent."""
    return suggest(_randoms(), taken=set(), how_many=how_many)


def _randoms() -> Iterator[int]:
    while True:
        yield secrets.randbits(32)
