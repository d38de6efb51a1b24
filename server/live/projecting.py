"""Which events leave a row beside the log, for those who read no log: meetings, Sanctions, audit.

The rows are written in the transaction of the events themselves, so nothing that happened can be
missing from the audit, and there is no audit to call.
"""

from collections.abc import Iterator

from moderation.actions import (
    ActionTaken,
    MemberMuted,
    MemberReadmitted,
    MemberRemoved,
    MemberUnmuted,
)
from rooms.clock import MuteEnded
from rooms.kernel import Recorded
from rooms.meetings import ListsCleared, MeetingOpened
from rooms.room import MemberId
from server.live.scribe import Scribe
from server.storage.projections import (
    MUTED,
    REMOVED,
    AuditRow,
    MeetingClosedRow,
    MeetingOpenedRow,
    Projected,
    SanctionLifted,
    SanctionRow,
    SanctionsEnded,
)


def project(
    recorded: Recorded, scribe: Scribe, actor: MemberId, keep_minutes: int
) -> Iterator[Projected]:
    """The rows one event leaves. `keep_minutes` is how long a meeting's rows outlive its end."""
    n, event, minute = recorded.n, recorded.event, int(recorded.now // 60)
    match event:
        case MeetingOpened():
            yield MeetingOpenedRow(scribe.room, event.number, minute, scribe.key.id, n)
        case ListsCleared():
            yield MeetingClosedRow(
                scribe.room, event.number, minute, event.attendance, n, minute + keep_minutes
            )
            yield SanctionsEnded(scribe.room, event.keep_muted)
        case MemberMuted():
            until = int(event.until // 60) + 1
            yield SanctionRow(scribe.room, n, event.member, MUTED, until)
        case MemberRemoved():
            yield SanctionRow(scribe.room, n, event.member, REMOVED, None)
        case MemberUnmuted() | MuteEnded():
            yield SanctionLifted(scribe.room, event.member, MUTED)
        case MemberReadmitted():
            yield SanctionLifted(scribe.room, event.member, REMOVED)
    if isinstance(event, ActionTaken):
        yield AuditRow(
            room=scribe.room,
            n=n,
            kind=event.kind.value,
            actor=scribe.actor(actor),
            target=scribe.actor(event.member),
            minute=minute,
            until_minute=int(event.until // 60) + 1 if isinstance(event, MemberMuted) else None,
        )
