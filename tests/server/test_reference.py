"""The generated documentation: complete, and the same as the code."""

from pathlib import Path

from moderation import budgets
from moderation.budgets import Budget
from rooms.refusals import REFUSALS
from server import reference
from server.live import protocol

ROOT = Path(__file__).parents[2]


def test_the_generated_pages_in_the_repository_are_not_stale() -> None:
    assert reference.stale(ROOT / "docs") == []


def test_a_page_that_is_missing_or_changed_is_found(tmp_path: Path) -> None:
    assert set(reference.stale(tmp_path)) == set(reference.pages())
    reference.write(tmp_path)
    assert reference.stale(tmp_path) == []
    page = tmp_path / "PROTOCOL.md"
    page.write_text(page.read_text() + "\n")
    assert reference.stale(tmp_path) == ["PROTOCOL.md"]


def test_writing_twice_gives_the_same_pages() -> None:
    assert reference.pages() == reference.pages()


def test_the_protocol_names_every_command_event_and_close_code() -> None:
    page = reference.pages()["PROTOCOL.md"]
    for command in protocol.COMMANDS:
        assert f"`{command.__name__}`" in page
    for event in protocol.EVENTS:
        assert (f"`{event.__name__}`" in page) == (event.stream != "core"), event.__name__
    for code in protocol.CLOSE_CODES:
        assert str(code) in page
    for name, refusal in REFUSALS.items():
        if refusal.__module__.startswith(("rooms.", "moderation.", "server.live.")):
            assert f"`{name}`" in page


def test_the_protocol_names_every_limit_with_what_it_is_for_and_its_numbers() -> None:
    page = reference.pages()["PROTOCOL.md"].partition("## Limits")[2].partition("## ")[0]
    found = {name for name, value in vars(budgets).items() if isinstance(value, Budget)}
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert {row.split("`")[1] for row in rows} == found
    [messages] = [row for row in rows if "`MESSAGES_OF_A_PERSON`" in row]
    assert messages.endswith("ten of them at once. | 10 | 20 a minute |")
    [reports] = [row for row in rows if "`REPORTS_OF_A_PERSON`" in row]
    assert reports.endswith("| 10 | 10 an hour |")


def test_what_only_the_machinery_sends_is_in_no_page() -> None:
    page = reference.pages()["PROTOCOL.md"]
    for internal in protocol.INTERNALS:
        assert f"### `{internal.__name__}`" not in page
