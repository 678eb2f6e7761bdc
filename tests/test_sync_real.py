"""From the code to the last byte with the real collective: enrolled, renewed, erased, unlinked."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from mirrord.collective.schema import sessions
from mirrord.config import parse
from mirrord.store.ledger import egress
from mirrord.sync.command import Linking
from tests.collective_kit import Api, served
from tests.sync_kit import Device, SimClock


def visit(device: Device, name: str) -> None:
    rng = random.Random(name)
    device.start(name)
    for _ in range(30):
        device.look(name, rng)
        device.clock.pass_(5)
    device.end(name)
    device.flush()


async def kept(api: Api) -> int:
    query = select(func.count()).select_from(sessions)
    return int(await api.database.read(lambda of: of.scalar(query)) or 0)


async def test_a_mirror_from_its_code_to_its_end(tmp_path: Path) -> None:
    config = parse({"store": {"path": str(tmp_path / "mirror.sqlite3")}}, "test.toml")
    (tmp_path / "there").mkdir()
    linking = Linking(config)
    async with served(tmp_path / "there") as api:
        _, token = await api.account("ann")

        def confirm(code: str) -> None:
            asking.append(
                asyncio.ensure_future(api.post("api/mirrors/confirm/", {"code": code}, token))
            )

        asking: list[asyncio.Future[object]] = []
        link = await linking.link(api.url, lambda one: confirm(one.code))
        assert link.user == "ann"
        assert (await asking[0]).status == 201
        device = Device(tmp_path / "mirror.sqlite3", SimClock(datetime.now(UTC)), timeout_s=20.0)
        visit(device, "first")
        await device.settle()
        before = device.file.read()
        assert before is not None
        device.file.write(before.changed(begins=0, expires=1))  # as if half of its life were over
        visit(device, "second")
        await device.settle()
        visit(device, "third")
        await device.settle()
        after = device.file.read()
        assert after is not None
        assert after.credential not in ("", before.credential)
        assert await kept(api) == 3
        device.forget_session("second")
        await device.settle()
        assert await kept(api) == 2
        device.close()
        said = await linking.unlink(erase=True)
        assert "It has erased 2 sessions" in said
        assert await kept(api) == 0
        rows = await linking.books.ask(lambda database: egress(database, 99))
        assert {row.kind for row in rows} == {"enrol", "claim", "sync", "rotate", "erase"}
        assert await linking.unlink(erase=True) == "The mirror is not linked."
