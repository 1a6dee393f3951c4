"""What an unsigned call of a gateway gets, and who answers it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from golive_checks.systems.gateways.authors import Author, author, wants_bearer, wants_form_token
from golive_checks.systems.gateways.elsewhere import any_path_gets
from golive_checks.systems.gateways.refusals import names_signature, refuses_in_success
from golive_checks.systems.http.client.message import Response
from golive_checks.systems.http.client.walls import wall
from golive_checks.systems.http.front import is_page, reply_of, target, without_query

GUARDED = frozenset({401, 403})
NO_ROUTE = 404
"""Or no such order: the app's own answer, where a path that does not exist gets another."""


@dataclass(frozen=True)
class Knock:
    """What one unsigned call got."""

    method: str
    status: int
    """0: the port for http, where the gateway calls, refuses connections."""
    seconds: float
    media_type: str = ""
    page: bool = False
    """It is a page, for a person to read."""
    by: Author = ""
    """Who wrote the page."""
    to: str = ""
    """Where a redirect leads."""
    wall: str = ""
    """The login wall or challenge that answered in the app's place."""
    form_token: bool = False
    """It is refused for want of a form's token (CSRF)."""
    bearer: str = ""
    """The scheme by which it is asked for a token, such as Bearer."""
    distrust: str = ""
    """Why a gateway would not trust the certificate."""
    everywhere: bool = False
    """A path that does not exist gets the very same answer."""
    unsure_s: float = 0.0
    """By how much longer it may have taken, for golive itself was busy."""
    refused: bool = False
    """It is refused for want of a signature, though the status is one of success."""
    routed: bool = False
    """The path has a handler all the same: asked by OPTIONS it answers otherwise than one that does not exist."""

    @property
    def in_front(self) -> bool | None:
        """Whether a refusal or a page is that of something in front of the app; None where nothing shows it."""
        if self.everywhere or self.by == "front":
            return True
        return None if self.page and not self.by else False


def doubtful(got: Response) -> bool:
    """Return whether paths that do not exist must show who answered."""
    return got.status in GUARDED or got.status == NO_ROUTE


def knock_of(method: str, got: Response, nowhere: Sequence[Response], *, routed: bool = False) -> Knock:
    """Return what a fact keeps of an answer."""
    stands, page = wall(got.status, got.headers), is_page(got)
    return Knock(
        method,
        got.status,
        round(got.seconds, 3),
        unsure_s=round(got.unsure_s, 3),
        media_type=reply_of(got).media_type,
        page=page,
        by=author(got) if page else "",
        to=without_query(target(got)),
        wall=stands.reason if stands else "",
        form_token=wants_form_token(got),
        bearer=wants_bearer(got),
        distrust=got.distrust,
        refused=refuses_in_success(got) and names_signature(got.body),
        everywhere=bool(nowhere) and any_path_gets(got, nowhere),
        routed=routed,
    )
