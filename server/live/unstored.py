"""Danger that could not be stored: told at once to the staff who are here, and kept until it is.

A disk that is full or a database that is away may stop every word of the room. It does not stop
this: the author's answer carries the card, the facilitators who are connected see an alarm that
lives in memory alone, and every second the node tries again to make it an alert that cannot die.
"""

import asyncio
import logging
from functools import partial
from typing import Final

from moderation.danger import NoteDanger
from rooms.refusals import Refused
from rooms.room import STAFF, Role
from server.live import protocol
from server.live.host import Numbers, Who
from server.live.live_rooms import LiveRooms

log = logging.getLogger(__name__)

MOST_WAITING: Final = 10_000
"""Notes kept while nothing can be stored; beyond it every room has been told long ago."""


class Unstored:
    """The notes of this process that wait for the disk."""

    def __init__(self, hosts: LiveRooms) -> None:
        self._hosts = hosts
        self._waiting: dict[tuple[str, str, str], tuple[Who, NoteDanger]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def look(
        self, room: str, who: Who, note: NoteDanger, key: str, done: asyncio.Future[Numbers]
    ) -> None:
        """See what became of a note: nothing more to do, or an alarm and another try."""
        place = (room, who.tag, key)
        error = None if done.cancelled() else done.exception()
        if error is None and not done.cancelled():
            self._waiting.pop(place, None)
            return
        if isinstance(error, protocol.NoSuchRoom | protocol.Conflict):
            self._waiting.pop(place, None)
            return
        if not isinstance(error, Refused):
            log.error("danger not noted: %s", type(error).__name__)
        if place not in self._waiting and len(self._waiting) < MOST_WAITING:
            self._waiting[place] = who, note
            if not note.card_only:
                self._alarm(room, who, note)

    def try_again(self) -> None:
        """Try to store what waits."""
        for (room, _, key), (who, note) in list(self._waiting.items()):
            future = self._hosts.note(room, who, note, key)
            future.add_done_callback(partial(self.look, room, who, note, key))

    def _alarm(self, room: str, who: Who, note: NoteDanger) -> None:
        """Tell the staff who are connected. Somebody with a role of their own is not told of
        themselves: for them it is on call that is paged, as soon as that can be stored."""
        if who.role is not Role.MEMBER:
            return
        host = self._hosts.live(room)
        core = host.room.core if host else None
        member = core.tags.get(who.tag, 0) if core else 0
        known = core.members.get(member) if core else None
        alarm = protocol.encode(
            protocol.Alarm(
                room=room,
                member=member,
                pseudonym=known.pseudonym if known else "",
                level=note.danger.level,
                says=[reason.says for reason in note.danger.because],
            )
        )
        for connection in self._hosts.hub.connections(room):
            if STAFF in connection.streams:
                connection.wire.send(alarm)
