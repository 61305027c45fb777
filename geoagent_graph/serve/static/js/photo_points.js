// Points that a person marks on the photo one after the other, and moves; lines between them.

import { svg } from './dom.js';

const NEAR_PX = 16;
const CIRCLE_PX = 5;
const LETTER_PX = 15;

export class PointTool {
  constructor(pane) {
    this.pane = pane;
    this.active = false;
    this.placed = {};
  }

  /**
   * Let points be placed. `names` in the order in which they are asked for; `lines` of
   * {from, to, kind}; `onPlaced(name, point)` hears of each, in shares of width and height.
   */
  begin({ names, lines, letters }, onPlaced) {
    this.pane.onReset();
    Object.assign(this, { active: true, names, lines, letters, onPlaced });
    this.pane.frame.classList.add('drawing', 'pointing');
    this.draw();
  }

  /** Say below the photo what comes next. */
  tell(words) {
    this.words = words;
    if (this.active) this.pane.caption.textContent = words;
  }

  /** Bring the photo to where it is seen. */
  reveal() {
    this.pane.frame.scrollIntoView({ block: 'center' });
  }

  end() {
    if (this.active) this.pane.caption.textContent = this.pane.said;
    this.active = false;
    this.pane.frame.classList.remove('drawing', 'pointing');
    this.pane.marks.querySelector('.sun-marks')?.remove();
  }

  /** Show points that were typed, those before them go. */
  set(points) {
    this.placed = points;
    this.draw();
  }

  down(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    const first = this.pane.share(event);
    const name = this.near(first) ?? this.names.find((each) => !this.placed[each]);
    if (!name) return;
    const { frame } = this.pane;
    frame.setPointerCapture(event.pointerId);
    const move = (moved) => this.place(name, this.pane.share(moved));
    const drop = () => {
      for (const kind of ['pointermove', 'pointerup', 'pointercancel']) frame.removeEventListener(kind, kind === 'pointermove' ? move : drop);
    };
    if (!this.placed[name]) this.place(name, first);
    frame.addEventListener('pointermove', move);
    frame.addEventListener('pointerup', drop);
    frame.addEventListener('pointercancel', drop);
  }

  /** The placed point under a finger or pointer. */
  near([x, y]) {
    const scale = this.pane.view.scale();
    const { width, height } = this.pane.view.size();
    const away = (point) => scale * Math.hypot((point.x - x) * width, (point.y - y) * height);
    const placed = Object.keys(this.placed).filter((name) => this.placed[name] && away(this.placed[name]) < NEAR_PX);
    return placed.sort((one, other) => away(this.placed[one]) - away(this.placed[other]))[0] ?? null;
  }

  place(name, [x, y]) {
    this.placed = { ...this.placed, [name]: { x, y } };
    this.draw();
    this.onPlaced(name, this.placed[name]);
  }

  draw() {
    this.pane.marks.querySelector('.sun-marks')?.remove();
    if (!this.active) return;
    const [width, height] = this.pane.size;
    const at = (name) => this.placed[name] && { x: this.placed[name].x * width, y: this.placed[name].y * height };
    const pixel = width / this.pane.view.size().width / this.pane.view.scale(); // of the screen, in those of the photo
    const lines = this.lines.filter(({ from, to }) => at(from) && at(to)).flatMap(({ from, to, kind }) => {
      const [one, other] = kind === 'horizon' ? across(at(from), at(to), width) : [at(from), at(to)];
      const ends = { x1: one.x, y1: one.y, x2: other.x, y2: other.y };
      return [svg('line', { class: 'sun-edge', ...ends }), svg('line', { class: `sun-line ${kind}`, ...ends })];
    });
    const points = this.names.filter(at).map((name) => {
      const { x, y } = at(name);
      return svg('g', { class: 'sun-point' },
        svg('circle', { cx: x, cy: y, r: CIRCLE_PX * pixel }),
        svg('text', { ...beside(x, 9 * pixel, width), y: y - 6 * pixel, 'font-size': LETTER_PX * pixel, text: this.letters[name] }));
    });
    this.pane.marks.append(svg('g', { class: 'sun-marks' }, lines, points));
    if (this.words) this.pane.caption.textContent = this.words;
  }
}

/** Where a letter stands: right of its point, left of it at the right edge. */
function beside(x, away, width) {
  return x > 0.85 * width ? { x: x - away, 'text-anchor': 'end' } : { x: x + away };
}

/** The ends of a line through two points from edge to edge; as it is where it stands upright. */
function across(one, other, width) {
  if (Math.abs(other.x - one.x) < 1) return [one, other];
  const slope = (other.y - one.y) / (other.x - one.x);
  return [0, width].map((x) => ({ x, y: one.y + slope * (x - one.x) }));
}
