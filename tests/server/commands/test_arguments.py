"""What can be typed, and what becomes of a mistake: one sentence and an honest exit code."""

import pytest

from server.commands.arguments import GROUPS, parser
from tests.server.commands.conftest import Terminal


def test_help_has_a_line_for_every_command() -> None:
    text = parser().format_help()
    for command in (
        "init", "serve", "demo", "room", "invite", "staff", "backup", "restore", "doctor",
        "hotlines", "docs",
    ):  # fmt: skip
        assert f"    {command} " in text
    assert all(group.__doc__ for group in GROUPS)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("PORT", "many"), ("PRODUCTION", "perhaps"), ("DEPLOYMENT_KEY", "secret"), ("ORIGIN", "x")],
)
def test_a_setting_that_makes_no_sense_is_one_sentence(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.setenv(setting, value)
    said = terminal.type("serve")
    assert said.code == 2
    assert said.err.startswith(f"Candlelight does not start: {setting} must be")
    assert len(said.err.splitlines()) == 1
    if len(value) > 1:
        assert value not in said.err


def test_a_command_that_does_not_exist_is_told() -> None:
    with pytest.raises(SystemExit) as stopped:
        parser().parse_args(["fly"])
    assert stopped.value.code == 2


def test_a_refusal_is_its_own_sentence(terminal: Terminal) -> None:
    said = terminal.type("staff", "reset", "nobody")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Nobody signs in with this name.")
