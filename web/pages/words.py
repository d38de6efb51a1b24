"""Your words: shown, remembered, forgotten, or typed in on another device."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from server.assemble import Parts
from server.people.cookie import forget_cookie, words_cookie
from server.people.words import MistypedWord, WordsDoNotMatch, WrongNumberOfWords, parse
from web import forms
from web.identity import Identity
from web.templating import Templates

PAGE = "/words"


def routes(parts: Parts) -> list[BaseRoute]:
    """The page of one's own words, and its three forms."""
    templates = Templates(parts.settings)
    identity = Identity(parts)
    secure = parts.settings.secure

    async def show(request: Request) -> Response:
        words = identity.words(request)
        return templates.page(
            "words.html", words=words.spoken.split() if words else [], typed="", wrong="", slip=None
        )

    async def remember(request: Request) -> Response:
        words = identity.words(request)
        answer = RedirectResponse(PAGE, 303)
        if words is not None:
            answer.headers.append("Set-Cookie", words_cookie(words, True, secure))
        return answer

    async def forget(_request: Request) -> Response:
        answer = templates.page("forgotten.html")
        answer.headers.append("Set-Cookie", forget_cookie(secure))
        # Where the connection is encrypted, browsers also clear what a future page might keep.
        answer.headers["Clear-Site-Data"] = '"cookies", "storage"'
        return answer

    async def restore(request: Request) -> Response:
        form = await forms.read(request)
        try:
            words = parse(form["words"])
        except (MistypedWord, WordsDoNotMatch, WrongNumberOfWords) as refusal:
            has = identity.words(request)
            return templates.page(
                "words.html",
                422,
                words=has.spoken.split() if has else [],
                typed=form["words"],
                wrong=templates.say(refusal.text),
                slip=refusal if isinstance(refusal, MistypedWord) else None,
            )
        answer = RedirectResponse(PAGE, 303)
        answer.headers.append("Set-Cookie", words_cookie(words, form.has("remember"), secure))
        return answer

    return [
        Route(PAGE, show, methods=["GET"]),
        Route(f"{PAGE}/remember", remember, methods=["POST"]),
        Route(f"{PAGE}/forget", forget, methods=["POST"]),
        Route(f"{PAGE}/restore", restore, methods=["POST"]),
    ]
