// Building the page out of text: nothing here takes HTML, so nothing from outside becomes markup.

const SVG = 'http://www.w3.org/2000/svg';
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
// What is quoted, and a number with what belongs to it: a position, a time, a share.
const NUMBER = '\\d(?:[A-Za-z0-9.,:/°±+_-]*[A-Za-z0-9°])?';
const KEPT_TOGETHER = new RegExp(
  `((?<=«)[^»]+(?=»)|(?<![A-Za-z0-9_./-])[-+\u2212]?${NUMBER}(?: ${NUMBER})*(?:[ \u00a0]?%| UTC)?(?:, [-+\u2212]?\\d+\\.\\d+(?:°[NSEW])?)?)`,
);
const JOINERS = new Set(['\u200c', '\u200d']);

/**
 * Text from photos, files and people as it may be shown: on one line, with nothing in it that
 * reorders or hides other text.
 */
export function visible(text, limit = 2000) {
  const flat = String(text ?? '').slice(0, limit + 1).replace(/[\t\n\r\v\f\x85\u2028\u2029]/g, ' ');
  const shown = flat.replace(HIDDEN, (character) => (JOINERS.has(character) ? character : '\ufffd'));
  return shown.length > limit ? `${shown.slice(0, limit - 1)}…` : shown;
}

/** An element; `options` are attributes, but `text`, `on` (listeners) and true/false/null values. */
export function el(name, options = {}, ...children) {
  return fill(document.createElement(name), options, children);
}

export function svg(name, options = {}, ...children) {
  return fill(document.createElementNS(SVG, name), options, children);
}

/** Text from outside, kept apart from the direction of the text around it. */
export function untrusted(text, limit = 2000) {
  return el('bdi', {}, isolated(visible(text, limit)));
}

/** Text whose numbers, times and positions keep their order within Arabic words. */
function isolated(text) {
  if (document.documentElement.dir !== 'rtl') return text;
  return text.split(KEPT_TOGETHER).map((part, index) => (index % 2 ? el('bdi', { dir: /^[-+\u2212]?\d/.test(part) ? 'ltr' : null, text: part }) : part));
}

/** Text of ours with text from outside in it: `says("Why not ", place.name, "?")`. */
export function says(...parts) {
  return parts.map((part, index) => (index % 2 ? untrusted(part) : part));
}

/**
 * Put other children into a node; what had the focus, and which details were open, stays so where
 * the new children carry the same id.
 */
export function refill(node, ...children) {
  const focused = node.contains(document.activeElement) ? document.activeElement.id : '';
  const open = [...node.querySelectorAll('details[open][id]')].map((details) => details.id);
  node.replaceChildren(...children.flat(Infinity).filter((child) => child != null && child !== false));
  for (const id of open) {
    const details = document.getElementById(id);
    if (details && node.contains(details)) details.open = true;
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  return node;
}

export function button(words, onClick, options = {}) {
  return el('button', { type: 'button', on: { click: onClick }, ...options }, ...[words].flat());
}

/** A field with its label above it. */
export function field(words, control, hint = '') {
  const note = hint && el('span', { class: 'hint', text: hint });
  return el('label', { class: 'field' }, el('span', { class: 'field-name', text: words }), control, note);
}

/** A line where a form says what was wrong; screen readers hear it at once. */
export function errorLine() {
  return el('p', { class: 'error', role: 'alert' });
}

function fill(node, options, children) {
  for (const [key, value] of Object.entries(options)) {
    if (key === 'text') node.textContent = value;
    else if (key === 'on') listen(node, value);
    else if (value === true) node.setAttribute(key, '');
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false && child !== ''));
  return node;
}

function listen(node, listeners) {
  for (const [event, listener] of Object.entries(listeners)) node.addEventListener(event, listener);
}
