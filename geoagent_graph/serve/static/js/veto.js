// Excluding a candidate: a dialog that asks why.

import { ApiError } from './api.js';
import { button, el, errorLine, field, untrusted } from './dom.js';
import { gettext as _, sentence } from './language.js';
import { placeName } from './words.js';

/** Open the dialog for a hypothesis; `onVeto(placeId, because)` does it. */
export function askVeto(dialog, hypothesis, onVeto) {
  const reason = el('textarea', { rows: '3', required: true, maxlength: '1000' });
  const error = errorLine();
  const send = el('button', { type: 'submit', class: 'primary', text: _('Veto') });
  const form = el('form', { class: 'stacked', novalidate: true },
    el('h2', { id: 'veto-title' }, sentence('Why is it not {place}?', { place: untrusted(placeName(hypothesis.place), 120) })),
    el('p', { class: 'quiet', text: _('A veto says “it is not there”: the place is out, and the rest is weighed again. Your reason stands in the trace and in the report; Undo takes the veto back.') }),
    field(_('Reason'), reason), error,
    el('div', { class: 'buttons' }, send, button(_('Cancel'), () => dialog.close())));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    error.textContent = '';
    if (!reason.value.trim()) {
      error.textContent = _('Say why: a veto without a reason is not taken.');
      reason.focus();
      return;
    }
    send.disabled = true;
    try {
      await onVeto(hypothesis.place.id, reason.value);
      dialog.close();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      error.replaceChildren(untrusted(refused.message, 600));
    } finally {
      send.disabled = false;
    }
  });
  dialog.replaceChildren(form);
  dialog.showModal();
  reason.focus();
}
