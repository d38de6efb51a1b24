"""Help as a page: complete in itself, true, and there for everybody."""

import gettext
import re
from datetime import date
from html.parser import HTMLParser

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from moderation.hotlines import for_country
from moderation.telephone import dialable
from server.hotlines import read_hotlines
from web.help import HelpPages, every_language, routes

HOTLINES = read_hotlines()
EXIT = "https://weather.example/"
PAGES = HelpPages(HOTLINES, "Evening <Group>", EXIT)
PRECACHE_LIMIT = 400 * 1024
DOORS = [
    "Someone won’t wake up, or is in danger",
    "I want to use, or I have used",
    "I want to talk, or I worry about someone",
    "Someone is hurting me",
]


@pytest.fixture
def client() -> TestClient:
    """Help alone: no session, database or any other part of the server."""
    pages = every_language(HOTLINES, "Evening <Group>", EXIT)
    served = routes(pages, HOTLINES, secure=False, on_shift=lambda: False)
    return TestClient(Starlette(routes=served), follow_redirects=False)


class Elements(HTMLParser):
    """All elements of a page in order, each with its attributes, and the page's words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words += data

    def links(self) -> list[str]:
        return [attrs["href"] for tag, attrs in self.found if tag == "a"]


def elements(country: str | None) -> Elements:
    body = PAGES.page(country)
    assert body is not None
    return Elements(body.decode())


def words(country: str | None) -> str:
    return re.sub(r"\s+", " ", elements(country).words)


def every_page() -> list[tuple[str, Elements]]:
    pages = [(code, elements(code)) for code in HOTLINES]
    return [("", elements(None)), *pages, ("offline", Elements(PAGES.offline.body.decode()))]


# What a person sees first.


def test_the_emergency_number_is_the_first_number_on_the_page() -> None:
    for code, country in HOTLINES.items():
        calls = [link for link in elements(code).links() if link.startswith(("tel:", "sms:"))]
        assert calls[0] == "tel:" + country.emergency.first.replace(" ", "")


def test_the_four_doors_stand_in_this_order() -> None:
    for country in (None, "US", "TG"):
        html = (PAGES.page(country) or b"").decode()
        places = [html.index(f">{door}</a>") for door in DOORS]
        assert places == sorted(places)
        links = elements(country).links()
        assert [link for link in links if link in ("#danger", "#use", "#talk", "#hurt")][:4] == [
            "#danger",
            "#use",
            "#talk",
            "#hurt",
        ]


def test_somebody_who_will_not_wake_up_is_helped_in_five_steps() -> None:
    steps = [
        "Call 911",
        "Give naloxone if there is any",
        "Help them breathe",
        "Turn them on their side when they breathe",
        "Stay",
    ]
    said = words("US")
    places = [said.index(step, said.index("Do these in order")) for step in steps]
    assert places == sorted(places)


def test_the_line_that_stays_with_somebody_using_comes_before_the_referral_line() -> None:
    said = words("US")
    assert said.index("SafeSpot Overdose Hotline") < said.index("SAMHSA National Helpline")


def test_somebody_being_hurt_is_told_what_leaving_quickly_does_not_do() -> None:
    assert "It does not clear your history." in words("US")


def test_an_unknown_country_is_never_guessed() -> None:
    start = elements(None)
    assert "112 works in the EU and on many mobile networks, 911 in North America." in words(None)
    assert {f"/help/{code}" for code in HOTLINES} <= set(start.links())
    assert sum(tag == "option" for tag, _ in start.found) == len(HOTLINES)
    assert not [attrs for tag, attrs in start.found if "selected" in attrs]


# What is said about a number.


def test_a_number_that_nobody_checked_says_so_and_says_what_to_do() -> None:
    assert "Not yet checked by this group. If nobody answers, call 911." in words("US")


def changed(**facts: object) -> str:
    """The page of a country whose first line the operator has changed."""
    line = msgspec.structs.replace(HOTLINES["NL"].hotlines[0], **facts)
    country = msgspec.structs.replace(HOTLINES["NL"], hotlines=(line,))
    page = Elements((HelpPages({"NL": country}, "Group", EXIT).page("NL") or b"").decode())
    return re.sub(r"\s+", " ", page.words)


def test_a_number_we_read_but_never_dialled_does_not_call_itself_checked() -> None:
    assert "Read on a public page on November 20, 2026." in words("US")
    assert "Last checked on" not in words("US")


def test_a_number_the_operator_dialled_carries_the_day_of_the_check() -> None:
    said = changed(basis="dialled", last_checked=date(2026, 11, 2))
    assert "Last checked on November 2, 2026." in said
    assert "Not yet checked" not in said


def test_an_unconfirmed_emergency_number_comes_with_others_to_try() -> None:
    assert "If nobody answers, try 190, 191, 193." in words("LY")


def test_what_happens_if_i_call_says_only_what_is_known() -> None:
    unknown = "We do not know if this line ever sends police or an ambulance without asking."
    assert unknown in words("NL")
    assert unknown not in changed(dispatch="rarely")
    assert "This line rarely sends police or an ambulance." in changed(dispatch="rarely")
    assert "may send police or an ambulance without asking you" in changed(dispatch="yes")
    assert "sends nobody without asking you" in changed(dispatch="no")


def test_limited_hours_are_said_in_words_and_unknown_ones_are_not_guessed() -> None:
    assert "Every day, 11:00 to 21:00 (their local time)." in words("NL")
    unknown = "Its hours are not known here."
    assert any(unknown in words(code) for code in HOTLINES)


def test_no_page_claims_that_a_line_is_open_now() -> None:
    for name, page in every_page():
        assert "open now" not in page.words.lower(), name


def test_a_country_without_lines_still_has_a_number_and_a_place_to_look() -> None:
    assert not HOTLINES["TG"].hotlines
    links = elements("TG").links()
    assert "tel:8200" in links
    assert "https://findahelpline.com" in links
    assert "https://befrienders.org" in links


def test_a_text_opens_with_its_word() -> None:
    assert "sms:741741?&body=HOME" in elements("US").links()


def test_every_line_that_is_shown_stands_on_its_page_and_on_the_page_without_connection() -> None:
    offline = Elements(PAGES.offline.body.decode())
    for code in HOTLINES:
        numbers = for_country(HOTLINES, code, ["en"])
        assert numbers is not None
        for line in numbers.lines:
            assert line.name in elements(code).words
            assert line.name in offline.words


# What a page is made of.


def test_every_telephone_link_can_be_dialled() -> None:
    for name, page in every_page():
        for link in page.links():
            if link.startswith(("tel:", "sms:")):
                number = link[4:].partition("?")[0].replace("%23", "#")
                assert dialable(number), (name, link)
                assert number == re.sub(r"[^0-9+*#]", "", number)


def test_help_carries_no_script_style_or_thing_from_elsewhere() -> None:
    for name, page in every_page():
        for tag, attrs in page.found:
            assert tag not in ("script", "style", "img", "iframe", "object"), name
            assert not [a for a in attrs if a in {"style", "src"} or a.startswith("on")], name
            if tag == "link":
                assert attrs["href"] == {"icon": "data:,"}.get(
                    attrs["rel"] or "", "/help/style.css"
                )


def test_links_to_other_sites_do_not_say_where_somebody_came_from() -> None:
    for _, page in every_page():
        for tag, attrs in page.found:
            if tag == "a" and attrs["href"].startswith("http"):
                assert attrs["rel"] == "nofollow noreferrer"


def test_the_safety_bar_is_first_on_every_page() -> None:
    for name, page in every_page():
        links = [attrs for tag, attrs in page.found if tag == "a"][:3]
        assert [attrs["class"] for attrs in links] == ["leave", "helpnow", "skip"]
        assert links[0]["href"] == (EXIT if name == "offline" else "/leave")
        assert "/" in page.links()
        assert page.found[0] == ("html", {"lang": "en", "dir": "ltr"})


def test_every_link_into_the_page_arrives() -> None:
    for name, page in every_page():
        targets = [attrs["id"] for _, attrs in page.found if "id" in attrs]
        assert len(targets) == len(set(targets)), name
        inside = [link[1:] for link in page.links() if link.startswith("#")]
        assert set(inside) <= set(targets), name


def test_numbers_stay_left_to_right() -> None:
    for _, page in every_page():
        assert all(attrs.get("dir") == "ltr" for tag, attrs in page.found if tag == "bdi")


def test_the_name_of_the_group_cannot_break_the_page() -> None:
    assert b"Evening &lt;Group&gt;" in (PAGES.page("US") or b"")


def test_no_page_gives_a_dose_or_a_method() -> None:
    for name, page in every_page():
        assert not re.search(r"\d\s*(mg|ml|milligram|tablets|pills)\b", page.words), name


def test_a_catalogue_translates_the_whole_page(monkeypatch: pytest.MonkeyPatch) -> None:
    class Marked(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return f"«{message}»"

    for module in ("web.help", "web.language"):
        monkeypatch.setattr(f"{module}.safety_translations", lambda language: Marked())
    pages = HelpPages({"NL": HOTLINES["NL"]}, "Group", EXIT, "es")
    said = (pages.page("NL") or b"").decode()
    assert '<html lang="es"' in said
    assert "«Someone is hurting me»" in said
    assert "«Day and night»" in said
    assert "Países Bajos" in said


# How it is served.


def test_help_answers_with_nothing_else_alive(client: TestClient) -> None:
    for path in ("/help", "/help/US", "/help/offline", "/help/style.css", "/sw.js"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "no-cache"
    assert client.get("/help/US").headers["content-type"] == "text/html; charset=utf-8"
    assert client.get("/sw.js").headers["content-type"] == "text/javascript; charset=utf-8"
    assert client.get("/help/style.css").headers["content-type"] == "text/css; charset=utf-8"


def test_a_chosen_country_leads_to_its_page(client: TestClient) -> None:
    answer = client.get("/help?country=us")
    assert (answer.status_code, answer.headers["location"]) == (303, "/help/US")
    assert client.get("/help/us").headers["location"] == "/help/US"


def test_what_somebody_types_never_comes_back_in_an_address(client: TestClient) -> None:
    for typed in ("//evil.example", "zz", "US\r\nX: y", "../rooms"):
        answer = client.get("/help", params={"country": typed})
        assert (answer.status_code, answer.headers["location"]) == (303, "/help"), typed


def test_a_country_nobody_knows_gets_the_first_page_with_its_numbers(client: TestClient) -> None:
    answer = client.get("/help/ZZ")
    assert answer.status_code == 404
    assert "tel:112" in answer.text
    assert "etag" not in answer.headers


def test_a_page_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    etag = client.get("/help/US").headers["etag"]
    for known in (etag, f"W/{etag}"):
        answer = client.get("/help/US", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert client.get("/help/NL", headers={"If-None-Match": etag}).status_code == 200


def test_everything_kept_on_a_phone_is_small() -> None:
    kept = (PAGES.start, PAGES.offline, PAGES.style)
    assert sum(len(page.body) for page in kept) <= PRECACHE_LIMIT


def test_new_numbers_make_a_new_worker() -> None:
    other = HelpPages({"NL": HOTLINES["NL"]}, "Evening <Group>", EXIT)
    assert other.worker.body != PAGES.worker.body
    again = HelpPages(HOTLINES, "Evening <Group>", EXIT)
    assert again.worker.body == PAGES.worker.body


def test_the_worker_touches_help_and_nothing_else() -> None:
    script = PAGES.worker.body.decode()
    assert set(re.findall(r'"(/[^"]*)"', script)) == {
        "/help",
        "/help/",
        "/help/style.css",
        "/help/offline",
    }
