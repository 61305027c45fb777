from pathlib import Path

import numpy as np
import pytest
from geoagent_evaluation.datasets.catalogue import DATASETS, find_dataset
from geoagent_evaluation.datasets.examination import Examination, examine_file
from geoagent_evaluation.datasets.populated_cells import are_populated
from geoagent_evaluation.errors import DatasetError

from tests.support.paths import SHARED_DATA

TOWNS = (
    (48.85, 2.35), (40.41, -3.70), (52.52, 13.40), (51.50, -0.12), (41.90, 12.50), (59.33, 18.07),
    (-23.55, -46.63), (19.43, -99.13), (6.52, 3.38), (28.61, 77.21),
)  # fmt: skip


def table(folder: Path, rows: list[str], head: str = "IMG_ID,AUTHOR,LAT,LON") -> Path:
    path = folder / "table.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def examine(folder: Path, rows: list[str], name: str = "im2gps3k") -> Examination:
    return examine_file(find_dataset(name), table(folder, rows))


def town_rows(count: int = len(TOWNS)) -> list[str]:
    return [f"p{n}.jpg,someone,{lat},{lon}" for n, (lat, lon) in enumerate(TOWNS[:count])]


def test_photos_are_read_with_their_points(tmp_path: Path) -> None:
    found = examine(tmp_path, town_rows())
    assert [(p.id, p.file, p.lat_deg, p.lon_deg) for p in found.photos[:1]] == [
        ("p0", "p0.jpg", 48.85, 2.35)
    ]
    assert found.faulty == []
    assert found.repaired == []
    assert "10 rows where IM2GPS3K has 2997" in found.warnings[0]


@pytest.mark.parametrize("count", [5, 10])
def test_swapped_heads_are_repaired_also_where_all_values_are_in_range(
    tmp_path: Path, count: int
) -> None:
    rows = [f"p{n}.jpg,x,{lon},{lat}" for n, (lat, lon) in enumerate(TOWNS[:count])]
    found = examine(tmp_path, rows)
    assert [(p.lat_deg, p.lon_deg) for p in found.photos] == list(TOWNS[:count])
    assert "swapped" in found.repaired[0]


def test_one_wrong_row_does_not_swap_a_table(tmp_path: Path) -> None:
    found = examine(tmp_path, [*town_rows(), "p99.jpg,x,139.69,35.68"])
    assert found.repaired == []
    assert [(one.row, one.field) for one in found.faulty] == [(11, "latitude")]
    assert "look swapped" in found.faulty[0].problem


@pytest.mark.parametrize(
    ("row", "field", "told"),
    [
        ("a.jpg,x,91,2", "latitude", "91 is outside -90 to 90"),
        ("a.jpg,x,1,-181", "longitude", "-181 is outside -180 to 180"),
        ("a.jpg,x,inf,2", "LAT", "is not a number of degrees"),
        ("a.jpg,x,1_0,2", "LAT", "is not a number of degrees"),
        ("a.jpg,x,٣,2", "LAT", "is not a number of degrees"),
        ("a.jpg,x,1,", "longitude", "is missing, the other is not"),
        ("../a.jpg,x,1,2", "IMG_ID", "leads out of the folder"),
        ("/etc/a.jpg,x,1,2", "IMG_ID", "is an absolute path"),
        (r"C:\a.jpg,x,1,2", "IMG_ID", "is an absolute path"),
        (r"..\a.jpg,x,1,2", "IMG_ID", "leads out of the folder"),
        ("\x1b[2Ja.jpg,x,1,2", "IMG_ID", "holds a control character"),
        (",x,1,2", "IMG_ID", "is missing"),
        ("3.859149887465501e+15,x,1,2", "IMG_ID", "lost its digits"),
        ("p0.jpg,x,5,6", "id", "is the id of row 1 too, at another point"),
    ],
)
def test_a_wrong_row_is_told_with_row_and_field(
    tmp_path: Path, row: str, field: str, told: str
) -> None:
    found = examine(tmp_path, [*town_rows(), row])
    assert [(one.row, one.field) for one in found.faulty] == [(11, field)]
    assert told in found.faulty[0].problem
    assert len(found.photos) == 10


def test_a_row_that_is_repeated_counts_once(tmp_path: Path) -> None:
    found = examine(tmp_path, [*town_rows(), town_rows()[0]])
    assert len(found.photos) == 10
    assert found.repaired == ["1 rows repeat an earlier one and were passed over"]


def test_photos_without_coordinates_are_counted(tmp_path: Path) -> None:
    found = examine(tmp_path, [*town_rows(), "q.jpg,x,,", "r.jpg,x,nan,NaN", "s.jpg,x,0,0"])
    assert [photo.id for photo in found.unplaced] == ["q", "r"]
    assert "2 rows have no coordinates and are not in the truth" in found.warnings
    assert any("0, 0" in warning for warning in found.warnings)


def test_semicolons_and_decimal_commas_are_read(tmp_path: Path) -> None:
    path = table(tmp_path, ["a.jpg;48,85;2,35"], "IMG_ID;LAT;LON")
    [photo] = examine_file(find_dataset("im2gps"), path).photos
    assert (photo.lat_deg, photo.lon_deg) == (48.85, 2.35)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"has no column LAT or latitude .*it has AUTHOR, IMG_ID"
    ):
        examine_file(find_dataset("im2gps3k"), table(tmp_path, ["a,b"], "IMG_ID,AUTHOR"))


def test_an_unknown_data_set_is_answered_with_the_nearest() -> None:
    with pytest.raises(DatasetError, match=r"did you mean im2gps3k\?"):
        find_dataset("im2gps3")


def test_each_data_set_states_what_it_is() -> None:
    assert len({dataset.name for dataset in DATASETS}) == len(DATASETS) == 8
    for dataset in DATASETS:
        assert dataset.licence
        assert dataset.source
        assert dataset.faults
        assert dataset.rows is None or dataset.rows > 100


def test_towns_lie_in_populated_cells_and_the_sea_does_not() -> None:
    lat, lon = np.array(TOWNS).T
    assert are_populated(lat, lon).all()
    assert not are_populated([-60.0, 48.0, 95.0, np.nan], [0.0, -35.0, 10.0, 1.0]).any()


def test_the_real_table_of_im2gps3k_is_whole_and_is_repaired(tmp_path: Path) -> None:
    path = SHARED_DATA / "benchmarks" / "im2gps3k_places365.csv"
    if not path.is_file():
        pytest.skip("the project's shared data is not beside this clone")
    found = examine_file(find_dataset("im2gps3k"), path)
    assert (len(found.photos), found.faulty, found.warnings) == (2997, [], [])
    head, rows = path.read_text().split("\n", 1)
    swapped = tmp_path / "swapped.csv"
    swapped.write_text(head.replace("LAT,LON", "LON,LAT") + "\n" + rows)
    assert examine_file(find_dataset("im2gps3k"), swapped).photos == found.photos
