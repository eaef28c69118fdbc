// The frequency axis: which hertz stand at which height, and how a row is read from a spectrum.

const LOWEST_HZ = 40; // the lower end of the logarithmic axis
const ROUND_KHZ = [0.1, 0.2, 0.5, 1, 2, 5, 10];
const LOG_HZ = [50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];
const A4_HZ = 440;
const NOTE_NAMES = ["C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B"];
const TICK_PX = 44; // the least distance between hertz
const NOTE_PX = 16; // the least distance between notes

export class Axis {
  constructor(kind, high) {
    this.kind = kind;
    this.high = high;
    this.low = kind === "log" ? LOWEST_HZ : 0;
  }

  // The height of a frequency as a share of the whole, 0 at the bottom.
  height(hertz) {
    if (this.kind === "linear") return hertz / this.high;
    return Math.log(hertz / this.low) / Math.log(this.high / this.low);
  }

  hertz(height) {
    if (this.kind === "linear") return height * this.high;
    return this.low * (this.high / this.low) ** height;
  }

  // For each of `rows` from the top, the bins that it shows. A row narrower than a bin lies
  // between four of them, whose cubic puts a tone's crest where the tone is: a window's main lobe
  // is nearly a parabola in decibels. A wider row shows the loudest of its bins.
  rows(rows, bins, hertzPerBin) {
    return Array.from({ length: rows }, (_, row) => {
      const [bottom, top] = [rows - row - 1, rows - row]
        .map((edge) => this.hertz(edge / rows) / hertzPerBin);
      if (bottom >= bins) return null;
      if (top - bottom > 1) {
        return { first: Math.ceil(bottom), last: Math.min(Math.floor(top), bins - 1) };
      }
      const middle = Math.min(this.hertz((rows - row - 0.5) / rows) / hertzPerBin, bins - 1);
      const at = Math.floor(middle);
      const t = middle - at;
      const within = (bin) => Math.max(0, Math.min(bin, bins - 1));
      return {
        bins: [within(at - 1), at, within(at + 1), within(at + 2)],
        weights: [
          (-t + 2 * t ** 2 - t ** 3) / 2,
          (2 - 5 * t ** 2 + 3 * t ** 3) / 2,
          (t + 4 * t ** 2 - 3 * t ** 3) / 2,
          (t ** 3 - t ** 2) / 2,
        ],
      };
    });
  }

  // Round frequencies that `pixels` have room for, as [hertz, text].
  ticks(pixels) {
    const text = (hertz) => (hertz < 1000 ? `${hertz}` : `${hertz / 1000}k`);
    let marks = LOG_HZ;
    if (this.kind === "linear") {
      const most = pixels / TICK_PX;
      const step = 1000 * (ROUND_KHZ.find((khz) => this.high / 1000 / khz <= most) ?? 10);
      marks = Array.from({ length: Math.floor(this.high / step) + 1 }, (_, k) => k * step);
    }
    return marks.filter((hertz) => hertz >= this.low && hertz <= this.high)
      .map((hertz) => [hertz, text(hertz)]);
  }

  // Notes of equal temperament that `pixels` have room for, the octaves' C and A first.
  notes(pixels) {
    const found = [];
    for (const wanted of [[0], [9], [4, 7]]) {
      for (let octave = 1; octave <= 10; octave++) {
        for (const note of wanted) {
          const hertz = A4_HZ * 2 ** (octave - 4 + (note - 9) / 12);
          const y = this.height(hertz) * pixels;
          const free = found.every(([other]) => Math.abs(other - y) >= NOTE_PX);
          if (y >= 0 && y <= pixels && free) found.push([y, hertz, NOTE_NAMES[note] + octave]);
        }
      }
    }
    return found.map(([, hertz, name]) => [hertz, name]);
  }
}
