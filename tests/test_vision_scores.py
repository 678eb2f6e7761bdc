import numpy as np
import pytest

from mirrord.model import EXPRESSIONS
from mirrord.vision.classifier import Judgement
from tests.bench.accuracy import of_judgements, of_probabilities
from tests.bench.devsets import directory
from tests.bench.scores import NOBODY, Answers, by_class, calibration_error, confusion


def answers(best: list[int], confidence: float | np.ndarray = 1.0) -> Answers:
    count = len(best)
    return Answers(np.array(best), np.full(count, confidence), np.ones(count, bool))


def test_a_face_that_was_not_judged_counts_as_wrong() -> None:
    labels = np.array([0, 0, 1, 2, 3, 4, 5, 6])
    said = answers([0, NOBODY, 1, 2, 3, 4, 5, 5])
    assert by_class(said, labels) == [0.5, 1, 1, 1, 1, 1, 0]
    counts = confusion(said, labels)
    assert counts[0].tolist() == [1, 0, 0, 0, 0, 0, 0, 1]
    assert counts[6].tolist() == [0, 0, 0, 0, 0, 1, 0, 0]
    assert counts.sum() == len(labels)


@pytest.mark.parametrize(("confidence", "error"), [(0.8, 0.0), (1.0, 0.2), (0.5, 0.3)])
def test_calibration_error_is_the_gap_between_word_and_deed(confidence, error) -> None:
    labels = np.zeros(1000, np.int64)
    said = answers([0] * 800 + [1] * 200, confidence)
    assert calibration_error(said, labels) == pytest.approx(error)


def test_calibration_leaves_out_who_was_not_judged() -> None:
    labels = np.zeros(200, np.int64)
    said = answers([0] * 100 + [NOBODY] * 100)
    assert calibration_error(said, labels) == 0


def test_answers_of_both_sides_read_alike() -> None:
    shares = dict(zip(EXPRESSIONS, [0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1], strict=True))
    ours = of_judgements(
        [Judgement("good", shares, "unsure", 0.35), Judgement("dark", None, "unsure", 0.0), None]
    )
    theirs = of_probabilities([list(shares.values()), None, None])
    assert ours.best.tolist() == theirs.best.tolist() == [3, NOBODY, NOBODY]
    assert ours.named.tolist() == [False, False, False]
    assert theirs.named.tolist() == [True, False, False]


def test_missing_sets_are_named(tmp_path) -> None:
    with pytest.raises(SystemExit, match=r"there is no expressions-dev\.npz and no photos-dev"):
        directory(str(tmp_path))
