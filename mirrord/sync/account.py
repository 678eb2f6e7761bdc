"""Enrolling with a collective, keeping the credential fresh, and leaving."""

from __future__ import annotations

import time
from typing import Final

import mirrord
from mirrord.errors import MirrorError, Refused, Unavailable
from mirrord.store.outbox import SharingBegins, SharingEnds
from mirrord.sync.client import Heard
from mirrord.sync.link import Link, LinkFile
from mirrord.sync.post import MIRRORS, SELF, Books, Post
from mirrord.sync_wire import Claim, Claimed, Credential, Enrol, Enrolling, Erased

CLAIM_S: Final = 3.0  # how often to ask whether the code was confirmed
_NO_SUCH: Final = "There is no collective at {url}: {said}"
_CONFIRM: Final = {"confirm": "erase"}
_GONE: Final = (401, 404, 410)


async def enrol(post: Post, url: str, name: str) -> Link:
    """Ask a collective to belong to somebody. Raises Unavailable or Refused."""
    body = Enrol(name=name, version=mirrord.__version__)
    heard = await post.ask("enrol", url, "POST", f"{MIRRORS}enrol/", body)
    asked = heard.as_(Enrolling)
    if not heard.worked or asked is None:
        raise failure(heard, url)
    until = time.time() + asked.expires_in
    return Link(url, "asking", name, asked.claim, asked.code, asked.page, until)


def failure(heard: Heard, url: str) -> MirrorError:
    """Return what went wrong with a request as an error."""
    if heard.status in (404, 405) or (heard.worked and heard.data != b"null"):
        return Refused(_NO_SUCH.format(url=url, said=heard.said))
    kind = Refused if 300 <= heard.status < 500 and heard.status != 429 else Unavailable
    return kind(f"{url}: {heard.said}")


async def claim(post: Post, link: Link) -> Link | None:
    """Return the link once its code was confirmed, None while that is waited for.

    Raises Refused if it was refused or took too long, and Unavailable if nobody answers.
    """
    heard = await post.ask("claim", link.url, "POST", f"{MIRRORS}claim/", Claim(claim=link.claim))
    claimed = heard.as_(Claimed)
    if not heard.worked or claimed is None:
        raise failure(heard, link.url)
    if claimed.state == "waiting":
        return None
    if claimed.state != "linked" or not claimed.credential:
        raise Refused(_WHY_NOT.get(claimed.state, "The collective gave no credential; link anew."))
    now_ms = heard.date_ms or post.now_ms()
    return link.changed(
        state="linked",
        claim="",
        code="",
        page="",
        mirror=claimed.mirror,
        user=claimed.user,
        spaces=claimed.spaces,
        credential=claimed.credential,
        next_credential="",
        begins=now_ms,
        expires=claimed.expires,
        linked_at=time.time(),
    )


_WHY_NOT: Final = {
    "refused": "The account refused the mirror.",
    "expired": "The code was not confirmed in time; link once more for another.",
}


def ask_anew(asking: Link, before: Link | None) -> Link:
    """Return the link that waits for its code, knowing the one before, which may hold still."""
    if before is None:
        return asking
    asked = {name: getattr(asking, name) for name in ("claim", "code", "page", "asked_until")}
    return before.changed(state="asking", url=asking.url, name=asking.name, **asked)


def stop_asking(file: LinkFile, link: Link) -> None:
    """Wait for the code no more: be linked as before, or not at all."""
    if link.credential:
        file.write(link.changed(state="linked", claim="", code="", page=""))
    else:
        file.remove()


async def become_linked(books: Books, file: LinkFile, link: Link) -> None:
    """Share from now on: the file first, so that no session is shared without a link."""
    file.write(link)
    await books.put(SharingBegins(link.mirror))


def is_due(link: Link, server_ms: int) -> bool:
    """Tell whether the credential should be renewed: half of its life is over."""
    return not link.next_credential and server_ms >= (link.begins + link.expires) // 2


async def rotate(post: Post, file: LinkFile, link: Link) -> Link:
    """Return the link with a new credential beside the old one, which holds until that is used.

    Without an answer it is the same link; then the next time will do.
    """
    heard, _ = await post.signed("rotate", link, "POST", f"{SELF}rotate/")
    new = heard.as_(Credential)
    if not heard.worked or new is None or not new.credential:
        return link
    begins = heard.date_ms or post.now_ms()
    renewed = link.changed(next_credential=new.credential, begins=begins, expires=new.expires)
    file.write(renewed)
    return renewed


def after_use(file: LinkFile, link: Link, used: str) -> Link:
    """Return the link, knowing that the collective took the credential `used`."""
    if not link.next_credential:
        return link
    known = link.changed(credential=used, next_credential="")
    file.write(known)
    return known


async def withdraw(post: Post, books: Books, file: LinkFile, link: Link) -> Erased | None:
    """Leave the collective, and have it erase everything if the link says so; then be unlinked.

    Returns what was erased; None if nothing was, or the collective did not know us any more.
    Raises Unavailable if it did not confirm: then it has to be tried again.
    """
    if link.state == "erasing":
        heard, _ = await post.signed("erase", link, "POST", f"{SELF}erase/", _CONFIRM)
    else:
        heard, _ = await post.signed("leave", link, "DELETE", SELF)
    erased = heard.as_(Erased) if link.state == "erasing" and heard.worked else None
    if not (heard.worked or heard.status in _GONE):
        raise Unavailable(f"{link.url}: {heard.said}")
    await books.put(SharingEnds())
    file.remove()
    return erased
