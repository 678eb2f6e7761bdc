"""The mirror's own page: what it does now, and the controls over it."""

from mirrord.web.app import make_app, serve
from mirrord.web.mirror import Mirror

__all__ = ["Mirror", "make_app", "serve"]
