"""The ways a call goes out, each with a real server at its other end."""

import pytest

from rooms.orders import Call
from server.calling.channels import CallFailed, Mail, Notice, Push, Webhook
from tests.server.calling.house import NAME, ORIGIN, SECRET, Duty
from tests.server.calling.receivers import (
    REPLAY_SECONDS,
    Browser,
    MailReceiver,
    Post,
    serving,
    signed_by_operator,
    vapid_claims,
)

LINK = f"{ORIGIN}/staff/on-call"
ALERT = Notice(Call.ALERT, 3, NAME, 1, 0, LINK)
MAX = "max@example.org"


async def webhooked(duty: Duty, notice: Notice = ALERT) -> Post:
    """One call over the webhook, as the operator's service gets it."""
    duty.has_webhook()
    await duty.channels["webhook"].send("", notice)
    return duty.service.posts[-1]


# What a call says.


@pytest.mark.parametrize(
    ("notice", "sentence"),
    [
        (ALERT, "Level 3 alert in Tuesday Lantern. Nobody has taken it yet."),
        (ALERT._replace(times=3), "3 calls in the last minute."),
        (ALERT._replace(waited=3_600), "It has waited for 60 minutes."),
        (ALERT._replace(waited=20), "It has waited for 1 minutes."),
        (ALERT._replace(why=Call.TEST), "This is a test."),
        (ALERT._replace(why=Call.WORD), "Somebody in Tuesday Lantern asks for a private word."),
    ],
)
def test_a_call_says_why_where_how_often_and_how_long(notice: Notice, sentence: str) -> None:
    assert sentence in notice.sentence()


@pytest.mark.parametrize("why", Call)
def test_there_is_a_sentence_for_every_reason_to_call(why: Call) -> None:
    assert NAME in ALERT._replace(why=why).sentence()


# The webhook.


async def test_the_operators_service_gets_level_room_and_count_and_nothing_else(
    duty: Duty,
) -> None:
    post = await webhooked(duty, ALERT._replace(times=2, waited=120))
    assert (post.path, post.headers["content-type"]) == ("/calls", "application/json")
    assert post.json() == {
        "why": "alert",
        "level": 3,
        "room": NAME,
        "count": 2,
        "waited": 120,
        "text": "Level 3 alert in Tuesday Lantern. Nobody has taken it yet. "
        "2 calls in the last minute. It has waited for 2 minutes.",
        "link": LINK,
    }


async def test_the_operator_can_tell_that_a_call_is_from_their_own_server(duty: Duty) -> None:
    post = await webhooked(duty)
    assert signed_by_operator(post, SECRET, duty.now)
    assert not signed_by_operator(post, b"the secret of somebody else", duty.now)
    forged = post._replace(body=post.body.replace(b'"level":3', b'"level":1'))
    assert forged.body != post.body
    assert not signed_by_operator(forged, SECRET, duty.now)


async def test_an_old_call_cannot_be_sent_to_the_operator_again(duty: Duty) -> None:
    post = await webhooked(duty)
    later = duty.now + REPLAY_SECONDS + 1
    assert not signed_by_operator(post, SECRET, later)
    signature = post.headers["candlelight-signature"]
    redated = signature.replace(f"t={int(duty.now)}", f"t={int(later)}")
    again = post._replace(headers=post.headers | {"candlelight-signature": redated})
    assert not signed_by_operator(again, SECRET, later)


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500, 503])
async def test_a_service_that_does_not_take_the_call_is_tried_again(
    duty: Duty, status: int
) -> None:
    duty.service.status = status
    with pytest.raises(CallFailed) as failed:
        await webhooked(duty)
    assert not failed.value.gone
    assert [post.path for post in duty.service.posts] == ["/calls"]


async def test_a_service_that_is_not_there_is_tried_again_and_its_address_not_told(
    duty: Duty,
) -> None:
    await duty.service.closes()
    with pytest.raises(CallFailed) as failed:
        await webhooked(duty)
    assert (str(failed.value), failed.value.__suppress_context__) == (
        "a call did not go out",
        True,
    )


# Mail.


async def mails(duty: Duty, notice: Notice = ALERT) -> None:
    """One call by mail."""
    await duty.channels["mail"].send(MAX, notice)


async def test_a_mail_is_a_sentence_and_a_link(duty: Duty) -> None:
    await mails(duty)
    [(to, mail)] = duty.mailbox.mails
    assert (to, mail["To"], mail["From"]) == (MAX, MAX, "calls@example.org")
    assert mail["Subject"] == "Somebody is needed"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines() == [ALERT.sentence(), "", LINK]


async def test_a_test_by_mail_says_so_before_it_is_opened(duty: Duty) -> None:
    await mails(duty, ALERT._replace(why=Call.TEST))
    assert duty.mailbox.mails[0][1]["Subject"] == "A test"


async def test_a_mail_server_that_asks_for_a_name_and_a_password_gets_them(duty: Duty) -> None:
    duty.mailbox.offers = ["AUTH PLAIN"]
    server = duty.mailbox.address.replace("//", "//calls%40example.org:night%2F7@")
    await Mail(server, "calls@example.org").send(MAX, ALERT)
    assert duty.mailbox.signed_in == [("calls@example.org", "night/7")]


async def test_a_mail_server_that_refuses_is_tried_again_and_what_it_wrote_not_told(
    duty: Duty,
) -> None:
    duty.mailbox.refuses = f"550 nobody is called {MAX}"
    with pytest.raises(CallFailed) as failed:
        await mails(duty)
    assert duty.mailbox.mails == []
    assert MAX not in str(failed.value)
    assert failed.value.__suppress_context__


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_mail_goes_encrypted_where_the_server_can_and_never_to_an_impostor(
    duty: Duty, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(duty.certificate))
    duty.mailbox.offers = ["STARTTLS"]
    duty.mailbox.begins_tls = serving(duty.certificate)
    async with MailReceiver(serving(duty.certificate)) as direct:
        for receiver in (duty.mailbox, direct):
            channel = Mail(receiver.address, "calls@example.org")
            if trusted:
                await channel.send(MAX, ALERT)
            else:
                with pytest.raises(CallFailed):
                    await channel.send(MAX, ALERT)
    assert len(duty.mailbox.mails) == len(direct.mails) == int(trusted)


# Push.


async def test_a_browser_is_woken_with_two_neutral_words_that_it_alone_can_read(
    duty: Duty,
) -> None:
    browser = Browser(f"{duty.push_service.address}/phone")
    duty.has_push()
    await duty.channels["push"].send(browser.subscription(), ALERT)
    [post] = duty.push_service.posts
    assert b"Lantern" not in post.body
    assert browser.opens(post.body) == f'{{"title":"New update","link":"{LINK}"}}'.encode()


async def test_the_push_service_is_told_who_calls_and_asked_to_hurry(duty: Duty) -> None:
    browser = Browser(f"{duty.push_service.address}/phone")
    await Push(duty.push_key, ORIGIN, duty.client, duty.wall).send(browser.subscription(), ALERT)
    [post] = duty.push_service.posts
    claims = vapid_claims(post.headers, duty.push_key.public)
    assert (claims["aud"], claims["sub"]) == (duty.push_service.address, ORIGIN)
    assert post.headers["content-encoding"] == "aes128gcm"
    assert post.headers["urgency"] == "high"
    assert 0 < int(post.headers["ttl"]) <= 600


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_unsubscribed_is_gone_for_good(duty: Duty, status: int) -> None:
    duty.push_service.status = status
    duty.has_push()
    browser = Browser(f"{duty.push_service.address}/phone")
    with pytest.raises(CallFailed) as failed:
        await duty.channels["push"].send(browser.subscription(), ALERT)
    assert failed.value.gone


async def test_a_push_service_without_a_good_certificate_is_told_nothing(duty: Duty) -> None:
    impostor = Webhook(duty.push_service.address, SECRET, duty.client, duty.wall)
    await impostor.send("", ALERT)  # this machine's own certificate is trusted here
    elsewhere = Browser(duty.push_service.address.replace("127.0.0.1", "localhost"))
    duty.has_push()
    with pytest.raises(CallFailed):
        await duty.channels["push"].send(elsewhere.subscription(), ALERT)
    assert len(duty.push_service.posts) == 1
