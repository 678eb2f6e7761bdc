"""Who may do what on the mirror's page: signing in, sessions, tokens, users (docs/access.md)."""

from mirrord.web.access.part import access_part

__all__ = ["access_part"]
