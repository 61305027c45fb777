// Names on the map that never lie on each other; the first ones in have the room.

export class Labels {
  constructor(context, width, height) {
    this.context = context;
    this.width = width;
    this.height = height;
    this.taken = [];
  }

  /** Keep a place free, such as that of a dot. */
  reserve(x, y, half) {
    this.taken.push([x - half, y - half, x + half, y + half]);
  }

  /**
   * Write a name on a point, or so far `beside` it, or `above` or below it, where there is room; tells
   * whether there was.
   */
  write(text, x, y, { font, fill, halo, beside = 0, above = 0 }) {
    const { context } = this;
    context.font = font;
    const wide = context.measureText(text).width;
    const tall = parseFloat(font.match(/([\d.]+)px/)[1]);
    const away = beside || above;
    const around = [[x + away, y], [x - away - wide, y], [x - wide / 2, y - away - tall / 2], [x - wide / 2, y + away + tall / 2]];
    const sides = above ? around.reverse() : around;
    const free = (away ? sides : [[x - wide / 2, y]]).find(([left, middle]) => this.isFree(left, middle, wide, tall));
    if (!free) return false;
    const [left, middle] = free;
    this.taken.push([left - 3, middle - tall / 2 - 2, left + wide + 3, middle + tall / 2 + 2]);
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    context.lineWidth = 3.5;
    context.strokeStyle = halo;
    context.strokeText(text, left, middle);
    context.fillStyle = fill;
    context.fillText(text, left, middle);
    return true;
  }

  isFree(left, middle, wide, tall) {
    const [right, top, bottom] = [left + wide, middle - tall / 2, middle + tall / 2];
    if (left < 4 || right > this.width - 4 || top < 4 || bottom > this.height - 4) return false;
    return this.taken.every(([l, t, r, b]) => right < l || left > r || bottom < t || top > b);
  }
}
