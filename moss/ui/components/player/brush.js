// The brush: hands and keys that paint wishes over the spectrogram.

import { drawMarks } from "./marks.js";
import { COLUMNS, KINDS, Raster, ROWS } from "./wishes.js";

const MOST_UNDONE = 100;

export class Brush {
  // At most `most` wishes are made; `onWish` is called with their text after each stroke, `say`
  // with a sentence.
  constructor(root, { most, onWish, say }) {
    Object.assign(this, { most, onWish, say });
    this.screen = root.querySelector(".moss-screen");
    this.canvas = root.querySelector(".moss-marks");
    this.undo = root.querySelector(".moss-undo");
    this.clear = root.querySelector(".moss-clear");
    this.box = root.querySelector(".moss-brush");
    this.size = this.box.querySelector("input");
    this.tools = [...root.querySelectorAll("[data-brush]")];
    this.kind = null; // the brush in hand
    this.raster = new Raster();
    this.history = [];
    this.cursor = { column: COLUMNS / 2, row: ROWS / 2 };
    this.listen();
  }

  listen() {
    for (const tool of this.tools) {
      const kind = Number(tool.dataset.brush);
      tool.addEventListener("click", () => this.take(this.kind === kind ? null : kind));
    }
    this.box.addEventListener("toggle", () => this.box.open || this.take(null));
    this.undo.addEventListener("click", () => {
      this.raster.cells = this.history.pop();
      this.changed();
    });
    this.clear.addEventListener("click", () => {
      this.remember();
      this.raster.cells.fill(0);
      this.changed();
    });
    const on = (name, act) => this.canvas.addEventListener(name, act);
    on("pointerdown", (event) => this.begin(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", () => this.end());
    on("pointercancel", () => this.end());
    on("pointerleave", () => this.hover(null));
    on("keydown", (event) => this.key(event));
    on("focus", () => this.draw());
    on("blur", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  show({ wishes, duration_s, sample_rate }) {
    this.take(null);
    this.last = null;
    this.history = [];
    this.raster.fit(duration_s, sample_rate / 2);
    this.raster.read(wishes);
    this.refresh();
  }

  // Hold brush `kind`, or none: then the spectrogram is for seeking again.
  take(kind) {
    this.kind = kind;
    const painting = kind !== null;
    this.screen.classList.toggle("moss-painting", painting);
    for (const tool of this.tools) {
      tool.setAttribute("aria-pressed", Number(tool.dataset.brush) === kind);
    }
    const { canvas } = this;
    if (painting) {
      canvas.removeAttribute("aria-hidden");
      canvas.tabIndex = 0;
      canvas.setAttribute("role", "application");
      canvas.setAttribute("aria-label",
        "Brush over the spectrogram: arrows move it, with Shift faster; Space paints");
      this.screen.scrollIntoView({ block: "nearest" }); // This is where a person paints.
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) canvas.removeAttribute(name);
      canvas.setAttribute("aria-hidden", "true");
    }
    this.draw();
  }

  // With a mouse, a pen or a finger

  begin(event) {
    if (this.kind === null || event.button) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.remember();
    this.last = this.at(event);
    this.stamp(this.last);
    this.draw();
  }

  move(event) {
    if (this.kind === null) return;
    const to = this.at(event);
    if (this.last) {
      // A quick hand skips cells between two events; half a cell at a time skips none.
      const far = Math.max(Math.abs(to.x - this.last.x), Math.abs(to.y - this.last.y));
      for (let step = 1, steps = Math.ceil(2 * far); step <= steps; step++) {
        const share = step / steps;
        this.stamp({
          x: this.last.x + share * (to.x - this.last.x),
          y: this.last.y + share * (to.y - this.last.y),
        });
      }
      this.last = to;
    }
    this.hover(event.pointerType === "touch" ? null : to);
  }

  end() {
    if (!this.last) return;
    this.last = null;
    this.changed();
  }

  hover(spot) {
    this.ring = spot;
    if (this.kind !== null) this.draw();
  }

  // Where an event is, in cells from the lower left corner.
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = (COLUMNS * (event.clientX - box.left)) / box.width;
    const y = (ROWS * (box.bottom - event.clientY)) / box.height;
    return { x, y };
  }

  // The brush is round on the screen, where cells need not be square.
  get reach() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const rows = Number(this.size.value) / 2;
    return { rows, columns: (rows * COLUMNS * height) / (ROWS * width) };
  }

  stamp(spot) {
    this.raster.stamp(this.kind, spot, this.reach);
  }

  // With the keyboard

  key(event) {
    const step = event.shiftKey ? 8 : 1;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const { cursor } = this;
    if (event.key in moves) {
      const [right, up] = moves[event.key];
      cursor.column = within(cursor.column + step * right, COLUMNS - 1);
      cursor.row = within(cursor.row + step * up, ROWS - 1);
    } else if (event.key === " " || event.key === "Enter") {
      this.remember();
      this.stamp({ x: cursor.column + 0.5, y: cursor.row + 0.5 });
      this.changed();
    } else if (event.key === "Escape") {
      this.tools.find((tool) => tool.getAttribute("aria-pressed") === "true").focus();
      this.take(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.draw();
    const { seconds, hertz } = this.raster.middle(cursor.column, cursor.row);
    const there = KINDS[this.raster.at(cursor.column, cursor.row)] || "nothing painted";
    this.say(`${seconds.toFixed(1)} s, ${(hertz / 1000).toFixed(1)} kHz: ${there}`);
  }

  // Strokes

  remember() {
    this.history = [...this.history, this.raster.cells.slice()].slice(-MOST_UNDONE);
  }

  changed() {
    if (this.raster.rectangles().length > this.most) {
      this.raster.cells = this.history.pop();
      this.say("That is finer than can be wished for; use a larger brush.");
    }
    this.refresh();
    this.onWish(this.raster.text());
  }

  refresh() {
    this.undo.disabled = !this.history.length;
    this.clear.disabled = !this.raster.cells.some(Boolean);
    this.draw();
  }

  draw() {
    const { cursor, kind } = this;
    const isKeyed = kind !== null && this.canvas.matches(":focus-visible");
    const spot = isKeyed ? { x: cursor.column + 0.5, y: cursor.row + 0.5 } : this.ring;
    drawMarks(this.canvas, this.raster, kind === null ? null : { spot, reach: this.reach });
  }
}

function within(number, last) {
  return Math.min(Math.max(number, 0), last);
}
