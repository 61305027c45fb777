"""Drawn scenes: the same seed, the same pixels; what is hidden is not drawn."""

import random

import numpy as np
from geoagent_training.miniature.scenes import PLACES, SIDE_PX, VISIBLE, draw_scene


class Fixed(random.Random):
    """A chooser that shows all clues, or hides all."""

    shown = True

    def random(self) -> float:
        return 0.0 if self.shown else 1.0

    def getrandbits(self, k: int) -> int:
        """Return bits as ever: without this, numbers in a range would be drawn from `random`."""
        return super().getrandbits(k)


class Hiding(Fixed):
    shown = False


def test_the_same_seed_gives_the_same_pixels_and_another_gives_others() -> None:
    one, same, other = (np.asarray(draw_scene(random.Random(s)).picture) for s in (5, 5, 6))
    assert one.shape == (SIDE_PX, SIDE_PX, 3)
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_clues_are_those_of_the_place_or_hidden() -> None:
    land, city = PLACES[0]
    shown, hidden = (draw_scene(kind(1), (land, city)) for kind in (Fixed, Hiding))
    assert (shown.clues.word, shown.clues.plate, shown.clues.side, shown.clues.sun) == (
        land.word, land.plate, land.side, land.sun,
    )  # fmt: skip
    assert (shown.clues.walls, shown.clues.tree) == (city.walls, city.tree)
    assert not any(getattr(hidden.clues, name) for name in type(hidden.clues).__slots__)
    assert hidden.city is shown.city is city


def test_the_sun_is_in_the_picture_only_where_it_is_a_clue() -> None:
    def sunny(chooser: random.Random) -> bool:
        pixels = np.asarray(draw_scene(chooser, PLACES[0]).picture)
        return bool((pixels == (255, 240, 120)).all(axis=2).any())

    assert sunny(Fixed(1))
    assert not sunny(Hiding(1))


def test_plate_and_side_are_seen_together_and_about_as_often_as_said() -> None:
    chooser = random.Random(0)
    clues = [draw_scene(chooser).clues for _ in range(60)]
    assert all((c.plate is None) == (c.side is None) for c in clues)
    share = sum(c.walls is not None for c in clues) / len(clues)
    assert abs(share - VISIBLE) < 0.15
