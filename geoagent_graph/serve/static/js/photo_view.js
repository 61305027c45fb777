// How the photo lies in its frame: enlarged, moved, turned; and where a point of the frame is on it.

const MAX_ZOOM = 16;
const PLAIN = { zoom: 1, x: 0, y: 0, quarter: 0, contrast: 100, brightness: 100 };

/** `x` and `y` move the middle of the photo by shares of the frame; `quarter` turns of 90 degrees, clockwise. */
export class PhotoView {
  constructor(frame, sheet) {
    Object.assign(this, PLAIN, { frame, sheet, onChange: () => {} });
  }

  get isPlain() {
    return Object.entries(PLAIN).every(([name, value]) => this[name] === value);
  }

  reset() {
    this.change(PLAIN);
  }

  change(parts) {
    Object.assign(this, parts);
    this.zoom = Math.min(MAX_ZOOM, Math.max(1, this.zoom));
    const [across, down] = this.extent();
    this.x = within(this.x, Math.max(0, (across - 1) / 2));
    this.y = within(this.y, Math.max(0, (down - 1) / 2));
    this.sheet.style.transform = `translate(${this.x * 100}%, ${this.y * 100}%) rotate(${this.quarter * 90}deg) scale(${this.scale()})`;
    this.sheet.style.filter = `contrast(${this.contrast}%) brightness(${this.brightness}%)`;
    this.sheet.style.setProperty('--zoom', this.scale());
    this.onChange(parts);
  }

  /** Enlarge by a factor; the point of the photo under a pointer, or in the middle, stays where it is. */
  zoomBy(factor, at = null) {
    const zoom = Math.min(MAX_ZOOM, Math.max(1, this.zoom * factor));
    const [x, y] = at ? this.fromMiddle(at) : [0, 0];
    const grown = zoom / this.zoom;
    this.change({ zoom, x: x - (x - this.x) * grown, y: y - (y - this.y) * grown });
  }

  moveBy(x, y) {
    this.change({ x: this.x + x, y: this.y + y });
  }

  turn() {
    const { width, height } = this.size();
    this.change({ quarter: (this.quarter + 1) % 4, x: (-this.y * height) / width, y: (this.x * width) / height });
  }

  /** How much larger than at first a length of the photo is; turned, it is made to fit. */
  scale() {
    const { width, height } = this.size();
    return this.zoom * (this.quarter % 2 ? Math.min(width / height, height / width) : 1);
  }

  /** How far the photo reaches, in widths and heights of the frame. */
  extent() {
    const { width, height } = this.size();
    const scale = this.scale();
    return this.quarter % 2 ? [(scale * height) / width, (scale * width) / height] : [scale, scale];
  }

  /** The point of the photo under a pointer, in shares of its width and height. */
  share(event) {
    const { width, height } = this.size();
    const [right, down] = this.fromMiddle(event);
    const [x, y] = [(right - this.x) * width, (down - this.y) * height];
    const back = [[x, y], [y, -x], [-x, -y], [-y, x]][this.quarter];
    const scale = this.scale();
    return [0.5 + back[0] / scale / width, 0.5 + back[1] / scale / height].map((value) => Math.min(1, Math.max(0, value)));
  }

  fromMiddle({ clientX, clientY }) {
    const box = this.frame.getBoundingClientRect();
    return [(clientX - box.left) / box.width - 0.5, (clientY - box.top) / box.height - 0.5];
  }

  size() {
    const { clientWidth, clientHeight } = this.frame;
    return { width: clientWidth || 1, height: clientHeight || 1 };
  }
}

function within(value, most) {
  return Math.min(most, Math.max(-most, value));
}
