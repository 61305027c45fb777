"""Names of a whole are taken from its parts, and from nothing else."""

from tools.region_wholes import names_of_wholes


def test_a_name_of_the_whole_is_taken_from_its_parts() -> None:
    regions = [
        ("whole", "IT", 145.0, ["Tuscany", "Toscana"]),
        ("siena", "IT", 54.0, ["Siena", "Toscana", "Sienne"]),
        ("pisa", "IT", 45.0, ["Pisa", "Toscana"]),
        ("lucca", "IT", 32.0, ["Lucca", "Toscana", "Tuscany"]),
        ("elsewhere", "FR", 12.0, ["Vic", "Toscana"]),
    ]
    assert names_of_wholes(regions) == {
        "siena": {"toscana"},
        "pisa": {"toscana"},
        "lucca": {"toscana"},  # that one part alone is called "Tuscany" too may be right
    }


def test_a_town_and_the_district_around_it_keep_their_name() -> None:
    regions = [
        ("district", "CO", 90.0, ["Cundinamarca", "Bogotá"]),
        ("capital", "CO", 20.0, ["Capital District", "Bogotá"]),
        ("town", "CO", 15.0, ["Bogotá", "Santa Fe de Bogotá"]),
    ]
    assert names_of_wholes(regions) == {}


def test_what_others_are_named_after_keeps_its_names() -> None:
    others = [
        (name, "LV", 9.0, [name, "Valmiera", "Валмиера"]) for name in ("Burt", "Koce", "Nauk")
    ]
    regions = [
        ("largest", "LV", 20.0, ["Rauna", "Valmiera", "Валмиера"]),
        ("town", "LV", 5.0, ["Valmiera", "Валмиера"]),
        *others,
    ]
    assert names_of_wholes(regions) == {
        name: {"valmiera", "валмиера"} for name in ("Burt", "Koce", "Nauk")
    }
