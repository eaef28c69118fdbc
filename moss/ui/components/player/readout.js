// What is written about the point where the slider is.

import { finder } from "../finder.js";

export class Readout {
  // `names` are those of the chosen points; `choose` is called with a point.
  constructor(root, names, choose) {
    Object.assign(this, { root, names, choose });
    this.find = finder(root, "moss-");
  }

  show(value) {
    this.value = value;
    this.point = null; // the one that is written about
    this.find("stops").replaceChildren(...value.points.map((_, k) => {
      const stop = document.createElement("i");
      stop.classList.toggle("moss-new", value.new.includes(k));
      return stop;
    }));
    this.find("chosen").replaceChildren(...Object.entries(value.chosen).map(([name, k]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = this.names[name];
      button.dataset.point = k;
      button.addEventListener("click", () => this.choose(k));
      return button;
    }));
  }

  write(k) {
    if (k === this.point) return;
    this.point = k;
    const { find, root, value } = this;
    const { file, sound, designed, replayed, log } = value.points[k];
    const heard = (loss) => (value.heard ? `${(100 * loss).toFixed(0)} %` : loss.toFixed(2));
    const last = value.points.length - 1;
    find("point").textContent = `Point ${k} of ${last}${value.new.includes(k) ? ", new" : ""}`;
    find("place").setAttribute("aria-valuetext",
      `Point ${k} of ${last}, difference from the picture ${replayed[0].toFixed(2)}, ` +
      `from the music ${heard(replayed[1])}`);
    find("picture").setAttribute("aria-label", `Spectrogram of point ${k} of ${last}`);
    for (const button of find("chosen").children) {
      button.setAttribute("aria-pressed", Number(button.dataset.point) === k);
    }
    const figures = [
      [designed[0].toFixed(2), replayed[0].toFixed(2)],
      [heard(designed[1]), heard(replayed[1])],
      ["", log.toFixed(2)],
    ];
    root.querySelectorAll("tbody tr").forEach((row, i) => {
      [row.cells[1].textContent, row.cells[2].textContent] = figures[i];
    });
    find("download").href = sound;
    find("download").download = `moss-${file.split("/").at(-1)}`;
    [...find("stops").children].forEach((stop, i) => stop.classList.toggle("moss-at", i === k));
  }
}
