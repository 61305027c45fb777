"""Marks on the picture: clues of their own, and no evidence."""

import numpy as np

from tests.support.evidence_cases import Case, model, observed


def test_a_mark_is_a_clue_that_moves_nothing() -> None:
    sign = observed(Case("Padaria", "Rua Direita"))
    both = observed(Case("Padaria", "Rua Direita", "Photo: © 2016 Sofia Marin"))
    marks = [clue for clue in both if clue.kind == "overlay"]
    assert [clue.attributes["overlay"] for clue in marks] == ["credit"]
    assert not [clue for clue in both if clue.kind in ("place_name", "postal_code")]
    alone = model().weigh(sign, ()).posterior.probability
    assert np.allclose(alone, model().weigh(both, ()).posterior.probability)


def test_what_a_screenshot_shows_is_no_evidence() -> None:
    clues = observed(Case("Directions", "Nearby", "Lyon", "Tel. +33 4 72 10 30 30"))
    assert model().weigh(clues, ()).posterior.likelihoods == ()
