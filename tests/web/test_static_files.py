"""Static files: kept for ever under an address that changes with their content."""

from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

from tests.web.house import House
from web.static_files import FOR_EVER, KINDS, StaticTree, tree


def folder(at: Path, **files: str) -> Path:
    for name, text in files.items():
        path = at / name.replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return at


def test_a_changed_file_changes_every_address(tmp_path: Path) -> None:
    before = StaticTree(folder(tmp_path, a_js="1", b_css="2"))
    after = StaticTree(folder(tmp_path, a_js="1", b_css="3"))
    assert before.address("a.js") != after.address("a.js")


def test_the_same_files_have_the_same_addresses_on_every_machine(tmp_path: Path) -> None:
    one = StaticTree(folder(tmp_path / "one", a_js="1", b_css="2"))
    two = StaticTree(folder(tmp_path / "two", b_css="2", a_js="1"))
    assert one.address("a.js") == two.address("a.js")


def test_text_that_moves_from_one_file_to_the_next_changes_the_addresses(tmp_path: Path) -> None:
    one = StaticTree(folder(tmp_path / "one", a_js="12", b_js="3"))
    two = StaticTree(folder(tmp_path / "two", a_js="1", b_js="23"))
    assert one.hash != two.hash


def test_an_address_for_a_file_that_is_not_there_is_an_error_where_it_is_written() -> None:
    with pytest.raises(KeyError):
        tree().address("css/missing.css")


@pytest.mark.parametrize("name", ["../app.py", "", "css", "css/../js/page.js", "/etc/hostname"])
def test_nothing_but_the_tree_is_answered(name: str) -> None:
    with pytest.raises(HTTPException):
        tree().answer(tree().hash, name)


@pytest.mark.parametrize(
    "name", ["css/candlelight.css", "js/page.js", "icons.svg", "manifest.webmanifest"]
)
async def test_a_file_comes_with_its_kind_and_may_be_kept_for_ever(house: House, name: str) -> None:
    answer = await house.browser().get(tree().address(name))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.headers["content-type"].startswith(KINDS[Path(name).suffix])


async def test_the_address_of_another_release_is_not_answered(house: House) -> None:
    assert (await house.browser().get("/static/0123456789abcdef/js/page.js")).status_code == 404


def test_what_a_phone_shows_of_an_installed_page_says_nothing() -> None:
    shown = tree().answer(tree().hash, "manifest.webmanifest").body
    assert b'"name": "Notes"' in bytes(shown)
    assert b"andlelight" not in bytes(shown)
