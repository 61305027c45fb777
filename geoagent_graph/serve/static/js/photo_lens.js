// A magnifier over the photo, boxes and all.

import { el } from './dom.js';

export const TIMES = 3;

export class Lens {
  constructor(pane) {
    this.pane = pane;
    this.sheet = el('div', { class: 'lens-sheet' });
    this.node = el('div', { class: 'lens', 'aria-hidden': 'true', hidden: true }, this.sheet);
    pane.frame.append(this.node);
    this.at = [0.5, 0.5];
  }

  get isShown() {
    return !this.node.hidden;
  }

  show(shown) {
    this.node.hidden = !shown;
    this.sheet.replaceChildren();
    if (!shown) return;
    this.sheet.append(this.pane.image.cloneNode(), this.pane.marks.cloneNode(true));
    this.moveTo([0.5, 0.5]);
  }

  follow({ clientX, clientY }) {
    const box = this.pane.frame.getBoundingClientRect();
    this.moveTo([(clientX - box.left) / box.width, (clientY - box.top) / box.height]);
  }

  moveBy(x, y) {
    this.moveTo([this.at[0] + x, this.at[1] + y]);
  }

  /** Put its middle on a point of the frame, in shares. */
  moveTo(at) {
    if (!this.isShown) return;
    const { view, frame, image } = this.pane;
    if (this.sheet.firstChild.src !== image.src) this.sheet.firstChild.src = image.src;
    const box = frame.getBoundingClientRect();
    const { width, height } = view.size();
    this.at = at.map((value) => Math.min(1, Math.max(0, value)));
    const [x, y] = [this.at[0] * width, this.at[1] * height];
    const radius = this.node.clientWidth / 2;
    const [left, top] = view.share({ clientX: box.left + x, clientY: box.top + y });
    this.node.style.transform = `translate(${x - radius}px, ${y - radius}px)`;
    Object.assign(this.sheet.style, { width: `${width}px`, height: `${height}px`, filter: view.sheet.style.filter });
    this.sheet.style.transform = `translate(${radius}px, ${radius}px) rotate(${view.quarter * 90}deg) scale(${TIMES * view.scale()}) translate(${-left * width}px, ${-top * height}px)`;
    this.sheet.style.setProperty('--zoom', TIMES * view.scale());
  }
}
