// Draws one look at the map onto a canvas: sea, land, shares, towns, candidates, circles.

import { visible } from '../dom.js';
import { localNumber } from '../language.js';
import { kilometres, percent, placeWordOf } from '../words.js';
import { Labels } from './labels.js';
import { d3, degreesOf } from './libraries.js';

const MIN_SHARE = 0.005;
const MAX_CLICK_PX = 8;
const FULL_SHARES_DEGREES = 8;
const KM_PER_RADIAN = 6371.0088;

/** The largest of 1, 2, 5, 10, ... km that is no longer. */
function roundKm(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].map((digit) => digit * power).find((km) => km <= most);
}

/**
 * The scene: `level`, `candidates`, `excluded` (places), `answer` or null, `searchCircle` (a circle) or
 * null, `towns`, `pinned` (a place set by a person) or null.
 */
export class Painter {
  constructor(context) {
    this.context = context;
    this.globe = d3.geoOrthographic().precision(0.4);
    this.plan = d3.geoMercator().precision(0.4); // as streets are drawn
    this.projection = this.globe;
    this.path = d3.geoPath(this.projection, context);
  }

  /** Aim at a camera on a canvas of CSS pixels; with `streets` as a plan of the town. */
  aim(camera, width, height, streets = false) {
    this.streets = streets;
    this.projection = streets ? this.plan : this.globe;
    this.path.projection(this.projection);
    this.width = width;
    this.height = height;
    this.camera = camera;
    const half = Math.min(width, height) / 2;
    const inset = camera.degrees >= 85 ? 0.94 : 1;
    const reach = Math.sin(Math.min(camera.degrees, 90) * Math.PI / 180);
    const scale = (half * inset) / reach;
    // The corners of a wide canvas see further than its shorter side.
    const corner = Math.asin(Math.min(1, Math.hypot(width, height) / 2 / scale)) * 180 / Math.PI;
    this.seen = Math.min(90, corner * 1.1 + 0.01);
    this.pixelsPerRadian = scale;
    const [lon, lat] = camera.centre;
    this.globe.scale(scale).translate([width / 2, height / 2]).rotate([-lon, -lat])
      .clipAngle(this.seen >= 89 ? 90 - 1e-6 : this.seen);
    this.plan.scale(scale * Math.cos(lat * Math.PI / 180)).rotate([-lon, 0]).center([0, lat]).translate([width / 2, height / 2]);
  }

  paint(atlas, scene, colours, moving = false) {
    const { context, camera } = this;
    context.clearRect(0, 0, this.width, this.height);
    const { shapes, borders } = atlas.sheet(camera.degrees, moving).within(camera.centre, this.seen);
    if (!this.streets) this.ground(shapes, borders, scene, colours);
    this.excluded(shapes, scene, colours);
    this.circles(scene, colours);
    this.places(scene, colours);
    this.mark(scene.mark, colours);
    this.scaleBar(colours);
  }

  /** Sea, land, shares and borders, where no streets are drawn below. */
  ground(shapes, borders, scene, colours) {
    this.sea(colours);
    this.land(shapes, colours);
    this.shares(shapes, scene, colours);
    this.outline(borders, colours);
  }

  sea(colours) {
    this.begin(() => this.path({ type: 'Sphere' }));
    if (this.seen < 89) this.begin(() => this.context.rect(0, 0, this.width, this.height)); // no rim
    this.context.fillStyle = colours.sea;
    this.context.fill();
    if (this.seen >= 60) this.stroke(d3.geoGraticule10(), colours.grid, 0.5);
  }

  land(shapes, colours) {
    this.begin(() => { for (const shape of shapes) this.path(shape.geometry); });
    this.context.fillStyle = colours.land;
    this.context.fill();
  }

  shares(shapes, scene, colours) {
    if (scene.level === 'city') return this.lit(shapes, scene.within, colours);
    const shares = new Map(scene.candidates.map((item) => [keyOf(item.place), item.probability]));
    const faded = Math.min(1, this.camera.degrees / FULL_SHARES_DEGREES); // near by it would cover all
    for (const shape of shapes) {
      const key = scene.level === 'continent' ? shape.country?.continent_code : shape.country?.code;
      const share = shares.get(key);
      if (!share || share < MIN_SHARE) continue;
      this.fill(shape.geometry, colours.accent, (0.12 + 0.68 * Math.sqrt(share)) * faded);
    }
    return null;
  }

  /** The country that is accepted, a little lighter than the others. */
  lit(shapes, within, colours) {
    for (const shape of shapes) {
      if (within && shape.country?.code === within.country_code) this.fill(shape.geometry, colours.here, 1);
    }
  }

  /** Hatching says "excluded" without colour. */
  excluded(shapes, scene, colours) {
    const countries = new Set(scene.excluded.filter((place) => place.level === 'country').map((place) => place.country_code));
    const continents = new Set(scene.excluded.filter((place) => place.level === 'continent').map((place) => place.continent_code));
    const hatched = shapes.filter(({ country }) => country && (countries.has(country.code) || continents.has(country.continent_code)));
    if (!hatched.length) return;
    const { context } = this;
    context.save();
    this.begin(() => { for (const shape of hatched) this.path(shape.geometry); });
    context.clip();
    context.beginPath();
    for (let x = -this.height; x < this.width; x += 7) {
      context.moveTo(x, this.height);
      context.lineTo(x + this.height, 0);
    }
    context.strokeStyle = colours.muted;
    context.lineWidth = 1.2;
    context.stroke();
    context.restore();
  }

  outline(borders, colours) {
    this.begin(() => { for (const border of borders) this.path(border.geometry); });
    this.context.strokeStyle = colours.border;
    this.context.lineWidth = this.camera.degrees > 50 ? 0.5 : 0.9;
    this.context.stroke();
  }

  /** A bar that says how far apart things are, in the lower left; none for the whole globe. */
  scaleBar(colours) {
    if (this.camera.degrees > 45) return;
    const kmPerPixel = KM_PER_RADIAN / this.pixelsPerRadian;
    const km = roundKm(kmPerPixel * Math.min(140, this.width / 3));
    const [x, y, long] = [14, this.height - 14, km / kmPerPixel];
    const { context } = this;
    context.beginPath();
    context.moveTo(x, y - 5);
    context.lineTo(x, y);
    context.lineTo(x + long, y);
    context.lineTo(x + long, y - 5);
    context.strokeStyle = colours.ink;
    context.lineWidth = 1.5;
    context.stroke();
    context.font = `12px ${colours.sans}`;
    context.fillStyle = colours.ink;
    context.textAlign = 'left';
    context.fillText(km < 1 ? `${Math.round(km * 1000)} m` : kilometres(localNumber(km)), x + 4, y - 6);
  }

  circles(scene, colours) {
    if (scene.searchCircle) {
      this.context.setLineDash([6, 4]);
      this.stroke(circle(scene.searchCircle), colours.ink, 1.6);
      this.context.setLineDash([]);
    }
    if (!scene.answer || scene.answer.level === 'none') return;
    const drawn = circle(scene.answer);
    if (!this.isInside(scene.answer)) this.fill(drawn, colours.accent, 0.13); // else it would fill the map
    this.stroke(drawn, colours.accent, 1.8);
  }

  /** The point that a person has chosen, as a cross. */
  mark(place, colours) {
    const point = place && this.point(place);
    if (!point) return;
    const [x, y] = point;
    this.context.beginPath();
    for (const [from, to] of [[[-9, 0], [-3, 0]], [[3, 0], [9, 0]], [[0, -9], [0, -3]], [[0, 3], [0, 9]]]) {
      this.context.moveTo(x + from[0], y + from[1]);
      this.context.lineTo(x + to[0], y + to[1]);
    }
    this.context.strokeStyle = colours.ink;
    this.context.lineWidth = 2;
    this.context.stroke();
  }

  /** Whether all that is seen lies in the circle of an answer. */
  isInside(answer) {
    const away = d3.geoDistance(this.camera.centre, [answer.lon_deg, answer.lat_deg]) * KM_PER_RADIAN;
    return away + (this.seen * Math.PI / 180) * KM_PER_RADIAN < answer.radius_km;
  }

  /** The candidate under a point of the canvas, null where there is none near. */
  candidateAt([x, y], scene) {
    if (scene.level !== 'city') return null;
    const near = scene.candidates.map((item) => ({ item, point: this.point(item.place) })).filter(({ point }) => point)
      .map(({ item, point }) => ({ item, away: Math.hypot(point[0] - x, point[1] - y) - dotSize(item) }));
    const best = near.sort((one, other) => one.away - other.away)[0];
    return best && best.away < MAX_CLICK_PX ? best.item : null;
  }

  /** The candidate whose country or continent holds a [lon, lat]; null where towns are shown. */
  areaAt(point, atlas, scene) {
    if (scene.level === 'city' || !atlas) return null;
    const shape = atlas.fine.shapes.find(({ geometry }) => d3.geoContains(geometry, point));
    const key = scene.level === 'continent' ? shape?.country?.continent_code : shape?.country?.code;
    return (key && scene.candidates.find(({ place }) => keyOf(place) === key)) ?? null;
  }

  places(scene, colours) {
    const labels = new Labels(this.context, this.width, this.height);
    const near = this.camera.degrees < 12;
    const dots = scene.level === 'city' ? scene.candidates.filter((item) => item.probability >= MIN_SHARE || near) : [];
    for (const item of dots) this.dot(item, colours, labels);
    if (scene.answer && scene.answer.level !== 'none') this.pin(scene.answer, colours, labels);
    this.names(scene, colours, labels);
    if (near && !this.streets) this.towns(scene, colours, labels); // streets bring their own names
  }

  names(scene, colours, labels) {
    const ranked = [...scene.candidates].sort((one, other) => other.probability - one.probability);
    const style = { font: `600 14px ${colours.sans}`, fill: colours.ink, halo: colours.paper, above: scene.level === 'country' ? 10 : 0 };
    for (const item of ranked.slice(0, 6)) {
      const point = this.point(item.place);
      if (!point || item.probability < MIN_SHARE) continue;
      const beside = scene.level === 'city' ? dotSize(item) + 4 : 0;
      labels.write(`${visible(placeWordOf(item.place), 40)} ${percent(item.probability)}`, ...point, { ...style, beside });
    }
  }

  towns(scene, colours, labels) {
    const style = { font: `12px ${colours.sans}`, fill: colours.muted, halo: colours.paper, beside: 6 };
    const named = new Set(scene.candidates.map((item) => item.place.name));
    for (const town of scene.towns) {
      const point = this.point(town);
      if (!point || named.has(town.name) || !labels.isFree(point[0] - 2, point[1], 4, 4)) continue;
      this.disc(point, 1.8, colours.muted, 1);
      labels.reserve(...point, 2);
      labels.write(visible(town.name, 40), ...point, style);
    }
  }

  dot(item, colours, labels) {
    const point = this.point(item.place);
    if (!point) return;
    const size = dotSize(item);
    this.disc(point, size, colours.accent, 0.35 + 0.5 * item.probability);
    this.ring(point, size, colours.paper, 1);
    labels.reserve(...point, size);
  }

  pin(answer, colours, labels) {
    const point = this.point(answer);
    if (!point) return;
    const { context } = this;
    const [x, y] = point;
    context.beginPath();
    context.moveTo(x, y);
    context.bezierCurveTo(x - 3, y - 9, x - 9, y - 11, x - 9, y - 18);
    context.arc(x, y - 18, 9, Math.PI, 0);
    context.bezierCurveTo(x + 9, y - 11, x + 3, y - 9, x, y);
    context.fillStyle = colours.accent;
    context.fill();
    context.strokeStyle = colours.paper;
    context.lineWidth = 1.4;
    context.stroke();
    this.disc([x, y - 18], 3.2, colours.paper, 1);
    labels.reserve(x, y - 16, 11);
  }

  point(place) {
    const position = [place.lon_deg, place.lat_deg];
    if (d3.geoDistance(this.camera.centre, position) > this.seen * Math.PI / 180) return null;
    return this.projection(position);
  }

  begin(draw) {
    this.context.beginPath();
    draw();
  }

  fill(geometry, colour, alpha) {
    this.begin(() => this.path(geometry));
    this.context.globalAlpha = alpha;
    this.context.fillStyle = colour;
    this.context.fill();
    this.context.globalAlpha = 1;
  }

  stroke(geometry, colour, width) {
    this.begin(() => this.path(geometry));
    this.context.strokeStyle = colour;
    this.context.lineWidth = width;
    this.context.stroke();
  }

  disc([x, y], radius, colour, alpha) {
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
    this.context.globalAlpha = alpha;
    this.context.fillStyle = colour;
    this.context.fill();
    this.context.globalAlpha = 1;
  }

  ring([x, y], radius, colour, width) {
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
    this.context.strokeStyle = colour;
    this.context.lineWidth = width;
    this.context.stroke();
  }
}

function dotSize(item) {
  return 3 + 7 * Math.sqrt(item.probability);
}

function keyOf(place) {
  return place.level === 'continent' ? place.continent_code : place.country_code;
}

function circle({ lat_deg: lat, lon_deg: lon, radius_km: km }) {
  return d3.geoCircle().center([lon, lat]).radius(Math.min(degreesOf(km), 179)).precision(3)();
}
