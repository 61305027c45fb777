// The words for numbers and answers: the same as in the report and the terminal.

export const LEVELS = ['continent', 'country', 'city'];
const NO_CLAIM = 'No claim: the evidence is too thin';

const SURE = [
  [0.99, 'practically certain'], [0.9, 'very likely'], [0.66, 'likely'],
  [0.5, 'more likely than not'], [0.33, 'possible'], [0.1, 'unlikely'], [0, 'very unlikely'],
];
const STRONG = [[10000, 'very strongly'], [100, 'strongly'], [10, 'moderately'], [2, 'weakly']];
const SAYS_NOTHING = 0.1; // a likelihood ratio within 10 % of one

export const KINDS = {
  text: 'Text', script: 'Script', language: 'Language', place_name: 'Place name',
  phone: 'Telephone number', domain: 'Internet domain', currency: 'Currency',
  postal_code: 'Postal code', street_word: 'Street word',
  exif_position: 'Position in the file (a claim)', exif_other: 'Other claim of the file',
  visual_class: 'What a classifier saw', similar_photo: 'Similar photos', policy: 'Policy',
};

export const NODES = {
  observe: 'Look at the photo', propose: 'Name candidates', retrieve: 'Look for similar photos',
  ground: 'Place names on the map', judge: 'Weigh the evidence', ask: 'A person replies',
  answer: 'Answer',
};

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
  return SURE.find(([least]) => probability >= least)[1];
}

/** How strongly a piece of evidence speaks, for or against: "moderately". */
export function strength(logRatio) {
  const ratio = Math.exp(Math.min(Math.abs(logRatio), 14));
  return STRONG.find(([least]) => ratio >= least)?.[1] ?? 'hardly';
}

/** A place with what it lies in: "Porto, Porto District, Portugal". */
export function placeName(place) {
  if (place.level !== 'city') return place.name;
  return joined(place.name, place.region, place.country);
}

export function headline(answer) {
  const place = answer.place;
  if (answer.level === 'none') return NO_CLAIM;
  if (answer.level === 'continent') return `${place.continent ?? 'Unnamed continent'}, country unknown`;
  if (answer.level === 'country') return `${place.country ?? place.country_code ?? 'Unnamed country'}, city unknown`;
  return joined(place.city, place.region, place.country);
}

/** What the answer stands for, and no more, in one sentence. */
export function claimSentence(answer) {
  if (answer.level === 'none') {
    return 'Nothing in this photo speaks clearly enough for one place. '
      + 'The candidates below are what remains open, not an answer.';
  }
  const sure = `${sureWords(answer.probability)} (${percent(answer.probability)})`;
  const point = coordinates(answer.lat_deg, answer.lon_deg, answer.radius_km);
  return `The evidence is consistent with ${headline(answer)}: ${sure}, `
    + `within about ${distance(answer.radius_km)} of ${point}.`;
}

/** What spoke for a candidate and what against it, the strongest first. */
export function forAndAgainst(candidate) {
  const spoken = [...candidate.evidence]
    .filter((evidence) => Math.abs(evidence.log_lr) >= SAYS_NOTHING)
    .sort((one, other) => Math.abs(other.log_lr) - Math.abs(one.log_lr));
  return [
    spoken.filter((evidence) => evidence.log_lr > 0),
    spoken.filter((evidence) => evidence.log_lr < 0),
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
