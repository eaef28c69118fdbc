// What is written about the point where the slider is.

import { finder } from "../finder.js";

export class Readout {
  // `names` are those of the chosen points; `choose` is called with a point.
  constructor(root, names, choose) {
    Object.assign(this, { root, names, choose });
    this.find = finder(root, "moss-");
  }

  // A later value of a run may be shown like any other: nothing is made anew that stays as it was,
  // so that the focus stays where it is, and nothing is announced again.
  show(value) {
    const { value: before } = this;
    this.value = value;
    this.point = null; // the one that is written about
    this.root.toggleAttribute("data-working", Boolean(value.working));
    const isAsMany = before?.points.length === value.points.length;
    if (!isAsMany || !isAlike(before.new, value.new)) this.showStops();
    if (!isAlike(before?.chosen, value.chosen)) this.showChosen();
  }

  showStops() {
    const { value } = this;
    this.find("stops").replaceChildren(...value.points.map((_, k) => {
      const stop = document.createElement("i");
      stop.classList.toggle("moss-new", value.new.includes(k));
      return stop;
    }));
  }

  showChosen() {
    this.find("chosen").replaceChildren(...Object.entries(this.value.chosen).map(([name, k]) => {
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
    const { file, sound, designed, replayed, log, state } = value.points[k];
    const [seen, heard] = [known(decimals), known(value.heard ? percent : decimals)];
    const last = value.points.length - 1;
    const draft = state === "draft" ? "draft, being refined" : "";
    if (find("state").textContent !== draft) find("state").textContent = draft;
    // A run begins with the music alone, of which no losses are known.
    const name = designed ? `Point ${k} of ${last}` : "The music";
    find("point").textContent = `${name}${value.new.includes(k) ? ", new" : ""}`;
    const measured = replayed
      ? `difference from the picture ${seen(replayed[0])}, from the music ${heard(replayed[1])}`
      : "not measured yet";
    find("place").setAttribute("aria-valuetext", `${name}, ${draft && "a draft, "}${measured}`);
    find("picture").setAttribute("aria-label", `Spectrogram: ${name}`);
    for (const button of find("chosen").children) {
      button.setAttribute("aria-pressed", Number(button.dataset.point) === k);
    }
    const figures = [
      [seen(designed?.[0]), seen(replayed?.[0])],
      [heard(designed?.[1]), heard(replayed?.[1])],
      ["", seen(log)],
    ];
    root.querySelectorAll("tbody tr").forEach((row, i) => {
      [row.cells[1].textContent, row.cells[2].textContent] = figures[i];
    });
    find("download").href = sound;
    find("download").download = `moss-${file?.split("/").at(-1)}`; // seen only where it is a file
    [...find("stops").children].forEach((stop, i) => stop.classList.toggle("moss-at", i === k));
  }
}

function decimals(loss) {
  return loss.toFixed(2);
}

function percent(loss) {
  return `${(100 * loss).toFixed(0)} %`;
}

// What `write` writes of a figure, or a dash where there is none yet.
function known(write) {
  return (figure) => (typeof figure === "number" ? write(figure) : "–");
}

function isAlike(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
