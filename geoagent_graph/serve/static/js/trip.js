// Several photos of one trip: what they say together, before any of them alone.

import { addressOf } from './address.js';
import { el, untrusted, refill } from './dom.js';
import { counted, gettext as _, sentence, stored, storedText } from './language.js';

const NOT_YET = _('not weighed yet');
const STATUS = {
  queued: _('waits for its turn'), running: _('running'), waiting: _('waits for you'), unfinished: _('stopped'), failed: _('failed'),
};

/** Whether photos of a trip still run. */
export function isGoing(trip) {
  return trip.status === 'running' || trip.status === 'queued';
}

/** Show the joint result of a case; nothing for a case of one photo. */
export function showTrip(node, trip, { id, branch, report }) {
  node.hidden = !trip?.photos.length;
  if (node.hidden) {
    node.replaceChildren();
    return;
  }
  refill(node,
    el('p', { class: 'eyebrow', text: counted('{count} photo of one trip, weighed together', '{count} photos of one trip, weighed together', trip.photos.length) }),
    el('h1', { id: 'trip-title' }, trip.headline ? storedText(trip.headline, 300) : _('Not weighed together yet')),
    isGoing(trip) ? progress(trip) : null,
    trip.notes.length ? el('ul', { class: 'warnings' }, trip.notes.map((words) => el('li', {}, storedText(words, 2000)))) : null,
    trip.fit ? el('p', { class: 'quiet' }, sentence('Fit: {words}', { words: storedText(trip.fit, 200) })) : null,
    trip.warnings.length ? el('ul', { class: 'warnings' }, trip.warnings.map((words) => el('li', {}, storedText(words, 600)))) : null,
    el('div', { class: 'trip-pair' },
      el('ol', { class: 'timeline' }, trip.photos.map((photo) => station(photo, { id, branch }))),
      trip.map ? el('img', { src: trip.map, alt: _('Map of the trip: numbers are photos at their best points, each with its circle; the broken line joins them in the order of their times') }) : null),
    trip.headline ? el('p', {}, el('a', { id: 'trip-report', href: report, download: true, text: _('Report of all photos') })) : null,
    el('p', { class: 'quiet', text: _('Below: one photo by itself.') }));
}

/** How many photos have their answer. */
function progress(trip) {
  const done = trip.photos.filter((photo) => !['queued', 'running'].includes(photo.status)).length;
  const words = _('{done} of {all} photos are done', { done: String(done), all: String(trip.photos.length) });
  return el('p', { id: 'trip-progress', role: 'status' }, words,
    el('progress', { max: String(trip.photos.length), value: String(done), 'aria-label': words }));
}

function station(photo, { id, branch }) {
  return el('li', {},
    el('a', { href: addressOf({ id, branch: photo.branch }), 'aria-current': photo.branch === branch ? 'page' : null },
      sentence('Photo {number}: {name}', { number: String(photo.number), name: untrusted(photo.name, 80) })),
    STATUS[photo.status] ? el('span', {}, el('span', { class: 'status', 'data-status': photo.status, text: STATUS[photo.status] })) : null,
    photo.time ? el('span', { class: 'quiet' }, storedText(photo.time, 120)) : null,
    el('strong', {}, togetherWords(photo)),
    el('span', { class: 'quiet' }, sentence('By itself: {place}', { place: storedText(photo.alone, 160) })));
}

/** Where a photo was taken with the others; why it took no part; that they are not weighed yet. */
function togetherWords(photo) {
  if (photo.together) return storedText(photo.together, 160);
  return photo.left_out ? untrusted(_('Took no part: {reason}', { reason: stored(photo.left_out) }), 300) : NOT_YET;
}
