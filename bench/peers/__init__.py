"""The peers: the smallest honest server of each, and how people come to it.

They do what a relay does, on the same terms: WebSocket without compression, uvloop where it is
Python, one process on one core, and the text passed on as it came.
"""

import shutil
import subprocess
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bench.machine import CACHE, HERE, Missing, cache, program
from bench.plan import Crowd, Member
from bench.serving import PYTHON, ROOT, Serving, serving

Language = Literal["c", "ours", "python", "node"]
Speech = Literal["plain", "numbered", "socket.io", "xmpp"]

FOLDER: Final = HERE / "peers"
PEERS_PYTHON: Final = CACHE / "peers" / "bin" / "python"
NODE_MODULES: Final = CACHE / "node_modules"
SYSTEM_MODULES: Final = Path("/usr/share/nodejs")
"""Where Debian keeps modules of Node, `node-ws` for one."""

_STANZA: Final = (
    '<message xmlns="jabber:client" type="groupchat" to="%r@rooms.localhost">'
    "<body>%t %f</body></message>"
)
_TEMPLATES: Final[dict[Speech, str]] = {
    "plain": '{"type":"say","room":"%r","text":"%t %f"}',
    "numbered": '{"type":"say","id":%i,"room":"%r","text":"%t %f"}',
    "socket.io": '42["say",{"type":"say","room":"%r","text":"%t %f"}]',
    "xmpp": _STANZA,
}
_OPEN: Final = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="localhost" version="1.0"/>'


@dataclass(frozen=True, slots=True)
class Peer:
    """One server to measure against. `needs` is what it imports beyond what the project has, `tool`
    a program that has to be there."""

    name: str
    language: Language
    source: str
    needs: tuple[str, ...] = ()
    speech: Speech = "plain"
    tool: str = ""

    def absent(self) -> str | None:
        """Why it cannot be measured here, in a few words; None when it can."""
        try:
            command = self._command("0")
        except Missing as why:
            return str(why)
        if self.tool and shutil.which(self.tool) is None:
            return f"{self.tool} absent"
        look: list[str | Path] = []
        if self.needs and self.language == "python":
            look = [command[0], "-c", f"import {', '.join(self.needs)}"]
        elif self.needs:
            look = [command[0], "-e", ";".join(f"require('{name}')" for name in self.needs)]
        found = not look or subprocess.run(
            look, env=_environment(), capture_output=True, check=False
        )
        return None if found is True or not found.returncode else f"{', '.join(self.needs)} absent"

    def crowd(self, rooms: int, members: int) -> Crowd:
        """This many people at this server."""
        names = [f"r{number}" for number in range(rooms)]
        ack = '{"frame": "done"' if self.speech == "numbered" else ""
        return Crowd(
            _TEMPLATES[self.speech],
            {name: [self._member(name, place) for place in range(members)] for name in names},
            ack=ack,
        )

    @contextmanager
    def serving(self) -> Iterator[Serving]:
        """The server, running. Raises Missing or DidNotStart."""
        if self.language == "c":
            with serving([program(self.source)]) as server:
                yield server
        else:
            with serving(self._command("%p"), _environment(), choose_port=True) as server:
                yield server

    def _member(self, room: str, place: int) -> Member:
        match self.speech:
            case "socket.io":
                path = "/socket.io/?EIO=4&transport=websocket"
                return Member(path, steps=_socketio_arrival(room))
            case "xmpp":
                header = "Sec-WebSocket-Protocol: xmpp"
                return Member("/xmpp-websocket", [header], _xmpp_arrival(room, place))
            case _:
                return Member(f"/{room}")

    def _command(self, port: str) -> list[str | Path]:
        source = FOLDER / self.source
        match self.language:
            case "c":
                return [program(self.source)]
            case "ours":
                return [PYTHON, source, port]
            case "python":
                if not PEERS_PYTHON.exists():
                    raise Missing("not installed")
                return [PEERS_PYTHON, source, port]
            case "node":
                node = shutil.which("node")
                if node is None:
                    raise Missing("no Node here")
                return [node, source, port]


def _socketio_arrival(room: str) -> Sequence[tuple[str, str]]:
    return [
        ("hear", '"sid"'),
        ("say", "40"),
        ("hear", "40{"),
        ("say", f'42["come","{room}"]'),
        ("hear", '"here"'),
    ]


def _xmpp_arrival(room: str, place: int) -> Sequence[tuple[str, str]]:
    client = 'xmlns="jabber:client"'
    bind = '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>'
    here = '<x xmlns="http://jabber.org/protocol/muc"/>'
    address = f"{room}@rooms.localhost/m{place}"
    return [
        ("say", _OPEN),
        ("hear", "ANONYMOUS"),
        ("say", '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>'),
        ("hear", "<success"),
        ("say", _OPEN),
        ("hear", "xmpp-bind"),
        ("say", f'<iq {client} type="set" id="bind">{bind}</iq>'),
        ("hear", "<jid>"),
        ("say", f'<presence {client} to="{address}">{here}</presence>'),
        ("hear", "<subject"),
    ]


C_TICK: Final = Peer("C tick", "c", "tick")
C_NAIVE: Final = Peer("C naive", "c", "naive")
NAIVE_STARLETTE: Final = Peer("naive Starlette", "ours", "naive_starlette.py")
NAIVE_PIPELINE: Final = Peer("naive pipeline", "ours", "naive_pipeline.py", speech="numbered")
RELAYS: Final = (
    Peer("websockets broadcast", "ours", "websockets_broadcast.py"),
    Peer("node ws", "node", "node_ws.js", ("ws",)),
    Peer("node socket.io", "node", "node_socketio.js", ("socket.io",), "socket.io"),
    Peer("python-socketio", "python", "socketio_python.py", ("socketio",), "socket.io"),
    Peer("Channels", "python", "channels_django.py", ("channels", "django")),
    Peer("Prosody MUC", "ours", "prosody_muc.py", speech="xmpp", tool="prosody"),
)
"""The other peers of the fan-out."""


def install() -> None:
    """Install the peers' packages beside the project's own: from hashed locks, and with npm."""
    venv.create(cache() / "peers", with_pip=True, clear=True)
    lock = ROOT / "requirements" / "bench.txt"
    subprocess.run(
        [PEERS_PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock], check=True
    )
    npm = shutil.which("npm")
    if npm is not None:
        shutil.copy(FOLDER / "package.json", CACHE)
        shutil.copy(FOLDER / "package-lock.json", CACHE)
        subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--silent"], cwd=CACHE, check=True)


def _environment() -> dict[str, str]:
    return {"NODE_PATH": f"{NODE_MODULES}:{SYSTEM_MODULES}"}
