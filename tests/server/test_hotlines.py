"""The operator's own numbers, and the command that checks them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.hotlines import UnreadableHotlines, main, read_hotlines


def today() -> float:
    return datetime(2026, 11, 20, tzinfo=UTC).timestamp()


def test_the_numbers_come_with_the_server() -> None:
    assert read_hotlines()["NL"].emergency.first == "112"


def test_an_operators_file_goes_over_ours(tmp_path: Path) -> None:
    written = tmp_path / "numbers.json"
    written.write_text('{"NL": {"emergency": {"general": "999", "confidence": "high"}}}')
    assert read_hotlines(written)["NL"].emergency.first == "999"
    assert read_hotlines(written)["NL"].hotlines


def test_a_missing_or_broken_file_of_the_operator_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableHotlines, match="none"):
        read_hotlines(tmp_path / "none.json")
    broken = tmp_path / "broken.json"
    broken.write_text('{"NL": {"emergncy": {}}}')
    with pytest.raises(UnreadableHotlines, match="emergncy"):
        read_hotlines(broken)


def test_the_check_lists_what_to_dial(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "us"], clock=today) == 0
    said = capsys.readouterr().out
    assert "US Never Use Alone: never checked" in said
    assert "1 countries, " in said
    assert "NL" not in said


def test_the_check_fails_on_a_number_that_cannot_be_dialled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "numbers.json"
    written.write_text('{"NL": {"emergency": {"general": "+1", "confidence": "high"}}}')
    assert main(["check"], written, today) == 1
    assert capsys.readouterr().out.startswith("! NL emergency number")


def test_the_check_says_why_the_operators_file_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check"], tmp_path / "none.json", today) == 2
    assert "none.json" in capsys.readouterr().out


def test_a_country_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "ZZ"], clock=today) == 1
    assert "ZZ: no such country here" in capsys.readouterr().out
