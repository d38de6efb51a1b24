"""Paging: who is called, how often, and what becomes of a call that does not go out."""

import asyncio
import logging
import re
from itertools import pairwise

import msgspec
import pytest

from rooms.orders import Call, PageOnCall, RemindStaff
from rooms.safety import Stage
from server.calling.paging import (
    ATTEMPTS,
    EVERYBODY,
    FIRST_RETRY_SECONDS,
    LONGEST_RETRY_SECONDS,
    TOGETHER_SECONDS,
    WEBHOOK,
    dead_letters,
)
from server.people.tables import EVERY_ROOM
from tests.cast import EVERYBODY as CAST
from tests.cast import Table
from tests.server.calling.house import NAME, Duty
from tests.server.storage.samples import OTHER_ROOM, ROOM
from tests.story import STORIES, tell

ALERT = f"Level 3 alert in {NAME}. Nobody has taken it yet."


async def on_duty(duty: Duty) -> None:
    """Max is on shift; Fay holds the room, Kim is a moderator, Olu runs the server."""
    await duty.on_shift(await duty.hires_above("max"), EVERY_ROOM)
    await off_duty(duty)


async def off_duty(duty: Duty) -> None:
    """Those who are not on shift."""
    await duty.hires("fay")
    await duty.hires_above("kim")
    await duty.hires_above("olu", "operator")


# Who is called.


async def test_whoever_is_on_shift_is_called_and_nobody_else(duty: Duty) -> None:
    await on_duty(duty)
    await duty.calls()
    assert await duty.called() == ["max"]


async def test_with_nobody_on_shift_everybody_is_called_who_may_take_it_and_the_operator(
    duty: Duty,
) -> None:
    await on_duty(duty)
    await duty.hires("bo", room=OTHER_ROOM)
    await duty.leaves(await duty.hires("cy"))
    duty.now += 4 * 3_600
    await duty.calls()
    assert await duty.called() == ["fay", "kim", "max", "olu"]


async def test_an_alert_nobody_came_for_calls_everybody_each_once(duty: Duty) -> None:
    await on_duty(duty)
    await duty.calls(stage=Stage.EVERYBODY)
    assert await duty.called() == ["fay", "kim", "max", "olu"]


async def test_a_report_about_staff_calls_who_reads_the_desk_and_never_whom_it_is_about(
    duty: Duty,
) -> None:
    await on_duty(duty)
    fay = await duty.hires("fay2")
    await duty.on_shift(fay)
    await duty.carries(PageOnCall(why=Call.REPORT, about=duty.tag_of(fay.id, ROOM)))
    assert await duty.called() == ["max"]
    max_ = duty.shifts.plan[-1].account_id
    assert max_ != fay.id
    await duty.carries(PageOnCall(why=Call.REPORT, about=duty.tag_of(max_, ROOM)))
    assert await duty.called() == ["kim", "olu"]


async def test_the_operators_service_is_called_whoever_is_on_shift(duty: Duty) -> None:
    await on_duty(duty)
    duty.has_webhook()
    await duty.calls()
    assert await duty.called() == ["max"]
    assert [post.json()["text"] for post in duty.service.posts] == [ALERT]


async def test_when_nobody_on_shift_can_be_reached_the_others_are_called(duty: Duty) -> None:
    await off_duty(duty)
    await duty.on_shift(await duty.hires("bo", mail=False))
    assert not duty.shifts.anybody(ROOM)
    await duty.calls()
    assert await duty.called() == ["fay", "kim", "olu"]


@pytest.mark.parametrize("role", ["moderator", "operator"])
async def test_somebody_whose_account_was_closed_is_called_no_more(duty: Duty, role: str) -> None:
    await duty.leaves(await duty.hires_above("gone", role))
    await duty.hires("fay")
    await duty.calls()
    assert await duty.called() == ["fay"]


async def test_a_call_that_reaches_nobody_is_told_to_the_operator(
    duty: Duty, caplog: pytest.LogCaptureFixture
) -> None:
    await duty.hires("fay", mail=False)
    with caplog.at_level(logging.ERROR):
        await duty.calls()
    assert "a call reaches nobody" in caplog.text


async def test_somebody_is_called_over_every_way_they_gave(duty: Duty) -> None:
    max_ = await duty.hires_above("max")
    phone = await duty.reached_in(max_, "/phone")
    laptop = await duty.reached_in(max_, "/laptop")
    duty.has_push()
    await duty.calls()
    assert await duty.called() == ["max"]
    woken = {post.path: post.body for post in duty.push_service.posts}
    assert phone.opens(woken["/phone"]) == laptop.opens(woken["/laptop"])


async def test_a_browser_is_not_called_where_web_push_is_switched_off(duty: Duty) -> None:
    max_ = await duty.hires_above("max")
    await duty.reached_in(max_, "/phone")
    await duty.calls()
    assert await duty.called() == ["max"]
    assert duty.push_service.posts == []
    assert await duty.waiting() == []


# Calls that come together.


async def test_calls_within_a_minute_are_one_with_a_count_for_each_person(duty: Duty) -> None:
    await on_duty(duty)
    await duty.calls()
    assert await duty.called() == ["max"]
    for _ in range(3):
        duty.now += 10
        await duty.calls()
        assert await duty.called() == []
    await duty.calls(stage=Stage.EVERYBODY)
    assert await duty.called() == ["fay", "kim", "olu"]
    duty.now += TOGETHER_SECONDS - 30
    assert await duty.called() == ["max"]
    assert duty.sentences("max") == [ALERT, f"{ALERT} 4 calls in the last minute."]
    assert duty.sentences("fay") == [ALERT]
    duty.now += 3_600
    assert await duty.called() == []


async def test_of_calls_that_come_together_the_gravest_is_said(duty: Duty) -> None:
    await on_duty(duty)
    await duty.calls(0, Call.REPORT)
    await duty.calls(3)
    await duty.calls(2)
    await duty.called()
    assert duty.sentences("max") == [f"{ALERT} 3 calls in the last minute."]


async def test_a_test_never_hides_a_real_call(duty: Duty) -> None:
    max_ = await duty.hires_above("max")
    await duty.on_shift(max_, EVERY_ROOM)
    await duty.paging.test(max_.id, ROOM)
    await duty.calls(0, Call.WORD)
    await duty.called()
    assert duty.sentences("max")[0].startswith(f"Somebody in {NAME} asks for a private word.")


async def test_a_test_that_does_not_go_out_hides_no_call_that_came_meanwhile(duty: Duty) -> None:
    max_ = await duty.hires_above("max", "moderator")
    duty.has_webhook()
    duty.service.status = 503

    async def word() -> None:
        await duty.calls(0, Call.WORD)

    duty.service.meanwhile = word
    await duty.paging.test(max_.id, ROOM)
    await duty.paging.send_due()
    duty.service.status = 204
    duty.now += TOGETHER_SECONDS
    await duty.paging.send_due()
    assert [post.json()["why"] for post in duty.service.posts] == ["test", "word"]


async def test_what_waited_through_a_downtime_is_called_once_and_says_how_long(
    duty: Duty,
) -> None:
    await on_duty(duty)
    await duty.carries(PageOnCall(level=3, stage=Stage.EVERYBODY, waited=7_200))
    await duty.calls()
    await duty.called()
    expected = f"{ALERT} 2 calls in the last minute. It has waited for 120 minutes."
    assert duty.sentences("max") == [expected]


async def test_a_call_that_comes_while_one_goes_out_is_told_a_minute_later(duty: Duty) -> None:
    duty.has_webhook()
    duty.service.meanwhile = duty.calls
    await duty.calls(0, Call.WORD)
    await duty.paging.send_due()
    await duty.paging.send_due()
    assert [post.json()["why"] for post in duty.service.posts] == ["word"]
    duty.now += TOGETHER_SECONDS
    await duty.paging.send_due()
    assert [(p.json()["why"], p.json()["count"]) for p in duty.service.posts] == [
        ("word", 1),
        ("alert", 1),
    ]


async def test_a_lesser_call_that_comes_while_a_graver_goes_out_is_told_as_what_it_is(
    duty: Duty,
) -> None:
    duty.has_webhook()

    async def word() -> None:
        await duty.calls(0, Call.WORD)

    duty.service.meanwhile = word
    await duty.calls()
    await duty.paging.send_due()
    duty.now += TOGETHER_SECONDS
    await duty.paging.send_due()
    assert [post.json()["why"] for post in duty.service.posts] == ["alert", "word"]


# At least once, or seen not to be.


async def test_a_call_is_tried_again_ever_later_and_at_last_kept_visible(duty: Duty) -> None:
    duty.has_webhook()
    duty.service.status = 503
    await duty.calls()
    tried: list[float] = []
    while not await duty.database.read(dead_letters):
        assert await duty.paging.send_due() == 1
        tried.append(duty.now)
        [call] = await duty.waiting()
        assert (call.channel, call.times, call.attempts) == (WEBHOOK, 1, len(tried))
        pause = min(FIRST_RETRY_SECONDS * 2 ** (len(tried) - 1), LONGEST_RETRY_SECONDS)
        duty.now += pause - 0.5
        assert await duty.paging.send_due() == 0
        duty.now += 0.5
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert (len(tried), len(duty.service.posts)) == (ATTEMPTS, ATTEMPTS)
    assert pauses[:4] == [FIRST_RETRY_SECONDS * factor for factor in (1, 2, 4, 8)]
    assert max(pauses) == LONGEST_RETRY_SECONDS
    duty.now += 86_400
    assert await duty.paging.send_due() == 0
    assert [(call.account_id, call.dead) for call in await duty.waiting()] == [(EVERYBODY, True)]


async def test_the_next_call_takes_a_dead_letter_along(duty: Duty) -> None:
    duty.has_webhook()
    duty.service.status = 503
    await duty.calls()
    for _ in range(ATTEMPTS):
        await duty.paging.send_due()
        duty.now += LONGEST_RETRY_SECONDS
    assert await duty.database.read(dead_letters) == 1
    await duty.calls(2)
    await duty.paging.send_due()
    assert [(call.attempts, call.dead) for call in await duty.waiting()] == [(1, False)]
    duty.service.status = 204
    duty.now += FIRST_RETRY_SECONDS
    assert await duty.paging.send_due() == 1
    last = duty.service.posts[-1].json()
    assert (last["level"], last["count"]) == (3, 2)
    assert (await duty.waiting(), await duty.database.read(dead_letters)) == ([], 0)


async def test_a_call_that_goes_out_in_the_end_begins_its_next_patience_anew(duty: Duty) -> None:
    await on_duty(duty)
    duty.mailbox.refuses = "451 later"
    await duty.calls()
    assert await duty.called() == []
    duty.mailbox.refuses = ""
    duty.now += FIRST_RETRY_SECONDS
    assert await duty.called() == ["max"]
    assert await duty.waiting() == []
    duty.mailbox.refuses = "451 later"
    duty.now += TOGETHER_SECONDS
    await duty.calls()
    await duty.called()
    assert [call.attempts for call in await duty.waiting()] == [1]


async def test_a_process_that_was_killed_leaves_its_calls_to_the_next(duty: Duty) -> None:
    await on_duty(duty)
    await duty.calls()
    duty.paging = duty.pager()
    assert await duty.called() == ["max"]


async def test_an_order_that_is_carried_twice_is_never_less_than_one_call(duty: Duty) -> None:
    await on_duty(duty)
    for _ in range(2):
        await duty.calls()
    assert await duty.called() == ["max"]
    assert duty.sentences("max") == [f"{ALERT} 2 calls in the last minute."]


async def test_a_channel_that_is_broken_keeps_no_other_from_its_call(duty: Duty) -> None:
    await on_duty(duty)
    duty.has_webhook()
    await duty.service.closes()
    await duty.calls()
    assert await duty.called() == ["max"]
    assert [call.channel for call in await duty.waiting()] == [WEBHOOK]


async def test_a_channel_the_operator_took_away_is_seen_and_forgets_no_call(duty: Duty) -> None:
    await on_duty(duty)
    await duty.calls()
    del duty.channels["mail"]
    assert await duty.called() == []
    assert [(call.channel, call.times) for call in await duty.waiting()] == [("mail", 1)]


async def test_a_browser_that_unsubscribed_is_forgotten_and_the_other_still_called(
    duty: Duty,
) -> None:
    max_ = await duty.hires("max", mail=False)
    old = await duty.reached_in(max_, "/old")
    new = await duty.reached_in(max_, "/new")
    duty.has_push()
    duty.push_service.gone.add("/old")
    await duty.calls()
    await duty.paging.send_due()
    assert await duty.waiting() == []
    held = await duty.database.read(lambda c: duty.contacts.of(c, max_.id))
    assert [contact.address for contact in held] == [new.subscription()]
    assert old.endpoint not in held[0].address


async def test_a_call_to_somebody_who_took_their_address_away_is_no_dead_letter(
    duty: Duty,
) -> None:
    await on_duty(duty)
    await duty.calls()
    [max_] = {shift.account_id for shift in duty.shifts.plan}
    [held] = await duty.database.read(lambda c: duty.contacts.of(c, max_))
    await duty.database.write(lambda c: duty.contacts.remove(c, max_, held.id))
    assert await duty.called() == []
    assert await duty.waiting() == []


async def test_a_service_that_says_nothing_holds_up_no_clock_and_is_asked_once(
    duty: Duty,
) -> None:
    duty.has_webhook()
    asked, goes_on = asyncio.Event(), asyncio.Event()

    async def says_nothing() -> None:
        asked.set()
        await goes_on.wait()

    duty.service.meanwhile = says_nothing
    await duty.calls()
    await duty.paging.begin_due()
    await asked.wait()
    await duty.paging.begin_due()
    goes_on.set()
    await duty.paging.send_due()
    assert len(duty.service.posts) == 1
    assert await duty.waiting() == []


async def test_a_call_that_two_processes_sent_swallows_no_later_one(duty: Duty) -> None:
    duty.has_webhook()

    async def another_process() -> None:
        await duty.pager().send_due()

    duty.service.meanwhile = another_process
    await duty.calls(2)
    await duty.paging.send_due()
    assert [post.json()["level"] for post in duty.service.posts] == [2, 2]
    duty.now += TOGETHER_SECONDS
    await duty.calls(3)
    await duty.paging.send_due()
    assert [post.json()["level"] for post in duty.service.posts] == [2, 2, 3]


async def test_a_failure_says_nothing_of_whom_or_where(
    duty: Duty, caplog: pytest.LogCaptureFixture
) -> None:
    await on_duty(duty)
    duty.mailbox.refuses = "550 max@example.org is not known"
    duty.has_webhook()
    await duty.service.closes()
    with caplog.at_level(logging.DEBUG):
        await duty.calls()
        await duty.called()
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("server")]
    assert set(ours) == {"a call did not go out and will be tried again"}


# A test, and a reminder.


async def test_a_test_calls_oneself_alone_over_everything_there_is(duty: Duty) -> None:
    await on_duty(duty)
    bo = await duty.hires("bo")
    phone = await duty.reached_in(bo, "/phone")
    duty.has_push()
    duty.has_webhook()
    await duty.paging.test(bo.id, ROOM)
    assert await duty.called() == ["bo"]
    assert duty.sentences("bo") == [f"This is a test. Calls from {NAME} reach you here."]
    assert [post.json()["why"] for post in duty.service.posts] == ["test"]
    assert b"New update" in phone.opens(duty.push_service.posts[0].body)


async def test_whoever_closed_an_alert_is_reminded_and_nobody_else(duty: Duty) -> None:
    await on_duty(duty)
    duty.has_webhook()
    bo = await duty.hires("bo")
    await duty.carries(RemindStaff(tag=duty.tag_of(bo.id, ROOM), after=86_400))
    assert await duty.called() == ["bo"]
    assert duty.sentences("bo") == [
        f"A day ago you closed an alert in {NAME}. Look how the person is, if you can."
    ]
    assert duty.service.posts == []


async def test_somebody_who_left_meanwhile_is_not_reminded(duty: Duty) -> None:
    bo = await duty.hires("bo")
    await duty.leaves(bo)
    await duty.carries(RemindStaff(tag=duty.tag_of(bo.id, ROOM), after=86_400))
    assert await duty.called() == []


# What no call ever holds.


def needles(table: Table) -> set[str]:
    """All that was said, written or chosen as a name in a story."""
    names = {member.pseudonym for member in table.room.core.members.values()}
    texts = {
        str(value)
        for one in table.log
        for field, value in msgspec.structs.asdict(one.event).items()
        if field in ("text", "summary", "reason", "topic", "pseudonym", "because")
    }
    return {needle for needle in names | texts if needle} | {who.tag for who in CAST}


async def test_no_page_on_any_channel_ever_holds_a_text_or_a_pseudonym(duty: Duty) -> None:
    tables = [tell(story) for story in STORIES]
    asked = {o for table in tables for o in table.orders if isinstance(o, PageOnCall)}
    assert {order.why for order in asked} == set(Call) - {Call.TEST, Call.REMINDER}
    staff = await duty.hires_above("somebody")
    phone = await duty.reached_in(staff, "/phone")
    duty.has_push()
    duty.has_webhook()
    for order in (*asked, RemindStaff(tag=duty.tag_of(staff.id, ROOM), after=1.0)):
        await duty.carries(order)
        await duty.paging.send_due()
        duty.now += TOGETHER_SECONDS
    sent = [mail.as_string() for _, mail in duty.mailbox.mails]
    sent += [post.body.decode() for post in duty.service.posts]
    sent += [phone.opens(post.body).decode() for post in duty.push_service.posts]
    assert len(sent) == 3 * len(asked) + 2  # a reminder is no matter of the operator's service
    words = set().union(*(needles(table) for table in tables))
    assert {"Ada", "Most nights I want to die.", "She is alone"} <= words
    for needle in words:
        assert not [one for one in sent if re.search(rf"\b{re.escape(needle)}\b", one)], needle
