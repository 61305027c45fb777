// Plays what happens on the map, one look after another, also when events come all at once.

import { calm } from './theme.js';

const HOLD_MS = 300;
const MAX_QUEUE = 4;

export class Story {
  constructor(map, onLevel) {
    this.map = map;
    this.onLevel = onLevel;
    this.queue = [];
    this.playing = false;
  }

  /** Add a look: `{level, scene, camera, minor}`; minor ones are left out when there are many. */
  add(look) {
    this.queue.push(look);
    if (this.queue.length > MAX_QUEUE) this.queue = this.queue.filter((item, index) => !item.minor || index === this.queue.length - 1);
    if (!this.playing) this.play();
  }

  /** Forget what is queued and show one look at once. */
  cut(look, milliseconds) {
    this.queue = [];
    this.onLevel(look.level);
    this.map.show(look.scene);
    this.map.fly(look.camera, milliseconds);
  }

  async play() {
    this.playing = true;
    while (this.queue.length) {
      const look = this.queue.shift();
      this.onLevel(look.level);
      this.map.show(look.scene);
      await this.map.fly(look.camera);
      if (!calm() && !document.hidden) await new Promise((resolve) => { window.setTimeout(resolve, HOLD_MS); });
    }
    this.playing = false;
  }
}
