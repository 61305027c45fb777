"""Which parts of a line may be a name: runs of words, of characters, words run together."""

from geoagent_graph.evidence.names.name_candidates import MAX_LINE_CHARS, name_candidates


def texts(line: str) -> list[str]:
    """Return the candidates of a line as written."""
    return [candidate.text for candidate in name_candidates(line)]


def test_every_run_of_up_to_four_words() -> None:
    found = texts("Rio de Janeiro do Sul")
    assert found[:4] == ["Rio", "Rio de", "Rio de Janeiro", "Rio de Janeiro do"]
    assert "Rio de Janeiro do Sul" not in found
    assert len(found) == 4 + 4 + 3 + 2 + 1


def test_a_candidate_knows_its_place() -> None:
    line = "→ São Paulo."
    candidate = next(c for c in name_candidates(line) if c.words == 2)
    assert (candidate.text, candidate.key) == ("São Paulo", "sao paulo")
    assert line[candidate.start : candidate.end] == "São Paulo"


def test_figures_and_signs_are_no_names() -> None:
    assert texts("12:30 - 5,- €") == []
    assert texts("") == []


def test_unspaced_scripts_are_cut_everywhere() -> None:
    assert set(texts("東京駅")) >= {"東京", "京駅", "東京駅"}
    assert max(map(len, texts("一二三四五六七八")[1:])) == 6


def test_korean_endings_are_taken_off() -> None:
    assert "부산" in texts("부산역")
    assert "서" not in texts("서역")  # one syllable is no name


def test_lost_spaces_come_back() -> None:
    (candidate,) = [c for c in name_candidates("SanFrancisco") if c.key == "san francisco"]
    assert (candidate.start, candidate.end) == (0, 12)


def test_long_lines_are_cut() -> None:
    assert texts("a " * 30 + "Berlin").count("Berlin") == 0  # the 31st word
    assert texts("x" * MAX_LINE_CHARS + " Berlin") == ["x" * MAX_LINE_CHARS]
