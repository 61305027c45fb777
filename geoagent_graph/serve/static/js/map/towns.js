// Names of towns around what the map shows, asked of the gazetteer when the map has come to rest.

import * as api from '../api.js';
import { degreesBetween, kmOf } from './libraries.js';

const NEAR_BELOW = 12; // degrees: from further away towns would only be noise
const REST_MS = 250;
const MAX_TOWNS = 60;

export class Towns {
  constructor(onTowns) {
    this.onTowns = onTowns;
    this.timer = 0;
    this.asked = null;
  }

  look(camera) {
    window.clearTimeout(this.timer);
    if (camera.degrees >= NEAR_BELOW || this.covers(camera)) return;
    this.timer = window.setTimeout(() => this.ask(camera), REST_MS);
  }

  covers(camera) {
    if (!this.asked || this.asked.degrees > camera.degrees * 2 || this.asked.degrees < camera.degrees / 1.5) return false;
    return degreesBetween(this.asked.centre, camera.centre) < camera.degrees / 2;
  }

  async ask(camera) {
    this.asked = camera;
    const [lon, lat] = camera.centre;
    try {
      const { towns } = await api.towns(lat, lon, Math.min(2000, kmOf(camera.degrees * 1.8)), MAX_TOWNS);
      if (this.asked === camera) this.onTowns(towns);
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      this.asked = null; // the map goes without names until it moves again
    }
  }
}
