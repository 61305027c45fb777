// The photo bench: wheel, pinch, drag, keys and buttons that enlarge, move, turn and light the photo.

import { Lens, TIMES } from './photo_lens.js';
import { gettext as _, localNumber } from './language.js';

const STEP = 1.5;
const MOVE = 0.1; // of the frame, by an arrow key

export class PhotoBench {
  constructor(pane) {
    this.pane = pane;
    this.view = pane.view;
    this.lens = new Lens(pane);
    this.pointers = new Map();
    const get = (id) => document.getElementById(id);
    [this.lensButton, this.resetButton, this.zoomWords] = [get('photo-lens'), get('photo-reset'), get('photo-zoom')];
    this.sliders = { contrast: get('photo-contrast'), brightness: get('photo-brightness') };
    get('photo-zoom-in').addEventListener('click', () => this.view.zoomBy(STEP));
    get('photo-zoom-out').addEventListener('click', () => this.view.zoomBy(1 / STEP));
    get('photo-rotate').addEventListener('click', () => this.view.turn());
    this.lensButton.addEventListener('click', () => this.showLens(!this.lens.isShown));
    this.resetButton.addEventListener('click', () => this.reset());
    for (const [name, slider] of Object.entries(this.sliders)) slider.addEventListener('input', () => this.view.change({ [name]: slider.valueAsNumber }));
    pane.onReset = () => this.reset();
    this.view.onChange = () => this.changed();
    pane.image.addEventListener('load', () => this.changed());
    this.listen();
    this.changed();
  }

  reset() {
    this.showLens(false);
    this.view.reset();
  }

  showLens(shown) {
    this.lens.show(shown);
    this.lensButton.setAttribute('aria-pressed', String(shown));
    this.changed();
  }

  changed() {
    const { view } = this;
    for (const [name, slider] of Object.entries(this.sliders)) slider.value = view[name];
    this.zoomWords.textContent = _('{number}×', { number: localNumber(view.zoom, 1) });
    this.pane.frame.classList.toggle('near', view.zoom > 1);
    this.pane.frame.classList.toggle('lensed', this.lens.isShown);
    if (this.drawn !== view.scale()) this.pane.redraw();
    this.drawn = view.scale();
    this.pane.sharpen(view.size().width * view.scale() * (this.lens.isShown ? TIMES : 1) * window.devicePixelRatio);
    this.lens.moveTo(this.lens.at);
  }

  listen() {
    const { frame } = this.pane;
    frame.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    frame.addEventListener('keydown', (event) => this.key(event));
    frame.addEventListener('pointerdown', (event) => this.down(event));
    frame.addEventListener('pointermove', (event) => this.move(event));
    for (const kind of ['pointerup', 'pointercancel']) frame.addEventListener(kind, (event) => this.pointers.delete(event.pointerId));
  }

  /** Towards the photo enlarges; away from it, once it is as at first, scrolls the page. */
  wheel(event) {
    if (event.deltaY >= 0 && this.view.zoom === 1) return;
    event.preventDefault();
    this.view.zoomBy(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) * 0.006), event);
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const moves = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const acts = {
      '+': () => this.view.zoomBy(STEP), '=': () => this.view.zoomBy(STEP), '-': () => this.view.zoomBy(1 / STEP),
      r: () => this.view.turn(), m: () => this.showLens(!this.lens.isShown), 0: () => this.reset(),
    };
    const act = acts[event.key.toLowerCase()];
    const move = moves[event.key];
    if (move && this.lens.isShown) this.lens.moveBy(-move[0] * MOVE, -move[1] * MOVE);
    else if (move && this.view.zoom > 1) this.view.moveBy(move[0] * MOVE, move[1] * MOVE);
    else if (act) act();
    else return;
    event.preventDefault();
  }

  down(event) {
    if (event.button !== 0 || this.pane.isMarking) return;
    this.pane.frame.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, event);
    if (this.lens.isShown) this.lens.follow(event);
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (this.lens.isShown) this.lens.follow(event);
    else if (before && this.pointers.size === 2) this.pinch(before, event);
    else if (before) this.drag(before, event);
    if (before) this.pointers.set(event.pointerId, event);
  }

  drag(before, event) {
    const { width, height } = this.view.size();
    this.view.moveBy((event.clientX - before.clientX) / width, (event.clientY - before.clientY) / height);
  }

  /** One of two fingers has moved: enlarge by how far they went apart, about their middle. */
  pinch(before, event) {
    const other = [...this.pointers.values()].find((each) => each.pointerId !== event.pointerId);
    const apart = (one) => Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY));
    const { width, height } = this.view.size();
    this.view.moveBy((event.clientX - before.clientX) / 2 / width, (event.clientY - before.clientY) / 2 / height);
    const middle = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 };
    this.view.zoomBy(apart(event) / apart(before), middle);
  }
}
