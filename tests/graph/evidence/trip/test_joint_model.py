"""Photos of one trip: exact sums over all paths, and what must not change the joint posterior."""

import dataclasses
import functools
from typing import Any

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.trip import joint_model, joint_posterior
from geoagent_graph.evidence.trip.joint_model import JointModel
from geoagent_graph.protocols import RuledOut
from geoagent_graph.questions import SearchCircle
from geoagent_graph.testing import EUROPE, LISBON, PORTUGAL
from geoagent_graph.trip_types import (
    MAX_PHOTOS,
    Joined,
    PhotoEvidence,
    Taken,
    file_claim_of_time,
    parse_time_taken,
)
from geoagent_graph.types import Clue, Hypothesis
from tests.support.evidence_cases import Case, model, observed

NEAR = {"first": ("Lisboa",), "second": ("Rua da Liberdade",), "third": ("Sintra",)}


def photo(
    key: str, *lines: str, at: str | None = None, by_file: bool = False, **more: Any
) -> PhotoEvidence:
    taken = parse_time_taken(at) if at else None
    if taken and by_file:
        taken = taken.model_copy(update={"said_by": "file"})
    clues = observed(Case(*lines)) if lines else []
    return PhotoEvidence(key=key, name=f"photo {key}", clues=clues, taken=taken, **more)


def mass(joined: Joined, row: int, place_id: str) -> float:
    every = [h for found in joined.photos[row].levels.values() for h in found]
    return next((h.probability for h in every if h.place.id == place_id), 0.0)


# --- trips ---


def trip(shift_hours: float = 0.0, **changes: str) -> dict[str, PhotoEvidence]:
    times = {"first": 10.0, "second": 10.6, "third": 11.1}
    made = {}
    for key, lines in NEAR.items():
        minutes = round((times[key] + shift_hours) * 60)
        day, minutes = divmod(minutes, 1440)
        at = f"2024-05-{10 + day:02}T{minutes // 60:02}:{minutes % 60:02}"
        made[key] = photo(key, *changes.get(key, lines), at=at)
    return made


@functools.cache
def joined_trip() -> Joined:
    return JointModel(model()).join(list(trip().values()))


def test_an_ambiguous_photo_is_placed_by_its_neighbours() -> None:
    joined = joined_trip()
    assert joined.contradiction is None
    assert joined.fit is not None
    assert joined.fit > 1.0
    second = joined.photos[1]
    assert (second.level, second.place.city) == ("city", "Lisbon")
    assert second.alone < 0.1
    assert second.together > 0.7
    assert "photo first, taken 36 min earlier" in " ".join(second.because)
    country = second.levels["country"][0]
    assert country.place.id == "country:PT"
    assert country.prior < 0.1 < 0.9 < country.probability
    assert {item.source for item in country.evidence} == {"trip"}


def test_the_order_in_which_photos_are_given_changes_nothing() -> None:
    photos = trip()
    expected = joined_trip()
    by_key = dict(zip(photos, expected.photos, strict=True))
    for keys in (("third", "first", "second"), ("third", "second", "first")):
        joined = JointModel(model()).join([photos[key] for key in keys])
        assert joined.fit == expected.fit
        assert dict(zip(keys, joined.photos, strict=True)) == by_key


@pytest.mark.parametrize("shift", [0.25, 5.0, 27.0])
def test_only_the_differences_of_times_count(shift: float) -> None:
    moved, expected = JointModel(model()).join(list(trip(shift).values())), joined_trip()
    assert moved.fit == pytest.approx(expected.fit)
    for one, other in zip(moved.photos, expected.photos, strict=True):
        assert (one.place, one.lat_deg, one.radius_km) == (
            other.place,
            other.lat_deg,
            other.radius_km,
        )
        assert one.together == pytest.approx(other.together)


@pytest.mark.parametrize("lines", [(), ("Lisboa",), ("28013 Madrid", "Calle Mayor")])
def test_one_photo_has_its_own_posterior(lines: tuple[str, ...]) -> None:
    joined = JointModel(model()).join([photo("one", *lines, at="2024-05-01T10:00")])
    posterior = model().weigh(observed(Case(*lines)) if lines else (), ()).posterior
    assert joined.fit == pytest.approx(0.0)
    for found in joined.photos[0].levels.values():
        for hypothesis in found:
            assert hypothesis.probability == pytest.approx(hypothesis.prior)
            expected = posterior.mass(model().region(hypothesis.place))
            assert hypothesis.probability == pytest.approx(expected)


def test_a_photo_that_shows_nothing_changes_nothing() -> None:
    alone = JointModel(model()).join([photo("a", "Lisboa", at="2024-05-01T10:00")]).photos[0]
    for at in ("2024-05-01T10:05", "2024-05-03T10:05", None):
        blank = photo("b", at=at)
        first, second = (
            JointModel(model()).join([photo("a", "Lisboa", at="2024-05-01T10:00"), blank]).photos
        )
        assert first.together == pytest.approx(alone.together, abs=2e-3)
        assert first.radius_km == pytest.approx(alone.radius_km, rel=0.02)
        assert second.levels["country"][0].place.id == "country:PT"


def sure_of(place_id: str, key: str, at: str, **more: Any) -> PhotoEvidence:
    """Return a photo that a person has narrowed to a circle: nothing else has probability."""
    spots = {"lisbon": (38.72, -9.14), "tokyo": (35.68, 139.7), "sintra": (38.8, -9.38)}
    lat, lon = spots[place_id]
    circle = SearchCircle(lat_deg=lat, lon_deg=lon, radius_km=15)
    return photo(key, at=at, ruled_out=RuledOut(circle=circle), **more)


def test_far_apart_at_one_moment_is_said_to_be_impossible() -> None:
    photos = [
        sure_of("lisbon", "a", "2024-05-01T10:00:00+01:00"),
        sure_of("tokyo", "b", "2024-05-01T10:00:00+01:00"),
    ]
    joined = JointModel(model()).join(photos)
    assert joined.fit is None
    assert joined.contradiction is not None
    assert "no way from place to place" in joined.contradiction
    assert "Tokyo" in joined.contradiction or "near" in joined.contradiction
    for index, single in enumerate(photos):
        alone = JointModel(model()).join([single]).photos[0]
        assert joined.photos[index].together == pytest.approx(alone.together)
        assert joined.photos[index].lat_deg == alone.lat_deg
    later = [photos[0], sure_of("tokyo", "b", "2024-05-02T10:00:00+01:00")]
    assert JointModel(model()).join(later).contradiction is None


def test_a_far_place_at_one_moment_is_excluded() -> None:
    photos = [
        sure_of("lisbon", "a", "2024-05-01T10:00:00Z"),
        photo("b", "東京", at="2024-05-01T10:00:00Z"),
    ]
    joined = JointModel(model()).join(photos)
    assert mass(joined, 1, "country:JP") == 0.0
    assert joined.photos[1].place.country_code == "PT"


def test_the_times_of_files_are_claims() -> None:
    def pair(by_file: bool) -> Joined:
        return JointModel(model()).join(
            [
                sure_of("lisbon", "a", "2024-05-01T10:00:00Z", by_file=by_file),
                sure_of("tokyo", "b", "2024-05-01T10:00:00Z", by_file=by_file),
            ]
        )

    assert pair(False).contradiction is not None
    claimed = pair(True)
    assert claimed.contradiction is None
    assert claimed.times_right == 0.0
    assert "more likely wrong than right" in " ".join(claimed.warnings)
    near = JointModel(model()).join(
        [
            sure_of("lisbon", "a", "2024-05-01T10:00:00Z", by_file=True),
            sure_of("sintra", "b", "2024-05-01T10:40:00Z", by_file=True),
        ]
    )
    assert near.times_right is not None
    assert near.times_right > 0.95


def test_without_times_a_trip_is_a_soft_hint() -> None:
    first, second = (photo("a", "Lisboa", "1100-053 Lisboa"), photo("b", "Rua da Liberdade"))
    joined = JointModel(model()).join([first, second])
    assert joined.photos[1].levels["country"][0].place.id == "country:PT"
    at_once = JointModel(model()).join(
        [
            photo("a", "Lisboa", "1100-053 Lisboa", at="2024-05-01T10:00"),
            photo("b", "Rua da Liberdade", at="2024-05-01T10:05"),
        ]
    )
    assert mass(joined, 1, "country:PT") < mass(at_once, 1, "country:PT")


def test_untimed_photos_beside_timed_ones() -> None:
    photos = [*trip().values(), photo("fourth", "Rua da Liberdade"), photo("fifth")]
    joined = JointModel(model()).join(photos)
    assert joined.photos[3].levels["country"][0].place.id == "country:PT"
    assert joined.photos[3].taken is None
    assert joined.photos[1].place.city == "Lisbon"


def test_what_a_run_has_judged_otherwise_counts() -> None:
    levels = {
        "continent": (
            Hypothesis(level="continent", place=EUROPE, prior=0.1, probability=0.7, reason="x"),
        ),
        "country": (
            Hypothesis(
                level="country", place=PORTUGAL, prior=0.1, probability=0.6, reason="a model"
            ),
        ),
        "city": (
            Hypothesis(level="city", place=LISBON, prior=0.1, probability=0.45, reason="a model"),
        ),
    }
    joined = JointModel(model()).join([photo("a", "Rua da Liberdade", levels=levels)])
    assert mass(joined, 0, "country:PT") == pytest.approx(0.6, abs=1e-6)
    assert mass(joined, 0, LISBON.id) == pytest.approx(0.45, abs=1e-6)


def test_what_was_ruled_out_stays_out() -> None:
    photos = [
        photo("a", "Lisboa", at="2024-05-01T10:00"),
        photo("b", "Rua", at="2024-05-01T10:05", ruled_out=RuledOut((PORTUGAL,))),
    ]
    joined = JointModel(model()).join(photos)
    assert mass(joined, 1, "country:PT") == 0.0


def test_one_sign_in_two_frames_counts_once() -> None:
    signs = ("Lisboa", "Rua Augusta")
    single = JointModel(model()).join([photo("a", *signs, at="0:01")]).photos[0]
    joined = JointModel(model()).join(
        [photo("a", *signs, at="0:01"), photo("b", *signs, at="0:03")]
    )
    for frame in joined.photos:
        assert frame.together <= single.together + 0.02
        assert frame.place.city == single.place.city
    assert "counts once" in joined.warnings[0]
    other = JointModel(model()).join(
        [photo("a", *signs, at="0:01"), photo("b", "Rua da Praia", at="0:03")]
    )
    assert other.warnings == ()


def test_too_many_or_no_photos_are_refused() -> None:
    with pytest.raises(InputError, match="a trip takes"):
        JointModel(model()).join([])
    with pytest.raises(InputError, match="a trip takes"):
        JointModel(model()).join([photo(str(n)) for n in range(MAX_PHOTOS + 1)])


# --- times ---


@pytest.mark.parametrize(
    ("text", "clock", "seconds"),
    [
        ("1:23.5", "elapsed", 83.5),
        ("0", "elapsed", 0.0),
        ("01:02:03", "elapsed", 3723.0),
        ("12.25", "elapsed", 12.25),
        ("1970-01-01T00:01:00Z", "date", 60.0),
        ("1970-01-02T00:00+02:00", "date", 86400.0),
    ],
)
def test_times_as_people_write_them(text: str, clock: str, seconds: float) -> None:
    taken = parse_time_taken(text)
    assert (taken.clock, taken.clock_s) == (clock, seconds)
    if text.endswith("+02:00"):
        assert taken.utc_s == 86400.0 - 7200.0


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-05-01", "10:99", "nan", "-5", "1" * 99, "٣"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no time"):
        parse_time_taken(text)


def claim(**attributes: str) -> Clue:
    return Clue(
        id=str(attributes), kind="exif_other", text="x", source="exif_reader", attributes=attributes
    )


def test_the_time_of_a_file() -> None:
    clues = [claim(camera="X"), claim(taken_at="2024-05-01T10:00:00"), claim(utc_offset="+02:00")]
    taken = file_claim_of_time(clues)
    assert taken == Taken(
        text="2024-05-01T10:00:00+02:00",
        said_by="file",
        clock="date",
        clock_s=1714557600.0,
        utc_s=1714550400.0,
    )
    assert file_claim_of_time(clues[:1]) is None
    assert file_claim_of_time([claim(taken_at="rubbish")]) is None
    forged = clues[1].model_copy(update={"source": "text_reader:x"})
    assert file_claim_of_time([forged]) is None


def test_two_clocks_are_not_mixed() -> None:
    photos = [
        photo("a", "Lisboa", at="2024-05-01T10:00"),
        photo("b", "Lisboa", at="0:10"),
        photo("c", "Lisboa", at="2024-05-01T10:05"),
    ]
    joined = JointModel(model()).join(photos)
    assert "the latter do not count" in joined.warnings[0]


def test_ways_that_could_not_be_weighed_evenly_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    weigh = joint_posterior.weigh_trip
    photos = [photo("a", "Lisboa"), photo("b", "Sintra")]
    assert not [w for w in JointModel(model()).join(photos).warnings if "evenly" in w]
    monkeypatch.setattr(
        joint_model, "weigh_trip",
        lambda *given: dataclasses.replace(weigh(*given), imbalance=0.02),
    )  # fmt: skip
    said = [warning for warning in JointModel(model()).join(photos).warnings if "evenly" in warning]
    assert said == [
        "the ways between the photos could not be weighed evenly: shares may be off by 2.0%"
    ]
