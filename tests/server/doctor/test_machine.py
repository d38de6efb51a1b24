"""What the doctor sees on the machine."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server import lexicons
from server.doctor import Finding, State, machine
from server.settings import Settings, read_settings

NOW = datetime(2027, 1, 15, 8, tzinfo=UTC).timestamp()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = read_settings({"DATA_DIR": f"{tmp_path}/data", "KEYS_DIR": f"{tmp_path}/keys"})
    for folder in (settings.data_dir, settings.keys_dir):
        folder.mkdir(mode=0o700)
    key(settings, "deployment.key")
    return settings


def key(settings: Settings, name: str, mode: int = 0o600) -> Path:
    path = settings.keys_dir / name
    path.write_bytes(b"k" * 32)
    path.chmod(mode)
    return path


def worst(findings: Iterable[Finding]) -> Finding:
    return max(findings, key=lambda finding: finding.state)


def test_keys_that_lie_well_are_well(settings: Settings) -> None:
    for name in ("2027-01-15.key", "2027-01-14.key", "2027-05-15.key"):
        key(settings, name)
    assert [finding.state for finding in machine.keys(settings, NOW)] == [State.ok]


def test_a_key_that_should_be_dead_is_told(settings: Settings) -> None:
    key(settings, "2027-01-13.key")
    found = worst(machine.keys(settings, NOW))
    assert found.state is State.broken
    assert "should have died" in found.sentence


def test_a_key_that_others_can_read_is_told(settings: Settings) -> None:
    key(settings, "2027-01-16.key", 0o640)
    found = worst(machine.keys(settings, NOW))
    assert found.state is State.broken
    assert "2027-01-16.key" in found.sentence


@pytest.mark.parametrize("which", ["data", "keys"])
def test_a_folder_that_others_can_look_into_is_told(settings: Settings, which: str) -> None:
    folder = settings.data_dir if which == "data" else settings.keys_dir
    folder.chmod(0o750)
    found = worst(machine.keys(settings, NOW))
    assert found.state is State.broken
    assert f"{folder}. chmod 700" in found.sentence


def test_keys_inside_the_data_are_told(tmp_path: Path) -> None:
    settings = read_settings({"DATA_DIR": f"{tmp_path}", "KEYS_DIR": f"{tmp_path}/keys"})
    settings.keys_dir.mkdir(mode=0o700)
    assert any("every copy of the data" in f.sentence for f in machine.keys(settings, NOW))


def test_missing_keys_are_told_and_not_made(settings: Settings) -> None:
    (settings.keys_dir / "deployment.key").unlink()
    assert worst(machine.keys(settings, NOW)).state is State.look
    settings.keys_dir.rmdir()
    assert worst(machine.keys(settings, NOW)).state is State.broken
    assert not settings.keys_dir.exists()


@pytest.mark.parametrize(
    ("year", "state"), [(1970, State.broken), (2026, State.ok), (2150, State.broken)]
)
def test_a_clock_without_battery_is_told(year: int, state: State) -> None:
    now = datetime(year, 6, 1, tzinfo=UTC).timestamp()
    assert [finding.state for finding in machine.clock(now)] == [state]


@pytest.mark.parametrize(
    ("free", "state"),
    [(50 * 1024**2, State.broken), (500 * 1024**2, State.look), (5 * 1024**3, State.ok)],
)
def test_a_disk_that_fills_up_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, free: int, state: State
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    assert {finding.state for finding in machine.disk(settings)} == {state}


def certificate(path: Path, days: int) -> Path:
    """A certificate that ends in so many days."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "meet.example.org")])
    now = datetime.fromtimestamp(NOW, UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=days))
        .sign(secret, hashes.SHA256())
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(("days", "state"), [(60, State.ok), (7, State.look), (-1, State.broken)])
def test_a_certificate_that_ends_is_told(tmp_path: Path, days: int, state: State) -> None:
    path = certificate(tmp_path / "certificate.pem", days)
    settings = read_settings({"CERTIFICATE_FILE": str(path)})
    assert [finding.state for finding in machine.certificate(settings, NOW)] == [state]


def test_no_certificate_is_the_proxys_matter_and_a_wrong_file_wants_a_look(tmp_path: Path) -> None:
    assert worst(machine.certificate(read_settings({}), NOW)).state is State.ok
    for path in (tmp_path / "nothing.pem", tmp_path):
        settings = read_settings({"CERTIFICATE_FILE": str(path)})
        assert worst(machine.certificate(settings, NOW)).state is State.look


def test_lexicons_that_nobody_prepared_want_a_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lexicons.prepare()
    assert worst(machine.lexicons()).state is State.ok
    shipped, nothing = lexicons._shipped(), tmp_path / "nothing"
    for there in (shipped._replace(read=nothing), shipped._replace(compiled=nothing)):
        monkeypatch.setattr(lexicons, "_shipped", lambda there=there: there)
        found = worst(machine.lexicons())
        assert found.state is State.look
        assert "candlelight lexicons" in found.sentence
