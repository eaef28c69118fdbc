// The painter: what its buttons, its keys and Python's answers do to the painting. painter.py
// says what its value holds.

import { finder } from "../finder.js";
import { Backdrop } from "./backdrop.js";
import { npyFile, onPick, pngFile, readPainting, save } from "./files.js";
import { PitchGrid } from "./grids.js";
import { Hand } from "./hand.js";
import { Listening } from "./listening.js";
import { Measures } from "./measures.js";
import { Painting } from "./painting.js";
import { Refusal } from "./refusal.js";
import { Tools } from "./tools.js";
import { View } from "./view.js";

const MAKING = "Making the sound…";

export function mount({ element, props, trigger, watch, upload }) {
  const painter = new Painter({ element, props, trigger, upload });
  watch("value", () => painter.answer());
  painter.answer();
}

class Painter {
  constructor({ element, props, trigger, upload }) {
    Object.assign(this, { element, props, trigger, upload });
    this.root = element.querySelector(".moss-paint");
    this.find = finder(this.root);
    this.measures = new Measures(props.measures);
    this.painting = new Painting(this.measures);
    this.notes = new PitchGrid(this.measures, "chromatic", 0);
    this.version = 0; // It counts the changes of the painting.
    this.hasBegun = false;
    this.questions = 0; // the number of those that Python was asked
    this.view = new View(this.root, this.painting);
    this.tools = new Tools(this.root, this.view);
    const newNumber = () => ++this.questions;
    this.hand = new Hand(this.view, this.painting, {
      tool: () => this.tools.tool,
      onChange: () => this.changed(),
      onScroll: () => this.refresh(),
      onPoint: (cell) => cell && this.describe(cell),
    });
    this.backdrop = new Backdrop(this.root, this.view, {
      newNumber,
      ask: (file, isWanted, asked) => this.askForTrack(file, isWanted, asked),
      complain: (sentence) => this.complain(sentence),
    });
    this.listening = new Listening(this.root.querySelector("audio"), {
      newNumber,
      ask: (asked) => this.askForSound(asked),
      onState: (seconds, state) => this.showState(seconds, state),
    });
    this.listen();
    this.refresh();
  }

  listen() {
    const onClick = (name, act) => this.find(name).addEventListener("click", act);
    onClick("undo", () => this.undo());
    onClick("redo", () => this.redo());
    onClick("clear", () => {
      this.painting.step(() => this.painting.cells.fill(0));
      this.changed();
    });
    const first = this.find("first");
    first.addEventListener("input", () => this.scroll(Number(first.value)));
    onClick("earlier", () => this.scroll(this.view.first - this.view.columns / 2));
    onClick("later", () => this.scroll(this.view.first + this.view.columns / 2));
    onPick(this.find("load"), this.find("painting-file"), (file) => this.load(file));
    onClick("save-npy", () => save(npyFile(this.painting.pixels())));
    onClick("save-png", async () => save(await pngFile(this.painting.pixels())));
    onClick("play", () => this.listening.play(this.version));
    onClick("stop", () => this.listening.stop());
    onClick("blend", () => this.blend());
    document.addEventListener("keydown", (event) => this.key(event));
  }

  // What has changed

  changed(box = null) {
    if (box) this.view.reveal(box.left);
    this.version++;
    this.refresh();
    this.offerSound();
    if (this.painting.end && !this.hasBegun) {
      this.hasBegun = true;
      this.trigger("begun");
    }
  }

  refresh() {
    const { find, painting, view } = this;
    const isEmpty = !painting.end;
    for (const name of ["clear", "play", "blend"]) find(name).disabled = isEmpty;
    find("undo").disabled = !painting.done.length;
    find("redo").disabled = !painting.undone.length;
    find("length").textContent =
      isEmpty ? "Nothing is painted yet" : `${painting.seconds} s painted`;
    view.scrollTo(view.first);
    find("first").max = view.lastFirst;
    find("first").value = view.first;
  }

  undo() {
    this.retrace(() => this.painting.undo());
  }

  redo() {
    this.retrace(() => this.painting.redo());
  }

  retrace(step) {
    if (this.hand.stroke) return;
    const box = step();
    if (box) this.changed(box);
  }

  key(event) {
    const { element, root } = this;
    if (!(event.ctrlKey || event.metaKey) || event.altKey || !element.isConnected) return;
    const key = event.key.toLowerCase();
    const isHere = root.matches(":hover") || root.contains(document.activeElement);
    const isTyping = event.target.matches("textarea, input:not([type=range], [type=checkbox])");
    if (!isHere || isTyping || !["z", "y"].includes(key)) return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) this.redo();
    else this.undo();
  }

  scroll(first) {
    this.view.scrollTo(first);
    this.find("first").value = this.view.first;
  }

  describe({ row, column }) {
    const { name } = this.notes.nearest(row);
    const hertz = this.measures.hertzOf(row).toFixed(0);
    const seconds = (column / this.measures.columnsPerS).toFixed(2);
    this.find("told").textContent = `${name}, ${hertz} Hz, ${seconds} s`;
  }

  // Files

  complain(sentence) {
    const place = this.find("moss-problem");
    place.hidden = !sentence;
    place.textContent = sentence;
  }

  async load(file) {
    this.complain("");
    try {
      const pixels = await readPainting(this.measures, file);
      this.painting.step(() => this.painting.replace(pixels));
      this.scroll(0);
      this.changed();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.complain(error.message);
    }
  }

  // The path of a file that was uploaded, or null.
  async sent(file, what = "painting") {
    try {
      return (await this.upload(file)).path;
    } catch {
      this.complain(`The ${what} could not be sent; try again in a moment.`);
      return null;
    }
  }

  // Questions to Python, and its answers

  async askForTrack(file, isWanted, asked) {
    const path = await this.sent(file, "track");
    if (path === null) return false;
    if (isWanted()) this.trigger("track", { path, asked });
    return true;
  }

  async askForSound(asked) {
    this.complain("");
    const path = await this.sent(npyFile(this.painting.pixels()));
    if (path === null) this.listening.stop();
    else this.trigger("play", { path, asked });
  }

  async blend() {
    this.complain("");
    const path = await this.sent(await pngFile(this.painting.pixels()));
    if (path !== null) this.trigger("blend", { path });
  }

  answer() {
    const answer = this.props.value ? JSON.parse(this.props.value) : {};
    const { asked, backdrop, problem, sound, waiting } = answer;
    const isWanted = [this.backdrop.asked, this.listening.asked].includes(asked);
    if (!asked || !isWanted) return;
    if (problem) this.complain(problem);
    if (asked === this.backdrop.asked) {
      this.backdrop.expect(null);
      if (backdrop) this.backdrop.show(backdrop.url, backdrop.seconds);
    } else if (problem) {
      this.listening.stop();
    } else if (sound) {
      this.listening.take(asked, sound);
    } else {
      this.find("doing").textContent = waiting ?? MAKING;
    }
  }

  // Sound

  showState(seconds, state) {
    this.view.playAt(seconds);
    if (state === this.root.dataset.state) return;
    this.root.dataset.state = state;
    this.find("stop").disabled = state === "idle";
    this.find("doing").textContent = state === "making" ? MAKING : "";
    this.offerSound();
  }

  // A sound is offered only while it is that of the painting as it is now.
  offerSound() {
    const { audio, version } = this.listening;
    for (const name of ["moss-see", "save-wav"]) this.find(name).hidden = version !== this.version;
    this.find("save-wav").href = audio.src;
  }
}
