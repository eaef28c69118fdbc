// What has been heard as a picture: spectra with their times, drawn as columns of equal duration.

// What a Blackman window makes of a full-scale tone.
export const TONE_DB = 20 * Math.log10(0.42 / 2);
// A level is a byte: 0 is this or less and 255 the tone, in half decibels.
export const FLOOR_DB = TONE_DB - 127.5;
const MOST_FRAMES = 3600; // a minute on most screens

// Return 256 colours each by name, as Uint8Array of red, green and blue, of JSON of base64.
export function mapsOf(json) {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return Object.fromEntries(Object.entries(JSON.parse(json)).map(([n, t]) => [n, bytes(t)]));
}

export class Picture {
  // `maps` are what `mapsOf` returns.
  constructor(canvas, maps) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.maps = maps;
    this.frames = []; // {time, levels}, oldest first
    this.colours = new Uint32Array(256);
  }

  // `speed` in the canvas's pixels a second; `gain` lifts the sound, `range` is from the brightest
  // colour down to the darkest, both in decibels.
  set({ axis, bins, hertzPerBin, speed, gain, range, colours }) {
    // Spectra of another size do not belong to the same picture.
    if (this.frames[0]?.levels.length !== bins) this.frames = [];
    this.speed = speed;
    this.rows = axis.rows(this.canvas.height, bins, hertzPerBin);
    const map = this.maps[colours];
    for (let level = 0; level < 256; level++) {
      const below = (255 - level) / 2 - gain; // dB under the brightest colour
      const shade = level && Math.round(255 * Math.max(0, Math.min(1 - below / range, 1)));
      const [red, green, blue] = map.subarray(3 * shade, 3 * shade + 3);
      this.colours[level] = (255 << 24) | (blue << 16) | (green << 8) | red;
    }
    this.draw();
  }

  // Column k of all time shows second k / speed.
  get last() {
    return Math.floor((this.frames.at(-1)?.time ?? 0) * this.speed);
  }

  // Add the spectrum heard at `time`, in seconds, and draw the columns since the one before.
  add(time, levels) {
    const before = this.last;
    this.frames.push({ time, levels });
    if (this.frames.length > MOST_FRAMES) this.frames.shift();
    const { width, height } = this.canvas;
    const count = this.last - before;
    if (!count || this.frames.length < 2) return;
    if (count >= width) {
      this.draw();
      return;
    }
    this.pen.drawImage(this.canvas, -count, 0);
    this.columns(width - count, count, height);
  }

  draw() {
    const { width, height } = this.canvas;
    if (width && this.rows) this.columns(0, width, height);
  }

  // Draw `count` columns from `left` on; the canvas's right edge is now.
  columns(left, count, height) {
    const image = this.pen.createImageData(count, height);
    const pixels = new Uint32Array(image.data.buffer);
    pixels.fill(this.colours[0]);
    const shift = this.last - this.canvas.width + 1 + left;
    let at = this.frames.length - 1;
    for (let x = count - 1; x >= 0; x--) {
      const time = (shift + x) / this.speed;
      while (at > 0 && this.frames[at - 1].time > time) at--;
      if (at < 1) break;
      this.column(pixels, x, count, between(this.frames[at - 1], this.frames[at], time));
    }
    this.pen.putImageData(image, left, 0);
  }

  column(pixels, x, stride, levels) {
    for (let row = 0; row < this.rows.length; row++) {
      const read = this.rows[row];
      if (!read) continue;
      let level = 0;
      if (read.bins) {
        const [a, b, c, d] = read.bins;
        const [p, q, r, s] = read.weights;
        level = p * levels[a] + q * levels[b] + r * levels[c] + s * levels[d];
      } else {
        for (let bin = read.first; bin <= read.last; bin++) level = Math.max(level, levels[bin]);
      }
      pixels[row * stride + x] = this.colours[Math.max(0, Math.min(Math.round(level), 255))];
    }
  }
}

// The spectrum at `time`, which two frames enclose.
export function between(one, other, time) {
  const share = Math.min((time - one.time) / (other.time - one.time), 1);
  const [a, b] = [one.levels, other.levels];
  const levels = new Float32Array(a.length); // filled by a loop: it runs for every column
  for (let bin = 0; bin < a.length; bin++) levels[bin] = a[bin] + share * (b[bin] - a[bin]);
  return levels;
}
