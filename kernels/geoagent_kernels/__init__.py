"""Rewards and searches on the globe for image geolocation: float64 PyTorch on CPU, Triton on GPU.

Coordinates are degrees in (latitude, longitude) order in the last axis, distances kilometres.
"""

from geoagent_kernels._engine import Engine, backend
from geoagent_kernels.advantage import AdvantageScale, group_advantage
from geoagent_kernels.batch_reward import BatchReward, geo_batch_reward, semantic_reward_by_id
from geoagent_kernels.candidates import energy_score, expected_reward, group_spread
from geoagent_kernels.geo_similarity import GeoReward, geo_similarity_reward
from geoagent_kernels.geoscore import GeoScoreScale, geoscore
from geoagent_kernels.multiscale import (
    ScaleSchedule,
    SpatialScales,
    linear_schedule,
    multiscale_reward,
)
from geoagent_kernels.nearest import Nearest, PlaceIndex
from geoagent_kernels.reference import EARTH_RADIUS_KM
from geoagent_kernels.semantic import GateReading, semantic_reward
from geoagent_kernels.spatial import SpatialReward, great_circle_km, spatial_reward
from geoagent_kernels.topk import TopK, geo_topk

__all__ = [
    "EARTH_RADIUS_KM",
    "AdvantageScale",
    "BatchReward",
    "Engine",
    "GateReading",
    "GeoReward",
    "GeoScoreScale",
    "Nearest",
    "PlaceIndex",
    "ScaleSchedule",
    "SpatialReward",
    "SpatialScales",
    "TopK",
    "backend",
    "energy_score",
    "expected_reward",
    "geo_batch_reward",
    "geo_similarity_reward",
    "geo_topk",
    "geoscore",
    "great_circle_km",
    "group_advantage",
    "group_spread",
    "linear_schedule",
    "multiscale_reward",
    "semantic_reward",
    "semantic_reward_by_id",
    "spatial_reward",
]
