// What can be done where nothing is claimed: tried, missing, ways on.

import { el, untrusted, refill } from './dom.js';

export function showNextSteps(node, steps) {
  node.hidden = !steps;
  if (!steps) {
    node.replaceChildren();
    return;
  }
  const ways = steps.ways.map((way) => el('li', {}, `${way.title}: `, el('code', {}, untrusted(way.command, 400))));
  refill(node,
    el('h2', { id: 'next-title', text: 'Ways on' }),
    el('p', {}, 'Nothing is claimed yet. ', el('a', { href: '#add', text: 'Add what you see or know' }), ', narrow the area on the map, or add a model or reference photos:'),
    el('ul', {}, ways),
    list('What was tried', steps.tried), list('What is missing', steps.missing));
}

function list(title, said) {
  if (!said.length) return null;
  return [el('h3', { text: title }), el('ul', {}, said.map((words) => el('li', {}, untrusted(words, 600))))];
}
