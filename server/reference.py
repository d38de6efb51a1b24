"""The reference documentation, written from the classes themselves.

`candlelight docs` writes the files; `candlelight docs --check` fails when one of them is stale.
"""

import ast
import inspect
from collections.abc import Iterable
from enum import Enum
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

import msgspec

from moderation import budgets
from rooms import room
from rooms.kernel import Command, Event
from rooms.refusals import REFUSALS
from rooms.room import EVERY_ROLE, Standing
from rooms.turns import HandRaised, RaiseHand
from server import schema, settings
from server.live import protocol
from server.schema import FRAMES_IN, FRAMES_OUT, HEARD

DOCS: Final = Path("docs")

PARTS: Final = (
    ("`room`: everybody in the room", room.Public),
    ("`staff`: facilitators", room.Staff),
    ("`private:<member>`: that person alone", room.Private),
)
INSIDE_PARTS: Final = (room.GroundRules, room.Meeting, room.Person, room.MessageState, room.Mute)
SPOKEN_HERE: Final = ("rooms.", "moderation.", "server.live.")
"""The packages whose refusals travel over the socket; those of the others answer forms."""

NAMES: Final = {
    str: "string",
    int: "whole number",
    float: "number",
    bool: "boolean",
    bytes: "string",
    NoneType: "null",
    msgspec.Raw: "object",
    Any: "object",
}


def write(folder: Path = DOCS) -> None:
    """Write every generated page."""
    for name, text in pages().items():
        page = folder / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")


def stale(folder: Path = DOCS) -> list[str]:
    """The names of generated pages that are missing or not what the code says."""
    return [
        name
        for name, text in pages().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]


def pages() -> dict[str, str]:
    """The generated pages by file name."""
    return {
        "PROTOCOL.md": protocol_page(),
        "SETTINGS.md": settings.as_markdown(),
        **schema.pages(),
    }


def protocol_page() -> str:
    """`docs/PROTOCOL.md`."""
    return "\n".join(
        [
            "# The protocol\n",
            "Generated from the classes of `server/live/protocol.py`, `rooms/` and `moderation/`; "
            "`./dev docs` writes it anew. The ideas behind it are in [catch-up]"
            "(topics/catch-up.md) and [rooms](topics/rooms.md). For machines there are "
            "[JSON Schemas](schema/) and an [AsyncAPI document](asyncapi.json).\n",
            f"Version {protocol.VERSION}. One WebSocket at `/socket`, JSON in text messages.\n",
            f"- A message from a client is one frame of at most {protocol.FRAME_LIMIT:,} bytes. A "
            "message from the server is one or more frames, one a line.\n"
            "- Unknown frames, commands and fields are refused, and so is an object that names a "
            "field twice.\n"
            "- Each stream numbers its events without a gap. A client that sees one enters again "
            "and says what it has heard.\n"
            "- Times are seconds since the epoch. Ids of members are whole numbers; where they "
            "are the keys of an object they are strings, as JSON wants it.\n",
            "## An exchange\n",
            _exchange(),
            "## Frames from a client\n",
            *(_struct(f"`{_tag(cls)}`", cls) for cls in FRAMES_IN),
            "## Frames from the server\n",
            *(_struct(f"`{_tag(cls)}`", cls) for cls in FRAMES_OUT),
            "## The view\n",
            "The `view` of a `snapshot` has one part for each stream its reader hears.\n",
            *(_struct(title, cls) for title, cls in PARTS),
            *(_struct(cls.__name__, cls) for cls in INSIDE_PARTS),
            "## Commands\n",
            "What the `command` of a `do` can be; its field `type` holds the name.\n",
            *(_command(cls) for cls in protocol.COMMANDS),
            "## Events\n",
            "What the `event` of a `happened` can be; its field `type` holds the name. A field "
            "that has its default value is left out. Events of the stream `core` are delivered to "
            "nobody and not listed.\n",
            *(_event(cls) for cls in HEARD),
            "## Refusals\n",
            "What the `code` of a `refused` can be. `again` says whether the same frame may "
            "succeed a little later, unchanged.\n",
            _table(("code", "sentence", "again"), _refusals()),
            "## Limits\n",
            "More than this is refused as `too_fast`. A person is one person in one room.\n",
            _table(("limit", "what", "at once", "after that"), _budgets()),
            "## Close codes\n",
            "4000 to 4499: come back. 4500 to 4999: do not.\n",
            _table(
                ("code", "meaning"),
                ((str(code), text) for code, text in protocol.CLOSE_CODES.items()),
            ),
        ]
    )


def _exchange() -> str:
    """A hand goes up: real frames, so that the example cannot be wrong."""
    slug, member, now = "k7m2qx", 81_472_309_551_104, 1_800_000_000.0
    raise_hand = msgspec.Raw(msgspec.json.encode(RaiseHand()))
    event = msgspec.Raw(msgspec.json.encode(HandRaised(member=member)))
    lines = (
        (">", protocol.Hello(version=protocol.VERSION)),
        ("<", protocol.Welcome(version=protocol.VERSION, now=now, heartbeat=15.0)),
        (">", protocol.Do(id=1, key="q8Zt3xVw", room=slug, command=raise_hand)),
        ("<", protocol.Happened(room=slug, stream="room", seq=212, at=now, event=event)),
        ("<", protocol.Done(re=1, numbers={"room": 212})),
    )
    text = [f"{sign} {protocol.encode(frame).decode()}" for sign, frame in lines]
    after = {"room": 207, f"private:{member}": 3}
    enter = protocol.Enter(room=slug, epoch="5d0c6f2b9e41a873", after=after)
    text[2:2] = [f"> {protocol.encode(enter).decode()}", "< … what was missed, then a heartbeat"]
    return "```\n" + "\n".join(text) + "\n```\n"


def _tag(cls: type[msgspec.Struct]) -> str:
    return str(cls.__struct_config__.tag)


def _struct(title: str, cls: type[msgspec.Struct]) -> str:
    return f"### {title}\n\n{_doc(cls)}\n\n{_fields(cls)}"


def _command(cls: type[Command]) -> str:
    return f"### `{cls.__name__}`\n\n{_doc(cls)}\n\n*{_permission(cls)}*\n\n{_fields(cls)}"


def _permission(cls: type[Command]) -> str:
    """Who may ask for it, when: the declared permission in words."""
    if not cls.members_only:
        who = "For anybody"
    elif cls.needs is EVERY_ROLE:
        who = "For everybody who has joined"
    else:
        who = f"Needs the role {' or '.join(sorted(cls.needs))}"
    shut = sorted(standing.value for standing in set(Standing) - cls.standings)
    not_while = f" Not while {' or '.join(shut)}." if shut else ""
    meeting = "" if cls.in_meeting else " Also while no meeting is open."
    return f"{who}.{not_while}{meeting}"


def _event(cls: type[Event]) -> str:
    return f"### `{cls.__name__}`\n\nOn `{cls.stream}`. {_doc(cls)}\n\n{_fields(cls)}"


def _refusals() -> Iterable[tuple[str, str, str]]:
    for code, cls in sorted(REFUSALS.items()):
        if cls.__module__.startswith(SPOKEN_HERE):
            yield f"`{code}`", cls.text, "yes" if cls.retry else "no"


def _budgets() -> Iterable[tuple[str, str, str, str]]:
    """Every Budget there is, with the sentence that stands under it in the code."""
    lines = ast.parse(inspect.getsource(budgets)).body
    for line, under in pairwise(lines):
        match line, under:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(says))),
            ) if isinstance(budget := getattr(budgets, name), budgets.Budget):
                yield f"`{name}`", inspect.cleandoc(says), f"{budget.burst:g}", _rate(budget)


def _rate(budget: budgets.Budget) -> str:
    if budget.rate * 60 < 1:
        return f"{budget.rate * 3600:g} an hour"
    return f"{budget.rate * 60:g} a minute"


def _doc(cls: type[Any]) -> str:
    return inspect.cleandoc(cls.__doc__ or "")


def _fields(cls: type[msgspec.Struct]) -> str:
    fields = msgspec.structs.fields(cls)
    rows = [(f"`{field.encode_name}`", _type(field.type), _default(field)) for field in fields]
    return _table(("field", "type", "default"), rows) if rows else "No fields.\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def _type(kind: Any) -> str:
    """A type in the words of JSON."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in NAMES:
        return NAMES[kind]
    if hasattr(kind, "__metadata__"):
        return _type(arguments[0]) + _limits(kind.__metadata__)
    if origin in (Union, UnionType):
        return " or ".join(_type(argument) for argument in arguments)
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"object of {_type(arguments[1])}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    return str(kind.__name__)


def _limits(metadata: Iterable[Any]) -> str:
    parts = []
    for meta in metadata:
        if meta.pattern:
            parts.append(f"matching `{meta.pattern}`")
        if meta.ge is not None:
            parts.append(f"from {meta.ge}")
        if meta.le is not None:
            parts.append(f"to {meta.le}")
    return " " + " ".join(parts) if parts else ""


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return ""
    if field.default_factory is not msgspec.NODEFAULT:
        value = field.default_factory()
        # A struct of defaults says nothing that its own table does not say.
        return "" if isinstance(value, msgspec.Struct) else _json(value)
    return _json(field.default)


def _json(value: object) -> str:
    return f"`{msgspec.json.encode(value).decode()}`"
