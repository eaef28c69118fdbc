// One position between music and picture, and everything on the page that shows or moves it.

import { finder } from "../finder.js";
import { Brush } from "./brush.js";
import { keyListener } from "./keys.js";
import { Mixer } from "./mixer.js";
import { FrontPlot } from "./plot.js";
import { Readout } from "./readout.js";
import { followSlider } from "./slider.js";
import { Spectrogram } from "./spectrogram.js";
import { Steering } from "./steering.js";

const GLIDE_MS = 180;
const CARDS = "use the cards below, which play without it.";

export function mount({ element, props, trigger, watch }) {
  const player = new Player(element, props, trigger);
  // The browser tests read these.
  element.mossPlayer = {
    get context() { return player.mixer?.context ?? null; },
    get analyser() { return player.mixer?.analyser ?? null; },
    get loaded() { return player.mixer ? player.mixer.voices.size : 0; },
    get position() { return player.position; },
    get state() { return player.sounding; },
  };
  watch("value", () => player.show(props.value));
  watch("busy", () => player.steering.setBusy(props.busy));
  player.show(props.value);
}

// Return "minutes:seconds".
export function clockText(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

class Player {
  constructor(element, props, trigger) {
    this.element = element;
    this.root = element.querySelector(".moss-player");
    this.find = finder(this.root, "moss-");
    const { find, root } = this;
    this.place = find("place");
    this.playButton = find("play");
    this.originalButton = find("original");
    this.seeButton = find("watch");
    this.volume = find("volume").querySelector("input");
    this.life = new AbortController(); // ends the listeners outside of this component
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.value = null;
    this.mixer = null;
    this.position = 0;
    this.sounding = null; // what the mixer said last
    this.gliding = 0; // the next frame of a glide
    const say = (text) => this.say(text);
    const goTo = (k) => this.goTo(k);
    this.spectrogram = new Spectrogram(root, () => root.toggleAttribute("data-drawn", true));
    this.plot = new FrontPlot(find("map").querySelector("svg"), goTo);
    this.readout = new Readout(root, props.names, goTo);
    const onWish = (wishes) => trigger("wish", { wishes });
    this.brush = new Brush(root, { most: props.max_wishes, onWish, say });
    this.steering = new Steering(root, (how) => {
      trigger("steer", { ...how, point: Math.round(this.position) });
    });
    this.listen();
  }

  listen() {
    followSlider(this.place, {
      position: () => this.position,
      onDrag: (to) => this.drag(to),
      onRest: (k) => this.goTo(k),
    });
    this.playButton.addEventListener("click", () => this.toggle());
    this.originalButton.addEventListener("click", () => this.toggleOriginal());
    this.seeButton.addEventListener("click", () => this.see());
    this.volume.addEventListener("input", () => {
      this.volume.setAttribute("aria-valuetext", `${this.volume.value} dB`);
      this.mixer.setVolume(Number(this.volume.value));
    });
    const screen = this.find("screen");
    screen.addEventListener("click", (event) => {
      if (this.brush.kind !== null) return;
      const box = screen.getBoundingClientRect();
      this.seek((this.value.duration_s * (event.clientX - box.left)) / box.width);
    });
    // The first touch of anything starts the loading, so that Play has it at once.
    this.root.addEventListener("pointerdown", () => this.mixer.open());
    const { signal } = this.life;
    const pressed = keyListener(this.root, this, () => this.isAlive());
    document.addEventListener("keydown", pressed, { signal });
    document.addEventListener("play", () => this.isAlive() && this.mixer.playing && this.toggle(), {
      capture: true, // media events do not bubble
      signal,
    });
  }

  get last() {
    return this.value.points.length - 1;
  }

  // A new value takes the place of everything but the volume.
  show(text) {
    const going = this.mixer?.playing ? this.mixer.time : null;
    this.stop();
    this.value = text ? JSON.parse(text) : null;
    this.root.hidden = !this.value;
    this.say("");
    this.sounding = null;
    if (!this.value) {
      this.spectrogram.clear();
      return;
    }
    const { value } = this;
    this.mixer = new Mixer(value, (state) => this.tell(state));
    this.mixer.setVolume(Number(this.volume.value));
    this.place.max = this.last;
    this.readout.show(value);
    this.spectrogram.show(value);
    this.plot.show(value);
    this.brush.show(value);
    this.hearOriginal(false);
    this.showTime(0);
    this.setPosition(value.at);
    if (going !== null) { // Somebody who listens goes on listening.
      this.seek(going);
      this.toggle();
    }
    if (!window.AudioContext) {
      for (const button of [this.playButton, this.originalButton, this.seeButton]) {
        button.disabled = true;
      }
      this.say(`This browser lacks Web Audio, which the player needs; ${CARDS}`);
    }
  }

  stop() {
    cancelAnimationFrame(this.gliding);
    this.mixer?.close();
    this.mixer = null;
    this.showPlaying();
  }

  // Gradio tells nobody when it takes a component off the page.
  isAlive() {
    if (!this.element.isConnected) {
      this.stop();
      this.life.abort();
    }
    return this.element.isConnected && this.value !== null;
  }

  // Sound

  // Say what the mixer is doing; a state that stays leaves alone what others have said.
  tell(state) {
    if (state === this.sounding) return;
    this.sounding = state;
    const failed = `This sound cannot be loaded; try again, or ${CARDS}`;
    this.say({ loading: "Loading", failed, ready: "" }[state]);
  }

  say(text) {
    this.find("say").textContent = text;
  }

  toggle() {
    if (this.playButton.disabled) return; // a key may ask for it where there is no sound
    if (this.mixer.playing) {
      this.mixer.pause();
    } else {
      for (const media of document.querySelectorAll("audio, video")) media.pause();
      this.mixer.play();
      requestAnimationFrame(() => this.follow());
    }
    this.showPlaying();
  }

  showPlaying() {
    const isPlaying = Boolean(this.mixer?.playing);
    this.playButton.classList.toggle("moss-playing", isPlaying);
    this.playButton.querySelector("span").textContent = isPlaying ? "Pause" : "Play";
  }

  hearOriginal(on) {
    this.originalButton.setAttribute("aria-pressed", on);
    this.mixer.listenToOriginal(on);
  }

  toggleOriginal() {
    this.hearOriginal(!this.mixer.onOriginal);
  }

  see() {
    if (!this.mixer.playing) this.toggle();
    // What the volume does to it is for the ear alone.
    const detail = { source: this.mixer.fade, label: "From music to picture" };
    this.root.dispatchEvent(new CustomEvent("moss-see", { bubbles: true, detail }));
  }

  seek(seconds) {
    this.mixer.seek(seconds);
    this.showTime(this.mixer.offset);
  }

  follow() {
    if (!this.isAlive() || !this.mixer?.playing) return;
    this.showTime(this.mixer.time);
    requestAnimationFrame(() => this.follow());
  }

  showTime(seconds) {
    const { duration_s } = this.value;
    this.find("playhead").style.left = `${(100 * seconds) / duration_s}%`;
    this.find("clock").textContent = `${clockText(seconds)} / ${clockText(duration_s)}`;
  }

  // Position

  setPosition(to) {
    this.position = Math.min(Math.max(to, 0), this.last);
    this.place.value = this.position;
    this.spectrogram.draw(this.position);
    this.plot.place(this.position);
    this.mixer.moveTo(this.position);
    this.readout.write(Math.round(this.position));
  }

  drag(to) {
    cancelAnimationFrame(this.gliding);
    this.hearOriginal(false); // Somebody who moves on wants to hear the result.
    this.setPosition(to);
  }

  // Glide to point k: only points are files, so nothing rests between two of them.
  goTo(k) {
    this.hearOriginal(false);
    const target = Math.min(Math.max(k, 0), this.last);
    const [from, started] = [this.position, performance.now()];
    cancelAnimationFrame(this.gliding);
    const step = () => {
      const elapsed = performance.now() - started;
      const share = this.calm.matches ? 1 : Math.min(elapsed / GLIDE_MS, 1);
      const eased = 1 - (1 - share) ** 3;
      this.setPosition(share < 1 ? from + eased * (target - from) : target);
      if (share < 1) this.gliding = requestAnimationFrame(step);
    };
    step();
  }
}
