// A shadow that a person marked: the upright thing, its shadow and the horizon, as a clue says.

import { svg } from './dom.js';

/** Its lines, in pixels of a photo of so many; null where a clue says nothing of a shadow. */
export function shadowOf(clue, [width, height] = [1, 1]) {
  const said = clue.kind === 'sun' ? read(clue.attributes?.said) : null;
  const point = (share) => (isShare(share) ? { x: share.x * width, y: share.y * height } : null);
  if (said?.kind !== 'sun_shadow') return null;
  const [foot, top, tip] = [said.foot, said.top, said.tip].map(point);
  if (!foot || !top || !tip) return null;
  const horizon = Array.isArray(said.horizon) ? said.horizon.map(point) : [];
  const lines = [['', foot, top], ['shadow', foot, tip]];
  if (horizon.length === 2 && horizon.every(Boolean)) lines.push(['horizon', ...horizon]);
  return { foot: { x: foot.x, y: foot.y, width: 0, height: 0 }, drawn: lines.flatMap(([kind, one, other]) => drawn(kind, one, other)) };
}

function drawn(kind, one, other) {
  const ends = { x1: one.x, y1: one.y, x2: other.x, y2: other.y };
  return [svg('line', { class: 'sun-edge', ...ends }), svg('line', { class: `sun-line ${kind}`, ...ends })];
}

function isShare(point) {
  return [point?.x, point?.y].every((value) => typeof value === 'number' && value >= 0 && value <= 1);
}

/** What a clue says; one of a plug-in or of a crafted trace may say nothing. */
function read(said) {
  try {
    return JSON.parse(said);
  } catch {
    return null;
  }
}
