"""A file of settings says the same to us, to a shell, to systemd and to Docker Compose."""

import subprocess
from pathlib import Path

import pytest

from server.settings import SettingRefused
from server.settings_file import read, under, written

VALUES = {"ORIGIN": "https://meet.example.org", "GROUP_NAME": "St Mary's, 8 o'clock; #1 & co"}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "candlelight.env"
    file.write_text("# By hand.\n\n" + written(VALUES) + "PORT=8000\n")
    assert read(file) == VALUES | {"PORT": "8000"}


def test_a_shell_reads_the_same(tmp_path: Path) -> None:
    file = tmp_path / "candlelight.env"
    file.write_text(written(VALUES))
    script = f'set -a; . "{file}"; printf "%s|%s" "$ORIGIN" "$GROUP_NAME"'
    out = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert out == "|".join(VALUES.values())


@pytest.mark.parametrize("value", ['say "hi"', "back\\slash", "$HOME", "`id`", "two\nlines"])
def test_what_somebody_would_misread_is_never_written(value: str) -> None:
    with pytest.raises(ValueError, match="GROUP_NAME"):
        written({"GROUP_NAME": value})


@pytest.mark.parametrize(
    "line", ["export PORT=1", "port=1", 'GROUP_NAME="open', "GROUP_NAME=two words", "secret-value"]
)
def test_a_line_that_is_none_is_told_by_its_number_and_not_repeated(
    tmp_path: Path, line: str
) -> None:
    file = tmp_path / "candlelight.env"
    file.write_text(f"PORT=8000\n{line}\n")
    with pytest.raises(SettingRefused, match="Line 2") as refused:
        read(file)
    assert line not in str(refused.value)


def test_the_environment_comes_first_in_either_form() -> None:
    file = {"DEPLOYMENT_KEY_FILE": "/etc/key", "PORT": "1", "HOTLINES_FILE": "/etc/lines"}
    assert under({"DEPLOYMENT_KEY": "00"}, file) == {
        "DEPLOYMENT_KEY": "00", "PORT": "1", "HOTLINES_FILE": "/etc/lines"
    }  # fmt: skip
    assert under({"DEPLOYMENT_KEY_FILE": "/run/key"}, file)["DEPLOYMENT_KEY_FILE"] == "/run/key"
    assert under({"PORT_FILE": "/run/port"}, file).get("PORT") is None
