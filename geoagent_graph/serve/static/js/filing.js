// How a case is filed: its name, its tags, and whether it is put away.

import { ApiError } from './api.js';
import { button, el, errorLine, field, refill, untrusted } from './dom.js';
import { gettext as _ } from './language.js';

/** The form of a case; `onFiled` gets the case as it is then, also under another name. */
export function showFiling(node, caseApi, state, onFiled) {
  const error = errorLine();
  const name = el('input', { id: 'case-name', value: state.id, maxlength: '64', pattern: '[a-z0-9][a-z0-9_\\-]{0,63}', autocomplete: 'off' });
  const tag = el('input', { id: 'case-tag', maxlength: '60', autocomplete: 'off' });
  const change = (what) => file(caseApi, what, error, onFiled);
  refill(node,
    form([field(_('Name of the case'), name, _('a-z, 0-9, - and _; downloads are called so'))], _('Rename'), 'case-rename', () => change({ name: name.value.trim() })),
    el('ul', { class: 'tags', 'aria-label': _('Tags') }, state.tags.map((each, index) => el('li', {}, untrusted(each, 60), ' ',
      button('×', () => change({ remove_tags: [each] }), { id: `tag-remove-${index}`, class: 'small', 'aria-label': _('Take off the tag {tag}', { tag: each }) })))),
    form([field(_('Another tag'), tag)], _('Add the tag'), 'case-tag-add', () => change({ add_tags: [tag.value] })),
    button(state.archived ? _('List this case again') : _('Put this case away'), () => change({ archived: !state.archived }), { id: 'case-archive', class: 'small' }),
    error);
}

function form(fields, words, id, onSubmit) {
  return el('form', { class: 'stacked', on: { submit: (event) => { event.preventDefault(); onSubmit(); } } },
    fields, el('button', { type: 'submit', id, class: 'small', text: words }));
}

async function file(caseApi, what, error, onFiled) {
  error.textContent = '';
  try {
    onFiled(await caseApi.file(what));
  } catch (refused) {
    if (!(refused instanceof ApiError)) throw refused;
    error.replaceChildren(untrusted(refused.message, 600));
  }
}
