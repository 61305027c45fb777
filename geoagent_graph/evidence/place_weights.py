"""The weights of where photos are taken: the prior, what files claim, what photos look like."""

from dataclasses import dataclass

from geoagent_graph.evidence.parameter_group import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorWeights(Group):
    """Where photos are taken; see `evidence.prior`."""

    taken_roads: float  # powers of where photos are taken
    taken_population: float
    taken_towns: float
    taken_share: float  # of them in the mixture
    even_population: float  # powers of collections with a few photos of every country
    even_towns: float
    town_population: float
    town_offset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePositionWeights(Group):
    """The position, and the time, that a file claims."""

    false: float
    false_near: float  # of the false ones, how many are in the country of the photo all the same
    false_time: float  # of the times that files claim
    false_void: float  # of a receiver that says it has no fix
    false_placeholder: float  # of (0, 0) and of a country's centre
    error_m: float  # of a file that does not state it
    least_error_m: float
    most_error_km: float
    void_km: float
    moved_m_s: float  # since the position was measured
    centre_share: float  # of a country's radius: so near rounded degrees are its centre


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlaceWeights(Group):
    """The place that a file names in words."""

    false: float
    around_share: float  # of a suburb's photos beside the city's own that bear the city's name
    around_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPhotoWeights(Group):
    """Reference photos that look alike."""

    same_offset: float
    same_slope: float
    same_km: float
    most: float
    around_share: float
    around_slope: float
    around_km: float
    least_distinct: float  # hits that stand out less are what any photo finds in any index
    same_place_km: float
    least_matching_points: int  # of hits that are claimed to show the very place
    matched_wrong: float  # how many of such claims are not true


@dataclass(frozen=True, slots=True, kw_only=True)
class GeocellWeights(Group):
    """How a photo looks, by a classifier that an index learnt."""

    uninformative: float  # share of photos whose look says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiusWeights(Group):
    """How far photos lie from the towns that stand for them."""

    town_km: float
    town_power: float
    point_km: float
    cell_km: float
    stretch: float
    most_stretch_km: float
    least_continent: float  # continents with this share are held by the radius too
    held: float  # the share of the truth that the radius holds
