// Formats numbers and answers; the words come from the server, the same as in report and terminal.

import { untrusted } from './dom.js';
import { gettext as _, localNumber, placeWord, stored } from './language.js';

export const LEVELS = ['continent', 'country', 'city'];
export const LEVEL_NAMES = { continent: _('continent'), country: _('country'), city: _('city') };

const AS_WRITTEN = new Set(['text', 'context', 'policy']);
let wording = null;

/** Take the words that the server shows everywhere; nothing can be named before. */
export function useWording(served) {
  wording = served;
}

/** What a kind of clue is called; one that the server does not know, its name in words. */
export function clueLabel(kind) {
  const known = own(wording.clue_labels, kind);
  const words = kind.replaceAll('_', ' ');
  return known ? _(known) : words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a node of the graph does; one that the server does not know, its name. */
export function nodeName(node) {
  const known = own(wording.node_names, node);
  return known ? _(known) : node;
}

/** What a clue says: writing as it stands in the photo, all else in the viewer's language. */
export function clueText(clue, limit) {
  return untrusted(AS_WRITTEN.has(clue.kind) ? clue.text : stored(clue.text), limit);
}

/** What a country or continent is called; a town as the gazetteer has it. */
export function placeWordOf(place) {
  if (place?.level === 'continent') return placeWord(`continent:${place.continent_code}`, place.name);
  if (place?.level === 'country') return placeWord(place.country_code, place.name);
  return place?.name ?? '';
}

/** A share as people read it: "87 %", "> 99 %", "< 1 %"; never a rounded-up certainty. */
export function percent(share) {
  if (share >= 1) return '100\u00a0%';
  if (share > 0.99) return '>\u00a099\u00a0%';
  if (share > 0 && share < 0.01) return '<\u00a01\u00a0%';
  return `${Math.round(share * 100)}\u00a0%`;
}

/** A distance with the precision it deserves: "0.4 km", "25 km", "1,200 km". */
export function distance(km) {
  if (km < 10) return kilometres(localNumber(km, 1));
  if (km < 100) return kilometres(localNumber(Math.round(km)));
  return kilometres(localNumber(Math.round(km / 10) * 10));
}

/** A number of kilometres; the space does not break. */
export function kilometres(number) {
  return _('{number} km', { number }).replaceAll(' ', '\u00a0');
}

/** A point as "41.15°N, 8.61°W", with the digits that a radius around it deserves. */
export function coordinates(lat, lon, radiusKm = 0) {
  const digits = radiusKm < 1 ? 4 : radiusKm < 10 ? 3 : radiusKm < 100 ? 2 : 1;
  const north = lat >= 0 ? 'N' : 'S';
  const east = lon >= 0 ? 'E' : 'W';
  return `${Math.abs(lat).toFixed(digits)}°${north}, ${Math.abs(lon).toFixed(digits)}°${east}`;
}

function sureWords(probability) {
  return _(wording.probability.find((step) => probability >= step.at_least).words);
}

/** How strongly a piece of evidence speaks, for or against. */
export function strength(logRatio) {
  const ratio = Math.exp(Math.min(Math.abs(logRatio), 14));
  return _(wording.strength.find((step) => ratio >= step.at_least)?.words ?? wording.weakest_strength);
}

/** A place with what it lies in: "Porto, Porto District, Portugal". */
export function placeName(place) {
  if (place.level !== 'city') return placeWordOf(place);
  return joined(place.name, place.region, placeWord(place.country_code, place.country));
}

export function headline(answer) {
  const place = answer.place;
  if (answer.level === 'none') return _(wording.no_claim);
  if (answer.level === 'continent') {
    return _(wording.continent_headline, { continent: stored(place.continent) ?? _(wording.unnamed_continent) });
  }
  const country = placeWord(place.country_code, place.country) ?? place.country_code ?? _(wording.unnamed_country);
  if (answer.level === 'country' && answer.near) return _(wording.near_headline, { near: answer.near, country });
  if (answer.level === 'country') return _(wording.country_headline, { country });
  return joined(place.city, place.region, country);
}

/** What the answer stands for, and no more, in one sentence. */
export function claimSentence(answer) {
  if (answer.level === 'none') return _(answer.is_prior ? wording.prior_sentence : wording.no_claim_sentence);
  return _(wording.claim_sentence, {
    claim: headline(answer),
    sure: `${sureWords(answer.probability)} (${percent(answer.probability)})`,
    distance: distance(answer.radius_km),
    point: coordinates(answer.lat_deg, answer.lon_deg, answer.radius_km),
  });
}

/** What spoke for a candidate, what against it, the strongest first, and what corrects their sum. */
export function forAgainstTogether(candidate) {
  const spoken = [...candidate.evidence]
    .filter((evidence) => Math.abs(evidence.log_lr) >= wording.min_abs_log_lr)
    .sort((one, other) => Math.abs(other.log_lr) - Math.abs(one.log_lr));
  const own = spoken.filter((evidence) => evidence.source !== 'together');
  return [
    own.filter((evidence) => evidence.log_lr > 0),
    own.filter((evidence) => evidence.log_lr < 0),
    spoken.filter((evidence) => evidence.source === 'together'),
  ];
}

export function seconds(value) {
  const number = value < 0.01 ? `< ${localNumber(0.01, 2)}` : localNumber(value, 2);
  return _('{number} s', { number }).replaceAll(' ', '\u00a0');
}

function joined(...parts) {
  return [...new Set(parts.filter(Boolean))].join(', ');
}

function own(table, key) {
  return Object.hasOwn(table, key) ? table[key] : null;
}
