// Light, dark, or as the system says.

import { gettext as _ } from './language.js';

const KEY = 'geoagent-theme';
const CHOICES = ['auto', 'light', 'dark'];
const WORDS = { auto: _('Theme: system'), light: _('Theme: light'), dark: _('Theme: dark') };

/** Let a button turn through the themes; `onChange` is called when the colours have changed. */
export function themeButton(button, onChange) {
  let chosen = stored();
  const apply = () => {
    if (chosen === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    button.textContent = WORDS[chosen];
    onChange();
  };
  button.addEventListener('click', () => {
    chosen = CHOICES[(CHOICES.indexOf(chosen) + 1) % CHOICES.length];
    try {
      window.localStorage.setItem(KEY, chosen);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // storage may be switched off
    }
    apply();
  });
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
  apply();
}

export function calm() {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

function stored() {
  try {
    const found = window.localStorage.getItem(KEY);
    return CHOICES.includes(found) ? found : 'auto';
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return 'auto';
  }
}
