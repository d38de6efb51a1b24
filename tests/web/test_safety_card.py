"""The card and private words as a person in danger reads them: in their language, and true."""

import re

import pytest
from markupsafe import Markup

from moderation.danger import ChooseCountry, NoteDanger
from moderation.offers import Option
from rooms.room import Mode
from rooms.safety import Category, Danger, Level, Subject
from rooms.threads import AskForWord, SayPrivately
from server.hotlines import read_hotlines
from server.live.catchup import PrivateWord
from tests.cast import ADA, FAY, START, Table
from tests.web.test_live import shown
from web import live_care
from web.forms import Form
from web.language import SAFE
from web.live_signs import Signs
from web.safety_card import Cards, Frame, Threads, option_row

HOTLINES = read_hotlines()
CARDS = Cards(HOTLINES)
UNSAID = Form({})


def frame(language: str = "en") -> Frame:
    """The page around, with a field that every form of it carries."""
    return Frame(language, lambda: Markup('<input name="key">'), lambda verb: f"/live/{verb}")


def evening() -> Table:
    """Fay holds a meeting, and Ada is there."""
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA)
    return table


def in_danger(
    level: Level,
    category: Category | None = Category.SUICIDE,
    subject: Subject = Subject.SELF,
    country: str = "",
) -> Table:
    """Ada wrote of danger; she said where she is, or did not."""
    table = evening()
    if country:
        table.does(ADA, ChooseCountry(country=country))
    danger = Danger(level=level, category=category, subject=subject)
    table.does(ADA, NoteDanger(danger=danger))
    return table


def card(table: Table, language: str = "en") -> str:
    """Ada's card as her page has it, without what only a script copies."""
    me, mine = table.id(ADA), table.room.private(table.id(ADA))
    signs = Signs(frozenset(live_care.signs(table.room.public, mine, None, me)))
    made = CARDS.card(frame(language), signs, table.room.public, mine, me)
    return re.sub(r"<template.*?</template>", "", made, flags=re.DOTALL)


def private_words(leads: bool, whispered: Form = UNSAID, *words: PrivateWord) -> Threads:
    """An Aside between Ada and Fay, as one of the two has it."""
    table = evening()
    table.writes(ADA, 2)
    table.asides(FAY, ADA)
    mine = table.room.private(table.id(FAY if leads else ADA))
    return CARDS.threads(frame(), live_care.threads(mine, words), leads, whispered)


# What the card says.


def test_somebody_without_danger_sees_nothing_of_it() -> None:
    assert shown(card(evening())) == ""


@pytest.mark.parametrize(
    ("level", "category", "subject", "sentence"),
    [
        (1, Category.SUICIDE, Subject.SELF, "That sounds like a lot to carry."),
        (2, Category.SUICIDE, Subject.SELF, "You’re not in trouble, and nobody else sees this"),
        (3, Category.SUICIDE, Subject.SELF, "You matter here. Please reach somebody now."),
        (3, Category.OVERDOSE, Subject.OTHER, "give naloxone if there is any"),
        (3, Category.OVERDOSE, Subject.SELF, "unlock the door, sit or lie on your side"),
        (2, Category.OVERDOSE, Subject.SELF, "Please do not be alone with it."),
        (3, Category.WITHDRAWAL_MEDICAL, Subject.SELF, "This is an emergency for the body."),
        (2, Category.VIOLENCE_ABUSE, Subject.SELF, "It is not your fault."),
        (3, Category.VIOLENCE_ABUSE, Subject.OTHER, "Please stop here for a moment."),
        (2, Category.SUICIDE, Subject.OTHER, "You do not have to fix this alone."),
        (3, Category.SUICIDE, Subject.OTHER, "Are you with them? Stay, if it is safe for you."),
    ],
)
def test_the_card_speaks_to_the_danger_it_is_about_and_no_other(
    level: Level, category: Category, subject: Subject, sentence: str
) -> None:
    made = card(in_danger(level, category, subject))
    said = shown(made)
    assert sentence in said
    head = made.partition("<h2")[2].partition("</h2>")[0]
    assert head.count("<span") - head.count("hidden>") == 1
    assert "We don’t know your name or where you are, so we cannot send help." in said
    assert "The group is not told." in said


@pytest.mark.parametrize("level", [1, 2, 3])
def test_the_card_promises_no_rescue_no_doctor_and_no_secret(level: Level) -> None:
    said = shown(card(in_danger(level))).lower()
    for promise in ("is on the way", "will send help", "confidential", "we monitor"):
        assert promise not in said


def test_a_craving_has_a_quiet_link_and_no_card() -> None:
    table = evening()
    table.does(ADA, NoteDanger(danger=Danger(craving=True)))
    said = shown(card(table))
    assert said == "“I want to use, or I have used”: Help has a page for this moment."


def test_a_person_who_can_come_is_offered_before_the_numbers_and_after_them_in_an_emergency() -> (
    None
):
    for level, first in ((2, True), (3, False)):
        said = shown(card(in_danger(level, country="NL")))
        assert (said.index("Talk privately") < said.index("Call ")) is first
        assert said.count("Talk privately") == 1


def test_somebody_reads_that_they_wait_and_that_nobody_has_answered() -> None:
    table = in_danger(2)
    said = "Facilitators have been asked to look. Nobody has answered yet."
    assert said in shown(card(table))
    table.does(ADA, AskForWord())
    asked = shown(card(table))
    assert "You asked for a private word. Nobody has answered yet." in asked
    assert "Talk privately" not in asked
    table.asides(FAY, ADA)
    assert "Your private word is open on this page." in shown(card(table))


def test_with_nobody_here_the_card_says_so_and_offers_no_private_word() -> None:
    table = evening()
    table.loses(FAY)
    table.writes(ADA, 2)
    said = shown(card(table))
    assert "No facilitator is here just now. This is not an emergency service" in said
    assert "Talk privately" not in said


# The numbers.


@pytest.mark.parametrize(
    ("category", "says"),
    [
        (Category.SUICIDE, "Call the emergency number: 911"),
        (Category.OVERDOSE, "Call an ambulance: 911"),
        (Category.VIOLENCE_ABUSE, "Call the police: 911"),
    ],
)
def test_an_emergency_begins_with_the_number_that_fits_it(category: Category, says: str) -> None:
    made = card(in_danger(3, category, country="US"))
    assert says in shown(made)
    assert re.findall(r'href="((?:tel|sms):[^"]*)"', made)[0] == "tel:911"


def test_there_are_never_more_than_three_ways_with_a_person_among_them() -> None:
    for code in HOTLINES:
        made = card(in_danger(2, country=code))
        assert made.count('<li class="offer') <= 2, code


def test_no_number_is_shown_of_a_country_that_nobody_chose() -> None:
    made = card(in_danger(3))
    assert 'href="tel:' not in made
    assert 'href="sms:' not in made
    said = shown(made)
    assert "Where are you? We do not guess." in said
    assert "112 works in the EU and on many mobile networks, 911 in North America." in said
    assert " selected" not in made
    assert "Where are you?" not in shown(card(in_danger(3, country="US")))


def test_a_number_says_what_is_known_of_who_answers_and_no_more() -> None:
    known = Option(
        way="call",
        number="113",
        link="tel:113",
        name="113",
        always=True,
        open_now=True,
        free=True,
        dispatch="rarely",
    )
    assert option_row(known).signs.on == {
        "way:call",
        "named",
        "always",
        "free",
        "police:rarely",
    }
    unknown = Option(way="text", number="741741", link="sms:741741", keyword="HOME", name="Line")
    assert option_row(unknown).signs.on == {"way:text", "named", "keyword", "police:unknown"}
    closed = Option(way="call", number="1", link="tel:1", open_now=False, free=False, doubtful=True)
    assert option_row(closed).signs.on == {
        "way:call",
        "closed",
        "paid",
        "doubtful",
        "police:unknown",
    }
    assert option_row(Option(way="police", number="1", link="tel:1")).classes == (
        "offer offer--first"
    )


def test_what_happens_if_i_call_is_answered_for_every_line_that_is_shown() -> None:
    said = shown(card(in_danger(2, country="US")))
    assert "A person answers. You do not have to give your name" in said
    facts = said.partition("“I don’t know how to say this.”")[2]
    assert "They may send" in facts or "In a few cases" in facts or "We do not know" in facts


# Whoever reads it.


@pytest.mark.parametrize("language", SAFE)
def test_the_card_is_in_the_readers_language_on_a_page_in_another(language: str) -> None:
    made = card(in_danger(3), language)
    assert f'id="card" lang="{language}"' in made
    english = shown(card(in_danger(3)))
    assert (shown(made) == english) is (language == "en")
    assert "{" not in shown(made)
    assert "%(" not in made


def test_countries_are_called_as_the_reader_calls_them_and_found_in_that_order() -> None:
    german = dict(CARDS.countries("de"))
    assert set(german) == set(HOTLINES)
    assert german["NL"] == "Niederlande"
    names = [name for _, name in CARDS.countries("de")]
    assert names == sorted(names)


def test_every_form_of_the_card_can_be_sent_without_script() -> None:
    made = card(in_danger(2))
    forms = re.findall(r"<form[^>]*>.*?</form>", made, flags=re.DOTALL)
    assert {re.findall(r'action="([^"]+)"', form)[0] for form in forms} == {
        "/live/ask-word",
        "/live/country",
        "/live/card-away",
    }
    for form in forms:
        assert 'method="post"' in form
        assert '<input name="key">' in form
        assert "<button" in form


# Private words.


def test_a_private_place_says_who_can_read_it_and_who_the_other_is() -> None:
    mine = shown(private_words(leads=False).open)
    assert "Only you two can read this" in mine
    assert "A private word with Fay" in mine
    assert "They are a facilitator, a volunteer and no doctor." in mine
    theirs = shown(private_words(leads=True).open)
    assert "A private word with Ada" in theirs
    assert "no doctor" not in theirs


def test_what_two_people_write_cannot_break_the_page() -> None:
    table = evening()
    table.writes(ADA, 2)
    table.asides(FAY, ADA)
    fay = table.id(FAY)
    table.does(ADA, SayPrivately(other=fay, text="<script>alone</script>"))
    words = [
        PrivateWord(1, fay, True, START, "<script>alone</script>"),
        PrivateWord(2, fay, False, START, "I am here."),
    ]
    talks = live_care.threads(table.room.private(table.id(ADA)), words)
    made = CARDS.threads(frame(), talks, False, UNSAID).open
    assert "&lt;script&gt;alone" in made
    assert "<script" not in made
    assert re.search(r"You 08:00 UTC.*Fay 08:00 UTC\s*I am here\.", shown(made))


def test_words_that_could_not_be_sent_come_back_into_their_own_box_alone() -> None:
    for other, back in ((str(fay_in_her_room()), True), ("7", False), ("", False)):
        whispered = Form({"other": other, "text": "Please stay."})
        made = private_words(False, whispered).open
        assert (">Please stay.</textarea>" in made) is back
        assert "Please stay." not in private_words(False, whispered).row


def fay_in_her_room() -> int:
    """Fay's id, which is the same in each of these rooms."""
    return evening().id(FAY)


def test_only_staff_are_given_places_to_start_and_each_of_them_has_a_gap_to_fill() -> None:
    assert "A place to start" not in private_words(leads=False).open
    made = private_words(leads=True).open
    starts = re.findall(r"data-start>([^<]+)<", made)
    assert len(starts) == 3
    assert all("[" in start and "]" in start for start in starts)


def test_the_rows_a_script_makes_more_of_hold_no_words_of_anybody() -> None:
    made = private_words(False, UNSAID, PrivateWord(1, fay_in_her_room(), True, START, "needle"))
    assert "needle" in made.open
    for row in (made.row, made.word):
        assert "needle" not in row
        assert "Fay" not in row
