"""The reference documentation, written from the classes themselves.

`candlelight docs` writes the files; `candlelight docs --check` fails when one of them is stale.
"""

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from rooms.kernel import Command, Event
from rooms.refusals import REFUSALS
from rooms.room import Role, Standing
from server import settings
from server.live import protocol

DOCS: Final = Path("docs")


def write(folder: Path = DOCS) -> None:
    """Write every generated page."""
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def stale(folder: Path = DOCS) -> list[str]:
    """The names of generated pages that are missing or not what the code says."""
    return [
        name
        for name, text in pages().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]


def pages() -> dict[str, str]:
    """The generated pages by file name."""
    return {"PROTOCOL.md": protocol_page(), "SETTINGS.md": settings.as_markdown()}


def protocol_page() -> str:
    """`docs/PROTOCOL.md`."""
    frames_in = (protocol.Hello, protocol.Enter, protocol.Do, protocol.LeaveFrame)
    frames_out = (
        protocol.Welcome,
        protocol.Snapshot,
        protocol.Happened,
        protocol.Done,
        protocol.RefusedFrame,
        protocol.Heartbeat,
        protocol.Closing,
    )
    parts = [
        "# The protocol\n",
        "Generated from `server/live/protocol.py`, the commands and the events; `./dev docs` "
        "writes it anew.\n",
        f"Version {protocol.VERSION}. One WebSocket at `/socket`, JSON text messages. A message "
        f"from a client holds one frame of at most {protocol.FRAME_LIMIT:,} bytes; a message from "
        "the server holds one or more frames, one a line. Unknown frames, commands and fields are "
        "refused, and so is an object that names a field twice. Numbers of streams go up by one; a "
        "client that sees a gap enters again with what it has heard. Times are seconds since the "
        "epoch.\n",
        "## Frames from a client\n",
        *(_frame(cls) for cls in frames_in),
        "## Frames from the server\n",
        *(_frame(cls) for cls in frames_out),
        "## Commands\n",
        "What the `command` of a `do` can be; `type` names it.\n",
        *(_command(cls) for cls in protocol.COMMANDS),
        "## Events\n",
        "What the `event` of a `happened` can be; `type` names it. Events of the stream `core` are "
        "delivered to nobody and not listed.\n",
        *(_event(cls) for cls in protocol.EVENTS if cls.stream != "core"),
        "## Refusals\n",
        "| code | sentence | try again |\n| --- | --- | --- |\n"
        + "\n".join(
            f"| `{code}` | {cls.text} | {'yes' if cls.retry else 'no'} |"
            for code, cls in sorted(REFUSALS.items())
        )
        + "\n",
        "## Close codes\n",
        "4000 to 4499: come back. 4500 to 4999: do not.\n",
        "| code | meaning |\n| --- | --- |\n"
        + "\n".join(f"| {code} | {text} |" for code, text in protocol.CLOSE_CODES.items())
        + "\n",
    ]
    return "\n".join(parts)


def _frame(cls: type[msgspec.Struct]) -> str:
    return f"### `{cls.__struct_config__.tag}`\n\n{_doc(cls)}\n\n{_fields(cls)}"


def _command(cls: type[Command]) -> str:
    needs = "" if cls.needs is Role.MEMBER else f" Needs the role {cls.needs.value}."
    closed = set(Standing) - cls.standings
    standings = ", ".join(sorted(s.value for s in closed))
    not_while = f" Not while {standings}." if standings else ""
    meeting = "" if cls.in_meeting else " Also while no meeting is open."
    return f"### `{cls.__name__}`\n\n{_doc(cls)}{needs}{not_while}{meeting}\n\n{_fields(cls)}"


def _event(cls: type[Event]) -> str:
    return f"### `{cls.__name__}`\n\nOn `{cls.stream}`. {_doc(cls)}\n\n{_fields(cls)}"


def _doc(cls: type[Any]) -> str:
    return inspect.cleandoc(cls.__doc__ or "")


def _fields(cls: type[msgspec.Struct]) -> str:
    rows = [
        f"| `{field.encode_name}` | {_type(field.type)} | {_default(field)} |"
        for field in msgspec.structs.fields(cls)
    ]
    if not rows:
        return "No fields.\n"
    return "| field | type | default |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"


def _type(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, str) and hasattr(kind, "__members__"):
        return ", ".join(f"`{member}`" for member in _values(kind))
    if kind is msgspec.Raw:
        return "object"
    arguments = get_args(kind)
    name = getattr(kind, "__name__", str(kind))
    if hasattr(kind, "__metadata__"):
        return _type(arguments[0]) + _limits(kind.__metadata__)
    if not arguments:
        return "null" if kind is type(None) else name
    separator = " or " if name in ("UnionType", "Union", "Optional") else ", "
    inside = separator.join(_type(argument) for argument in arguments)
    return inside if separator == " or " else f"{name} of {inside}"


def _values(kind: Any) -> Iterable[str]:
    return (member.value for member in kind)


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
        return f"`{msgspec.json.encode(field.default_factory()).decode()}`"
    return f"`{msgspec.json.encode(field.default).decode()}`"
