// Several photos of one trip: what they say together, before any of them alone.

import { addressOf } from './address.js';
import { el, untrusted, refill } from './dom.js';

/** Show the joint result of a case; nothing for a case of one photo. */
export function showTrip(node, trip, { id, branch }) {
  node.hidden = !trip?.photos.length;
  if (node.hidden) {
    node.replaceChildren();
    return;
  }
  refill(node,
    el('p', { class: 'eyebrow', text: `${trip.photos.length} photos of one trip, weighed together` }),
    el('h2', { id: 'trip-title' }, trip.headline ? untrusted(trip.headline, 300) : 'Not weighed together yet'),
    trip.fit ? el('p', { class: 'quiet' }, 'Fit: ', untrusted(trip.fit, 200)) : null,
    trip.warnings.length ? el('ul', { class: 'warnings' }, trip.warnings.map((words) => el('li', {}, untrusted(words, 600)))) : null,
    el('div', { class: 'trip-pair' },
      el('ol', { class: 'timeline' }, trip.photos.map((photo) => station(photo, { id, branch }))),
      trip.map ? el('img', { src: trip.map, alt: 'Map of the trip: numbers are photos at their best points, each with its circle; the broken line joins them in the order of their times' }) : null),
    el('p', { class: 'quiet', text: 'Below: one photo by itself.' }));
}

function station(photo, { id, branch }) {
  return el('li', {},
    el('a', { href: addressOf({ id, branch: photo.branch }), 'aria-current': photo.branch === branch ? 'page' : null },
      `Photo ${photo.number}: `, untrusted(photo.name, 80)),
    photo.time ? el('span', { class: 'quiet' }, untrusted(photo.time, 120)) : null,
    el('strong', {}, photo.together ? untrusted(photo.together, 160) : untrusted(`Took no part: ${photo.left_out ?? 'not weighed yet'}`, 300)),
    el('span', { class: 'quiet' }, 'By itself: ', untrusted(photo.alone, 160)));
}
