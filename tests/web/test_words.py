"""Your words: shown to their owner, and changed only where they ask for it."""

from httpx2 import AsyncClient

from server.people.cookie import read_words
from server.people.words import draw
from tests.web.house import House


def spoken(browser: AsyncClient) -> str | None:
    words = read_words(dict(browser.cookies), secure=False)
    return words.spoken if words else None


async def test_somebody_without_words_is_told_when_they_get_them(house: House) -> None:
    page = await house.browser().get("/words")
    assert "This device has no words yet" in page.text
    assert "/words/forget" not in page.text


async def test_words_typed_on_a_new_device_are_shown_there(house: House) -> None:
    ada, words = house.browser(), draw()
    answer = await ada.post("/words/restore", data={"words": words.spoken})
    assert (answer.status_code, answer.headers["location"]) == (303, "/words")
    assert "Max-Age" not in answer.headers["set-cookie"]
    page = await ada.get("/words")
    assert all(f"<li>{word}</li>" in page.text for word in words.spoken.split())


async def test_a_slip_overwrites_nothing_and_is_kept_in_the_field(house: House) -> None:
    ada, words = house.browser(), draw()
    await ada.post("/words/restore", data={"words": words.spoken})
    slip = "abandom " + draw().spoken.partition(" ")[2]
    refused = await ada.post("/words/restore", data={"words": slip})
    assert refused.status_code == 422
    assert f'value="{slip}"' in refused.text
    assert "abandon" in refused.text
    assert "set-cookie" not in refused.headers
    assert spoken(ada) == words.spoken


async def test_remembering_prolongs_the_same_words(house: House) -> None:
    ada, words = house.browser(), draw()
    await ada.post("/words/restore", data={"words": words.spoken})
    answer = await ada.post("/words/remember")
    assert "Max-Age=7776000" in answer.headers["set-cookie"]
    assert spoken(ada) == words.spoken


async def test_nobody_is_remembered_who_is_nobody_yet(house: House) -> None:
    answer = await house.browser().post("/words/remember")
    assert "set-cookie" not in answer.headers


async def test_a_device_that_is_asked_to_forget_forgets(house: House) -> None:
    ada = house.browser()
    await ada.post("/words/restore", data={"words": draw().spoken, "remember": "yes"})
    answer = await ada.post("/words/forget")
    assert answer.headers["clear-site-data"] == '"cookies", "storage"'
    assert "This device has forgotten you" in answer.text
    assert spoken(ada) is None


async def test_no_script_can_read_the_words(house: House) -> None:
    answer = await house.browser().post("/words/restore", data={"words": draw().spoken})
    assert "HttpOnly" in answer.headers["set-cookie"]
