// A short, smooth way of the slider from one point to another.

const GLIDE_MS = 180;

export class Glide {
  // `move` is called with each position on the way.
  constructor(move) {
    this.move = move;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.frame = 0; // the next one
  }

  start(from, target) {
    this.stop();
    const started = performance.now();
    const step = () => {
      const elapsed = performance.now() - started;
      const share = this.calm.matches ? 1 : Math.min(elapsed / GLIDE_MS, 1);
      const eased = 1 - (1 - share) ** 3;
      this.move(share < 1 ? from + eased * (target - from) : target);
      if (share < 1) this.frame = requestAnimationFrame(step);
    };
    step();
  }

  stop() {
    cancelAnimationFrame(this.frame);
  }
}
