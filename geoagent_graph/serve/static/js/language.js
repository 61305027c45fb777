// The page in the viewer's language: sentences of the catalogue that the server put into the page.

import { untrusted } from './dom.js';

const given = JSON.parse(document.getElementById('catalogue')?.textContent ?? '{}');
const PLURAL_PERIOD = 100; // how forms of numbers repeat, see `plural_forms` of the server
const MAX_DEPTH = 9;
const MAX_CHARS = 1000;
const COORDINATES = new Set(['n_lat', 'n_lon']);
const LONG = new Set('seen first rest reason reasons act words claim q_reason q_text q_error q_line'.split(' '));
const COOKIE = 'geoagent_language';

/** The tag of the language that the page speaks: "en", "ar", ... */
export const LANGUAGE = document.documentElement.lang || 'en';

// Latin digits everywhere: what is shown can be typed.
const LOCALE = `${LANGUAGE === 'en' ? 'en-GB' : LANGUAGE}-u-nu-latn`;
const templates = Object.entries(given.stored ?? {}).map(asPattern).sort((one, other) => other.weight - one.weight);

/** A sentence in the viewer's language with its `{names}` filled in. */
export function gettext(message, values = {}) {
  return filled(own(given.messages, message) ?? message, values);
}

/** A sentence as it is: marked for the catalogue, translated where it is shown. */
export const mark = (message) => message;

/** What is said of a number: `counted('{count} step', '{count} steps', 3)`. */
export function counted(one, many, number, values = {}) {
  const forms = own(given.messages, one);
  const index = number < 2 * PLURAL_PERIOD ? number : PLURAL_PERIOD + (number % PLURAL_PERIOD);
  const form = forms ? forms[given.plurals[index]] : number === 1 ? one : many;
  return filled(form, { count: localNumber(number), ...values });
}

/** A sentence as nodes: its `{names}` become elements, or text from outside kept apart. */
export function sentence(message, values) {
  const words = own(given.messages, message) ?? message;
  return words.split(/(\{\w+\})/).filter(Boolean).map((part) => {
    const value = /^\{\w+\}$/.test(part) ? values[part.slice(1, -1)] : undefined;
    if (value === undefined) return part;
    return typeof value === 'string' ? untrusted(value) : value;
  });
}

/** A number with the separators of the language, in Latin digits. */
export function localNumber(number, digits = 0) {
  return number.toLocaleString(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A moment as the viewer's clock shows it, the zone named. */
export function localMoment(moment, options) {
  return new Intl.DateTimeFormat(LOCALE, options).format(moment);
}

/** A country's name by its code, a continent's by "continent:EU"; else the one given. */
export function placeWord(code, english) {
  return (code && own(given.places, code)) || english;
}

/** A sentence that a trace holds, in English there, in the viewer's language here. */
export function stored(text, depth = 0) {
  if (!templates.length || !text || depth > MAX_DEPTH || text.length > MAX_CHARS) return text;
  const named = own(given.names, text);
  if (named) return named;
  for (const { pattern, names, said } of templates) {
    const found = pattern.exec(text);
    if (!found) continue;
    const part = (name, value) => {
      if (name === 'script') return own(given.names, `script:${value}`) ?? value;
      return /^[nq]_/.test(name) ? numberWords(name, value) : stored(value, depth + 1);
    };
    return filled(said, Object.fromEntries(names.map((name, index) => [name, part(name, found[index + 1])])));
  }
  return text.split(', ').map((part) => own(given.names, part) ?? part).join(', ');
}

/** A sentence that a trace holds as an element; it may have text from outside in it. */
export function storedText(text, limit = 2000) {
  const own = String(text ?? '');
  const said = stored(own);
  const shown = untrusted(said, limit);
  if (said !== own) shown.dir = document.documentElement.dir; // ours, whatever it begins with
  return shown;
}

/** Let a menu choose the language; the page is asked for again, where it stands. */
export function languageMenu(select) {
  select.value = LANGUAGE;
  select.addEventListener('change', () => {
    document.cookie = `${COOKIE}=${select.value}; path=/; max-age=31536000; samesite=strict`;
    window.location.reload();
  });
}

/** A stored number with the separators of the language; coordinates are the same in all. */
function numberWords(name, value) {
  if (!name.startsWith('n_') || COORDINATES.has(name) || !/^\d[\d,]*(\.\d+)?$/.test(value)) return value;
  const plain = value.replaceAll(',', '');
  return localNumber(Number(plain), plain.split('.')[1]?.length ?? 0);
}

function asPattern([template, said]) {
  const parts = template.split(/\{(\w+)\}/);
  const names = parts.filter((_, index) => index % 2);
  const source = parts.map((part, index) => (index % 2 ? placeholder(part) : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))).join('');
  const weight = parts.filter((_, index) => index % 2 === 0).join('').length;
  return { pattern: new RegExp(`^${source}$`, 's'), names, said, weight };
}

/** Names in "n_" are numbers; only some parts are whole statements. */
function placeholder(name) {
  if (name.startsWith('n_')) return '([-+\u2212<>]? ?[\\d.,]+)';
  if (LONG.has(name)) return '(.+)';
  return name.startsWith('q_') ? '([^;]+)' : '([^;:]+)';
}

function filled(words, values) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? values[name] : whole));
}

function own(table, key) {
  return table && Object.hasOwn(table, key) ? table[key] : null;
}
