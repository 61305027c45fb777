"""Answers built by hand for the tests of what people see."""

from typing import Any

from geoagent_graph.types import (
    Answer,
    AnswerPlace,
    Box,
    Clue,
    Evidence,
    Exclusion,
    Hypothesis,
    ImageRef,
    Level,
    Place,
    Reference,
    Step,
    ToolCall,
)

EUROPE = Place(
    id="continent:EU", level="continent", name="Europe", continent_code="EU", lat_deg=50, lon_deg=15
)
ASIA = Place(
    id="continent:AS", level="continent", name="Asia", continent_code="AS", lat_deg=28, lon_deg=100
)


def country(code: str, name: str, lat_deg: float, lon_deg: float) -> Place:
    """Return a European country."""
    return Place(
        id=f"country:{code}", level="country", name=name, continent_code="EU",
        country_code=code, country=name, lat_deg=lat_deg, lon_deg=lon_deg,
    )  # fmt: skip


def town(number: int, name: str, region: str, lat_deg: float, lon_deg: float) -> Place:
    """Return a Portuguese town."""
    return Place(
        id=f"geonames:{number}", level="city", name=name, continent_code="EU", country_code="PT",
        country="Portugal", region=region, city=name, lat_deg=lat_deg, lon_deg=lon_deg,
    )  # fmt: skip


PORTUGAL, SPAIN = country("PT", "Portugal", 39.7, -8.6), country("ES", "Spain", 40.2, -3.5)
PORTO = town(2735943, "Porto", "Porto District", 41.1496, -8.611)
BRAGA = town(2742032, "Braga", "Braga District", 41.5503, -8.42)


def hypothesis(
    place: Place, probability: float, *, for_it: str = "", against: str = "", clue: str = "c1"
) -> Hypothesis:
    """Return a candidate with at most one clue for it and one against it."""
    spoken = ((for_it, 2.4), (against, -1.3))
    evidence = tuple(
        Evidence(
            place_id=place.id, source="text_reader", log_lr=log_lr, clue_ids=(clue,), reason=words
        )
        for words, log_lr in spoken
        if words
    )
    return Hypothesis(
        level=place.level, place=place, prior=0.1, probability=probability,
        reason=for_it or "population", clues=(clue,), evidence=evidence,
    )  # fmt: skip


def porto_levels() -> dict[Level, tuple[Hypothesis, ...]]:
    """Return the candidates of a run that ends in Porto."""
    return {
        "continent": (
            hypothesis(EUROPE, 0.97, for_it="Portuguese on a sign"),
            hypothesis(ASIA, 0.01),
        ),
        "country": (
            hypothesis(PORTUGAL, 0.93, for_it="calling code +351", clue="c2"),
            hypothesis(SPAIN, 0.03, against="no Spanish word", clue="c1"),
        ),
        "city": (
            hypothesis(PORTO, 0.88, for_it='the name "Porto" on a sign'),
            hypothesis(BRAGA, 0.05, against="the area code is another one", clue="c2"),
        ),
    }


def porto_clues() -> tuple[Clue, ...]:
    """Return three clues, two of them with a box in the photo."""
    return (
        Clue(id="c1", kind="text", text="Rua das Flores, Porto", source="rapidocr", confidence=0.94,
             box=Box(left=0.1, top=0.1, right=0.6, bottom=0.25)),
        Clue(id="c2", kind="phone", text="+351 22 200 1234", source="phonenumbers",
             box=Box(left=0.1, top=0.6, right=0.5, bottom=0.7), attributes={"country_code": "PT"}),
        Clue(id="c3", kind="exif_position", text="41.15, -8.61", source="exif"),
    )  # fmt: skip


def porto_steps() -> tuple[Step, ...]:
    """Return the steps of the run as the nodes report them."""
    call = ToolCall(tool="text_reader", arguments={"max_side": 1600}, result="2 lines", seconds=0.5)
    failed = ToolCall(tool="retriever", result="", seconds=0.1, error="index is damaged")
    clues = [clue.model_dump(mode="json") for clue in porto_clues()]
    candidates = [item.model_dump(mode="json") for item in porto_levels()["continent"]]
    return (
        Step(index=0, node="observe", level=None, summary="3 clues", seconds=0.6, tools=(call,),
             detail={"clues": list(clues)}),
        Step(index=1, node="propose", level="continent", summary="2 candidates", seconds=0.01,
             detail={"candidates": list(candidates)}),
        Step(index=2, node="retrieve", level="continent", summary="no reference", seconds=0.1,
             tools=(failed,)),
        Step(index=3, node="judge", level="continent", summary="accept Europe", seconds=0.01),
    )  # fmt: skip


def porto_answer(**changes: object) -> Answer:
    """Return an answer of level city, with any field replaced."""
    fields: dict[str, object] = {
        "image": ImageRef(sha256="sha256:" + "ab" * 32, width=640, height=480, name="porto.jpg",
                          format="JPEG"),
        "place": AnswerPlace(continent="Europe", country="Portugal", country_code="PT",
                             region="Porto District", city="Porto"),
        "lat_deg": 41.1496, "lon_deg": -8.611, "radius_km": 25.0,
        "level": "city", "probability": 0.88,
        "levels": porto_levels(),
        "clues": porto_clues(),
        "references": (Reference(id="r1", score=0.81, lat_deg=41.2, lon_deg=-8.5, country_code="PT",
                                 license="CC BY-SA 4.0", attribution="A. Photographer"),),
        "excluded": (Exclusion(place=SPAIN, probability=0.03, reason="no Spanish word", step=3),),
        "tools": tuple(call for step in porto_steps() for call in step.tools),
        "warnings": ("The index is damaged: look-alike photos were not used.",),
        "policy": "evidence", "seconds": 0.9, "trace": porto_steps(),
    }  # fmt: skip
    return Answer.model_validate(fields | changes)


def unknown_answer(**changes: object) -> Answer:
    """Return an answer that claims nothing."""
    fields: dict[str, object] = {
        "place": AnswerPlace(), "level": "none", "probability": 0.0, "radius_km": 9000.0,
        "levels": {"continent": (hypothesis(EUROPE, 0.4), hypothesis(ASIA, 0.35))},
        "clues": (), "references": (), "excluded": (), "warnings": (),
    }  # fmt: skip
    return porto_answer(**(fields | changes))


HOSTILE = (
    "</style></title></script><script>alert(1)</script><img src=http://evil.example/x onerror=a()>"
    '" onload="a()" \' [red]markup[/red] [link=http://evil.example]x[/link] {{7*7}} '
    "\x1b]0;title\x07\x1b[2J\x9b31m\u202egnp.exe\u2066 javascript:alert(1)"
)
_CHECKED = frozenset({"by", "sha256", "level", "kind", "continent_code", "country_code"})


def hostile_answer(level: str = "city") -> Answer:
    """Return an answer with `HOSTILE` in every field that takes any text."""
    dumped = porto_answer().model_dump(mode="json")
    hostile = _poisoned(dumped, "")
    for clue in hostile["clues"]:
        clue["id"] = f"{HOSTILE}{clue['kind']}"
    return Answer.model_validate({**hostile, "level": level})


def _poisoned(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return {name: _poisoned(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_poisoned(item, key) for item in value]
    return HOSTILE if isinstance(value, str) and key not in _CHECKED else value
