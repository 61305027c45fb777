"""What a run has written beside its predictions goes into their score: baselines and evidence."""

from dataclasses import replace
from pathlib import Path

from geoagent_evaluation.contract.run_folder import BASELINES, EVIDENCE
from geoagent_evaluation.scoring.audit import audit_sources, read_evidence
from geoagent_evaluation.scoring.figures import Figure
from geoagent_evaluation.scoring.score import Scored, file_sha256, score_files


def add_run_files(scored: Scored, predictions: Path, truth: Path, lenient: bool) -> Scored:
    """Return a score with the figures of each `baselines/NAME.jsonl` and the audit of each source.

    A score of predictions beside which there is neither is returned as it is.

    Raises:
        ContractError: file, row and field of what breaks the contract.
    """
    score = scored.score
    inputs, figures = dict(score.inputs), list(score.figures)
    for file in sorted((predictions.parent / BASELINES).glob("*.jsonl")):
        figures += _baseline_figures(file, truth, lenient)
        inputs[str(file)] = file_sha256(file)
    evidence = predictions.parent / EVIDENCE
    rows = read_evidence(evidence)
    if evidence.exists():
        inputs[str(evidence)] = file_sha256(evidence)
    sources = audit_sources(rows, photos=len(scored.rows))
    score = replace(score, figures=tuple(figures), inputs=inputs, sources=sources)
    return replace(scored, score=score)


def _baseline_figures(file: Path, truth: Path, lenient: bool) -> list[Figure]:
    """Return the figures of a baseline over all photos, under its name."""
    scored = score_files(file, truth, lenient, kinds=())
    return [replace(figure, system=file.stem) for figure in scored.score.figures]
