"""The threshold: one person however often the form is sent, and nothing without their asking."""

from httpx2 import AsyncClient, Response

from server.people.words import Words, draw
from tests.web.house import House, hidden, names_offered, threshold_form, words_on


async def come_in(house: House, browser: AsyncClient, **typed: str) -> Response:
    page = await browser.get(f"{house.room}/join")
    return await browser.post(f"{house.room}/join", data=threshold_form(page, **typed))


def words_set(answer: Response) -> str:
    found = [c for c in answer.headers.get_list("set-cookie") if c.startswith("words=")]
    return found[0] if found else ""


async def test_looking_at_any_page_sets_no_cookie(house: House) -> None:
    await house.open_meeting()
    browser = house.browser()
    for path in ("/", house.room, f"{house.room}/join", "/words", f"{house.room}/after", "/staff"):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers, path


async def test_ada_taps_twice_and_is_in_the_room(house: House) -> None:
    await house.open_meeting()
    ada = house.browser()
    answer = await come_in(house, ada)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{house.room}/live")
    assert "Max-Age" not in words_set(answer)
    assert "HttpOnly" in words_set(answer)
    assert "SameSite=Lax" in words_set(answer)
    assert len(await house.members()) == 1


async def test_a_form_that_is_sent_twice_brings_in_one_person(house: House) -> None:
    await house.open_meeting()
    ada = house.browser()
    page = await ada.get(f"{house.room}/join")
    form = threshold_form(page)
    # Two browsers without cookies: neither answer had arrived when the other request was sent.
    first = await house.browser().post(f"{house.room}/join", data=form)
    second = await house.browser().post(f"{house.room}/join", data=form)
    assert first.status_code == second.status_code == 303
    assert words_set(first) == words_set(second) != ""
    assert await house.members() == [form["name"]]


async def test_somebody_whose_answer_was_lost_can_mend_the_form_and_stays_one_person(
    house: House,
) -> None:
    await house.open_meeting()
    page = await house.browser().get(f"{house.room}/join")
    form = threshold_form(page)
    await house.browser().post(f"{house.room}/join", data=form)
    again = await house.browser().post(
        f"{house.room}/join", data=form | {"own": "Quiet Harbour", "key": "another-key-1"}
    )
    assert again.status_code == 303
    assert len(await house.members()) == 1


async def test_a_refused_name_keeps_the_form_and_the_person(house: House) -> None:
    await house.open_meeting()
    bo = house.browser()
    page = await bo.get(f"{house.room}/join")
    form = threshold_form(page, own="Brave Otter", listening="yes")
    refused = await bo.post(f"{house.room}/join", data=form)
    assert refused.status_code == 422
    assert "That name is already in the room" in refused.text
    assert 'name="listening" value="yes" checked' in refused.text
    assert 'value="Brave Otter"' in refused.text
    assert len(names_offered(refused)) == 3
    assert not set(names_offered(refused)) & set(names_offered(page))
    assert hidden(refused, "sealed") == form["sealed"]
    assert hidden(refused, "key") != form["key"]
    assert words_set(refused) == ""


async def test_after_a_refused_name_one_tap_on_another_is_enough(house: House) -> None:
    await house.open_meeting()
    bo = house.browser()
    refused = await come_in(house, bo, own="Brave Otter")
    offered = names_offered(refused)
    # The refused name is still in its field, as a browser would send it.
    form = threshold_form(refused, own="Brave Otter", tried=hidden(refused, "tried"))
    answer = await bo.post(f"{house.room}/join", data=form)
    assert answer.status_code == 303
    assert await house.members() == [offered[0]]


async def test_nobody_comes_in_without_reading_the_rules(house: House) -> None:
    await house.open_meeting()
    answer = await come_in(house, house.browser(), rules="")
    assert answer.status_code == 422
    assert "Read these first" in answer.text
    assert await house.members() == []


async def test_rules_of_an_older_version_are_asked_for_again(house: House) -> None:
    await house.open_meeting()
    answer = await come_in(house, house.browser(), rules="7")
    assert answer.status_code == 409
    assert "The ground rules have changed" in answer.text


async def test_remembering_is_only_for_those_who_ask(house: House) -> None:
    await house.open_meeting()
    answer = await come_in(house, house.browser(), remember="yes")
    assert f"Max-Age={90 * 24 * 60 * 60}" in words_set(answer)


async def test_somebody_known_here_keeps_their_words(house: House) -> None:
    await house.open_meeting()
    ada = house.browser()
    await come_in(house, ada)
    before = ada.cookies["words"]
    await ada.post(f"{house.room}/leave", data={})
    answer = await come_in(house, ada)
    assert answer.status_code == 303
    assert words_set(answer) == ""
    assert ada.cookies["words"] == before
    assert len(await house.members()) == 1


async def test_somebody_in_the_room_already_is_taken_there(house: House) -> None:
    await house.open_meeting()
    ada = house.browser()
    await come_in(house, ada)
    page = await ada.get(f"{house.room}/join")
    assert (page.status_code, page.headers["location"]) == (303, f"{house.room}/live")


async def test_ada_is_the_same_person_on_another_device_under_her_own_name(house: House) -> None:
    await house.open_meeting()
    phone, laptop = house.browser(), house.browser()
    await come_in(house, phone, own="Paper Kite")
    spoken = words_on(await phone.get("/words"))
    answer = await come_in(house, laptop, words=f"  {spoken.upper().replace(' ', ', ')} ")
    assert answer.status_code == 303
    assert laptop.cookies["words"] == phone.cookies["words"]
    assert await house.members() == ["Paper Kite"]


async def test_typed_words_replace_the_person_of_this_browser_because_they_were_typed(
    house: House,
) -> None:
    await house.open_meeting()
    shared, other = house.browser(), draw()
    await come_in(house, shared)
    before = shared.cookies["words"]
    await shared.post(f"{house.room}/leave", data={})
    # The name that was ticked is of the person this browser knew, so it is not theirs.
    refused = await come_in(house, shared, words=other.spoken)
    assert refused.status_code == 422
    assert shared.cookies["words"] == before
    form = threshold_form(refused, words=other.spoken)
    answer = await shared.post(f"{house.room}/join", data=form)
    assert answer.status_code == 303
    assert shared.cookies["words"] != before
    assert len(await house.members()) == 2


async def test_one_mistyped_word_is_told_and_nothing_is_overwritten(house: House) -> None:
    await house.open_meeting()
    ada = house.browser()
    await come_in(house, ada)
    before = ada.cookies["words"]
    await ada.post(f"{house.room}/leave", data={})
    typed = draw().spoken.split()
    slips = [*typed[:2], "abandom", *typed[3:]]
    answer = await come_in(house, ada, words=" ".join(slips))
    assert answer.status_code == 422
    assert "One of the words is not on the list" in answer.text
    assert "abandon" in answer.text
    assert f'value="{" ".join(slips)}"' in answer.text
    assert ada.cookies["words"] == before
    assert words_set(answer) == ""


async def test_words_in_another_order_are_told_too(house: House) -> None:
    await house.open_meeting()
    # The words of these ten bytes, with the last one moved to the front, have a wrong checksum.
    words = Words(bytes(range(10))).spoken.split()
    answer = await come_in(house, house.browser(), words=" ".join([words[7], *words[:7]]))
    assert answer.status_code == 422
    assert "These words do not belong together" in answer.text


async def test_a_threshold_that_stood_open_for_long_is_drawn_anew_with_all_that_was_typed(
    house: House,
) -> None:
    await house.open_meeting()
    ada = house.browser()
    page = await ada.get(f"{house.room}/join")
    house.wall.now += 31 * 60
    form = threshold_form(page, own="Paper Kite")
    late = await ada.post(f"{house.room}/join", data=form)
    assert late.status_code in {409, 503}
    assert "open for a long time" in late.text
    assert 'value="Paper Kite"' in late.text
    again = await ada.post(f"{house.room}/join", data=form | {"sealed": hidden(late, "sealed")})
    assert again.status_code == 303


async def test_a_room_that_is_not_open_says_so_with_help(house: House) -> None:
    page = await house.browser().get(f"{house.room}/join")
    assert page.status_code == 200
    assert "No meeting is open in this room now" in page.text
    assert 'href="/help"' in page.text
    answer = await house.browser().post(f"{house.room}/join", data={"name": "Paper Kite"})
    assert answer.status_code == 409


async def test_a_facilitator_comes_in_as_such_only_where_they_are_one(house: House) -> None:
    other = await house.parts.directory.create_room("Plain Talk", "Another.", "Open talk.")
    fay, _ = await house.staff("fay", room=other.id)
    await house.open_meeting()
    refused = await fay.get(f"{house.room}/join?as=staff")
    assert (refused.status_code, refused.headers["location"]) == (303, "/staff")
    page = await fay.get(f"{house.room}/join")
    assert "Come in as facilitator" not in page.text
    forged = await fay.post(f"{house.room}/join", data=threshold_form(page, **{"as": "staff"}))
    assert forged.headers["location"] == "/staff"
    assert await house.members() == []


async def test_a_facilitator_may_come_in_before_the_meeting_is_open(house: House) -> None:
    fay, _ = await house.staff("fay")
    page = await fay.get(f"{house.room}/join?as=staff")
    form = threshold_form(page, own="Kind Lamp", **{"as": "staff"})
    answer = await fay.post(f"{house.room}/join", data=form)
    assert answer.headers["location"] == f"{house.room}/live?as=staff"
    assert words_set(answer) == ""
    assert await house.members() == ["Kind Lamp"]


async def test_what_somebody_types_comes_back_as_text_only(house: House) -> None:
    await house.open_meeting()
    evil = '"><script>alert(1)</script>'
    answer = await come_in(house, house.browser(), own=evil, words=evil)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
