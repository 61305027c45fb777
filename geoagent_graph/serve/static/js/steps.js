// The timeline: one button for each step of the run.

import { el, refill } from './dom.js';
import { storedText } from './language.js';
import { LEVEL_NAMES, nodeName, seconds } from './words.js';

export function showSteps(node, { trace, chosen, onChoose }) {
  refill(node, trace.steps.map((step) => el('li', { class: step.node },
    el('button', {
      type: 'button', id: `step-${step.index}`, 'aria-expanded': String(step.index === chosen),
      'aria-controls': 'step', on: { click: () => onChoose(step.index) },
    },
    el('span', { class: 'step-head' }, stepTitle(step), el('span', { class: 'quiet', text: ` ${seconds(step.seconds)}` })),
    el('span', { class: 'step-words' }, storedText(step.summary, 160))))));
}

/** "Weigh the evidence: country". */
export function stepTitle(step) {
  const name = nodeName(step.node);
  return step.level ? `${name}: ${LEVEL_NAMES[step.level]}` : name;
}

/** The clues that a step speaks of, by id. */
export function cluesOf(step) {
  const ids = (step.detail.clues ?? []).map((clue) => clue.id);
  for (const hypothesis of step.detail.hypotheses ?? []) {
    for (const evidence of hypothesis.evidence) ids.push(...evidence.clue_ids);
  }
  return [...new Set(ids)];
}
