"""The description of the resources: committed, served, readable, and without a secret."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

import mirrord
from mirrord.api.openapi import document
from mirrord.api.resource import Resource
from mirrord.api.resources.table import RESOURCES
from mirrord.web.room import ROOM
from mirrord.web.table import DEVICE
from mirrord.web.why import WHY
from tests.api_kit import served

COMMITTED = Path(__file__).parents[1] / "docs" / "openapi.json"


def test_the_committed_document_is_that_of_the_table() -> None:
    told = msgspec.json.encode(document(DEVICE, mirrord.__version__))
    wanted = msgspec.json.format(told, indent=2) + b"\n"
    assert COMMITTED.read_bytes() == wanted, "run: python scripts/openapi.py"


def test_every_resource_of_the_contract_is_there() -> None:
    told = {(row.method, row.path) for row in RESOURCES}
    for path in CONTRACT:
        method, _, place = path.partition(" ")
        assert (method, place) in told, path


CONTRACT = (
    "POST api/readings/",
    "GET api/readings/",
    "GET api/readings/{id}/",
    "GET api/readings/by_session/",
    "GET api/readings/recent/",
    "GET api/readings/trends/",
    "GET api/readings/distribution/",
    "GET api/sessions/",
    "POST api/sessions/",
    "GET api/sessions/{session_id}/",
    "GET api/sessions/{session_id}/analytics/",
    "GET api/sessions/{session_id}/insights/",
    "POST api/sessions/{session_id}/end_session/",
    "GET api/sessions/active/",
    "GET api/environment/",
    "GET api/environment/for_session/",
    "GET api/environment/latest_for_session/",
    "GET api/system/health/",
    "GET api/system/stats/",
)


@pytest.mark.parametrize("row", DEVICE, ids=lambda row: row.name)
def test_changes_take_control_and_the_rest_reading(row: Resource) -> None:
    reading = {"look"} if row in (*ROOM, *WHY) else {"read"}
    assert row.scope in ({"control"} if row.method != "GET" else reading)


async def test_it_is_served_to_everyone(tmp_path: Path) -> None:
    async with served(tmp_path) as mirror:
        nobody = {"Authorization": ""}
        status, told = await mirror.get("openapi.json", headers=nobody)
        assert status == 200
        assert told == msgspec.json.decode(COMMITTED.read_bytes())


async def test_the_handbook_names_every_resource_and_needs_no_script(tmp_path: Path) -> None:
    async with served(tmp_path) as mirror:
        for path in ("docs/", "docs"):
            async with mirror.http.get("/emotions/" + path) as response:
                assert response.status == 200
                assert response.content_type == "text/html"
                assert (
                    "script" not in response.headers["Content-Security-Policy"].split("'self'")[0]
                )
                page = await response.text()
        for row in DEVICE:
            assert f"/emotions/{row.path}" in page
            assert row.summary in page
        assert "<script" not in page
        assert "http://" not in page.replace(mirror.url, "")
        async with mirror.http.get("/emotions/docs/handbook.css") as response:
            assert response.status == 200
            assert response.content_type == "text/css"
