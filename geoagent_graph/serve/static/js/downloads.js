// Report, map and trace as files, whether the trace holds, and the end of a case.

import { ApiError } from './api.js';
import { button, el, errorLine, untrusted, refill } from './dom.js';
import { gettext as _, storedText } from './language.js';

const NO_SERVER = _('The server does not answer. Is “geoagent serve” still running?');
let formats = [];

/** Take the formats that the server offers. */
export function useFormats(offered) {
  formats = offered;
}

/** The downloads of a branch; most need an answer. */
export function showDownloads(node, caseApi, answered) {
  const error = errorLine();
  const items = formats.filter((format) => answered || !format.needs_answer).map(({ name, title, note }) => el('li', {},
    el('a', {
      href: caseApi.report(name), download: true, id: `download-${name}`, 'data-format': name,
      on: { click: (event) => save(event, error) },
    }, _(title)), note && el('span', { class: 'quiet', text: ` ${_(note)}` })));
  const verified = el('div', { id: 'verified', role: 'status' });
  refill(node,
    answered ? null : el('p', { class: 'quiet', text: _('The report can be had when there is an answer.') }),
    el('ul', { class: 'downloads' }, items), error,
    button(_('Verify the trace'), () => verify(caseApi, verified, error), { id: 'verify' }), verified,
    el('p', {}, button(_('Delete this case'), () => removeCase(caseApi, error), { id: 'case-delete', class: 'small' })));
}

async function removeCase(caseApi, error) {
  if (!window.confirm(_('Delete this case with all its branches and its photo? It cannot be undone.'))) return;
  error.textContent = '';
  try {
    await caseApi.remove();
    window.location.assign(window.location.pathname);
  } catch (refused) {
    if (!(refused instanceof ApiError)) throw refused;
    error.replaceChildren(untrusted(refused.message, 600));
  }
}

/** Fetch first, so that a refusal is said here instead of in an empty page. */
async function save(event, error) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const link = event.currentTarget;
  error.textContent = '';
  link.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(link.href);
    if (!response.ok) {
      const said = await response.json().catch(() => ({}));
      error.replaceChildren(untrusted(said.detail ?? _('The server refused this (status {status}).', { status: response.status }), 600));
      return;
    }
    saveAs(await response.blob(), nameOf(response, link.dataset.format));
  } catch (failure) {
    if (!(failure instanceof TypeError)) throw failure;
    error.textContent = NO_SERVER;
  } finally {
    link.removeAttribute('aria-busy');
  }
}

function saveAs(blob, name) {
  const url = URL.createObjectURL(blob);
  el('a', { href: url, download: name }).click();
  window.setTimeout(() => URL.revokeObjectURL(url), 10000);
}

function nameOf(response, format) {
  const given = response.headers.get('Content-Disposition') ?? '';
  const [, own] = given.match(/filename\*=UTF-8''([^;]+)/) ?? [];
  if (own) return decodeURIComponent(own);
  const [, plain] = given.match(/filename="([\w.-]+)"/) ?? [];
  return plain ?? `report.${format}`;
}

async function verify(caseApi, node, error) {
  error.textContent = '';
  node.replaceChildren(_('Checking …'));
  try {
    const found = await caseApi.verify();
    const holds = found.problems.length === 0;
    node.replaceChildren(
      el('p', { class: holds ? 'holds' : 'broken' }, holds ? _('✓ The trace holds.') : _('✗ The trace does not hold.')),
      el('ul', {}, [...found.problems, ...found.checked].map((words) => el('li', {}, storedText(words, 600)))));
  } catch (refused) {
    if (!(refused instanceof ApiError)) throw refused;
    node.replaceChildren();
    error.replaceChildren(untrusted(refused.message, 600));
  }
}
