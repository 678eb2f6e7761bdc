"""The History page: the documents and the library that draws their charts. Their data is REST."""

from __future__ import annotations

from aiohttp import web

from mirrord.pages.charts import POLICY, plotly
from mirrord.web.pages import add_document


def history_part(app: web.Application) -> None:
    """Add the page of all sessions, and that of one."""
    add_document(app, "/history", "history", policy=POLICY)
    add_document(app, "/history/{session_id}", "session", listed=False, policy=POLICY)
    app.router.add_get("/charts/plotly.js", plotly)
