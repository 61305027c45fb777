// The photo, the numbered boxes where clues were found, and drawing a box by hand.

import { el, svg, visible } from './dom.js';
import { counted, gettext as _ } from './language.js';
import { PointTool } from './photo_points.js';
import { shadowOf } from './photo_shadow.js';
import { PhotoView } from './photo_view.js';

const MAX_BOXES = 60;

export class PhotoPane {
  constructor(frame, caption) {
    this.frame = frame;
    this.caption = caption;
    this.image = el('img', { alt: '', draggable: 'false' });
    this.marks = svg('svg', { 'aria-hidden': 'true', preserveAspectRatio: 'none' });
    const sheet = el('div', { class: 'sheet' }, this.image, this.marks);
    this.frame.replaceChildren(sheet);
    this.view = new PhotoView(frame, sheet);
    this.onReset = () => this.view.reset();
    this.shown = [[], ''];
    this.marking = null;
    this.points = new PointTool(this);
    this.frame.addEventListener('pointerdown', (event) => this.drag(event));
  }

  /** Show a photo of so many pixels; `whole` is where all of them are, if `url` has fewer. */
  load(url, { name, width, height }, whole = null) {
    this.size = [width, height];
    this.whole = whole;
    this.frame.style.setProperty('--ratio', width / height);
    this.frame.style.aspectRatio = `${width} / ${height}`;
    this.image.src = url;
    this.image.alt = _('The photo that is examined, {name}, {width} by {height} pixels', { name: visible(name, 80), width, height });
    this.marks.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.show([], '');
    this.onReset();
  }

  /** Draw the boxes of numbered clues, `{clue, number}`; those that share a box share a number. */
  show(numbered, words) {
    this.shown = [numbered, words];
    const boxes = new Map();
    for (const { clue, number } of numbered) {
      const key = clue.box && Object.values(clue.box).join();
      if (key && !boxes.has(key)) boxes.set(key, { box: clue.box, number, ids: [] });
      if (key) boxes.get(key).ids.push(clue.id);
    }
    const drawn = [...boxes.values()].slice(0, MAX_BOXES);
    const taken = drawn.map((mark) => rectangle(mark.box, ...this.size));
    const shadows = numbered.map(({ clue, number }) => ({ shadow: shadowOf(clue, this.size), number, ids: [clue.id] })).filter(({ shadow }) => shadow);
    this.marks.replaceChildren(...drawn.map((mark) => this.drawn(mark, taken)), ...shadows.map((mark) => this.drawnShadow(mark, taken)));
    const seen = drawn.length ? counted('{count} box marked', '{count} boxes marked', drawn.length) : _('no box marked');
    this.said = words ? `${words}: ${seen}.` : _('The photo as examined.');
    this.caption.textContent = this.said;
    if (this.marking?.box) this.drawMarking();
    this.points.draw();
  }

  /** Draw what is drawn anew: its letters and lines keep their size on the screen. */
  redraw() {
    if (this.size) this.show(...this.shown);
  }

  /** Get the whole photo once it is shown wider than the pixels that are here; until then these stay. */
  async sharpen(shownWidth) {
    const { image, whole } = this;
    const here = image.naturalWidth;
    if (!whole || !here || here >= Math.min(shownWidth, this.size[0])) return;
    this.whole = null;
    const before = image.src;
    try {
      const larger = el('img', { src: whole });
      await larger.decode();
    } catch {
      if (image.src === before) this.whole = whole; // to be asked for again
      return;
    }
    if (image.src === before) image.src = whole;
  }

  get isMarking() {
    return Boolean(this.marking) || this.points.active;
  }

  /** Bring out the boxes of some clues among those that are shown. */
  point(clueIds) {
    const wanted = new Set(clueIds);
    for (const mark of this.marks.querySelectorAll('.mark')) {
      const ours = mark.dataset.clues.split(' ').some((id) => wanted.has(id));
      mark.classList.toggle('pointed', ours);
      mark.classList.toggle('faded', wanted.size > 0 && !ours);
    }
  }

  drawn({ box, number, ids }, taken) {
    const frame = rectangle(box, ...this.size);
    const edges = [svg('rect', { class: 'mark-edge', ...frame }), svg('rect', { class: 'mark-line', ...frame })];
    return this.numbered(edges, frame, { number, ids }, taken);
  }

  drawnShadow({ shadow, number, ids }, taken) {
    return this.numbered(shadow.drawn, shadow.foot, { number, ids }, taken);
  }

  /** A drawing with its number beside it. */
  numbered(lines, frame, { number, ids }, taken) {
    const [width, height] = this.size;
    const letter = 0.04 * Math.max(Math.min(width, height), 0.6 * Math.max(width, height)) / Math.max(1, this.view.scale());
    const plate = platePlace(frame, letter * (0.7 + 0.6 * String(number).length), letter * 1.3, this.size, taken);
    taken.push(plate);
    const mark = svg('g', { class: 'mark' }, lines,
      svg('rect', { class: 'mark-plate', ...plate }),
      svg('text', { x: plate.x + letter * 0.35, y: plate.y + letter, 'font-size': letter, text: String(number) }));
    mark.dataset.clues = ids.join(' ');
    return mark;
  }

  /** Let a box be dragged; `onMarked` gets the box, in shares of width and height. */
  mark(onMarked) {
    this.onReset();
    this.marking = { onMarked, box: null };
    this.frame.classList.add('drawing');
  }

  stopMarking() {
    this.marking = null;
    this.points.end();
    this.frame.classList.remove('drawing');
    this.marks.querySelector('.own')?.remove();
  }

  /** Show a box that was typed. */
  setMarking(box) {
    if (!this.marking) return;
    this.marking.box = box;
    this.drawMarking();
  }

  drawMarking() {
    const { box } = this.marking;
    const [width, height] = this.size;
    this.marks.querySelector('.own')?.remove();
    const shape = rectangle(box, width, height);
    if (Object.values(shape).every((value) => Number.isFinite(value) && value >= 0)) this.marks.append(svg('rect', { class: 'own', ...shape }));
  }

  drag(event) {
    if (this.points.active) this.points.down(event);
    if (!this.marking || event.button !== 0) return;
    event.preventDefault();
    this.frame.setPointerCapture(event.pointerId);
    const first = this.share(event);
    const move = (moved) => {
      const second = this.share(moved);
      const box = {
        left: Math.min(first[0], second[0]), top: Math.min(first[1], second[1]),
        right: Math.max(first[0], second[0]), bottom: Math.max(first[1], second[1]),
      };
      this.setMarking(box);
      this.marking.onMarked(box);
    };
    const drop = () => {
      this.frame.removeEventListener('pointermove', move);
      this.frame.removeEventListener('pointerup', drop);
      this.frame.removeEventListener('pointercancel', drop);
    };
    this.frame.addEventListener('pointermove', move);
    this.frame.addEventListener('pointerup', drop);
    this.frame.addEventListener('pointercancel', drop);
  }

  /** The point of the photo under a pointer, however it lies. */
  share(event) {
    return this.view.share(event);
  }
}

function rectangle(box, width, height) {
  return { x: box.left * width, y: box.top * height, width: (box.right - box.left) * width, height: (box.bottom - box.top) * height };
}

/** Where a number stands: beside its box, where it hides no other box and no other number. */
function platePlace(box, width, height, [wide, high], taken) {
  const places = [
    [box.x - width, box.y], [box.x + box.width, box.y], [box.x, box.y - height],
    [box.x, box.y + box.height], [box.x + box.width - width, box.y - height],
  ].map(([x, y]) => ({ x, y, width, height }));
  const inside = places.filter(({ x, y }) => x >= 0 && y >= 0 && x + width <= wide && y + height <= high);
  const free = inside.find((place) => taken.every((other) => !overlap(place, other)));
  return free ?? inside[0] ?? { x: box.x, y: box.y, width, height };
}

function overlap(one, other) {
  return one.x < other.x + other.width && other.x < one.x + one.width
    && one.y < other.y + other.height && other.y < one.y + one.height;
}
