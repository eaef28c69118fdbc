// The big spectrogram: two neighbours laid over each other, and axes that stay readable.

import { ticks } from "./ticks.js";
import { predecessors } from "./versions.js";

const TIME_STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120];
const FREQUENCY_STEPS_KHZ = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20];

export class Spectrogram {
  // `onDrawn` is called after each drawing.
  constructor(root, onDrawn) {
    this.canvas = root.querySelector(".moss-picture");
    this.seconds = root.querySelector(".moss-seconds");
    this.khz = root.querySelector(".moss-khz");
    this.onDrawn = onDrawn;
    this.images = []; // { url, plot, image } or null, for each point
    this.urls = [];
    this.position = 0;
    new ResizeObserver(() => this.fit()).observe(this.canvas);
  }

  show({ points, plot, duration_s, sample_rate, at }) {
    this.size = { duration_s, khz: sample_rate / 2000 };
    this.images = points.map(() => null);
    this.position = at;
    this.want(points, plot);
    this.fit();
  }

  // Take the pictures of a later value of the run: each is seen when it has loaded, and until then
  // the one before it.
  update({ points, plot }) {
    this.images = predecessors(this.images, points.length);
    this.want(points, plot);
  }

  clear() {
    this.images = [];
    this.urls = [];
  }

  want(points, plot) {
    this.urls = points.map((point) => point.image);
    this.plot = plot;
    this.gone = new Set(); // URLs that cannot be loaded
    this.load();
  }

  // One at a time, always the one that is nearest to what is seen.
  async load() {
    if (this.loading) return;
    this.loading = true;
    for (let k = this.missing(); k !== undefined; k = this.missing()) {
      const { urls: { [k]: url }, plot } = this;
      const image = new Image();
      image.src = url;
      await image.decode().catch(() => image.removeAttribute("src"));
      // A picture that is gone leaves another's in place; the sound says that it failed.
      if (!image.naturalWidth) this.gone.add(url);
      else if (this.urls[k] === url) this.images[k] = { url, plot, image };
      this.draw(this.position); // Another value may have come meanwhile.
    }
    this.loading = false;
  }

  missing() {
    const isMissing = (k) => this.images[k]?.url !== this.urls[k] && !this.gone.has(this.urls[k]);
    return this.byDistance(this.position).find(isMissing);
  }

  // All points, the one that is nearest to `position` first.
  byDistance(position) {
    return [...this.urls.keys()].sort((a, b) => Math.abs(a - position) - Math.abs(b - position));
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

  lay(pen, picture) {
    if (!picture) return;
    const { image, plot: [left, top, right, bottom] } = picture;
    const { naturalWidth: width, naturalHeight: height } = image;
    const from = [left * width, top * height, (right - left) * width, (bottom - top) * height];
    pen.drawImage(image, ...from, 0, 0, this.canvas.width, this.canvas.height);
  }

  nearest(k) {
    return this.images[this.byDistance(k).find((i) => this.images[i])];
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
