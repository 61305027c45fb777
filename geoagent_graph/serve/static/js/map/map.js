// The map: looks where the investigation is, and can be turned and zoomed by hand.

import { calm } from '../theme.js';
import { Atlas } from './atlas.js';
import { MIN_DEGREES, WORLD, between, eased, isNear } from './camera.js';
import { CircleTool } from './circle_tool.js';
import { degreesBetween } from './libraries.js';
import { Painter } from './painter.js';
import { Streets } from './streets.js';
import { Towns } from './towns.js';

const FLIGHT_MS = 900;
const NEAR_MS = 200;
const REST_MS = 160;
const MAX_CLICK_PX = 4;

export class WorldMap {
  constructor(canvas) {
    this.canvas = canvas;
    this.painter = new Painter(canvas.getContext('2d'));
    this.camera = WORLD;
    this.scene = { level: 'continent', within: null, candidates: [], excluded: [], answer: null, searchCircle: null, mark: null, towns: [] };
    this.flight = 0;
    this.frame = 0;
    this.towns = new Towns((towns) => this.show({ towns }));
    this.circleTool = new CircleTool(this);
    new ResizeObserver(() => this.draw()).observe(canvas);
    this.listen();
  }

  /** Load the countries; until then the canvas is empty. */
  async load() {
    this.atlas = await Atlas.load();
    this.draw();
  }

  /** Draw the streets of a basemap in a box below the canvas, and say whose they are; `onProblem` is told what cannot be. */
  useStreets(box, credit, basemap, onProblem) {
    this.streets = new Streets(box, credit, basemap);
    this.streets.onProblem = (words) => { onProblem(words); this.draw(); };
    this.draw();
  }

  /** Change parts of the scene. */
  show(parts) {
    Object.assign(this.scene, parts);
    this.draw();
  }

  /** Fly to a camera; resolves when it is there, or when another flight has begun. */
  fly(camera, milliseconds = FLIGHT_MS) {
    window.cancelAnimationFrame(this.flight);
    this.landed?.();
    if (calm() || document.hidden || milliseconds === 0) {
      this.look(camera);
      return Promise.resolve();
    }
    const near = isNear(this.camera, camera);
    const route = between(this.camera, camera);
    const began = performance.now();
    return new Promise((resolve) => {
      this.landed = resolve;
      const step = (time) => {
        const share = Math.min(1, Math.max(0, (time - began) / (near ? NEAR_MS : milliseconds)));
        this.look(route(eased(share)));
        if (share < 1) this.flight = window.requestAnimationFrame(step);
        else resolve();
      };
      this.flight = window.requestAnimationFrame(step);
    });
  }

  /** Mark a point, null for none; where it is out of sight, look there. */
  mark(point) {
    this.show({ mark: point });
    if (!point) return;
    const centre = [point.lon_deg, point.lat_deg];
    if (degreesBetween(this.camera.centre, centre) > this.camera.degrees) this.fly({ centre, degrees: this.camera.degrees });
  }

  look(camera) {
    const [lon, lat] = camera.centre;
    this.camera = {
      centre: [((lon + 540) % 360) - 180, Math.max(-90, Math.min(90, lat))],
      degrees: Math.min(90, Math.max(MIN_DEGREES, camera.degrees)),
    };
    this.keepMoving();
    this.towns.look(this.camera);
    this.draw();
  }

  /** While the map moves it is drawn coarsely; a moment later finely. */
  keepMoving() {
    this.moving = true;
    window.clearTimeout(this.resting);
    this.resting = window.setTimeout(() => {
      this.moving = false;
      this.atlas?.refine(this.camera.degrees, () => this.draw());
      this.draw();
    }, REST_MS);
  }

  zoom(factor) {
    this.stop();
    this.look({ centre: this.camera.centre, degrees: this.camera.degrees * factor });
  }

  /** Turn by shares of what is seen, to the east and to the north. */
  turn(east, north) {
    this.stop();
    const [lon, lat] = this.camera.centre;
    const degrees = Math.min(this.camera.degrees, 60);
    const stretch = Math.max(0.2, Math.cos(lat * Math.PI / 180));
    this.look({ centre: [lon + (east * degrees) / stretch, lat + north * degrees], degrees: this.camera.degrees });
  }

  stop() {
    window.cancelAnimationFrame(this.flight);
    this.landed?.();
  }

  draw() {
    if (this.frame) return;
    this.frame = window.requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!this.atlas || !width || !height) return;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    this.painter.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const streets = this.streets?.covers(this.camera) ?? false;
    this.painter.aim(this.camera, width, height, streets);
    if (streets) this.streets.look(this.camera, this.painter.pixelsPerRadian, this.colours());
    else this.streets?.hide();
    this.painter.paint(this.atlas, this.scene, this.colours(), this.moving);
  }

  /** The colours of the theme; asked anew when `recolour` says so. */
  colours() {
    if (this.known) return this.known;
    const style = window.getComputedStyle(this.canvas);
    const names = ['sea', 'land', 'here', 'border', 'grid', 'accent', 'ink', 'muted', 'paper', 'card', 'sans'];
    this.known = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    return this.known;
  }

  recolour() {
    this.known = null;
    this.streets?.recolour(this.colours());
    this.draw();
  }

  /** The [lon, lat] under a point of the page, null beside the globe. */
  under(event) {
    const box = this.canvas.getBoundingClientRect();
    const point = [event.clientX - box.left, event.clientY - box.top];
    const [width, height] = [box.width / 2, box.height / 2];
    const away = Math.hypot(point[0] - width, point[1] - height);
    if (away > this.painter.pixelsPerRadian) return null;
    return this.painter.projection.invert(point);
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault();
      this.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006));
    }, { passive: false });
    canvas.addEventListener('dblclick', (event) => this.zoomTo(event));
    canvas.addEventListener('keydown', (event) => this.key(event));
    canvas.addEventListener('pointerdown', (event) => this.grab(event));
  }

  /** Zoom in on what was clicked twice; out with the shift key. */
  zoomTo(event) {
    const point = this.under(event);
    if (!point || this.circleTool.active) return;
    event.preventDefault();
    const factor = event.shiftKey ? 2.5 : 1 / 2.5;
    this.fly({ centre: point, degrees: this.camera.degrees * factor }, NEAR_MS);
  }

  /** Tell what was clicked once: a place on the Earth, and the candidate that is there. */
  click(event) {
    const point = this.under(event);
    if (!point || !this.onClick) return;
    const box = this.canvas.getBoundingClientRect();
    const candidate = this.painter.candidateAt([event.clientX - box.left, event.clientY - box.top], this.scene)
      ?? this.painter.areaAt(point, this.atlas, this.scene);
    this.onClick({ lat_deg: point[1], lon_deg: point[0], candidate });
  }

  key(event) {
    const moves = { ArrowLeft: [-0.25, 0], ArrowRight: [0.25, 0], ArrowUp: [0, 0.25], ArrowDown: [0, -0.25] };
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (moves[event.key]) this.turn(...moves[event.key]);
    else if (event.key === '+' || event.key === '=') this.zoom(1 / 1.5);
    else if (event.key === '-') this.zoom(1.5);
    else if (event.key === '0') this.fly(WORLD);
    else return;
    event.preventDefault();
  }

  grab(event) {
    if (event.button !== 0) return;
    if (this.circleTool.active) {
      this.circleTool.drag(event);
      return;
    }
    this.stop();
    const { canvas } = this;
    canvas.setPointerCapture(event.pointerId);
    let [x, y] = [event.clientX, event.clientY];
    const began = [x, y];
    const half = Math.min(canvas.clientWidth, canvas.clientHeight) / 2;
    const move = (moved) => {
      this.turn((x - moved.clientX) / half, (moved.clientY - y) / half);
      [x, y] = [moved.clientX, moved.clientY];
    };
    const drop = (dropped) => {
      const moved = Math.hypot(dropped.clientX - began[0], dropped.clientY - began[1]);
      if (dropped.type === 'pointerup' && moved < MAX_CLICK_PX) this.click(dropped);
      canvas.removeEventListener('pointermove', move);
      canvas.removeEventListener('pointerup', drop);
      canvas.removeEventListener('pointercancel', drop);
    };
    canvas.addEventListener('pointermove', move);
    canvas.addEventListener('pointerup', drop);
    canvas.addEventListener('pointercancel', drop);
  }
}
