// Formats numbers and answers; the words come from the server, the same as in report and terminal.

export const LEVELS = ['continent', 'country', 'city'];

let wording = null;

/** Take the words that the server shows everywhere; nothing can be named before. */
export function useWording(served) {
  wording = served;
}

/** What a kind of clue is called; one that the server does not know, its name in words. */
export function clueLabel(kind) {
  const words = kind.replaceAll('_', ' ');
  return own(wording.clue_labels, kind) ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a node of the graph does; one that the server does not know, its name. */
export function nodeName(node) {
  return own(wording.node_names, node) ?? node;
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
  if (km < 10) return `${km.toFixed(1)}\u00a0km`;
  if (km < 100) return `${Math.round(km)}\u00a0km`;
  return `${(Math.round(km / 10) * 10).toLocaleString('en')}\u00a0km`;
}

/** A point as "41.15°N, 8.61°W", with the digits that a radius around it deserves. */
export function coordinates(lat, lon, radiusKm = 0) {
  const digits = radiusKm < 1 ? 4 : radiusKm < 10 ? 3 : radiusKm < 100 ? 2 : 1;
  const north = lat >= 0 ? 'N' : 'S';
  const east = lon >= 0 ? 'E' : 'W';
  return `${Math.abs(lat).toFixed(digits)}°${north}, ${Math.abs(lon).toFixed(digits)}°${east}`;
}

function sureWords(probability) {
  return wording.probability.find((step) => probability >= step.at_least).words;
}

/** How strongly a piece of evidence speaks, for or against. */
export function strength(logRatio) {
  const ratio = Math.exp(Math.min(Math.abs(logRatio), 14));
  return wording.strength.find((step) => ratio >= step.at_least)?.words ?? wording.weakest_strength;
}

/** A place with what it lies in: "Porto, Porto District, Portugal". */
export function placeName(place) {
  if (place.level !== 'city') return place.name;
  return joined(place.name, place.region, place.country);
}

export function headline(answer) {
  const place = answer.place;
  if (answer.level === 'none') return wording.no_claim;
  if (answer.level === 'continent') {
    return fill(wording.continent_headline, { continent: place.continent ?? wording.unnamed_continent });
  }
  if (answer.level === 'country' && answer.near) {
    return fill(wording.near_headline, { near: answer.near, country: place.country ?? place.country_code ?? wording.unnamed_country });
  }
  if (answer.level === 'country') {
    return fill(wording.country_headline, { country: place.country ?? place.country_code ?? wording.unnamed_country });
  }
  return joined(place.city, place.region, place.country);
}

/** What the answer stands for, and no more, in one sentence. */
export function claimSentence(answer) {
  if (answer.level === 'none') return answer.is_prior ? wording.prior_sentence : wording.no_claim_sentence;
  return fill(wording.claim_sentence, {
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
  return value < 0.01 ? '<\u00a00.01\u00a0s' : `${value.toFixed(2)}\u00a0s`;
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

function joined(...parts) {
  return [...new Set(parts.filter(Boolean))].join(', ');
}

/** A sentence with its `{names}` filled in, each once. */
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function own(table, key) {
  return Object.hasOwn(table, key) ? table[key] : null;
}
