// How the live picture is drawn, as a person sets it, and the marks on its sides.

import { finder } from "../finder.js";
import { Axis } from "./axis.js";
import { secondMarks } from "./seconds.js";

const UNITS = { speed: "px/s", gain: "dB", range: "dB" };
const USUAL_RATE_HZ = 48_000; // the rate of most sound cards, assumed until there is a source

export class Controls {
  // `tops` are the frequencies up to which the axis can go, of which `usualTop` is chosen first;
  // `source` returns {rate, analyser} of what is heard, or null.
  constructor(root, picture, { tops, usualTop, source }) {
    Object.assign(this, { root, picture, source });
    this.find = finder(root);
    this.canvas = root.querySelector("canvas");
    this.inputs = Object.fromEntries(
      [...root.querySelectorAll("[name]")].map((input) => [input.name, input]));
    for (const name of Object.keys(picture.maps)) this.inputs.colours.append(new Option(name));
    for (const hertz of tops) {
      const isUsual = hertz === usualTop;
      this.inputs.high.append(new Option(kilohertzText(hertz), hertz, isUsual, isUsual));
    }
    for (const input of Object.values(this.inputs)) {
      input.addEventListener("input", () => this.apply());
    }
    new ResizeObserver(() => this.apply()).observe(this.canvas);
  }

  // Draw the picture and its marks as the controls say, at the size that is seen.
  apply() {
    const { canvas, inputs, picture, root } = this;
    for (const [name, unit] of Object.entries(UNITS)) {
      const text = `${inputs[name].value} ${unit}`;
      inputs[name].previousElementSibling.textContent = text;
      inputs[name].setAttribute("aria-valuetext", text);
    }
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width) return;
    const size = [width, height].map((side) => Math.round(side * devicePixelRatio));
    if (canvas.width !== size[0] || canvas.height !== size[1]) {
      [canvas.width, canvas.height] = size;
    }
    const axis = new Axis(inputs.axis.value, Number(inputs.high.value));
    const bins = Number(inputs.window.value) / 2;
    const source = this.source();
    if (source) source.analyser.fftSize = 2 * bins;
    const speed = Number(inputs.speed.value);
    const secondsPerPixel = width / (speed * canvas.width);
    picture.set({
      axis,
      bins,
      hertzPerBin: (source?.rate ?? USUAL_RATE_HZ) / (2 * bins),
      speed: 1 / secondsPerPixel,
      gain: Number(inputs.gain.value),
      range: Number(inputs.range.value),
      colours: inputs.colours.value,
    });
    Object.assign(root.dataset, {
      axis: axis.kind, lowHz: axis.low, highHz: axis.high, secondsPerPixel,
    });
    const atHeight = ([hertz, text]) => [axis.height(hertz), text];
    this.mark("hertz", "bottom", axis.ticks(height).map(atHeight));
    this.mark("notes", "bottom", axis.notes(height).map(atHeight));
    this.mark("seconds", "right", secondMarks(width, speed));
  }

  // Show the picture up to a frequency, the usual one unless it is given.
  setTop(hertz) {
    const { high } = this.inputs;
    high.value = hertz ?? high.querySelector("[selected]").value;
    this.apply();
  }

  // Write each text of `marks` at its share of a side from `edge` on.
  mark(side, edge, marks) {
    this.find(side).replaceChildren(...marks.map(([share, text]) => {
      const label = document.createElement("span");
      label.textContent = text;
      label.style[edge] = `${100 * share}%`;
      return label;
    }));
  }
}

export function kilohertzText(hertz) {
  return `${Number((hertz / 1000).toPrecision(2))} kHz`;
}
