"""`candlelight init`: the few questions an operator must answer, once."""

import argparse
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server import settings_file
from server.commands import opening
from server.lexicons import prepare
from server.settings import SettingRefused, read_settings
from server.storage.keys import check_apart

KEY_FILE: Final = "deployment.key"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by its flag and by the setting that the answer becomes."""

    flag: str
    setting: str
    words: str
    default: str = ""


QUESTIONS: Final = (
    Question("origin", "ORIGIN", "The address people will type, such as https://meet.example.org"),
    Question("group-name", "GROUP_NAME", "What this place is called; neutral", "Evening Group"),
    Question(
        "exit-url",
        "EXIT_URL",
        "Where Leave quickly goes: an ordinary page",
        "https://www.bbc.com/weather",
    ),
    Question("countries", "COUNTRIES", "Where most of your people live, such as NL BE"),
    Question("data", "DATA_DIR", "The folder of the database", "/var/lib/candlelight/data"),
    Question("keys", "KEYS_DIR", "The folder of the keys, apart", "/var/lib/candlelight/keys"),
)
FOLDERS: Final = ("DATA_DIR", "KEYS_DIR")


def add(commands: opening.Commands) -> None:
    """Add the command."""
    init = commands.add_parser("init", help="prepare this machine: settings, folders and the key")
    init.add_argument(
        "--file",
        type=Path,
        default=Path("candlelight.env"),
        help="the file of settings to write (candlelight.env)",
    )
    for question in QUESTIONS:
        init.add_argument(f"--{question.flag}", dest=question.setting, help=question.words)
    init.set_defaults(run=_init)


def _init(arguments: argparse.Namespace) -> int:
    file = arguments.file.absolute()
    key = file.with_name(KEY_FILE)
    for path in (file, key):
        if path.exists():
            raise SettingRefused(f"{path} is there already, and nothing was changed.")
    answers = {question.setting: _answer(arguments, question) for question in QUESTIONS}
    answers |= {folder: str(Path(answers[folder]).absolute()) for folder in FOLDERS}
    values = {"PRODUCTION": "true", **answers, "DEPLOYMENT_KEY_FILE": str(key)}
    text = settings_file.written(values)
    _check(values, key)
    # What is made now is kept where this user may write: the user of the server often may not, and
    # would read for ten seconds at every start.
    prepare()
    for folder in FOLDERS:
        _make_folder(Path(answers[folder]))
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(key, secrets.token_hex(32) + "\n")
    _write(file, text)
    print(_next_steps(file, key))
    return 0


def _answer(arguments: argparse.Namespace, question: Question) -> str:
    """The flag; else what is typed, or the default. Without a terminal, what has no default must
    be a flag."""
    given: str | None = getattr(arguments, question.setting)
    if given is not None:
        return given.strip()
    if sys.stdin.isatty():
        offered = f" [{question.default}]" if question.default else ""
        return input(f"{question.words}{offered}: ").strip() or question.default
    if question.setting == "ORIGIN":
        raise SettingRefused("Nobody is there to ask: give --origin.")
    return question.default


def _check(values: dict[str, str], key: Path) -> None:
    """Refuse what the server would refuse, before anything is written."""
    settings = read_settings(
        {name: value for name, value in values.items() if name != "DEPLOYMENT_KEY_FILE"}
    )
    try:
        check_apart(settings.data_dir, settings.keys_dir)
        check_apart(settings.data_dir, key)
    except ValueError:
        raise SettingRefused(
            "The keys and the file of settings must not lie in the data folder, which is copied."
        ) from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as why:
        raise SettingRefused(f"{folder} cannot be made: {why.strerror}.") from None


def _write(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as why:
        raise SettingRefused(f"{path} cannot be written: {why.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())


def _next_steps(file: Path, key: Path) -> str:
    command = f"candlelight --settings {file}"
    return (
        f"Written: {file} and {key}.\n"
        f"Keep one copy of {key} in a safe place, not on this machine. Without it nobody's words "
        "and no staff sign-in work any more.\n\n"
        "Next:\n"
        f'  1. {command} room "Tuesday Lantern" --about "..." --runs "..."\n'
        f"  2. {command} invite <the six letters it printed>, and for a moderator "
        f"{command} invite --role moderator\n"
        f"  3. {command} serve, behind a proxy that speaks https (deploy/), "
        "and then doctor"
    )
