// Where the map looks: a point below, and how many degrees around it are seen.

import { d3, degreesBetween, degreesOf } from './libraries.js';

export const WORLD = { centre: [10, 25], degrees: 90 };
export const MIN_DEGREES = 0.03; // about three kilometres

/** What is drawn between two cameras, `share` from 0 to 1: out, over, and in again. */
export function between(one, other) {
  const path = d3.geoInterpolate(one.centre, other.centre);
  const apart = degreesBetween(one.centre, other.centre);
  const [from, to] = [Math.log(one.degrees), Math.log(other.degrees)];
  const rise = Math.max(0, Math.log(Math.max(apart, 0.001)) - Math.max(from, to));
  return (share) => ({
    centre: path(share),
    degrees: Math.exp(from + (to - from) * share + rise * 4 * share * (1 - share)),
  });
}

/** Whether two cameras see almost the same. */
export function isNear(one, other) {
  const ratio = one.degrees / other.degrees;
  return degreesBetween(one.centre, other.centre) < other.degrees / 20 && ratio > 0.9 && ratio < 1.1;
}

export function eased(share) {
  return share < 0.5 ? 4 * share ** 3 : 1 - (-2 * share + 2) ** 3 / 2;
}

/** The camera that shows a level's candidates inside what is accepted. */
export function cameraFor(atlas, level, within, candidates) {
  if (level === 'continent' || !within) return WORLD;
  if (level === 'country') return withMargin(atlas.circleOf(within));
  const most = Math.max(0, ...candidates.map((candidate) => candidate.probability));
  const likely = candidates.filter((candidate) => candidate.probability > most / 20);
  if (!likely.length) return withMargin(atlas.circleOf(within));
  return aroundPlaces(likely.map((candidate) => candidate.place), 1.2);
}

/** The camera that shows an answer with its circle. */
export function cameraOf(answer) {
  const degrees = degreesOf(answer.radius_km) * 1.9;
  if (degrees > 60) return { centre: [answer.lon_deg, answer.lat_deg], degrees: 90 };
  return { centre: [answer.lon_deg, answer.lat_deg], degrees: Math.max(degrees, 0.12) };
}

function aroundPlaces(places, least) {
  const points = places.map((place) => [place.lon_deg, place.lat_deg]);
  const centre = d3.geoCentroid({ type: 'MultiPoint', coordinates: points });
  const reach = Math.max(...points.map((point) => degreesBetween(centre, point)));
  return { centre, degrees: Math.min(90, Math.max(reach * 1.35, least)) };
}

function withMargin({ centre, degrees }) {
  return { centre, degrees: Math.min(90, degrees * 1.15) };
}
