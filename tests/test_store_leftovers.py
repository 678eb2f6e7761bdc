"""Copies that were set aside give way to what is recorded now, and to forgetting."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mirrord.store import Store
from mirrord.store.leftovers import asides, keep_within
from mirrord.store.queries import Chosen
from tests.store_kit import fill


def put(path: Path, word: str, day: int, size: int) -> Path:
    aside = path.with_name(f"{path.name}.{word}-2026-11-{day:02d}T00-00-00.000Z")
    aside.write_bytes(bytes(size))
    return aside


def test_the_oldest_copies_go_first_whatever_they_are_called(tmp_path: Path):
    path = tmp_path / "mirror.sqlite3"
    old = put(path, "before-restore", 1, 100)
    middle = put(path, "damaged", 2, 100)
    new = put(path, "before-restore", 3, 100)
    assert keep_within(path, 300) == 0
    assert keep_within(path, 299) == 1
    assert sorted(asides(path)) == sorted([middle, new])
    assert not old.exists()
    assert keep_within(path, 0) == 2
    assert list(asides(path)) == []


@given(st.lists(st.integers(0, 50), max_size=8, unique=True), st.integers(-10, 2000))
def test_what_is_left_is_within_and_no_older_than_what_went(days: list[int], most: int):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mirror.sqlite3"
        made = [put(path, "damaged", day, 100) for day in sorted(days)]
        keep_within(path, most)
        left = [one for one in made if one.exists()]
        assert len(left) * 100 <= max(most, 0)
        assert left == made[len(made) - len(left) :]


async def test_all_files_together_stay_within_the_limit_and_are_forgotten_together(tmp_path: Path):
    path = tmp_path / "mirror.sqlite3"
    for day in (1, 2, 3):
        put(path, "damaged", day, 400_000)
        put(path, "before-restore", day, 400_000)
    path.with_name("mirror.sqlite3.damaged-2026-11-03T00-00-00.000Z-wal").write_bytes(bytes(100))
    async with Store.open(path, flush_s=0.05, max_mb=1.0) as store:
        await fill(store, 400)
        total = sum(one.stat().st_size for one in tmp_path.glob("mirror.sqlite3*"))
        assert total <= 1_000_000
        assert 0 < len(list(asides(path))) <= 3
        await store.forget(Chosen())
        assert list(asides(path)) == []
