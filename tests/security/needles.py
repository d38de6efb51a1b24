"""A meeting in which needles are used for every way that words enter the server: by people who
talk, and by people who meet every bug of tests/security/failing_server.py and every fault."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from moderation.actions import HideMessage, MuteMember, ReadmitMember, RemoveMember, UnmuteMember
from rooms.arriving import ChangePseudonym
from rooms.meetings import CloseMeeting, OpenMeeting, SetTopic
from rooms.room import Mode
from rooms.speaking import Retract, Speak
from server.settings import Settings, read_settings
from tests.security.disk import files, traces
from tests.security.failing_server import (
    EFFECT_RAISES,
    FORM_RAISES,
    FRAME_RAISES,
    RULE_RAISES,
)
from tests.storms.client import RecordingClient
from tests.storms.server import ServerProcess

NEEDLES: Final = {
    what: "".join(chr(ord("a") + byte % 26) for byte in sha256(what.encode()).digest()[:16])
    for what in (
        """
        message pseudonym second_pseudonym refused_pseudonym topic second_topic taken_back
        reason_to_hide reason_to_mute reason_to_unmute reason_to_remove reason_to_readmit
        rule_raises effect_raises frame_raises form_raises refused_by_the_table disk_is_full
        not_json unknown_field twice_named wrong_type path query words login password
        user_agent cookie header wrong_body
        """.split()
    )
}


@contextmanager
def refusing_table(server: ServerProcess) -> Iterator[None]:
    """The database refuses every event, quoting nothing."""
    path = server.folder / "data" / "candlelight.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TRIGGER no BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'no'); END")
        yield
        other.execute("DROP TRIGGER no")


@contextmanager
def full_disk(server: ServerProcess) -> Iterator[None]:
    """No file of the server can grow any more."""
    server.limit_files((server.folder / "data" / "candlelight.db-wal").stat().st_size)
    yield
    server.limit_files(None)


@dataclass(frozen=True)
class Evening:
    """A deployment after a meeting, and where needles showed while it went on."""

    folder: Path
    room: str
    seen: dict[str, list[str]]

    def copy(self, folder: Path) -> Settings:
        """The same once more, for a test that changes it."""
        for part in ("data", "keys"):
            shutil.copytree(self.folder / part, folder / part)
        return settings(folder / "data", folder / "keys")


def settings(data: Path, keys: Path) -> Settings:
    return read_settings({"DATA_DIR": str(data), "KEYS_DIR": str(keys)})


def found(folder: Path) -> dict[str, list[str]]:
    """The needles that show in files of a folder, and where."""
    everything = files(folder)
    return {what: seen for what, needle in NEEDLES.items() if (seen := traces(needle, everything))}


async def hold(folder: Path) -> Evening:
    """A whole meeting in which every needle is used, by people and against the server's bugs."""
    server = ServerProcess(folder, module="tests.security.failing_server")
    founded = await server.found("Tuesday")
    room = founded.room.id
    async with (
        server,
        RecordingClient(server.address, room, "Fay", staff=founded.session) as fay,
        RecordingClient(server.address, room, "Ada") as ada,
    ):
        await fay.join("Quiet Heron")
        await fay.enter()
        await fay.do(OpenMeeting(mode=Mode.OPEN, topic=NEEDLES["topic"]))
        await ada.join(NEEDLES["pseudonym"].capitalize())
        await ada.enter()
        await _talk(fay, ada)
        await _break_the_rules_of_the_wire(ada)
        await _meet_every_bug(server, ada)
        await _knock_at_every_page(ada)
        seen = found(folder)
        await fay.do(CloseMeeting())
        assert await server.stop() == 0
    return Evening(folder, room, seen)


async def _talk(fay: RecordingClient, ada: RecordingClient) -> None:
    said = (await ada.do(Speak(text=NEEDLES["message"])))["room"]
    taken_back = (await ada.do(Speak(text=NEEDLES["taken_back"])))["room"]
    await ada.do(Retract(message=taken_back))
    await ada.do(ChangePseudonym(pseudonym=NEEDLES["second_pseudonym"].capitalize()))
    await ada.is_refused(ChangePseudonym(pseudonym=NEEDLES["refused_pseudonym"] * 9))
    await fay.do(SetTopic(topic=NEEDLES["second_topic"]))
    await fay.do(HideMessage(message=said, reason=NEEDLES["reason_to_hide"]))
    await fay.do(MuteMember(member=ada.me, minutes=10, reason=NEEDLES["reason_to_mute"]))
    await fay.do(UnmuteMember(member=ada.me, reason=NEEDLES["reason_to_unmute"]))
    await fay.do(RemoveMember(member=ada.me, reason=NEEDLES["reason_to_remove"]))
    await fay.do(ReadmitMember(member=ada.me, reason=NEEDLES["reason_to_readmit"]))
    await ada.join("Slow River")


async def _break_the_rules_of_the_wire(ada: RecordingClient) -> None:
    await ada.enter()
    for bad in (
        NEEDLES["not_json"],
        f'{{"frame": "hello", "version": 1, "{NEEDLES["unknown_field"]}": 1}}',
        f'{{"frame": "hello", "version": 1, "version": "{NEEDLES["twice_named"]}"}}',
        f'{{"frame": "hello", "version": "{NEEDLES["wrong_type"]}"}}',
    ):
        await ada.send(bad)
    await ada.until(lambda: ada.complaints == ["malformed"] * 4)


async def _meet_every_bug(server: ServerProcess, ada: RecordingClient) -> None:
    for mark, what in ((RULE_RAISES, "rule_raises"), (EFFECT_RAISES, "effect_raises")):
        await ada.enter()
        assert await ada.is_refused(Speak(text=f"{mark} {NEEDLES[what]}")) == "something_broke"
        ada.unanswered.clear()
    for fault, what, code in (
        (refusing_table, "refused_by_the_table", "cannot_store"),
        (full_disk, "disk_is_full", "unavailable"),
    ):
        await ada.enter()
        with fault(server):
            assert await ada.is_refused(Speak(text=NEEDLES[what])) == code
        ada.unanswered.clear()
    await ada.enter()
    await ada.ask(Speak(text=f"{FRAME_RAISES} {NEEDLES['frame_raises']}"))
    ada.unanswered.clear()
    await ada.is_hung_up()
    text = f"{FORM_RAISES} {NEEDLES['form_raises']}"
    assert (await ada.post(f"/rooms/{ada.room}/live/say", text=text)).status_code == 500


async def _knock_at_every_page(ada: RecordingClient) -> None:
    assert (await ada.http.get(f"/{NEEDLES['path']}")).status_code == 404
    assert (await ada.http.get(f"/?q={NEEDLES['query']}")).status_code == 200
    assert (await ada.post("/words/restore", words=NEEDLES["words"])).status_code == 422
    sign_in = {"login": NEEDLES["login"], "password": NEEDLES["password"], "code": "123456"}
    assert (await ada.post("/staff/sign-in", **sign_in)).status_code == 422
    headers = {
        "User-Agent": NEEDLES["user_agent"],
        "Cookie": f"words={NEEDLES['cookie']}",
        "X-Forwarded-For": NEEDLES["header"],
    }
    assert (await ada.http.get("/words", headers=headers)).status_code == 200
    wrong = {"Content-Type": "text/plain"}
    answer = await ada.http.post("/leave", content=NEEDLES["wrong_body"], headers=wrong)
    assert answer.status_code == 403
