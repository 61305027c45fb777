// What people did in this branch, and a form for a note.

import { ApiError } from './api.js';
import { button, el, errorLine, field, untrusted, refill } from './dom.js';
import { gettext as _, sentence, storedText } from './language.js';
import { timeElement } from './times.js';

/** `undo` takes back the last act; null where it cannot be done now. */
export function showPeople(node, trace, undo) {
  const items = trace.people.map((act) => el('li', {},
    timeElement(act.time), ' ', storedText(act.text, 2000)));
  const last = trace.acts.at(-1);
  refill(node,
    items.length ? el('ul', { class: 'acts' }, items) : el('p', { class: 'quiet', text: _('Nobody has steered this run.') }),
    last && undo ? undoLine(last, undo) : null);
}

function undoLine(last, undo) {
  const error = errorLine();
  const back = button(_('Undo'), async () => {
    back.disabled = true;
    error.textContent = '';
    try {
      await undo();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      error.replaceChildren(untrusted(refused.message, 600));
      back.disabled = false;
    }
  }, { class: 'small', id: 'undo' });
  return el('p', {}, sentence('{undo} takes back: {act}', { undo: back, act: storedText(last.text, 200) }), error);
}

/** Who viewed the case, took files of it, renamed or signed it. */
export function showCustody(node, trace) {
  const items = trace.custody.map((act) => el('li', {},
    timeElement(act.time), ' ', storedText(act.text, 400)));
  refill(node, items.length ? el('details', { id: 'custody-details' }, el('summary', { text: _('Who had this case in hand') }), el('ul', { class: 'acts' }, items)) : null);
}

export function noteForm(form, onNote) {
  const text = el('textarea', { rows: '2', maxlength: '10000' });
  const error = errorLine();
  const send = el('button', { type: 'submit', text: _('Add the note') });
  form.replaceChildren(field(_('A note for the trace and the report'), text, _('It changes nothing in the run.')), error, send);
  form.onsubmit = async (event) => {
    event.preventDefault();
    error.textContent = '';
    send.disabled = true;
    try {
      await onNote(text.value);
      text.value = '';
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      error.replaceChildren(untrusted(refused.message, 600));
    } finally {
      send.disabled = false;
    }
  };
}
