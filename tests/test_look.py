"""Looking at pictures and films by name, with the real nets."""

import io

import cv2
import msgspec
import numpy as np
import pytest

from mirrord.look.faces import STDIN, FaceRecord, Problem, look
from mirrord.model import EXPRESSIONS
from mirrord.sight_settings import VisionSettings
from tests.fakes.faces import BOX, placed, portrait, side_by_side, wall


def write(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)
    return str(path)


def film(path, *frames):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480))
    for frame in frames:
        writer.write(frame)
    writer.release()
    return str(path)


def test_a_face_in_a_picture(tmp_path):
    name = write(tmp_path / "face.jpg", portrait().picture)
    (record,) = look([name])
    assert (record.file, record.frame, record.quality) == (name, 0, "good")
    assert record.box == pytest.approx(BOX, abs=15)
    assert set(record.expressions) == set(EXPRESSIONS)
    assert sum(record.expressions.values()) == pytest.approx(1, abs=1e-6)
    assert record.expression == "happy"
    assert record.confidence > 0.9
    assert record.valence > 0.5
    assert record.joy > max(record.calm, record.energy, record.melancholy)


def test_a_record_is_a_flat_json_object(tmp_path):
    (record,) = look([write(tmp_path / "face.png", portrait().picture)])
    assert list(msgspec.json.decode(msgspec.json.encode(record))) == [
        *("file", "frame", "box", "expressions", "expression", "confidence", "quality"),
        *("valence", "arousal", "joy", "calm", "energy", "melancholy"),
    ]


def test_every_face_of_a_large_picture(tmp_path):
    records = list(look([write(tmp_path / "group.png", side_by_side(3))]))
    assert sorted(record.box[0] // 640 for record in records) == [0, 1, 2]


def test_a_film_frame_by_frame_with_progress(tmp_path):
    name = film(tmp_path / "a.avi", wall(), portrait().picture, placed(0.8, right=30))
    told = []
    records = list(look([name], progress=lambda done, total: told.append((done, total))))
    assert [record.frame for record in records] == [1, 2]
    assert told[0] == (0, 3)
    assert told[-1] == (3, 3)
    assert told == sorted(told)


def test_a_folder_in_the_order_of_its_names_with_what_is_no_picture(tmp_path):
    write(tmp_path / "b" / "2.png", portrait().picture)
    write(tmp_path / "a.png", portrait().picture)
    film(tmp_path / "c.avi", portrait().picture)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden").write_text("not looked at")
    found = list(look([str(tmp_path)]))
    problems = [one for one in found if isinstance(one, Problem)]
    assert [one.file for one in found if isinstance(one, FaceRecord)] == [
        *(str(tmp_path / name) for name in ("a.png", "c.avi", "b/2.png")),
    ]
    assert [(one.file, one.problem) for one in problems] == [
        (str(tmp_path / "notes.txt"), "this is no picture and no film")
    ]


def test_a_picture_on_standard_input():
    data = cv2.imencode(".png", portrait().picture)[1].tobytes()
    (record,) = look([STDIN], stdin=io.BytesIO(data))
    assert (record.file, record.expression) == ("-", "happy")
    for nothing in (b"", b"no picture"):
        (problem,) = look([STDIN], stdin=io.BytesIO(nothing))
        assert problem == Problem("-", "this is no picture that can be read")


def damaged(path):
    path.write_bytes(cv2.imencode(".png", portrait().picture)[1].tobytes()[:50])
    return "no picture that can be read"


def empty(path):
    path.write_bytes(b"")
    return "this file is empty"


def text(path):
    path.write_text("not what its name says")
    return "no picture that can be read"


def missing(path):
    return "cannot be read \\(No such file"


@pytest.mark.parametrize("trouble", [damaged, empty, text, missing])
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_looked_at(tmp_path, trouble):
    bad, good = tmp_path / "bad.png", write(tmp_path / "good.png", portrait().picture)
    words = trouble(bad)
    found = {one.file: one for one in look([str(bad), good])}
    assert isinstance(found[good], FaceRecord)
    with pytest.raises(ValueError, match=words):
        raise ValueError(found[str(bad)].problem)


def test_a_film_that_is_none(tmp_path):
    (tmp_path / "a.mp4").write_text("no film")
    (problem,) = look([str(tmp_path / "a.mp4")])
    assert problem.problem == "this film cannot be played"


def test_a_picture_that_is_named_like_none(tmp_path):
    path = tmp_path / "picture"
    path.write_bytes(cv2.imencode(".jpg", portrait().picture)[1].tobytes())
    (record,) = look([str(path)])
    assert record.expression == "happy"


def test_a_face_too_small_or_too_dark_is_seen_but_not_judged(tmp_path):
    small = write(tmp_path / "small.png", placed(0.2))
    (record,) = look([small])
    assert (record.quality, record.expressions, record.expression) == ("small", None, "unsure")
    assert record.confidence == 0
    assert record.valence is None
    (record,) = look([small], VisionSettings(min_face_px=24))
    assert record.quality != "small"


def test_nobody(tmp_path):
    assert list(look([write(tmp_path / "wall.png", wall())])) == []
    assert list(look([])) == []


def test_grey_pictures_and_ones_with_transparency(tmp_path):
    grey = cv2.cvtColor(portrait().picture, cv2.COLOR_BGR2GRAY)
    clear = np.dstack([portrait().picture, np.full((480, 640), 255, np.uint8)])
    for name, picture in (("grey.png", grey), ("clear.png", clear)):
        (record,) = look([write(tmp_path / name, picture)])
        assert record.expression == "happy"
