"""What the formats make of rows, read back by programs that are not ours."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.errors import ConfigError
from mirrord.export.columns import Column, Page, Table
from mirrord.export.formats import FORMATS, format_for
from mirrord.runtime.moment import parse_moment
from tests.export_kit import ask

TABLE = Table(
    "things",
    (
        Column("name", "text"),
        Column("at", "time"),
        Column("share", "number"),
        Column("count", "integer"),
        Column("on", "flag"),
    ),
    "lamp",
    3,
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
ROWS = st.lists(
    st.tuples(
        st.none() | TEXT | st.sampled_from(["=1+1", "@a", 'a"b', "a\r\nb", "a,b", "-", "ä€𝄞"]),
        st.just("2026-03-01T18:00:00.250Z") | st.none(),
        st.none() | st.floats(-1, 1).map(lambda value: round(value, 4)),
        st.none() | st.integers(-(2**40), 2**40),
        st.none() | st.booleans(),
    ).map(list),
    max_size=7,
)
PAGES = st.lists(ROWS, max_size=3)


def written(form: str, pages: list[Page], table: Table = TABLE) -> bytes:
    out = io.BytesIO()
    FORMATS[form].write(table, iter(pages), out)
    return out.getvalue()


def objects(pages: list[list[list[Any]]]) -> list[dict[str, Any]]:
    rows = [row for page in pages for row in page]
    return [
        {
            "name": row[0],
            "at": row[1],
            "share": row[2],
            "lamp": None if row[3] is row[4] is None else {"count": row[3], "on": row[4]},
        }
        for row in rows
    ]


@given(PAGES)
def test_json_is_one_valid_document_whatever_the_pages(pages: list[list[list[Any]]]):
    document = json.loads(written("json", pages))
    assert list(document) == ["exported_at", "things"]
    assert document["things"] == objects(pages)


@given(PAGES)
def test_json_lines_hold_an_object_each(pages: list[list[list[Any]]]):
    lines = written("jsonl", pages).split(b"\n")
    assert lines.pop() == b""
    assert [json.loads(line) for line in lines] == objects(pages)


@given(PAGES)
def test_csv_comes_back_as_it_was_but_for_formulas(pages: list[list[list[Any]]]):
    text = written("csv", pages).decode()
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == ["name", "at", "share", "count", "on"]
    expected = [row for page in pages for row in page]
    assert len(rows) == len(expected)
    for found, (name, at, share, count, on) in zip(rows, expected, strict=True):
        assert found[0].startswith(("=", "+", "-", "@", "\t", "\r")) is False
        assert found[0].removeprefix("'") == (name or "").removeprefix("'")
        assert found[1] == (at or "")
        assert found[2] == ("" if share is None else repr(share))
        assert found[3] == ("" if count is None else str(count))
        assert found[4] == {None: "", True: "true", False: "false"}[on]


def test_csv_lines_end_as_rfc_4180_wants_it():
    page = [["a\nb", None, 0.5, 1, True], ['"', None, None, None, None]]
    assert written("csv", [page]) == b'name,at,share,count,on\r\n"a\nb",,0.5,1,true\r\n"""",,,,\r\n'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_sees_no_formula_in_text(text: str):
    body = written("csv", [[[text, None, -0.5, -3, None]]]).decode()
    row = list(csv.reader(io.StringIO(body, newline="")))[1]
    assert row[0] == "'" + text
    assert row[2:4] == ["-0.5", "-3"]  # numbers stay numbers


@given(st.lists(ROWS.filter(bool), min_size=1, max_size=3))
def test_parquet_holds_every_value_in_its_type(pages: list[list[list[Any]]]):
    from arro3.io import read_parquet

    table = read_parquet(io.BytesIO(written("parquet", pages))).read_all()
    columns = [table.column(name).to_pylist() for name in table.column_names]
    found = [list(row) for row in zip(*columns, strict=True)]
    for row in found:
        row[1] = row[1] and "2026-03-01T18:00:00.250Z"
    assert found == [row for page in pages for row in page]


def test_duckdb_reads_all_of_them(tmp_path: Path):
    at = "2026-03-01T18:00:00.250Z"
    pages = [
        [[f"row {n}", at, n / 10, n, n % 2 == 0] for n in range(10)],
        [["ä, €", at, None, None, None]],
    ]
    for form in ("csv", "json", "jsonl", "parquet"):
        (tmp_path / f"x.{form}").write_bytes(written(form, pages))
    expected = (11, 4.5, 45, 5, "ä, €", int(datetime.fromisoformat(at).timestamp() * 1000))
    sums = (
        'SELECT count(*), sum(share), sum({}count), count(*) FILTER (WHERE {}"on"),'
        ' max(name), max(epoch_ms(CAST("at" AS TIMESTAMP))) FROM'
    )
    flat, nested = sums.format("", ""), sums.format("lamp.", "lamp.")
    utc = f"'{tmp_path}/x"
    assert ask(f"{flat} read_csv({utc}.csv')") == [expected]
    assert ask(f"{nested} (SELECT unnest(things, max_depth := 2) FROM read_json({utc}.json'))") == [
        expected
    ]
    assert ask(f"{nested} read_json({utc}.jsonl')") == [expected]
    assert ask(f"{flat} read_parquet({utc}.parquet')") == [expected]


class Disk(io.BytesIO):
    """Fills up."""

    def write(self, data: Any, /) -> int:
        if self.tell() > 100:
            raise OSError(28, "No space left on device")
        return super().write(data)


@pytest.mark.parametrize("form", FORMATS)
def test_a_failure_while_writing_arrives_as_it_is(form: str, capfd: pytest.CaptureFixture[str]):
    page = [[f"row {n}", None, n / 10, n, None] for n in range(1000)]
    with pytest.raises(OSError, match="No space left"):
        FORMATS[form].write(TABLE, iter([page] * 3), Disk())
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("form", FORMATS)
def test_a_failure_while_reading_arrives_as_it_is(form: str):
    def pages():
        yield [["a", None, None, None, None]]
        raise ConfigError("no more")

    with pytest.raises(ConfigError, match="no more"):
        FORMATS[form].write(TABLE, pages(), io.BytesIO())


@pytest.mark.parametrize(
    ("name", "path", "form"),
    [
        (None, None, "json"),
        (None, Path("a.csv"), "csv"),
        (None, Path("a.PARQUET"), "parquet"),
        (None, Path("a.txt"), "json"),
        ("csv", Path("a.json"), "csv"),
    ],
)
def test_the_format_is_named_or_told_by_the_ending(name: str | None, path: Path | None, form: str):
    assert format_for(name, path).name == form


NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90m", datetime(2026, 3, 8, 10, 30, tzinfo=UTC)),
        ("24h", datetime(2026, 3, 7, 12, tzinfo=UTC)),
        ("7d", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        (" 2w ", datetime(2026, 2, 22, 12, tzinfo=UTC)),
        ("2026-03-01T18:30Z", datetime(2026, 3, 1, 18, 30, tzinfo=UTC)),
        ("2026-03-01T18:30+02:00", datetime(2026, 3, 1, 16, 30, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime):
    assert parse_moment(text, NOW, "since", UTC) == moment


def test_a_moment_without_a_zone_is_local():
    local = datetime(2026, 3, 1, 18, 30).astimezone(UTC)
    assert parse_moment("2026-03-01T18:30", NOW, "since") == local


@given(st.text(max_size=30))
def test_no_text_breaks_it(text: str):
    with suppress(ConfigError):
        assert parse_moment(text, NOW, "since", UTC).tzinfo is UTC


@pytest.mark.parametrize("text", ["999999999w", "9999-12-31T23:59-14:00", "", "1y", "-1d", "٣d"])
def test_impossible_moments(text: str):
    with pytest.raises(ConfigError, match=r"since: .* is no time; write .* 7d"):
        parse_moment(text, NOW, "since", UTC)
