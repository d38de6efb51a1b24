"""Web push: waking the browser of somebody on call, by the standards and nothing more.

The message is encrypted for the one browser (RFC 8291, aes128gcm of RFC 8188), and the server says
who it is with a signed token (RFC 8292). The push service, which belongs to the browser's maker,
learns that this server called this browser at this time; that is why it is off unless an operator
switches it on. Not a library: the one there is brings two HTTP clients along for these two pages.
"""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.calling.contacts import ContactUnusable, PushAddress
from server.people.secrets import PUSH, Secrets

SERVICES: tuple[str, ...] = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
"""The push services of the browsers there are, with all below them."""
RECORD_BYTES: Final = 4_096
TOKEN_SECONDS: Final = 12 * 3_600
"""How long a token of ours is good; RFC 8292 allows a day."""
TTL_SECONDS: Final = 600
"""How long the push service keeps a call for a browser that sleeps: later it would be too late."""
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class PushKey:
    """The server's own key, made from the deployment's secret: P-256, as RFC 8292 asks."""

    def __init__(self, secrets: Secrets) -> None:
        number = int.from_bytes(secrets.derive(PUSH)) % (_ORDER - 1) + 1
        self._key = ec.derive_private_key(number, ec.SECP256R1())

    @property
    def public(self) -> str:
        """What a browser needs to let this server call it, in base64url."""
        return _spelled(_point(self._key.public_key()))

    def headers(self, endpoint: str, subject: str, now: float) -> dict[str, str]:
        """The headers of a call to a push service. `subject` is the address of this deployment."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(now) + TOKEN_SECONDS,
            "sub": subject,
        }
        header = msgspec.json.encode({"typ": "JWT", "alg": "ES256"})
        signed = f"{_spelled(header)}.{_spelled(msgspec.json.encode(claims))}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(SHA256())))
        token = f"{signed}.{_spelled(r.to_bytes(32) + s.to_bytes(32))}"
        return {
            "Authorization": f"vapid t={token}, k={self.public}",
            "Content-Encoding": "aes128gcm",
            "TTL": str(TTL_SECONDS),
            "Urgency": "high",
        }


def read_address(written: bytes | str) -> PushAddress:
    """What a browser gave, looked at. Raises ContactUnusable."""
    try:
        address = msgspec.json.decode(written, type=PushAddress)
        parts = urlsplit(address.endpoint)
        _public_key(address.p256dh)
        good = parts.scheme == "https" and len(_read(address.auth)) == 16
        good = good and _is_service(parts.hostname or "")
    except (msgspec.MsgspecError, ValueError):
        good = False
    if not good or len(address.endpoint) > 1_000:
        raise ContactUnusable()
    return address


def _is_service(host: str) -> bool:
    """Whether a host belongs to a push service. The address comes from a browser, and a server that
    called whatever it is given could be sent to call its own neighbours."""
    return any(host == service or host.endswith(f".{service}") for service in SERVICES)


def encrypted(
    address: PushAddress,
    text: bytes,
    salt: bytes | None = None,
    ours: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """A message for one browser alone (RFC 8291). `salt` and `ours` are fresh for every message;
    they are given by the test that follows the standard's own example."""
    salt = salt or os.urandom(16)
    ours = ours or ec.generate_private_key(ec.SECP256R1())
    theirs = _public_key(address.p256dh)
    shared = ours.exchange(ec.ECDH(), theirs)
    info = b"WebPush: info\0" + _point(theirs) + _point(ours.public_key())
    secret = HKDF(SHA256(), 32, _read(address.auth), info).derive(shared)
    prk = hmac.digest(salt, secret, "sha256")
    key = HKDFExpand(SHA256(), 16, b"Content-Encoding: aes128gcm\0").derive(prk)
    nonce = HKDFExpand(SHA256(), 12, b"Content-Encoding: nonce\0").derive(prk)
    sender = _point(ours.public_key())
    head = salt + RECORD_BYTES.to_bytes(4) + len(sender).to_bytes(1) + sender
    return head + AESGCM(key).encrypt(nonce, text + b"\x02", None)


def _public_key(spelled: str) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _read(spelled))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _read(spelled: str) -> bytes:
    return urlsafe_b64decode(spelled + "=" * (-len(spelled) % 4))
