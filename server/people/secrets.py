"""The one secret of a deployment, and the keys that are made from it.

Everything in `server/people` that needs a secret asks for a subkey by its label. Two labels never
give related keys, so a key that leaks in one place opens nothing in another.
"""

import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32

# One label for each use. A label is never given a second use and never renamed: to change the
# first is to mix two secrets, to change the second is to forget every person of the deployment.
PERSON_SALT: Final = "candlelight/person-salt"
STAFF_TAG: Final = "candlelight/staff-tag"
THRESHOLD: Final = "candlelight/threshold"
PEPPER: Final = "candlelight/pepper"
SECOND_FACTOR: Final = "candlelight/second-factor"
ENROLMENT: Final = "candlelight/enrolment"
BACKUP_CODES: Final = "candlelight/backup-codes"
BACKUP_CODES_FIELD: Final = "candlelight/backup-codes-field"
CONTACTS: Final = "candlelight/contacts"
CONTACTS_FIELD: Final = "candlelight/contacts-field"
CASE_ACTOR: Final = "candlelight/case-actor"
PUSH: Final = "candlelight/push"


class DeploymentKeyUnusable(Exception):
    """The deployment key is not 32 bytes long. Starting with it would forget every person."""


class Secrets:
    """The deployment key, 32 random bytes, and its subkeys. It shows nothing of itself in a repr.

    Raises `DeploymentKeyUnusable` for a key of any other length.
    """

    def __init__(self, deployment_key: bytes) -> None:
        if len(deployment_key) != KEY_BYTES:
            raise DeploymentKeyUnusable(
                f"The deployment key must be {KEY_BYTES} bytes long; this one has "
                f"{len(deployment_key)}."
            )
        self._deployment_key = deployment_key

    def derive(self, label: str) -> bytes:
        """The 32-byte subkey for `label`: HKDF-SHA256 (RFC 5869), the label as its `info`."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=label.encode()).derive(
            self._deployment_key
        )

    def __repr__(self) -> str:
        return "Secrets(hidden)"


def kept_deployment_key(path: Path) -> bytes:
    """The deployment key kept in the file at `path`; drawn and written there if there is none.

    The file has mode 0600. It appears whole or not at all, and two processes that start at the
    same moment get the same key: it is written under another name and linked into place, which
    fails if somebody else was first. Raises `OSError` when the folder cannot be written.
    """
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, os.urandom(KEY_BYTES))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its key is the deployment's key
        finally:
            draft.unlink()
        _make_durable(path.parent)
    return path.read_bytes()


def _make_durable(folder: Path) -> None:
    """Ask the disk to remember a new name in `folder`; a file's own fsync does not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
