// The sounds of a run, all looping on one clock: which of them is heard is a matter of gain alone.

import {
  correlationOf, equalPowerGains, nearestSounds, softenSeam, soundsInMemory,
} from "./mixing.js";

const SLOWEST_HZ = 8000; // the lowest sample rate that every browser has
const SMOOTH_S = 0.01; // time constant of every gain: 95 % of the way after 30 ms
const LEAD_S = 0.1; // how far ahead sources are started: one that is late would be out of step
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
    this.voices = new Map(); // url -> { buffer, gain, source, begins }
    this.files = new Map(); // url -> Blob: nothing is fetched twice
    this.failed = new Set();
    this.correlations = new Map();
    this.decibels = FIRST_DB;
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
    this.files.clear();
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
    for (const voice of this.voices.values()) voice.source.stop(now + LEAD_S);
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
    const heard = this.heard;
    if (!heard.every((url) => this.voices.has(url))) {
      this.onState(heard.some((url) => this.failed.has(url)) ? "failed" : "loading");
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
    this.onState("ready");
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
    for (const voice of this.voices.values()) this.start(voice, start);
  }

  // Join the others at the first whole sample of the loop from `when` on.
  start(voice, when) {
    voice.source?.stop(when);
    voice.source = new AudioBufferSourceNode(this.context, { buffer: voice.buffer, loop: true });
    voice.source.connect(voice.gain);
    const frames = Math.ceil((when - this.epoch) * this.rate - 1e-3);
    const offset = (frames % voice.buffer.length) / this.rate;
    voice.begins = this.epoch + frames / this.rate;
    voice.source.start(voice.begins, offset);
  }

  // Fetch and decode, one at a time, always the one that may be needed first.
  async load() {
    if (this.loading || !this.context) return;
    this.loading = true;
    for (let url = this.missing(); url && !this.closed; url = this.missing()) {
      const buffer = await this.decoded(url);
      if (this.closed) break;
      if (buffer) this.add(url, buffer);
      else this.failed.add(url);
      this.mix();
    }
    this.loading = false;
  }

  async decoded(url) {
    try {
      if (!this.files.has(url)) {
        const answer = await fetch(url);
        if (!answer.ok) return null;
        this.files.set(url, await answer.blob());
      }
      return await this.context.decodeAudioData(await this.files.get(url).arrayBuffer());
    } catch (error) {
      if (!this.closed) console.warn(`MOSS: ${url} cannot be decoded: ${error.message}`);
      return null;
    }
  }

  add(url, buffer) {
    softenSeam(buffer);
    const voice = { buffer, begins: 0, gain: new GainNode(this.context, { gain: 0 }) };
    voice.gain.connect(this.fade);
    this.voices.set(url, voice);
    if (this.rolling) this.start(voice, this.context.currentTime + LEAD_S);
  }

  // Forget what is far away; it has been turned down, and ends when that is over.
  evict() {
    const wanted = nearestSounds(this);
    for (const [url, { source }] of [...this.voices]) {
      if (wanted.includes(url)) continue;
      source?.stop(this.context.currentTime + 2 * LEAD_S);
      this.voices.delete(url);
    }
  }

  missing() {
    return nearestSounds(this).find((url) => !this.voices.has(url) && !this.failed.has(url));
  }
}
