"""The best rows of a corpus, with and without a penalty for distance."""

import math

import pytest
import torch
from geoagent_kernels import Engine, geo_topk, great_circle_km

from tests.support.kernel_types import Both, Globe


def normal(rows: int, width: int, seed: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(rows, width, generator=generator)
    return torch.nn.functional.normalize(vectors, dim=1).to(dtype)


def whole_table(
    query: torch.Tensor,
    corpus: torch.Tensor,
    latlon: tuple[torch.Tensor, torch.Tensor] | None = None,
    penalty: float = 0.0,
) -> torch.Tensor:
    """All scores at once, float64: what no engine is allowed to write."""
    scores = query.double() @ corpus.double().T
    if latlon is not None:
        distance = great_circle_km(latlon[0][:, None], latlon[1][None], engine="reference")
        scores -= penalty * distance.double()
    return scores


CASES = pytest.mark.parametrize(
    ("queries", "rows", "width", "k"),
    [(1, 1, 8, 1), (20, 700, 96, 8), (7, 63, 33, 10), (40, 300, 40, 3), (3, 300, 16, 64)],
    ids=lambda value: str(value),
)


@CASES
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("penalty", [0.0, 1e-4], ids=["plain", "penalty"])
def test_best_rows(
    both: Both,
    globe: Globe,
    queries: int,
    rows: int,
    width: int,
    k: int,
    dtype: torch.dtype,
    penalty: float,
) -> None:
    query, corpus = normal(queries, width, 1, dtype), normal(rows, width, 2, dtype)
    latlon = globe(queries, 3), globe(rows, 4)
    positions = {"query_latlon": latlon[0], "corpus_latlon": latlon[1], "penalty_per_km": penalty}
    wanted = whole_table(query, corpus, latlon, penalty)
    best = wanted.topk(k)
    tolerance = 1e-5 if dtype == torch.float32 else 1e-2
    for scores, index in both(geo_topk, query, corpus, k, **(positions if penalty else {})):
        assert (scores - best.values).abs().max() < tolerance
        assert (wanted.gather(1, index) - scores).abs().max() < tolerance
        assert all(len(set(row)) == k for row in index.tolist())
        pairs = zip(index.tolist(), best.indices.tolist(), strict=True)
        kept = [len(set(got) & set(true)) / k for got, true in pairs]
        assert sum(kept) / queries > 0.95


def test_a_penalty_reorders(both: Both) -> None:
    query, corpus = torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0], [0.9, 0.1]])
    far_first = torch.tensor([[0.0, 90.0], [0.0, 1.0]])
    here = torch.tensor([[0.0, 0.0]])
    plain = both(geo_topk, query, corpus, 2)
    near = both(
        geo_topk, query, corpus, 2, query_latlon=here, corpus_latlon=far_first, penalty_per_km=1e-4
    )
    for result in plain:
        assert result.index.tolist() == [[0, 1]]
    for result in near:
        assert result.index.tolist() == [[1, 0]]
        assert result.scores[0].tolist() == pytest.approx([0.9 - 0.01111949, 1 - 1.00075], abs=1e-5)


def test_equal_scores_come_lowest_index_first(both: Both) -> None:
    query, corpus = torch.ones(3, 4), torch.ones(500, 4)
    corpus[100:] = 0.5
    for result in both(geo_topk, query, corpus, 5):
        assert result.index.tolist() == [[0, 1, 2, 3, 4]] * 3


def test_fewer_rows_than_k(both: Both) -> None:
    query, corpus = normal(4, 16, 1), normal(3, 16, 2)
    for scores, index in both(geo_topk, query, corpus, 6):
        assert (index[:, :3].sort(1).values == torch.arange(3)).all()
        assert (index[:, 3:] == -1).all()
        assert (scores[:, 3:] == -math.inf).all()


def test_rows_that_cannot_be_scored_are_never_returned(both: Both, globe: Globe) -> None:
    query, corpus = normal(3, 16, 1), normal(40, 16, 2)
    corpus[5] = math.nan
    corpus_latlon, query_latlon = globe(40, 3), globe(3, 4)
    corpus_latlon[7] = math.nan
    query_latlon[2, 0] = 91.0
    for scores, index in both(
        geo_topk,
        *(query, corpus, 40),
        query_latlon=query_latlon,
        corpus_latlon=corpus_latlon,
        penalty_per_km=1e-5,
    ):
        assert (index[:2, :38] >= 0).all()
        assert not ((index == 5) | (index == 7)).any()
        assert (index[:2, 38:] == -1).all()
        assert (index[2] == -1).all()
        assert (scores[2] == -math.inf).all()


def test_negative_scores_are_ordered(both: Both) -> None:
    query, corpus = torch.tensor([[-1.0]]), torch.arange(1.0, 101.0)[:, None]
    for scores, index in both(geo_topk, query, corpus, 4):
        assert index.tolist() == [[0, 1, 2, 3]]
        assert scores.tolist() == [[-1.0, -2.0, -3.0, -4.0]]


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_empty(device: torch.device, engine: Engine) -> None:
    none, some = torch.zeros(0, 8, device=device), torch.ones(3, 8, device=device)
    assert geo_topk(none, some, 2, engine=engine).scores.shape == (0, 2)
    nothing = geo_topk(some, none, 2, engine=engine)
    assert nothing.index.tolist() == [[-1, -1]] * 3


def test_strided_views(both: Both) -> None:
    query, corpus = normal(10, 20, 1), normal(90, 20, 2)
    wanted = geo_topk(query, corpus, 4, engine="reference")
    wide = torch.full((180, 50), math.nan)
    wide[::2, 10:30] = corpus
    got, _ = both(geo_topk, query.T.contiguous().T, wide[::2, 10:30], 4)
    assert torch.equal(got.index, wanted.index)
    assert (got.scores - wanted.scores).abs().max() < 1e-5
