"""The audit of sources: reliability, gains with their intervals, flags."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geoagent_evaluation.errors import ContractError
from geoagent_evaluation.scoring.audit import (
    audit_sources,
    mean_with_interval,
    read_evidence,
    reliability_of,
)


def _row(photo: int, true: str, gain: float, claimed: float = 0.8, **more: Any) -> dict[str, Any]:
    return {
        "id": f"p{photo}",
        "cluster": f"c{photo}",
        "source": "phones",
        "true_country": true,
        "countries": {"PT": claimed},
        "unlisted": 1.0 - claimed,
        "gain_country": gain,
        **more,
    }


def test_a_calibrated_source_is_found_to_be_so() -> None:
    rng = np.random.default_rng(5)
    claimed = rng.uniform(0.02, 0.98, 8000)
    true = np.where(rng.random(8000) < claimed, "PT", "ES")
    rows = [
        _row(n, str(country), 0.1, float(share))
        for n, (country, share) in enumerate(zip(true, claimed, strict=True))
    ]
    columns = reliability_of(rows)
    assert sum(columns["n"]) == 16000
    for said, seen, count in zip(
        columns["claimed"], columns["observed"], columns["n"], strict=True
    ):
        assert abs(said - seen) < 4 * np.sqrt(said * (1 - said) / count)
    assert all(
        low <= seen <= high
        for low, seen, high in zip(
            columns["low"], columns["observed"], columns["high"], strict=True
        )
    )


def test_an_overconfident_source_shows_in_its_reliability() -> None:
    rows = [_row(n, "PT" if n % 2 else "ES", 0.0, claimed=0.95) for n in range(200)]
    columns = reliability_of(rows)
    assert columns["claimed"][-1] == pytest.approx(0.95)
    assert columns["observed"][-1] == pytest.approx(0.5)
    assert columns["high"][-1] < 0.95


def test_gains_are_counted_and_averaged() -> None:
    gains = [1.0, 2.0, -0.5, 0.0]
    rows = [_row(n, "PT", gain) for n, gain in enumerate(gains)]
    rows[0]["gain_city"] = 3.0
    (audit,) = audit_sources(rows, photos=10)
    assert (audit["photos"], audit["spoke"], audit["helped"], audit["hurt"]) == (10, 4, 2, 1)
    assert audit["gain_country"]["mean"] == pytest.approx(0.625)
    assert audit["gain_country"]["low"] <= 0.625 <= audit["gain_country"]["high"]
    assert audit["gain_city"]["n"] == 1
    assert not audit["flagged"]


def test_a_source_that_lowers_the_truth_beyond_the_interval_is_flagged() -> None:
    hurt = [_row(n, "PT", -0.5 - 0.01 * n) for n in range(30)]
    mixed = [{**_row(n, "PT", 0.5 * (-1) ** n), "source": "domains"} for n in range(30)]
    few = [{**_row(n, "PT", -0.5), "source": "postal_codes"} for n in range(4)]
    flagged = {audit["source"]: audit["flagged"] for audit in audit_sources(hurt + mixed + few, 40)}
    assert flagged == {"phones": True, "domains": False, "postal_codes": False}


def test_photos_of_one_place_count_as_one() -> None:
    values = np.repeat([1.0, -1.0, 1.0, -1.0], 50)
    alone = mean_with_interval(values, [str(n) for n in range(200)], seed=1)
    together = mean_with_interval(values, [str(n // 50) for n in range(200)], seed=1)
    assert together["clusters"] == 4
    assert together["high"] - together["low"] > 3 * (alone["high"] - alone["low"])
    again = mean_with_interval(values, [str(n // 50) for n in range(200)], seed=1)
    assert again == together


def test_evidence_is_read_and_a_bad_row_refused(tmp_path: Path) -> None:
    file = tmp_path / "evidence.jsonl"
    assert read_evidence(file) == []
    good = json.dumps(_row(1, "PT", 0.5))
    file.write_text(good + "\n")
    assert read_evidence(file)[0]["source"] == "phones"
    for bad in ('{"id": 1}', "[]", "x", good.replace("0.5", "NaN"), good.replace("0.5", '"0.5"')):
        file.write_text(f"{good}\n{bad}\n")
        with pytest.raises(ContractError, match="row 2"):
            read_evidence(file)
