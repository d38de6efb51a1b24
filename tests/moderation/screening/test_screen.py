"""What the Screen finds, what it leaves alone, and that nothing anybody writes can stop it.

The engine is tested in a small language. Of the languages that ship only a few sentences are asked
here, which nobody could doubt; how good they are is measured elsewhere.
"""

import time
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.screening.lexicon import BadLexicon
from rooms.safety import NO_DANGER, Category, Danger, Subject
from server.lexicons import shipped_screen
from tests.moderation.screening.small import CONTEXTS, lexicon, screen

SMALL = screen()


def found(text: str, *before: str) -> list[str]:
    """The concepts the small Screen finds, the gravest first."""
    return [reason.concept for reason in SMALL.look(text, before).because]


def words(danger: Danger, text: str) -> list[str]:
    """The words that reasons rest on."""
    return [text[reason.start : reason.end] for reason in danger.because]


# What is found.


def test_most_texts_speak_of_nothing() -> None:
    assert SMALL.look("thank you for this evening") is NO_DANGER
    assert SMALL.look("") is NO_DANGER


def test_danger_has_the_level_category_and_subject_of_its_gravest_concept() -> None:
    danger = SMALL.look("I could be dead. I want to die. I took all my pills")
    assert (danger.level, danger.category, danger.subject) == (3, Category.OVERDOSE, Subject.SELF)
    assert [reason.concept for reason in danger.because] == ["pills", "wants", "wish"]
    assert danger.because[0].says == "says a thing of level 3"


def test_a_reason_says_where_its_words_stand() -> None:
    text = "so… 😭 I  WÁNT to d\u200bie!!"
    assert words(SMALL.look(text), text) == ["WÁNT to d\u200bie"]


def test_a_reason_is_given_once_however_often_it_is_said() -> None:
    assert found("I want to die, want to die. Want to die") == ["wants"]


def test_a_craving_is_no_danger_and_no_reason() -> None:
    assert SMALL.look("a craving") == Danger(craving=True)
    both = SMALL.look("a craving and I want to die")
    assert (both.level, both.craving, [r.concept for r in both.because]) == (2, True, ["wants"])
    assert not SMALL.look("I want to die").craving


def test_two_places_are_both_looked_at() -> None:
    assert found("I do not want to die. I want to die") == ["wants"]
    assert found("I do not want to die, really, but I want to die of this") == ["wants"]


@pytest.mark.parametrize("text", ["w4nt to d1e", "want to dieeee", "want to d*e"])
def test_a_disguised_cry_is_heard_though_its_place_is_not_known(text: str) -> None:
    (reason,) = SMALL.look(text).because
    assert (reason.concept, reason.start, reason.end) == ("wants", 0, 0)


# What takes a find away, and from what it cannot.


@pytest.mark.parametrize(
    "text",
    [
        "I do not want to die",
        "I used to want to die",
        "I want to die of laughter",
        "the book says they want to die",
        "people who want to die need rest",
        "does anyone want to die?",
        'he said "I want to die" and left',
        "you want to die",
        "the plant seems to want to die",
        "lol I could be dead",
    ],
)
def test_what_only_sounds_like_danger_is_none(text: str) -> None:
    assert SMALL.look(text) == NO_DANGER


def test_a_denial_does_not_touch_what_holds_it() -> None:
    assert found("I don't want to live") == ["no-life"]
    assert found("she said he won't leave alive, not now") == ["threat"]
    assert found("he is not nice and won't leave alive") == ["threat"]


@pytest.mark.parametrize("laugh", ["lol", "haha"])
def test_laughing_lowers_by_one_and_says_so(laugh: str) -> None:
    danger = SMALL.look(f"I want to die {laugh}")
    assert (danger.level, danger.because[0].around) == (1, ("laughing",))


@pytest.mark.parametrize("text", ["lol I will kill myself", "I will kill myself haha. lol"])
def test_an_emergency_is_one_for_those_who_laugh_too(text: str) -> None:
    assert SMALL.look(text).level == 3


def test_a_word_of_time_makes_it_an_emergency_and_says_so() -> None:
    danger = SMALL.look("tonight I want to die")
    assert (danger.level, danger.because[0].around) == (3, ("soon",))
    assert SMALL.look("tonight I could be dead").level == 1
    assert SMALL.look("tonight I don't want to live").level == 2


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("I took all the pills", 3),
        ("lol I took all the pills", 3),
        ("why? I took all the pills", 3),
        ("does anyone know, I took all the pills?", 3),
        ('"I took all the pills"', 1),
        ("as in the book I took all the pills", 1),
        ("people who took all the pills", 1),
        ("I never took all the pills", 0),
        ("I took all the pills 10 years ago", 0),
        ("10 years ago, and again last night, I took all the pills", 3),
    ],
)
def test_a_physical_emergency_is_taken_away_by_a_denial_or_the_past_alone(
    text: str, level: int
) -> None:
    assert SMALL.look(text).level == level


# Whom it is about.


def test_it_is_about_somebody_else_when_the_sentence_is() -> None:
    danger = SMALL.look("my sister took all the pills")
    assert (danger.level, danger.subject) == (3, Subject.OTHER)
    assert [reason.concept for reason in danger.because] == ["other-pills"]


def test_a_concept_without_a_subject_is_about_the_nearest_person() -> None:
    subjects = [SMALL.look(f"{who} use alone").subject for who in ("I", "she will", "will")]
    assert subjects == [Subject.SELF, Subject.OTHER, Subject.SELF]


# Cries in pieces.


def test_a_cry_in_pieces_is_heard() -> None:
    assert found("some of it", "I took") == []
    assert found("to die", "I want") == ["wants"]
    assert found("to die", "I", "want") == ["wants"]
    assert found("pills", "so many", "took") == ["pills"]


def test_only_the_last_two_messages_are_read_along() -> None:
    far = screen(patterns={"pills": ("took .... <pills>",)})
    assert far.look("pills", ["took", "yes"]).level == 3
    assert far.look("pills", ["took", "yes", "no"]).level == 0


def test_what_was_found_before_is_not_found_again() -> None:
    assert found("good evening", "I want to die") == []
    assert found("good evening", "I want to", "die") == []


def test_the_words_of_a_cry_in_pieces_are_those_in_the_new_message() -> None:
    text = "to die, I think"
    assert words(SMALL.look(text, ["I want"]), text) == ["to die"]


# Several languages.


def test_the_language_a_text_is_written_in_has_its_say() -> None:
    contexts = msgspec.structs.replace(CONTEXTS, negation=("kein",))
    other = lexicon(
        language="andere",
        common="ich kein wirklich mehr bin",
        contexts=contexts,
        other_meanings=("want to die vor lachen",),
    )
    both = screen(other)
    assert both.look("never want to die").level == 2  # it could be in either
    assert both.look("ich bin wirklich kein want to die").level == 0
    assert both.look("ich bin wirklich mehr want to die vor lachen").level == 0
    assert both.look("he and she but not to want to die").level == 0


def test_every_language_is_read_at_once() -> None:
    other = lexicon(language="andere", patterns={"wants": ("will sterben",)})
    both = screen(other)
    assert [both.look(t).level for t in ("want to die", "will sterben", "want sterben")] == [
        2,
        2,
        0,
    ]


# Files that are broken.


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"patterns": {"wants": ("want to (die",)}}, "small, wants: 'want to (die'"),
        ({"patterns": {"wants": ("want <to>",)}}, "small, wants: 'want <to>'"),
        ({"patterns": {"joy": ("joy",)}}, "small has patterns for joy"),
        ({"unless": {"joy": ("joy",)}}, "small has patterns for joy"),
        ({"unless": {"wants": ("joy)",)}}, "small: 'joy)'"),
        ({"other_meanings": ("to die for ?)",)}, "small: 'to die for ?)'"),
        ({"words": {"pills": ("(pills",)}}, "small, pills: '(pills'"),
        (
            {"contexts": msgspec.structs.replace(CONTEXTS, past=("(years ago",))},
            "small: '(years ago'",
        ),
    ],
)
def test_rules_that_are_broken_are_refused_in_a_sentence_with_their_place(
    changes: dict[str, Any], place: str
) -> None:
    with pytest.raises(BadLexicon) as refused:
        screen(**changes)
    assert str(refused.value).startswith(place)
    assert "\n" not in str(refused.value)


# Whatever is written. The languages that ship are asked.

FRAGMENTS = [
    *"i you not die want kill myself tonight took all the pills she is won't wake up".split(),
    *"ich will nicht sterben quiero morir no je veux mourir pas eu quero morrer não lol".split(),
    *'. , ? ! " — … 😭 2015 40 k1ll d*e s u i c i d e'.split(),
    *("\u200b", "\u202e", "\u0301", "\x00", "\ud800", "\n", "\n- "),
]
WRITTEN = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=40)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WRITTEN.map(" ".join), st.lists(WRITTEN.map(" ".join), max_size=3))
def test_whatever_is_written_has_an_answer_and_always_the_same(
    text: str, before: list[str]
) -> None:
    danger = shipped_screen().look(text, before)
    assert danger == shipped_screen().look(text, before)
    assert 0 <= danger.level <= 3
    assert bool(danger.level) == bool(danger.because) == (danger.category is not None)
    for reason in danger.because:
        assert 0 <= reason.start <= reason.end <= len(text)
        assert (reason.start == reason.end) == (reason.end == 0)


@pytest.mark.parametrize(
    "piece",
    [
        "x", " ", "a ", "\u0301", "\u200b", "\ud800", "😭", ".", '"', "((", "aaa ", "a!*", "k1ll ",
        "i want to die ", "i don't want to not ", '"i want to die" ', "i took all the pills ",
        "s u i c i d e ", "k*ll myself ", "she he my sister ", "- - ", "i will kill ",
        "ich will sterben quiero morir je veux mourir eu quero morrer ",
    ],
)  # fmt: skip
def test_the_longest_message_costs_no_more_than_many_ordinary_ones(piece: str) -> None:
    hostile = (piece * 2_000)[:2_000]
    ordinary = "It was a hard week, but being here with you helps me a lot. " * 33
    assert spent(hostile) < 500 * spent(ordinary)


def spent(text: str) -> float:
    """The time a look takes, in seconds of work, when all it needs was made before."""
    look = shipped_screen().look
    look(text)
    begin = time.process_time_ns()
    look(text)
    return max(time.process_time_ns() - begin, 100_000) / 1e9


# The languages that ship.

LEVELS = {
    "en": [
        (3, "I am going to kill myself tonight"),
        (3, "i just took the whole bottle of pills"),
        (3, "she isn't breathing"),
        (2, "I want to die"),
        (2, "I don't want to live anymore"),
        (2, "I started cutting again last night"),
        (1, "I wish I wouldn't wake up"),
        (0, "I don't want to die"),
        (0, "I am dying to see my kids"),
        (0, "Ten years ago I tried to kill myself"),
        (0, "The book says \"I want to die\" a lot"),
        (0, "Thank you for sharing, and good night"),
    ],
    "es": [
        (3, "Me voy a matar esta noche"),
        (3, "Me tomé todo el frasco de pastillas"),
        (3, "Mi hermana no respira"),
        (2, "Quiero morir"),
        (2, "No quiero vivir más"),
        (2, "Anoche volví a cortarme"),
        (0, "No quiero morir"),
        (0, "Me muero de risa"),
        (0, "Hace diez años intenté suicidarme"),
        (0, "Gracias por compartir, buenas noches"),
    ],
    "fr": [
        (3, "Je vais me tuer ce soir"),
        (3, "J'ai avalé toute la boîte de comprimés"),
        (3, "Elle ne respire plus"),
        (2, "Je veux mourir"),
        (2, "Je ne veux plus vivre"),
        (2, "Hier soir j'ai recommencé à me couper"),
        (0, "Je ne veux pas mourir"),
        (0, "Je suis mort de rire"),
        (0, "Il y a dix ans j'ai essayé de me suicider"),
        (0, "Merci pour votre partage, bonne nuit"),
    ],
    "de": [
        (3, "Ich bringe mich heute Nacht um"),
        (3, "Ich habe die ganze Packung Tabletten genommen"),
        (3, "Sie atmet nicht mehr"),
        (2, "Ich will sterben"),
        (2, "Ich will nicht mehr leben"),
        (2, "Ich habe mich gestern Abend wieder geritzt"),
        (0, "Ich will nicht sterben"),
        (0, "Ich lach mich tot"),
        (0, "Vor zehn Jahren habe ich versucht, mich umzubringen"),
        (0, "Danke fürs Teilen und gute Nacht"),
    ],
    "pt": [
        (3, "Vou me matar hoje à noite"),
        (3, "Tomei a cartela inteira de comprimidos"),
        (3, "Ela não está respirando"),
        (2, "Eu quero morrer"),
        (2, "Não quero mais viver"),
        (2, "Ontem à noite voltei a me cortar"),
        (0, "Eu não quero morrer"),
        (0, "Estou morrendo de rir"),
        (0, "Há dez anos tentei me matar"),
        (0, "Obrigada por partilhar, boa noite"),
    ],
}  # fmt: skip
ALL = [(level, text) for lines in LEVELS.values() for level, text in lines]


@pytest.mark.parametrize(("level", "text"), ALL)
def test_what_nobody_could_doubt_has_its_level(level: int, text: str) -> None:
    assert shipped_screen().look(text).level == level


@pytest.mark.parametrize(
    "text",
    [
        "my sponsee took 40 pills and won't wake up",
        "Mi novio no despierta, tiene los labios azules",
        "Mon copain ne se réveille pas, ses lèvres sont bleues",
        "Mein Freund wacht nicht auf, seine Lippen sind blau",
        "Meu namorado não acorda, os lábios dele estão azuis",
    ],
)
def test_somebody_beside_an_overdose_gets_the_card_of_a_helper(text: str) -> None:
    danger = shipped_screen().look(text)
    assert (danger.level, danger.category) == (3, Category.OVERDOSE)
    assert danger.subject is Subject.OTHER


@pytest.mark.parametrize(
    ("before", "text", "level"),
    [
        ("i took", "the whole bottle", 3),
        ("me tomé", "todo el frasco", 3),
        ("j'ai pris", "toute la boîte", 3),
        ("ich habe", "die ganze packung genommen", 3),
        ("tomei", "a cartela inteira", 3),
        ("quiero", "morir", 2),
    ],
)
def test_a_cry_in_two_messages_is_heard_in_every_language(
    before: str, text: str, level: int
) -> None:
    assert shipped_screen().look(text, [before]).level == level


@pytest.mark.parametrize(
    "text",
    [
        "I WANT TO DIE",
        "i w\u200bant to d\u200bie",
        "\u202eI want to die\u202c",
        "Ｉ ｗａｎｔ ｔｏ ｄｉｅ",
        "I want to 𝐝𝐢𝐞",
        "I want to die\u0301",
        "I want to 😭 die",
        "i want to dieeee",
        "i want to k1ll myself",
        "i want to k!ll myself",
        "i want to k*ll myself",
        "s u i c i d e",
        "i am suic1dal",
    ],
)
def test_a_cry_is_heard_however_it_is_typed(text: str) -> None:
    assert shipped_screen().look(text).level >= 2


EMERGENCIES = [text for level, text in ALL if level == 3]
ORDINARY = [
    "Good evening everybody, it is good to be here.",
    "I am 1234 days sober today! Thank you.",
    "Does anyone know when the next meeting is?",
    "My sister made soup, and we laughed. lol.",
    "I did not sleep much, but I read a book.",
    "Buenas noches a todos. No tengo mucho que decir.",
    "Bonsoir à tous, je ne suis pas venu la semaine passée.",
    "Guten Abend zusammen, ich war lange nicht mehr hier.",
    "Boa noite a todos, não dormi muito mas estou bem.",
]


@pytest.mark.parametrize("text", EMERGENCIES)
def test_an_emergency_stays_one_behind_ordinary_sentences(text: str) -> None:
    look = shipped_screen().look
    for sentence in ORDINARY:
        assert look(f"{sentence} {text}").level == 3, sentence
        assert look(f"{sentence}\n{text}").level == 3, sentence
        assert look(text, [sentence]).level == 3, sentence


LAUGHTER = {
    "en": "lol haha",
    "es": "jaja lol",
    "fr": "mdr lol",
    "de": "haha lol",
    "pt": "kkkk rsrs",
}


@pytest.mark.parametrize(
    ("laugh", "text"),
    [
        (laugh, text)
        for language, laughs in LAUGHTER.items()
        for laugh in laughs.split()
        for level, text in LEVELS[language]
        if level == 3
    ],
)
def test_nobody_laughs_an_emergency_away(laugh: str, text: str) -> None:
    assert shipped_screen().look(f"{laugh} {text}").level == 3
    assert shipped_screen().look(f"{text} {laugh}").level == 3


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(ORDINARY), max_size=6), st.sampled_from(EMERGENCIES))
def test_nobody_talks_an_emergency_away(sentences: list[str], text: str) -> None:
    assert shipped_screen().look(" ".join([*sentences, text])).level == 3
