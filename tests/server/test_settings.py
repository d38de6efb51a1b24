"""Settings: each is read from the environment or a file, or refused in one clear sentence."""

from dataclasses import fields
from pathlib import Path

import pytest

from server.settings import TABLE, SettingRefused, Settings, as_markdown, read_settings

SECRET = "ab" * 32


def refusal(environment: dict[str, str]) -> str:
    with pytest.raises(SettingRefused) as caught:
        read_settings(environment)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert caught.value.__cause__ is None
    return sentence


def test_nothing_needs_to_be_set_to_try_it_out() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.production) == ("127.0.0.1", 8000, False)
    assert settings.deployment_key is None
    assert not settings.secure
    assert settings.database_url.endswith("/data/candlelight.db")


def test_the_table_and_the_class_name_the_same_settings() -> None:
    assert [row.name.lower() for row in TABLE] == [field.name for field in fields(Settings)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PRODUCTION", "yes-please"),
        ("PRODUCTION", ""),
        ("HOST", "all interfaces"),
        ("HOST", ""),
        ("PORT", "http-alt"),
        ("PORT", "65536"),
        ("PORT", "-8000"),
        ("PORT", "80.5"),
        ("PORT", "9" * 5_000),
        ("PORT", "٨٠٨٠"),
        ("ORIGIN", "meet.example.org"),
        ("ORIGIN", "ftp://meet.example.org"),
        ("ORIGIN", "https://meet.example.org/room"),
        ("ORIGIN", "https://meet.example.org/?a=b"),
        ("ORIGIN", "https://fay:word@meet.example.org"),
        ("ORIGIN", "https://[meet.example.org"),
        ("ORIGIN", "https://meet.example.org:99999"),
        ("ORIGIN", "https://ex\u2100mple.org"),
        ("ORIGIN", "https:///room"),
        ("DATA_DIR", ""),
        ("KEYS_DIR", "  "),
        ("DEPLOYMENT_KEY", "not-a-key-at-all"),
        ("DEPLOYMENT_KEY", SECRET[:-1]),
        ("DEPLOYMENT_KEY", SECRET + "0"),
        ("GROUP_NAME", ""),
        ("GROUP_NAME", "x" * 61),
        ("GROUP_NAME", "two\nlines"),
        ("NEUTRAL_TITLE", "x" * 41),
        ("EXIT_URL", "javascript:alert(1)"),
        ("EXIT_URL", "weather"),
        ("KEEP_HOURS", "23"),
        ("KEEP_HOURS", "721"),
        ("KEEP_HOURS", "a day"),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence_that_does_not_repeat_it(
    name: str, value: str
) -> None:
    sentence = refusal({name: value})
    assert sentence.startswith(f"{name} must be ")
    assert len(value.strip()) < 3 or value not in sentence


def test_a_secret_in_the_wrong_row_is_not_printed() -> None:
    for row in TABLE:
        if row.name not in {"DEPLOYMENT_KEY", "HOST", "DATA_DIR", "KEYS_DIR", "HOTLINES_FILE"}:
            try:
                settings = read_settings({row.name: SECRET})
            except SettingRefused as refused:
                assert SECRET not in str(refused)
            else:
                assert SECRET not in repr(settings)
    assert SECRET not in repr(read_settings({"DEPLOYMENT_KEY": SECRET}))


def test_a_value_can_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(SECRET + "\n")
    settings = read_settings({"DEPLOYMENT_KEY_FILE": str(secret)})
    assert settings.deployment_key == bytes.fromhex(SECRET)


def test_a_file_that_cannot_be_read_or_is_empty_is_refused(tmp_path: Path) -> None:
    empty, noise = tmp_path / "empty", tmp_path / "noise"
    empty.write_text("\n")
    noise.write_bytes(b"\xff\xfe\x00")
    for path, words in (
        (tmp_path / "absent", "cannot be read"),
        (tmp_path, "cannot be read"),
        (noise, "cannot be read"),
        (empty, "is empty"),
    ):
        sentence = refusal({"DEPLOYMENT_KEY_FILE": str(path)})
        assert words in sentence
        assert str(path) not in sentence


def test_a_setting_is_given_once(tmp_path: Path) -> None:
    sentence = refusal({"PORT": "80", "PORT_FILE": str(tmp_path)})
    assert sentence == "Give PORT or PORT_FILE, not both."


def test_production_needs_an_https_address() -> None:
    for origin in ("", "http://meet.example.org"):
        assert "https" in refusal({"PRODUCTION": "true", "ORIGIN": origin})
    settings = read_settings({"PRODUCTION": "true", "ORIGIN": "https://meet.example.org"})
    assert settings.secure


def test_an_address_is_kept_as_browsers_write_it() -> None:
    settings = read_settings({"ORIGIN": "https://Meet.Example.org/"})
    assert settings.origin == "https://meet.example.org"
    assert settings.secure


def test_the_page_of_settings_has_every_row_and_no_value_of_this_machine() -> None:
    page = as_markdown()
    for row in TABLE:
        assert f"| `{row.name}` |" in page
        assert row.meaning in page
