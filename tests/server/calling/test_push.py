"""Web push to the letter of its standards, looked at by somebody who did not write it."""

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from server.calling.contacts import ContactUnusable, PushAddress
from server.calling.push import PushKey, encrypted, read_address
from server.people.secrets import Secrets
from tests.server.calling.receivers import Browser, point, read, spelled, vapid_claims

NOW = 1_800_000_000.0
PHONE = "https://push.example.net/wake/phone"
ORIGIN = "https://meet.example.org"
KEY = PushKey(Secrets(b"k" * 32))


def private(number: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(read(number)), ec.SECP256R1())


def test_the_standards_own_example_comes_out_to_the_byte() -> None:
    browser = Browser(
        PHONE,
        private("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"),
        read("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    ours = private("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
    message = encrypted(
        read_address(browser.subscription()),
        b"When I grow up, I want to be a watermelon",
        read("DGv6ra1nlYgDCS1FRnbzlw"),
        ours,
    )
    assert spelled(message) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_message_is_for_one_browser_and_no_two_are_alike() -> None:
    mine, another = Browser(PHONE), Browser(PHONE)
    address = read_address(mine.subscription())
    first, second = encrypted(address, b"the same"), encrypted(address, b"the same")
    assert mine.opens(first) == mine.opens(second) == b"the same"
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]
    with pytest.raises(InvalidTag):
        another.opens(first)


def test_a_token_is_for_one_push_service_and_good_for_less_than_a_day() -> None:
    headers = {k.lower(): v for k, v in KEY.headers(PHONE, ORIGIN, NOW).items()}
    claims = vapid_claims(headers, KEY.public)
    assert claims.pop("exp") - NOW == 12 * 3_600
    assert claims == {"aud": "https://push.example.net", "sub": ORIGIN}


def test_a_token_that_somebody_changed_is_worth_nothing() -> None:
    headers = {k.lower(): v for k, v in KEY.headers(PHONE, ORIGIN, NOW).items()}
    later = {k.lower(): v for k, v in KEY.headers(PHONE, ORIGIN, NOW + 1).items()}
    signature = later["authorization"].partition(", k=")[0].rpartition(".")[2]
    mixed = headers["authorization"].partition(", k=")[0].rpartition(".")[0]
    with pytest.raises(InvalidSignature):
        vapid_claims({"authorization": f"vapid t={mixed}.{signature}, k={KEY.public}"}, KEY.public)


def test_a_deployment_keeps_its_key_and_shares_it_with_no_other() -> None:
    assert PushKey(Secrets(b"k" * 32)).public == KEY.public
    assert PushKey(Secrets(b"j" * 32)).public != KEY.public
    assert len(read(KEY.public)) == 65


def test_what_a_browser_gives_is_kept_as_it_is() -> None:
    browser = Browser(PHONE)
    known = PushAddress(PHONE, spelled(point(browser.key.public_key())), spelled(browser.auth))
    assert read_address(browser.subscription()) == known


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example.net/wake"},
        {"endpoint": "https://"},
        {"endpoint": "https://[push"},
        {"endpoint": "https://push.example.net/" + "x" * 1_000},
        {"p256dh": spelled(b"\x04" + b"\x01" * 64)},
        {"p256dh": ""},
        {"p256dh": "Grüße"},
        {"auth": spelled(b"short")},
        {"auth": "A"},
    ],
)
def test_an_address_that_no_browser_gives_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ContactUnusable):
        read_address(Browser(PHONE).subscription(**wrong))


@pytest.mark.parametrize("written", ["", "{}", "[]", "null", '{"endpoint": 1}', "\ud800"])
def test_something_that_is_no_subscription_is_refused(written: str) -> None:
    with pytest.raises(ContactUnusable):
        read_address(written)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-by3p.notify.windows.com/w/?token=abc",
    ],
)
def test_the_push_services_of_the_browsers_there_are_can_be_called(endpoint: str) -> None:
    assert read_address(Browser(endpoint).subscription()).endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://10.0.0.7/admin",
        "https://intranet.example.org/",
        "https://fcm.googleapis.com.example.org/",
        "https://evilpush.apple.com/",
        "https://[::1]/",
    ],
)
def test_nobody_sends_the_server_to_call_its_neighbours(endpoint: str) -> None:
    with pytest.raises(ContactUnusable):
        read_address(Browser(endpoint).subscription())
