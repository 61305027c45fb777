// What can be done where nothing is claimed: tried, missing, ways on.

import { el, untrusted, refill } from './dom.js';
import { gettext as _, sentence, stored, storedText } from './language.js';

export function showNextSteps(node, steps) {
  node.hidden = !steps;
  if (!steps) {
    node.replaceChildren();
    return;
  }
  const ways = steps.ways.map((way) => el('li', {}, `${stored(way.title)}: `, el('code', {}, untrusted(way.command, 400))));
  refill(node,
    el('h2', { id: 'next-title', text: _('Ways on') }),
    el('p', {}, sentence('Nothing is claimed yet. {link}, narrow the area on the map, or add a model or reference photos:', {
      link: el('a', { href: '#add', text: _('Add what you see or know') }),
    })),
    el('ul', {}, ways),
    list(_('What was tried'), steps.tried), list(_('What is missing'), steps.missing));
}

function list(title, said) {
  if (!said.length) return null;
  return [el('h3', { text: title }), el('ul', {}, said.map((words) => el('li', {}, storedText(words, 600))))];
}
