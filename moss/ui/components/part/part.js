// The chosen part on its waveform. The value is made by part_value in part.py.

import { Span, tenths } from "./span.js";
import { wavePath } from "./wave.js";

const STEPS_S = {
  ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10,
};
const SLOP_PX = 4; // that a finger or a mouse may move while it presses
const PAUSE_MS = 300; // after the last key, before Python is told of the part

export function mount({ element, props, trigger, watch }) {
  const picker = new PartPicker(element, props, trigger);
  watch("value", () => picker.show());
  picker.show();
}

class PartPicker {
  constructor(element, props, trigger) {
    Object.assign(this, { props, trigger });
    this.root = element.querySelector(".moss-part");
    this.strip = this.root.querySelector(".strip");
    this.pane = this.root.querySelector(".window");
    this.startInput = this.root.querySelector("input.start");
    this.lengthInput = this.root.querySelector("input.length");
    this.track = null; // the value, parsed
    this.span = new Span();
    this.drag = null; // {kind, x, start, length, before, moved} while a pointer is down
    this.pause = 0; // a timer while keys are being pressed
    this.listenToPointers();
    this.listenToKeys();
  }

  show() {
    const track = this.props.value ? JSON.parse(this.props.value) : null;
    this.root.hidden = !track;
    const isOther = JSON.stringify(track?.peaks) !== JSON.stringify(this.track?.peaks);
    this.track = track;
    if (!track) return;
    if (isOther) {
      this.drawWave(track.peaks);
      clearTimeout(this.pause);
      this.drag = null;
      this.pause = 0;
    }
    // An answer to an earlier move must not snatch the part from the hand that moves it.
    if (this.drag || this.pause) return;
    this.span.fit(track);
    this.draw();
  }

  drawWave(peaks) {
    for (const svg of this.root.querySelectorAll(".wave")) {
      svg.setAttribute("viewBox", `0 0 ${peaks.length} 2`);
      svg.firstElementChild.setAttribute("d", wavePath(peaks));
    }
  }

  draw() {
    const { span } = this;
    const percent = (seconds) => (100 * seconds) / span.duration;
    this.pane.style.left = `${percent(span.start)}%`;
    this.pane.style.width = `${percent(span.length)}%`;
    this.root.querySelector(".chosen").style.clipPath =
      `inset(0 ${100 - percent(span.end)}% 0 ${percent(span.start)}%)`;
    this.root.querySelector(".readout").textContent = span.text;
    this.lengthInput.min = this.track.min_part_s;
    for (const [input, value, max] of [
      [this.startInput, span.start, span.duration - span.length],
      [this.lengthInput, span.length, span.longest],
    ]) {
      input.max = max;
      input.value = value;
      input.setAttribute("aria-valuetext", span.spoken);
    }
  }

  tell() {
    clearTimeout(this.pause);
    this.pause = 0;
    const { start, length } = this.span;
    const part = { start_s: Number(start.toFixed(3)), part_s: Number(length.toFixed(3)) };
    this.props.value = JSON.stringify({ ...this.track, ...part });
    this.trigger("part", part);
  }

  tellLater() {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.tell(), PAUSE_MS);
  }

  // Pointers

  listenToPointers() {
    const on = (name, act) => this.strip.addEventListener(name, act);
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.lift(event));
    // The page is being scrolled by a finger that happens to lie here.
    on("pointercancel", () => {
      if (!this.drag) return;
      this.span.place(...this.drag.before);
      this.drag = null;
      this.draw();
    });
  }

  press(event) {
    if (!this.track || event.button || !event.isPrimary) return;
    const isInside = this.pane.contains(event.target);
    const kind = event.target.dataset.edge ?? (isInside ? "move" : "put");
    const { start, length } = this.span;
    this.drag = { kind, x: event.clientX, start, length, before: [start, length], moved: false };
    this.strip.setPointerCapture(event.pointerId);
    (kind === "end" ? this.lengthInput : this.startInput).focus({ preventScroll: true });
    event.preventDefault();
  }

  move({ clientX }) {
    const { drag, span } = this;
    if (!drag || (!drag.moved && Math.abs(clientX - drag.x) < SLOP_PX)) return;
    if (!drag.moved && drag.kind === "put") this.putAt(clientX);
    drag.moved = true;
    const by = this.secondsAt(clientX) - this.secondsAt(drag.x);
    if (drag.kind === "start") span.dragStart(drag, by);
    else if (drag.kind === "end") span.dragEnd(drag, by);
    else span.dragWhole(drag, by);
    this.draw();
  }

  lift(event) {
    const { drag, span } = this;
    if (!drag) return;
    if (!drag.moved && drag.kind === "put") this.putAt(event.clientX);
    const [start, length] = drag.before;
    this.drag = null;
    if (span.start !== start || span.length !== length) this.tell();
  }

  putAt(x) {
    this.span.centreAt(this.secondsAt(x));
    [this.drag.start, this.drag.x] = [this.span.start, x];
    this.draw();
  }

  secondsAt(x) {
    const box = this.strip.getBoundingClientRect();
    return (this.span.duration * (x - box.left)) / box.width;
  }

  // Keys, and what screen readers do to a range

  listenToKeys() {
    for (const input of [this.startInput, this.lengthInput]) {
      input.addEventListener("input", () => this.set(input, Number(input.value)));
      input.addEventListener("keydown", (event) => this.key(event, input));
    }
  }

  key(event, input) {
    const { length, start } = this.span;
    const step = STEPS_S[event.key];
    let value;
    if (step) {
      const by = event.shiftKey ? step / 10 : step;
      value = tenths((input === this.startInput ? start : length) + by);
    } else if (event.key === "Home") {
      value = 0;
    } else if (event.key === "End") {
      value = Infinity;
    } else {
      return;
    }
    event.preventDefault();
    this.set(input, value);
  }

  set(input, value) {
    const { span } = this;
    if (input === this.startInput) span.place(value, span.length);
    else span.place(span.start, Math.min(value, span.duration - span.start));
    this.draw();
    this.tellLater();
  }
}
