// One position between music and picture, and everything on the page that shows or moves it.

import { finder } from "../finder.js";
import { Brush } from "./brush.js";
import { Glide } from "./glide.js";
import { obeyHands } from "./hands.js";
import { Mixer } from "./mixer.js";
import { FrontPlot } from "./plot.js";
import { Readout } from "./readout.js";
import { Spectrogram } from "./spectrogram.js";
import { Steering } from "./steering.js";
import { Transport } from "./transport.js";
import { isMusic, isSameRun, placeAmong } from "./versions.js";

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
  watch("busy", () => player.setBusy(props.busy));
  player.show(props.value);
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
    this.value = null;
    this.mixer = null;
    this.position = 0;
    this.sounding = null; // what the mixer said last
    this.busy = false; // a run is on its way
    this.isMoved = false; // a person has moved the slider since the run began
    const say = (text) => this.say(text);
    const goTo = (k) => this.goTo(k);
    this.glide = new Glide((to) => this.setPosition(to));
    this.transport = new Transport(root);
    this.spectrogram = new Spectrogram(root, () => root.toggleAttribute("data-drawn", true));
    this.plot = new FrontPlot(find("map"), goTo);
    this.readout = new Readout(root, props.names, goTo);
    const onWish = (wishes) => trigger("wish", { wishes });
    this.brush = new Brush(root, { most: props.max_wishes, onWish, say });
    this.steering = new Steering(root, (how) => {
      trigger("steer", { ...how, point: Math.round(this.position) });
    });
    obeyHands(this, this.life.signal);
  }

  get last() {
    return this.value.points.length - 1;
  }

  show(text) {
    const value = text ? JSON.parse(text) : null;
    if (isSameRun(this.value, value)) this.update(value);
    else this.replace(value);
    this.setBusy(this.busy);
  }

  // The sounds, pictures and figures of a later value of the run come in the places of those
  // before. All else goes on as a person has it.
  update(value) {
    const last = this.last;
    const isAtMusic = isMusic(this.value, Math.round(this.position));
    const place = placeAmong(this.position, last, value.points.length - 1);
    this.value = value;
    if (this.last !== last) this.glide.stop();
    this.place.max = this.last;
    this.readout.show(value);
    this.spectrogram.update(value);
    this.plot.show(value);
    this.mixer.update(value, place);
    this.setPosition(place);
    // Out of the music alone the picture comes by itself, also for one who listens.
    const isFree = !this.isMoved && (!this.mixer.playing || isAtMusic);
    if (isFree) this.glide.start(this.position, value.at);
  }

  // Another run takes the place of everything but the volume.
  replace(value) {
    const going = this.mixer?.playing ? this.mixer.time : null;
    this.stop();
    this.value = value;
    this.isMoved = false;
    this.root.hidden = !this.value;
    this.say("");
    this.sounding = null;
    if (!this.value) {
      this.spectrogram.clear();
      return;
    }
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

  // Nothing is steered while a run is on its way.
  setBusy(isBusy) {
    this.busy = isBusy;
    this.steering.setBusy(isBusy || Boolean(this.value?.working));
  }

  stop() {
    this.glide.stop();
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
    this.transport.showPlaying(Boolean(this.mixer?.playing));
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
    this.transport.showTime(seconds, this.value.duration_s);
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
    this.isMoved = true;
    this.glide.stop();
    this.hearOriginal(false); // Somebody who moves on wants to hear the result.
    this.setPosition(to);
  }

  // Glide to point k: only points are files, so nothing rests between two of them.
  goTo(k) {
    this.isMoved = true;
    this.hearOriginal(false);
    this.glide.start(this.position, Math.min(Math.max(k, 0), this.last));
  }
}
