"""Texts of a batch as rows of a table: what counts for nothing is not encoded."""

from geoagent_training.rewards.batch_texts import number_texts
from geoagent_training.rewards.text_encoders import CachedEncoder

from tests.support.reward_fakes import TableEncoder

VECTORS = {"Here": [1.0, 0.0], "Hither": [0.8, 0.6], "Far": [0.0, 1.0], "Shire": [1.0, 1.0]}
TRUTH = [("Here", "Shire", "Hill"), ("Far", "Shire", "")]


def test_texts_behind_a_closed_gate_and_texts_without_a_partner_stay_out() -> None:
    inner = TableEncoder(VECTORS, 2)
    encoder = CachedEncoder(inner)
    answers = [
        ("Hither", "Moor", "Dale"),
        ("Far", "Wold", "Dell"),
        ("Far", "Fen", ""),
        ("", "", ""),
    ]
    found = number_texts(encoder, answers, TRUTH)
    # "Far" against "Here" closes what follows; the third truth has no partner
    assert inner.calls == [["Hither", "Far", "Here"], ["Moor", "Fen", "Shire"]]
    row = {text: encoder.rows_if_known([text])[0] for text in ("Hither", "Far", "Moor", "Fen")}
    assert found.answers[0, 0] == row["Hither"]
    assert found.answers[0, 1] == row["Moor"]
    assert found.answers[0, 2] < 0
    assert (found.answers[1, 1:] < 0).all()
    assert found.answers[2, 1] == row["Fen"]
    assert (found.answers[3] < 0).all()
    # the same batch again: nothing is encoded
    again = number_texts(encoder, answers, TRUTH)
    assert len(inner.calls) == 2
    assert (again.answers.clip(-1) == found.answers.clip(-1)).all()


def test_rows_stay_right_when_the_table_is_full() -> None:
    encoder = CachedEncoder(TableEncoder(VECTORS, 2), capacity=4)
    encoder.rows(["Far", "Fen", "Moor"])
    found = number_texts(encoder, [("Here", "Shire", "")], [("Here", "Shire", "")])
    assert encoder.vectors[found.answers[0, :2]].tolist() == [[1.0, 0.0], [1.0, 1.0]]
    assert (found.answers == found.truth).all()
