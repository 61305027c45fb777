// A circle on the globe that holds a line: cheap, and somewhat too large.

import { degreesBetween } from './libraries.js';

const SAMPLES = 60;
const RADIANS = Math.PI / 180;

/** `{centre: [lon, lat], degrees}` around points of [lon, lat]. */
export function circleAround(points) {
  const stride = Math.max(1, Math.floor(points.length / SAMPLES));
  const sampled = points.filter((_, index) => index % stride === 0);
  const sum = [0, 0, 0];
  for (const [lon, lat] of sampled) {
    sum[0] += Math.cos(lat * RADIANS) * Math.cos(lon * RADIANS);
    sum[1] += Math.cos(lat * RADIANS) * Math.sin(lon * RADIANS);
    sum[2] += Math.sin(lat * RADIANS);
  }
  const centre = [
    Math.atan2(sum[1], sum[0]) / RADIANS,
    Math.atan2(sum[2], Math.hypot(sum[0], sum[1])) / RADIANS,
  ];
  const reach = Math.max(...sampled.map((point) => degreesBetween(centre, point)));
  return { centre, degrees: reach * 1.08 + 0.05 };
}
