"""How administration tells of a row: what it is and whose, never how anybody felt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirrord.collective.people.records import iso

Row = Mapping[str, Any]


def user(row: Row) -> dict[str, Any]:
    """An account, with how many mirrors send for it."""
    return {
        "id": str(row["account"]),
        "username": row["username"],
        "email": row["email"],
        "active": bool(row["active"]),
        "is_admin": bool(row["is_admin"]),
        "contributes": bool(row["contributes"]),
        "joined": iso(row["joined"]),
        "mirrors": row["mirrors"],
    }


def mirror(row: Row) -> dict[str, Any]:
    """A mirror, with whose it is."""
    return {
        "account": str(row["account"]),
        "id": str(row["mirror"]),
        "name": row["name"],
        "user": row["username"],
        "version": row["version"],
        "active": bool(row["active"]),
        "enrolled": iso(row["enrolled"]),
        "last_sync": None if row["last_sync"] is None else iso(row["last_sync"]),
    }


def space(row: Row) -> dict[str, Any]:
    """A space, with how many are in it."""
    return {
        "id": str(row["space"]),
        "name": row["name"],
        "kind": row["kind"],
        "public": bool(row["public"]),
        "active": bool(row["active"]),
        "least": row["least"],
        "window_s": row["window_s"],
        "epsilon": row["epsilon"],
        "members": row["members"],
        "created": iso(row["created"]),
    }


def session(row: Row) -> dict[str, Any]:
    """A session: when, and how many readings."""
    return {
        "account": str(row["account"]),
        "id": str(row["session"]),
        "session_id": row["session_id"],
        "user": row["username"],
        "active": bool(row["is_active"]),
        "started": iso(row["started"]),
        "last_activity": iso(row["last_activity"]),
        "readings": int(row["total"]),
        "device_type": row["device_type"],
    }


def reading(row: Row) -> dict[str, Any]:
    """A reading: when, and of which session."""
    return {
        "account": str(row["account"]),
        "id": str(row["id"]),
        "user": row["username"],
        "session_id": row["session_id"],
        "at": iso(row["at"]),
    }


def figure(row: Row) -> dict[str, Any]:
    """A published window; `id` is its start in ms since 1970."""
    return {
        "space": str(row["space"]),
        "id": str(row["start"]),
        "name": row["name"],
        "start": iso(row["start"]),
        "shown": bool(row["shown"]),
        "contributors": row["contributors"],
        "readings": row["readings"],
        "at": iso(row["at"]),
    }


def act(row: Row) -> dict[str, Any]:
    """An entry of the log."""
    return {
        "id": str(row["number"]),
        "at": iso(row["at"]),
        "actor": row["actor_name"],
        "act": row["act"],
        "kind": row["kind"],
        "subject": row["subject"],
        "detail": row["detail"],
    }
