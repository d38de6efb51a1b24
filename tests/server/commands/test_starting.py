"""An operator's first minute: a few questions, and everything is there with the right rights."""

import stat
from pathlib import Path

import pytest

from server.commands.starting import QUESTIONS
from server.settings_file import read
from tests.server.commands.conftest import Said, Terminal


def init(terminal: Terminal, **flags: str) -> Said:
    words = {
        "file": f"{terminal.folder}/etc/candlelight.env",
        "origin": "https://meet.example.org",
        "group_name": "St Mary's Evening",
        "countries": "nl be",
        "data": f"{terminal.folder}/var/data",
        "keys": f"{terminal.folder}/var/keys",
    } | flags
    return terminal.type(
        "init", *(f"--{name.replace('_', '-')}={value}" for name, value in words.items() if value)
    )


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_is_made_and_readable_by_nobody_else(terminal: Terminal) -> None:
    said = init(terminal)
    assert said.code == 0, said.err
    etc = terminal.folder / "etc"
    assert {path.name: mode(path) for path in etc.iterdir()} == {
        "candlelight.env": 0o600,
        "deployment.key": 0o600,
    }
    assert {path.name: mode(path) for path in (terminal.folder / "var").iterdir()} == {
        "data": 0o700,
        "keys": 0o700,
    }
    assert [line.split(".")[0].strip() for line in said.out.splitlines()[-3:]] == ["1", "2", "3"]
    assert (etc / "deployment.key").read_text().strip() not in said.out


def test_the_file_it_writes_is_one_the_server_starts_with(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    init(terminal)
    monkeypatch.delenv("DATA_DIR")
    monkeypatch.delenv("KEYS_DIR")
    terminal.settings = terminal.folder / "etc" / "candlelight.env"
    assert read(terminal.settings)["GROUP_NAME"] == "St Mary's Evening"
    said = terminal.type("room", "Lantern", "--about", "About.", "--runs", "It runs.")
    assert said.out.startswith("https://meet.example.org/rooms/")
    assert (terminal.folder / "var" / "data" / "candlelight.db").exists()
    assert not (terminal.folder / "var" / "keys" / "deployment.key").exists()


def test_the_lexicons_are_prepared_once_nothing_is_wrong_so_that_the_first_start_need_not(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[str] = []
    monkeypatch.setattr("server.commands.starting.prepare", lambda: prepared.append("once"))
    assert init(terminal, origin="meet.example.org").code == 2
    assert not prepared, "whoever mistyped does not wait"
    assert init(terminal).code == 0
    assert prepared == ["once"]


def test_nothing_is_ever_overwritten(terminal: Terminal) -> None:
    init(terminal)
    etc = terminal.folder / "etc"
    before = {path: path.read_bytes() for path in etc.iterdir()}
    said = init(terminal)
    assert said.code == 2
    assert "is there already, and nothing was changed" in said.err
    (etc / "candlelight.env").unlink()
    assert init(terminal).code == 2, "a key without its settings is kept too"
    assert (etc / "deployment.key").read_bytes() == before[etc / "deployment.key"]


@pytest.mark.parametrize(
    ("flags", "about"),
    [
        ({"origin": "http://meet.example.org"}, "ORIGIN must be an https address"),
        ({"origin": "meet.example.org"}, "ORIGIN must be"),
        ({"origin": ""}, "give --origin"),
        ({"countries": "Holland"}, "COUNTRIES must be"),
        ({"group_name": 'say "hi"'}, "GROUP_NAME must not contain"),
        ({"group_name": "$HOME"}, "GROUP_NAME must not contain"),
        ({"exit_url": "weather"}, "EXIT_URL must be"),
    ],
)
def test_an_answer_that_makes_no_sense_leaves_nothing_behind(
    terminal: Terminal, flags: dict[str, str], about: str
) -> None:
    said = init(terminal, **flags)
    assert said.code == 2
    assert about in said.err
    assert list(terminal.folder.iterdir()) == []


def test_keys_are_never_put_where_the_data_is_copied(terminal: Terminal) -> None:
    for flags in (
        {"keys": f"{terminal.folder}/var/data/keys"},
        {"file": f"{terminal.folder}/var/data/candlelight.env"},
    ):
        said = init(terminal, **flags)
        assert said.code == 2
        assert "must not lie in the data folder" in said.err
    assert list(terminal.folder.iterdir()) == []


def test_somebody_at_a_terminal_is_asked_and_may_take_what_is_offered(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answers = {"ORIGIN": "https://meet.example.org", "COUNTRIES": "NL"}

    def answer(question: str) -> str:
        asked.append(question)
        setting = next(q.setting for q in QUESTIONS if question.startswith(q.words))
        return answers.get(setting, "")

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", answer)
    file = terminal.folder / "candlelight.env"
    folders = [f"--data={terminal.folder}/data", f"--keys={terminal.folder}/keys"]
    assert terminal.type("init", f"--file={file}", *folders).code == 0
    assert len(asked) == len(QUESTIONS) - 2
    assert read(file)["GROUP_NAME"] == "Evening Group"
    assert read(file)["COUNTRIES"] == "NL"
