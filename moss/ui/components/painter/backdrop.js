// A picture or a track behind the painting, to be traced.

import { finder } from "../finder.js";
import { onPick } from "./files.js";
import { COLUMN_ROWS } from "./stroke.js";

const UNSEEN = "The backdrop cannot be shown as a picture; choose another file.";

export class Backdrop {
  // `newNumber` returns one that nothing else was asked under; `ask` uploads a track and asks for
  // its picture under a number, and returns whether it could; `complain` shows a sentence.
  constructor(root, view, { newNumber, ask, complain }) {
    Object.assign(this, { view, newNumber, ask, complain });
    this.find = finder(root);
    this.asked = null; // the number of the question for a track's picture that is still wanted
    onPick(this.find("backdrop"), this.find("backdrop-file"), (file) => this.use(file));
    this.find("bare").addEventListener("click", () => this.remove());
  }

  // A picture stays in the browser; any other file is a track that Python draws.
  async use(file) {
    this.complain("");
    if (file.type.startsWith("image/")) {
      this.expect(null);
      const url = URL.createObjectURL(file);
      await this.show(url);
      URL.revokeObjectURL(url);
      return;
    }
    const number = this.newNumber();
    this.expect(number);
    const isAsked = await this.ask(file, () => this.asked === number, number);
    if (!isAsked && this.asked === number) this.expect(null);
  }

  // Wait for the picture that was asked for as `number`, or for none.
  expect(number) {
    this.asked = number;
    this.find("backdrop").textContent = number === null ? "Backdrop" : "Drawing the track…";
  }

  // Show a picture behind the painting: over so many seconds, or as wide as it is.
  async show(url, seconds = null) {
    const image = new Image();
    image.src = url;
    try {
      await image.decode();
    } catch {
      this.complain(UNSEEN);
      return;
    }
    const { rows, columnsPerS } = this.view.measures;
    const columns = seconds === null
      ? (rows * image.naturalWidth) / image.naturalHeight / COLUMN_ROWS
      : seconds * columnsPerS;
    this.view.backdrop = { image, columns };
    this.find("bare").hidden = false;
    this.view.draw();
  }

  remove() {
    this.expect(null);
    this.view.backdrop = null;
    this.find("bare").hidden = true;
    this.find("backdrop").focus();
    this.view.draw();
  }
}
