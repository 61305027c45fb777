"""Answering only the surest claims: risk against coverage, and the area under it."""

from dataclasses import dataclass

import numpy as np

from geoagent_evaluation.contract.tables import Flags, Floats


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """Share of wrong claims among the surest, as more and more are answered; [n] each."""

    coverage: Floats
    risk: Floats


def expected_errors(confidence: Floats, wrong: Flags) -> Floats:
    """Return the errors of the claims from the surest down; those of a tie share theirs equally."""
    order = np.argsort(-confidence, kind="stable")
    _, place = np.unique(-confidence[order], return_inverse=True)
    mean = np.bincount(place, weights=wrong[order]) / np.maximum(np.bincount(place), 1)
    return np.asarray(mean[place])


def risk_coverage(confidence: Floats, wrong: Flags) -> RiskCoverage:
    """Return the risk-coverage curve (El-Yaniv and Wiener 2010, JMLR 11:1605).

    Claims of equal confidence are taken in every order, on average.
    """
    errors = expected_errors(confidence, wrong)
    answered = np.arange(1, len(errors) + 1)
    return RiskCoverage(answered / max(len(errors), 1), np.cumsum(errors) / answered)


def area_under_risk(confidence: Floats, wrong: Flags) -> float:
    """Return AURC: the mean risk over all coverages 1/n, ..., 1 (Geifman et al. 2019, ICLR)."""
    return float(risk_coverage(confidence, wrong).risk.mean())
