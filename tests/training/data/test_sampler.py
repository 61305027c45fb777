"""Samples by quota: formula, real figures, small pools."""

import json
from pathlib import Path

import numpy as np
import pytest
from geoagent_training.data.sampler import (
    CountryFigures,
    cell_of,
    country_quotas,
    draw,
    feasible_quotas,
    read_country_figures,
)
from geoagent_training.data.sampling_run import sample_source
from geoagent_training.errors import DataError
from PIL import Image


def test_quotas_follow_the_formula() -> None:
    figures = {
        "AA": CountryFigures(800, 10, 100),
        "BB": CountryFigures(200, 70, 100),
        "CC": CountryFigures(0, 20, 800),
    }
    # by hand: 0.5*0.8+0.2*0.1+0.3*0.1, 0.5*0.2+0.2*0.7+0.3*0.1, 0.2*0.2+0.3*0.8
    assert country_quotas(1000, figures) == {"AA": 450, "BB": 270, "CC": 280}
    for total in (1, 7, 99, 1001):
        assert sum(country_quotas(total, figures).values()) == total


def test_quotas_of_the_real_figures(shared_data: Path) -> None:
    figures = read_country_figures(shared_data / "facts" / "country_stats.csv")
    quotas = country_quotas(20_000, figures)
    sums = [
        sum(getattr(f, k) for f in figures.values()) for k in ("roads_km", "people", "land_km2")
    ]
    us = figures["US"]
    exact = 0.5 * us.roads_km / sums[0] + 0.2 * us.people / sums[1] + 0.3 * us.land_km2 / sums[2]
    assert abs(quotas["US"] - 20_000 * exact) < 1
    assert sum(quotas.values()) == 20_000


def test_the_share_of_what_a_pool_lacks_is_drawn_elsewhere_by_the_formula() -> None:
    figures = {
        "AA": CountryFigures(800, 10, 100),
        "BB": CountryFigures(200, 70, 100),
        "CC": CountryFigures(0, 20, 800),
    }
    plenty = dict.fromkeys(figures, 10_000)
    assert feasible_quotas(1000, figures, plenty) == country_quotas(1000, figures)
    without = feasible_quotas(1000, figures, plenty | {"AA": 50})
    assert without["AA"] == 50
    assert sum(without.values()) == 1000
    rest = country_quotas(400, {code: figures[code] for code in ("BB", "CC")})
    assert without["BB"] - 270 == rest["BB"]
    assert feasible_quotas(1000, figures, {"BB": 7, "ZZ": 9}) == {"AA": 0, "BB": 7, "CC": 0}


def test_the_european_union_is_no_country(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    lines = ["iso2,roadways_km,population,land_km2", "PT,1,2,3", "EU,4894173,451815312,", ",1,2,3"]
    path.write_text("\n".join(lines))
    assert [*read_country_figures(path)] == ["PT"]
    path.write_text("\n".join([lines[0], lines[2]]))
    with pytest.raises(DataError, match="no row has the ISO code"):
        read_country_figures(path)


def test_cells_are_drawn_by_the_logarithm_of_their_people() -> None:
    rng = np.random.default_rng(0)
    points = np.concatenate(
        [
            np.column_stack([rng.uniform(lat, lat + 1, 4000), np.full(4000, 10.5)])
            for lat in (0, 5, 9)
        ]
    )
    people = {(0, 10): 0, (5, 10): 99, (9, 10): 999_999}
    drawn = draw(points, ["AA"] * 12_000, {"AA": 2000, "BB": 5}, people, seed=3)
    counts = [sum(int(points[row, 0]) == lat for row in drawn.rows) for lat in (0, 5, 9)]
    weights = np.log1p([1, 99, 999_999])
    assert np.array(counts) / 2000 == pytest.approx(weights / weights.sum(), abs=0.03)
    assert drawn.given == {"AA": 2000, "BB": 0}
    assert len(set(drawn.rows)) == 2000
    again = draw(points, ["AA"] * 12_000, {"AA": 2000, "BB": 5}, people, seed=3)
    assert again.rows == drawn.rows


def test_a_small_pool_gives_all_it_has() -> None:
    points = np.array([[0.5, 0.5], [0.6, 0.6], [40.5, 0.5]])
    drawn = draw(points, ["AA"] * 3, {"AA": 10}, {}, seed=0)
    assert sorted(drawn.rows) == [0, 1, 2]
    assert drawn.given == {"AA": 3}


@pytest.mark.parametrize(
    ("lat", "lon", "cell"),
    [
        (0.5, 0.5, (0, 0)),
        (-0.5, -0.5, (-1, -1)),
        (90.0, 180.0, (89, -180)),
        (-90, -180, (-90, -180)),
    ],
)
def test_cells(lat: float, lon: float, cell: tuple[int, int]) -> None:
    assert cell_of(lat, lon) == cell


@pytest.mark.parametrize("value", ["x", "-1", "nan", "inf"])
def test_bad_country_figures_are_named(tmp_path: Path, value: str) -> None:
    path = tmp_path / "c.csv"
    path.write_text(f"iso2,roadways_km,population,land_km2\nPT,1,{value},3\n")
    with pytest.raises(DataError, match=r"c\.csv:2"):
        read_country_figures(path)
    path.write_text("iso2,population\nPT,1\n")
    with pytest.raises(DataError, match="roadways_km"):
        read_country_figures(path)


def test_a_pool_is_drawn_with_a_map(tmp_path: Path) -> None:
    Image.new("RGB", (30, 30)).save(tmp_path / "a.png")
    towns = [(38.72, -9.14), (41.15, -8.61), (40.42, -3.70), (48.85, 2.35)] * 3
    rows = [{"image": "a.png", "lat_deg": a, "lon_deg": b, "country": ""} for a, b in towns]
    pool = tmp_path / "pool.jsonl"
    pool.write_text("\n".join(map(json.dumps, rows)))
    figures = tmp_path / "c.csv"
    figures.write_text("iso2,roadways_km,population,land_km2\nPT,3,3,3\nES,1,1,1\n")
    out = sample_source(pool, "geoagent", None, figures, 8, tmp_path / "out.jsonl", seed=1)
    drawn = [json.loads(line)["lat_deg"] for line in out.read_text().splitlines()]
    assert sorted(drawn)[:6].count(48.85) == 0
    assert (len(drawn), drawn.count(40.42)) == (8, 2)
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.width > 500


def test_codes_are_read_as_people_write_them_and_no_country_counts_twice(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    head = "iso2,roadways_km,population,land_km2\n"
    path.write_text(f"{head} fr,1,2,3\nEU,9,9,9\nDE,4,5,6\n")
    assert [*read_country_figures(path)] == ["FR", "DE"]
    path.write_text(f"{head}FR,1,2,3\nfr,1,2,3\n")
    assert [*read_country_figures(path)] == ["FR"]
    path.write_text("country;roads\nFrance;1\n")
    with pytest.raises(DataError, match="land_km2; the file has country;roads"):
        read_country_figures(path)
