"""The server with bugs in it, each of which raises an exception that quotes what was written.

`python -m tests.security.failing_server serve` is the whole program. Only words that hold one of
the marks below meet a bug; what real bugs will be like nobody knows, but this is how bad they can
be: the words are in the exception's message, among its arguments and in the frame's variables.
"""

import sys
from collections.abc import Iterator

from rooms.kernel import At, Command, Made, Stamp
from rooms.room import Part, Room
from rooms.speaking import Said, Speak
from server.__main__ import main
from server.live.protocol import Do
from web import live_forms
from web.forms import Form
from web.socket import Socket

RULE_RAISES = "let the rule raise"
EFFECT_RAISES = "let the effect raise"
FRAME_RAISES = "let the frame raise"
FORM_RAISES = "let the form raise"

_decide, _apply, _do, _command = Speak.decide, Said.apply, Socket._do, live_forms.command


def _failing_rule(command: Speak, room: Room, at: At) -> Iterator[Made]:
    _break(RULE_RAISES, command.text)
    return _decide(command, room, at)


def _failing_effect(event: Said, part: Part, stamp: Stamp) -> None:
    _break(EFFECT_RAISES, event.text)
    _apply(event, part, stamp)


def _failing_frame(socket: Socket, frame: Do) -> None:
    _break(FRAME_RAISES, bytes(frame.command).decode())
    _do(socket, frame)


def _failing_form(verb: str, form: Form) -> Command | None:
    _break(FORM_RAISES, form["text"])
    return _command(verb, form)


def _break(mark: str, words: str) -> None:
    if mark in words:
        raise ValueError(f"cannot cope with {words!r}", words)


if __name__ == "__main__":
    Speak.decide = _failing_rule  # type: ignore[assignment, method-assign]
    Said.apply = _failing_effect  # type: ignore[assignment, method-assign]
    Socket._do = _failing_frame  # type: ignore[assignment, method-assign]
    live_forms.command = _failing_form
    sys.exit(main())
