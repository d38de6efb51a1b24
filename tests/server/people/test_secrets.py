"""The deployment key and what is made of it."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.people import secrets
from server.people.secrets import DeploymentKeyUnusable, Secrets, kept_deployment_key


def test_each_label_has_its_own_key_and_keeps_it() -> None:
    labels = [
        secrets.PERSON_SALT,
        secrets.STAFF_TAG,
        secrets.THRESHOLD,
        secrets.PEPPER,
        secrets.SECOND_FACTOR,
        secrets.ENROLMENT,
    ]
    keys = [Secrets(b"k" * 32).derive(label) for label in labels]
    assert len(set(keys)) == len(labels)
    assert all(len(key) == 32 for key in keys)
    assert keys == [Secrets(b"k" * 32).derive(label) for label in labels]


def test_a_subkey_is_hkdf_of_the_deployment_key_for_ever() -> None:
    """If this value changes, every deployment forgets everybody."""
    key = Secrets(bytes(range(32))).derive(secrets.PERSON_SALT)
    assert key.hex() == "7957016a63befabf6d900ecca5f1c971ce95eb62053eb1e137e7060a0f2b7eb7"


@pytest.mark.parametrize("key", [b"", b"k" * 31, b"k" * 33, b"k" * 64])
def test_a_key_of_the_wrong_length_is_refused(key: bytes) -> None:
    with pytest.raises(DeploymentKeyUnusable) as refused:
        Secrets(key)
    assert str(len(key)) in str(refused.value)


def test_the_secret_does_not_show_itself() -> None:
    assert "k" * 8 not in repr(Secrets(b"k" * 32))
    assert repr(Secrets(b"k" * 32)) == "Secrets(hidden)"


def test_a_first_start_draws_a_key_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    path = tmp_path / "deployment.key"
    key = kept_deployment_key(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept_deployment_key(path) == key
    assert [file.name for file in tmp_path.iterdir()] == ["deployment.key"]


def test_two_deployments_draw_different_keys(tmp_path: Path) -> None:
    assert kept_deployment_key(tmp_path / "one.key") != kept_deployment_key(tmp_path / "two.key")


def test_a_second_process_takes_the_key_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "deployment.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: kept_deployment_key(path), range(64)))
    assert len(keys) == 1
