"""Which cases are the worst, and what is said of them."""

import numpy as np
import pyarrow as pa
from geoagent_evaluation.report.row_table import RowTable
from geoagent_evaluation.report.sections.worst_cases import format_point, worst_rows


def table(**columns: list[object]) -> RowTable:
    return RowTable(pa.table(columns))


def test_surest_wrong_claims_come_first_and_are_not_told_twice() -> None:
    rows = table(
        distance_km=[10.0, 9000.0, 400.0, 12_000.0, 0.0, 7.0],
        probability=[0.9, 0.3, 0.8, None, 0.99, 0.95],
        claim_right=[False, False, True, None, False, False],
        abstained=[False, False, False, True, False, False],
        failed=[False, False, False, False, False, True],
    )
    worst = worst_rows(rows)
    assert worst.surest == [4, 0, 1]
    assert worst.farthest == [3, 2]


def test_equal_cases_stay_in_the_order_of_the_file() -> None:
    rows = table(distance_km=[5.0, 8.0, 8.0, 5.0], failed=[False] * 4)
    assert worst_rows(rows).farthest == [1, 2, 0, 3]


def test_points_are_told_with_their_directions() -> None:
    assert format_point(-1.5, 179.9999).replace("\u00a0", " ") == "1.500° S 180.000° E"
    assert format_point(np.nan, 3.0) == "no point"
