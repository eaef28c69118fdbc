// What is seen of the painting: a range of its columns with grids, a backdrop and the brush.

import { COLUMN_ROWS } from "./stroke.js";

const ROW_PX = 1;
const LEAST_COLUMN_PX = 3;
const SHOWN_S = 5; // how much an empty painting shows
const LABEL_PX = 13;
const HALF_LABEL_PX = 6;
const INK = inkOf([[12, 11, 18], [81, 18, 124], [181, 54, 122], [248, 118, 92], [255, 244, 237]]);

export class View {
  constructor(root, painting) {
    this.painting = painting;
    this.measures = painting.measures;
    this.screen = root.querySelector(".screen");
    this.canvas = root.querySelector("canvas");
    this.names = root.querySelector(".names");
    this.times = root.querySelector(".seconds");
    this.playhead = root.querySelector(".playhead");
    this.first = 0; // the leftmost column that is seen
    this.backdrop = null; // {image, columns}
    this.ring = null; // {row, column, size} of the brush where it is shown
    this.pitch = this.rhythm = null; // the grids
    this.screen.style.height = `${this.measures.rows * ROW_PX}px`;
    new ResizeObserver(() => this.scrollTo(this.first)).observe(this.screen);
  }

  get columnPx() {
    const fitting = this.screen.clientWidth / this.measures.columnsIn(SHOWN_S);
    return Math.max(LEAST_COLUMN_PX, Math.floor(fitting));
  }

  get columns() {
    return Math.floor(this.screen.clientWidth / this.columnPx);
  }

  // There is always an empty screen to the right of what is painted.
  get lastFirst() {
    const end = Math.max(this.measures.columnsIn(SHOWN_S), this.painting.end);
    return Math.max(0, Math.min(end + this.columns, this.measures.columns) - this.columns);
  }

  scrollTo(first) {
    this.first = Math.round(Math.max(0, Math.min(first, this.lastFirst)));
    // These say where a pixel of the painting is on the screen.
    this.canvas.dataset.firstColumn = this.first;
    this.canvas.dataset.columnPx = this.columnPx;
    this.canvas.dataset.rowPx = ROW_PX;
    this.draw();
  }

  reveal(column) {
    if (column < this.first) this.scrollTo(column);
    if (column >= this.first + this.columns) this.scrollTo(column - this.columns + 1);
  }

  cellAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const column = this.first + Math.floor((event.clientX - box.left) / this.columnPx);
    const row = Math.floor((event.clientY - box.top) / ROW_PX);
    return { row, column: Math.max(0, Math.min(column, this.measures.columns - 1)) };
  }

  draw() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.drawNow();
    });
  }

  drawNow() {
    const { canvas, columnPx } = this;
    const { clientWidth: width, clientHeight: height } = this.screen;
    if (!width || !this.pitch) return;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    const pen = canvas.getContext("2d");
    pen.scale(devicePixelRatio, devicePixelRatio);
    pen.imageSmoothingEnabled = false;
    if (this.backdrop) {
      const { image, columns } = this.backdrop;
      pen.globalAlpha = 0.4;
      pen.drawImage(image, -this.first * columnPx, 0, columns * columnPx, height);
      pen.globalAlpha = 1;
    }
    this.drawGrids(pen, width, height);
    const shown = Math.min(Math.ceil(width / columnPx), this.measures.columns - this.first);
    pen.drawImage(this.inked(shown), 0, 0, shown * columnPx, height);
    this.drawRing(pen);
    this.label(height);
  }

  drawGrids(pen, width, height) {
    for (const { row, isRoot } of this.pitch.notes) {
      pen.fillStyle = isRoot ? "#ffffff52" : "#ffffff1f";
      pen.fillRect(0, row * ROW_PX, width, 1);
    }
    const { rhythm, first, columnPx } = this;
    for (let k = rhythm.division(first); ; k++) {
      const x = (rhythm.edge(k) - first) * columnPx;
      if (x > width) break;
      const beat = k * rhythm.beats;
      const isBeat = Math.abs(beat - Math.round(beat)) < 1e-6;
      const isBar = isBeat && Math.round(beat) % 4 === 0;
      pen.fillStyle = isBar ? "#ffffff70" : isBeat ? "#ffffff38" : "#ffffff1a";
      pen.fillRect(x, 0, 1, height);
    }
  }

  // The painted pixels of so many columns, as a picture of one pixel for each.
  inked(columns) {
    const { first, painting } = this;
    const { rows } = this.measures;
    const tile = new OffscreenCanvas(columns, rows);
    const pen = tile.getContext("2d");
    const image = pen.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < columns; k++) {
        pixels[row * columns + k] = INK[painting.at(row, first + k)];
      }
    }
    pen.putImageData(image, 0, 0);
    return tile;
  }

  drawRing(pen) {
    if (!this.ring) return;
    const { row, column, size } = this.ring;
    const top = (row - Math.floor((size - 1) / 2)) * ROW_PX;
    const [x, y] = [(column - this.first + 0.5) * this.columnPx, top + (size * ROW_PX) / 2];
    const ring = new Path2D();
    const across = Math.max((size / COLUMN_ROWS) * this.columnPx, 8);
    ring.ellipse(x, y, across / 2, Math.max(size * ROW_PX, 8) / 2, 0, 0, 2 * Math.PI);
    for (const [style, lineWidth] of [["#000c", 3.5], ["#fff", 1.5]]) {
      pen.strokeStyle = style;
      pen.lineWidth = lineWidth;
      pen.stroke(ring);
    }
  }

  label(height) {
    const { measures } = this;
    const free = [];
    const roots = this.pitch.notes.filter((note) => note.isRoot);
    for (const { row, name } of [...roots, ...this.pitch.notes]) {
      // The names at both ends are not cut off.
      const y = Math.max(HALF_LABEL_PX, Math.min(row * ROW_PX, height - HALF_LABEL_PX));
      if (free.some((other) => Math.abs(other.y - y) < LABEL_PX)) continue;
      free.push({ y, text: `${name} ${Math.round(measures.hertzOf(row))}`, row });
    }
    fillWith(this.names, free, ({ y, text, row }) => ({
      text, data: { row }, style: { top: `${y}px` },
    }));
    const [from, to] = [this.first, this.first + this.columns].map((k) => k / measures.columnsPerS);
    const seconds = [];
    for (let k = Math.ceil(from); k <= to; k++) seconds.push(k);
    fillWith(this.times, seconds, (k) => ({
      text: `${k} s`, data: {},
      style: { left: `${(k * measures.columnsPerS - this.first) * this.columnPx}px` },
    }));
  }

  // Show the playhead at a time of the sound, or none.
  playAt(seconds) {
    this.playhead.hidden = seconds === null;
    if (seconds === null) return;
    const { columns, columnsPerS } = this.measures;
    const column = Math.min(Math.floor(seconds * columnsPerS), columns - 1);
    if (column < this.first || column >= this.first + this.columns) this.scrollTo(column);
    const x = (seconds * columnsPerS - this.first) * this.columnPx;
    this.playhead.style.transform = `translateX(${x}px)`;
  }
}

// Give `parent` a span for each of `items`, as `look` says.
function fillWith(parent, items, look) {
  parent.replaceChildren(...items.map((item) => {
    const span = document.createElement("span");
    const { text, style, data } = look(item);
    span.textContent = text;
    Object.assign(span.style, style);
    Object.assign(span.dataset, data);
    return span;
  }));
}

// The colour of each brightness, as the bytes of a pixel: clear where nothing is painted.
function inkOf(stops) {
  return Uint32Array.from({ length: 256 }, (_, value) => {
    if (!value) return 0;
    const place = (value / 255) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    const [r, g, b] = stops[below].map((from, k) =>
      Math.round(from + (place - below) * (stops[below + 1][k] - from)));
    return (Math.min(255, 2 * value) << 24) | (b << 16) | (g << 8) | r;
  });
}
