// The tools of the painter and the grids that they snap to, as a person sets them.

import { finder } from "../finder.js";
import { NOTE_NAMES, PitchGrid, RhythmGrid, SCALES } from "./grids.js";

const SIZES = { brush: 1, eraser: 13 }; // rows at first

export class Tools {
  constructor(root, view) {
    this.root = root;
    this.find = finder(root);
    this.view = view;
    this.sizes = { ...SIZES };
    this.name = "brush"; // the tool in the hand
    const { find } = this;
    for (const scale of Object.keys(SCALES)) find("scale").add(new Option(scale));
    NOTE_NAMES.forEach((name, k) => find("key").add(new Option(name, k)));
    for (const button of root.querySelectorAll("[data-tool]")) {
      button.addEventListener("click", () => this.take(button.dataset.tool));
    }
    for (const name of ["size", "strength", "harmonics"]) {
      find(name).addEventListener("input", () => this.describe());
    }
    for (const name of ["scale", "key", "tempo", "division"]) {
      find(name).addEventListener("input", () => this.setGrids());
    }
    this.foldGrids();
    this.take("brush");
    this.setGrids();
  }

  // A phone shows the roll first, and the grids when they are asked for.
  foldGrids() {
    const narrow = matchMedia("(max-width: 640px)");
    const fold = () => {
      this.find("grids").open = !narrow.matches;
    };
    narrow.addEventListener("change", fold);
    fold();
  }

  // What a Stroke paints with.
  get tool() {
    const { find, view } = this;
    return {
      erases: this.name === "eraser",
      size: this.sizes[this.name],
      strength: Number(find("strength").value) / 100,
      harmonics: Number(find("harmonics").value),
      pitch: find("snap-pitch").checked ? view.pitch : null,
      rhythm: find("snap-rhythm").checked ? view.rhythm : null,
    };
  }

  take(name) {
    this.name = name;
    for (const button of this.root.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", button.dataset.tool === name);
    }
    this.find("size").value = this.sizes[name];
    this.describe();
  }

  // Write beside each slider what it is set to.
  describe() {
    const { find } = this;
    const size = (this.sizes[this.name] = Number(find("size").value));
    const write = (name, text) => {
      find(name).parentElement.querySelector("output").textContent = text;
    };
    write("size", size === 1 ? "1 row" : `${size} rows`);
    write("strength", strengthText(Number(find("strength").value), this.view.measures.rangeNats));
    const most = find("harmonics").value;
    write("harmonics", most === "1" ? "none" : `up to ${most} f`);
  }

  setGrids() {
    const { find, view } = this;
    view.pitch = new PitchGrid(view.measures, find("scale").value, Number(find("key").value));
    const tempo = find("tempo");
    if (tempo.value && tempo.validity.valid) {
      const beats = Number(find("division").value);
      view.rhythm = new RhythmGrid(view.measures, Number(tempo.value), beats);
    }
    view.draw();
  }
}

// A strength in percent, with how far it is below the loudest.
export function strengthText(percent, rangeNats) {
  if (!percent) return "0 %";
  const decibels = (1 - percent / 100) * rangeNats * 20 * Math.LOG10E;
  return `${percent} %, ${decibels ? "−" : ""}${decibels.toFixed(0)} dB`;
}
