// Several photos chosen at once: whether they are one trip, or a case each.

import { button, el, refill } from './dom.js';
import { counted, gettext as _ } from './language.js';

/** Ask it in a node; resolves to 'trip', 'each' or '' for neither. Escape means neither. */
export function askTogether(node, number) {
  return new Promise((resolve) => {
    const choose = (way) => {
      node.hidden = true;
      node.replaceChildren();
      node.removeEventListener('keydown', escape);
      resolve(way);
    };
    const escape = (event) => {
      if (event.key === 'Escape') choose('');
    };
    const trip = button(_('One trip'), () => choose('trip'), { id: 'together-trip' });
    refill(node,
      el('p', {}, el('strong', { id: 'together-title', text: counted('{count} photo: one trip, or a case each?', '{count} photos: one trip, or a case each?', number) })),
      el('p', { class: 'hint', id: 'together-hint', text: _('A trip says that one person took them on one journey, so each photo moves where the others are thought to be.') }),
      el('div', { class: 'buttons' }, trip,
        button(_('A case each'), () => choose('each'), { id: 'together-each' }),
        button(_('Cancel'), () => choose(''), { id: 'together-cancel' })));
    node.addEventListener('keydown', escape);
    node.hidden = false;
    trip.focus();
  });
}
