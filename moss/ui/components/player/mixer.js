// The sounds of a run, all looping on one clock: which of them is heard is a matter of gain alone.

import { SoundFiles } from "./files.js";
import {
  correlationOf, equalPowerGains, nearestSounds, softenSeam, soundsInMemory,
} from "./mixing.js";
import { predecessors } from "./versions.js";
import { Voice } from "./voices.js";

const SLOWEST_HZ = 8000; // the lowest sample rate that every browser has
const SMOOTH_S = 0.01; // time constant of every gain: 95 % of the way after 30 ms
// How far ahead sources are started: one that is late would be out of step. It is longer than the
// cross-fade of two versions, so that one is over before the next.
const LEAD_S = 0.1;
const FIRST_DB = -12; // the volume at first
const SILENT_DB = -48; // the lowest volume of the slider is silence

export class Mixer {
  // `onState` is called with "loading", "ready" or "failed" whenever that may have changed.
  constructor({ points, original, duration_s, sound_rate }, onState) {
    this.urls = points.map((point) => point.sound);
    this.original = original;
    this.rate = Math.max(sound_rate, SLOWEST_HZ);
    this.duration = duration_s;
    this.onState = onState;
    this.most = soundsInMemory(duration_s, sound_rate);
    this.position = 0; // on the front, between two points
    this.onOriginal = false;
    this.playing = false;
    this.rolling = false; // the sources run; `epoch` is when second 0 of the loop was
    this.offset = 0; // seconds into the loop while they do not
    this.context = null;
    this.voices = new Map(); // url -> Voice
    // url -> that of the version before it, for each that has ever been asked for
    this.earlier = new Map([...this.urls, original].map((url) => [url, null]));
    this.files = new SoundFiles();
    this.failed = new Set();
    this.correlations = new Map();
    this.decibels = FIRST_DB;
  }

  // Go on with the sounds of a later value of the run: each is heard when it has loaded, and until
  // then the version before it.
  update({ points, original }, position) {
    const urls = points.map((point) => point.sound);
    const before = [...predecessors(this.urls, urls.length), this.original];
    [...urls, original].forEach((url, i) => {
      if (!this.earlier.has(url)) this.earlier.set(url, before[i]);
    });
    Object.assign(this, { urls, original });
    this.files.keep([...urls, original]);
    this.moveTo(position);
  }

  isNamed(url) {
    return url === this.original || this.urls.includes(url);
  }

  // The latest version of a sound that is there, if any is.
  playable(url) {
    while (url && !this.voices.has(url)) url = this.earlier.get(url);
    return url;
  }

  // Browsers let a page sound only after a gesture, so this waits for the first one.
  open() {
    if (this.context || this.closed || !window.AudioContext) return;
    // It is the rate of the files, so that none is resampled.
    this.context = new AudioContext({ sampleRate: this.rate });
    // Without it the silent switch of an iPhone silences Web Audio, though not other media.
    if (navigator.audioSession) navigator.audioSession.type = "playback";
    this.fade = new GainNode(this.context, { gain: 0 });
    this.volume = new GainNode(this.context, { gain: 10 ** (this.decibels / 20) });
    this.analyser = new AnalyserNode(this.context, { fftSize: 8192 });
    this.fade.connect(this.volume).connect(this.analyser).connect(this.context.destination);
    this.load();
  }

  close() {
    this.closed = true;
    this.playing = this.rolling = false;
    this.voices.clear();
    this.files.keep([]);
    this.context?.close();
  }

  play() {
    this.open();
    this.playing = true;
    this.failed.clear(); // pressing Play again is a way to try again
    this.context.resume();
    this.load();
    this.mix();
  }

  pause() {
    this.playing = false;
    if (!this.rolling) return;
    this.offset = this.time;
    this.rolling = false;
    const now = this.context.currentTime;
    this.fade.gain.cancelScheduledValues(now).setTargetAtTime(0, now, SMOOTH_S);
    for (const voice of this.voices.values()) voice.stop(now + LEAD_S);
    setTimeout(() => {
      if (!this.playing && this.context.state === "running") this.context.suspend();
    }, 2000 * LEAD_S);
  }

  // Seconds into the loop, as the ear has it.
  get time() {
    if (!this.rolling) return this.offset;
    const late = this.context.outputLatency || 0;
    return Math.max(0, this.context.currentTime - late - this.epoch) % this.duration;
  }

  seek(seconds) {
    this.offset = ((seconds % this.duration) + this.duration) % this.duration;
    if (this.rolling) this.roll();
  }

  moveTo(position) {
    this.position = position;
    this.load();
    this.mix();
  }

  listenToOriginal(on) {
    this.onOriginal = on;
    this.load();
    this.mix();
  }

  setVolume(decibels) {
    this.decibels = decibels;
    if (!this.context) return;
    const gain = decibels > SILENT_DB ? 10 ** (decibels / 20) : 0;
    this.volume.gain.setTargetAtTime(gain, this.context.currentTime, SMOOTH_S);
  }

  // The sounds to be heard now: one, or two neighbours.
  get heard() {
    if (this.onOriginal) return [this.original];
    const k = Math.floor(this.position);
    return this.position > k ? this.urls.slice(k, k + 2) : [this.urls[k]];
  }

  // Until what is to be heard is there, what was heard before goes on.
  mix() {
    if (!this.context || this.closed) return;
    const heard = this.heard.map((url) => this.playable(url));
    const hasFailed = this.heard.some((url) => this.failed.has(url));
    if (!heard.every(Boolean)) {
      this.onState(hasFailed ? "failed" : "loading");
      return;
    }
    const gains = this.gains(heard);
    // A sound that has just come starts in a moment; until then the old one goes on.
    const starts = heard.map((url) => this.voices.get(url).begins);
    const now = this.context.currentTime;
    const when = Math.max(now, ...starts);
    for (const [url, { gain }] of this.voices) {
      const target = gains[heard.indexOf(url)] ?? 0;
      gain.gain.cancelScheduledValues(now).setTargetAtTime(target, when, SMOOTH_S);
    }
    this.evict();
    if (this.playing && !this.rolling) this.roll();
    this.onState(hasFailed ? "failed" : "ready");
  }

  gains([a, b]) {
    if (!b || a === b) return [1];
    return equalPowerGains(this.position % 1, this.correlation(a, b));
  }

  correlation(a, b) {
    const pair = `${a} ${b}`;
    if (!this.correlations.has(pair)) {
      const rho = correlationOf(this.voices.get(a).buffer, this.voices.get(b).buffer);
      // Opposed sounds would call for gains above 1, which may clip.
      this.correlations.set(pair, Math.max(0, rho));
    }
    return this.correlations.get(pair);
  }

  // Start every source anew at `offset`, in a dip of the sound: a jump would click.
  roll() {
    const now = this.context.currentTime;
    // On whole samples: a source that starts between two of them is interpolated.
    const start = Math.ceil((now + LEAD_S) * this.rate) / this.rate;
    const fade = this.fade.gain.cancelScheduledValues(now);
    if (this.rolling) fade.setTargetAtTime(0, start - 3 * SMOOTH_S, SMOOTH_S / 2);
    fade.setTargetAtTime(1, start, SMOOTH_S / 2);
    this.epoch = start - Math.round(this.offset * this.rate) / this.rate;
    this.rolling = true;
    for (const voice of this.voices.values()) voice.start(start, this.epoch);
  }

  // Fetch and decode, one at a time, always the one that may be needed first.
  async load() {
    if (this.loading || !this.context) return;
    this.loading = true;
    for (let url = this.missing(); url && !this.closed; url = this.missing()) {
      const buffer = await this.files.decoded(url, this.context);
      if (this.closed) break;
      if (buffer) this.add(url, buffer);
      else this.failed.add(url);
      this.mix();
    }
    this.loading = false;
  }

  add(url, buffer) {
    softenSeam(buffer);
    const earlier = this.playable(this.earlier.get(url));
    // A file may be at two points, and only one of them may have a later version.
    const old = this.isNamed(earlier) ? undefined : this.voices.get(earlier);
    const voice = new Voice(buffer, old?.gain ?? new GainNode(this.context, { gain: 0 }));
    voice.gain.connect(this.fade); // which changes nothing where it already is
    if (old) this.voices.delete(earlier);
    this.voices.set(url, voice);
    if (!this.rolling) return;
    voice.start(Math.max(this.context.currentTime, old?.begins ?? 0) + LEAD_S, this.epoch);
    if (old) voice.fadeFrom(old);
  }

  // Forget what is far away; it has been turned down, and ends when that is over.
  evict() {
    const wanted = nearestSounds(this).map((url) => this.playable(url));
    for (const [url, voice] of [...this.voices]) {
      if (wanted.includes(url)) continue;
      voice.stop(this.context.currentTime + 2 * LEAD_S);
      this.voices.delete(url);
    }
  }

  missing() {
    return nearestSounds(this).find((url) => !this.voices.has(url) && !this.failed.has(url));
  }
}
