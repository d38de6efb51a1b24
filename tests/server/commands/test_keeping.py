"""An operator copies the database and puts a copy back, by typing."""

from pathlib import Path

from tests.server.commands.conftest import Terminal


def test_a_room_that_was_deleted_by_accident_comes_back(terminal: Terminal) -> None:
    terminal.found_room()
    said = terminal.type("backup", str(terminal.folder / "copies"))
    assert said.code == 0
    copy = Path(said.out.strip())
    assert copy.exists()
    (terminal.folder / "data" / "candlelight.db").unlink()
    said = terminal.type("restore", str(copy))
    assert said.code == 0
    assert said.out.startswith("Restored: rooms 1.\nStaff sign in anew.")


def test_a_database_that_is_there_stays_unless_it_is_to_be_replaced(terminal: Terminal) -> None:
    terminal.found_room()
    copy = terminal.type("backup", str(terminal.folder / "copies")).out.strip()
    said = terminal.type("restore", copy)
    assert said.code == 2
    assert "Add --replace" in said.err
    said = terminal.type("restore", copy, "--replace")
    assert "The database of before is" in said.out


def test_a_copy_never_lies_beside_the_keys(terminal: Terminal) -> None:
    terminal.found_room()
    for folder in (terminal.folder / "keys", terminal.folder / "keys" / "copies"):
        said = terminal.type("backup", str(folder))
        assert said.code == 2
        assert "must not lie in the keys folder" in said.err
    assert not list((terminal.folder / "keys").glob("**/*.db"))


def test_a_copy_holds_no_key(terminal: Terminal) -> None:
    terminal.found_room()
    terminal.type("backup", str(terminal.folder / "copies"))
    keys = [path.read_bytes() for path in (terminal.folder / "keys").iterdir()]
    assert len(keys) >= 2
    copied = b"".join(path.read_bytes() for path in (terminal.folder / "copies").iterdir())
    assert not any(key in copied for key in keys)


def test_old_copies_go_and_one_always_stays(terminal: Terminal) -> None:
    terminal.found_room()
    copies = terminal.folder / "copies"
    copies.mkdir()
    old = copies / "candlelight-20200101T000000Z.db"
    old.touch()
    assert terminal.type("backup", str(copies), "--keep", "0").code == 2
    assert old.exists()
    assert f"deleted {old}" in terminal.type("backup", str(copies), "--keep", "1").out
    assert len(list(copies.glob("*.db"))) == 1
