// Drawing a circle on the map: from its centre outwards.

import { degreesBetween, kmOf } from './libraries.js';

const MIN_RADIUS_KM = 1;

export class CircleTool {
  constructor(map) {
    this.map = map;
    this.active = false;
  }

  /** Let the next drag draw a circle; `onDrawn` gets it, again and again while it grows. */
  begin(onDrawn) {
    this.active = true;
    this.onDrawn = onDrawn;
    this.map.canvas.classList.add('drawing');
  }

  end() {
    this.active = false;
    this.map.canvas.classList.remove('drawing');
    this.map.show({ searchCircle: null });
  }

  /** Show a circle that was typed. */
  set(searchCircle) {
    this.map.show({ searchCircle });
  }

  drag(event) {
    const centre = this.map.under(event);
    if (!centre) return;
    const { canvas } = this.map;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    const grow = (moved) => {
      const edge = this.map.under(moved);
      if (!edge) return;
      const searchCircle = {
        lat_deg: centre[1], lon_deg: centre[0],
        radius_km: Math.max(MIN_RADIUS_KM, kmOf(degreesBetween(centre, edge))),
      };
      this.set(searchCircle);
      this.onDrawn(searchCircle);
    };
    const drop = () => {
      canvas.removeEventListener('pointermove', grow);
      canvas.removeEventListener('pointerup', drop);
      canvas.removeEventListener('pointercancel', drop);
    };
    canvas.addEventListener('pointermove', grow);
    canvas.addEventListener('pointerup', drop);
    canvas.addEventListener('pointercancel', drop);
  }
}
