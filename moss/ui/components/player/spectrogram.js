// The big spectrogram: two neighbours laid over each other, and axes that stay readable.

import { ticks } from "./ticks.js";

const TIME_STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120];
const FREQUENCY_STEPS_KHZ = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20];

export class Spectrogram {
  // `onDrawn` is called after each drawing.
  constructor(root, onDrawn) {
    this.canvas = root.querySelector(".moss-picture");
    this.seconds = root.querySelector(".moss-seconds");
    this.khz = root.querySelector(".moss-khz");
    this.onDrawn = onDrawn;
    this.images = [];
    this.position = 0;
    new ResizeObserver(() => this.fit()).observe(this.canvas);
  }

  async show({ points, plot, duration_s, sample_rate, at }) {
    this.plot = plot;
    this.size = { duration_s, khz: sample_rate / 2000 };
    const images = (this.images = points.map(() => null));
    this.fit();
    const order = points.map((_, k) => k).sort((a, b) => Math.abs(a - at) - Math.abs(b - at));
    for (const k of order) {
      const image = new Image();
      image.src = points[k].image;
      // A picture that is gone leaves its neighbour's in place; the sound says that it failed.
      await image.decode().catch(() => image.removeAttribute("src"));
      if (this.images !== images) return; // another value has come meanwhile
      if (image.naturalWidth) images[k] = image;
      this.draw(this.position);
    }
  }

  clear() {
    this.images = [];
  }

  // Match the canvas to the pixels of the screen, and the axes to the room there is.
  fit() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !this.images.length) return;
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    const { duration_s, khz } = this.size;
    label(this.seconds, "left", ticks(duration_s, TIME_STEPS_S, width / 60), duration_s, " s");
    label(this.khz, "bottom", ticks(khz, FREQUENCY_STEPS_KHZ, height / 50), khz);
    this.draw(this.position);
  }

  draw(position) {
    this.position = position;
    const k = Math.floor(position);
    const pen = this.canvas.getContext("2d");
    pen.globalAlpha = 1;
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.lay(pen, this.images[k] ?? this.nearest(k));
    if (position > k && this.images[k + 1]) {
      pen.globalAlpha = position - k;
      this.lay(pen, this.images[k + 1]);
    }
    this.onDrawn();
  }

  lay(pen, image) {
    if (!image) return;
    const { naturalWidth: width, naturalHeight: height } = image;
    const [left, top, right, bottom] = this.plot;
    const from = [left * width, top * height, (right - left) * width, (bottom - top) * height];
    pen.drawImage(image, ...from, 0, 0, this.canvas.width, this.canvas.height);
  }

  nearest(k) {
    const there = [...this.images.keys()].filter((i) => this.images[i]);
    return this.images[there.sort((a, b) => Math.abs(a - k) - Math.abs(b - k))[0]];
  }
}

// Write `numbers` along a side that ends at `greatest`, the last one with its unit.
function label(side, edge, numbers, greatest, unit = "") {
  const labels = numbers.map((number, i) => {
    const text = document.createElement("span");
    text.textContent = i === numbers.length - 1 ? number + unit : number;
    text.style[edge] = `${(100 * number) / greatest}%`;
    return text;
  });
  side.replaceChildren(...labels);
}
