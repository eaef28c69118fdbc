// One sound as the mixer plays it, and how a later version of it takes its place.

import { correlationOf, fadeCurves } from "./mixing.js";

export const SWAP_S = 0.06; // of the cross-fade between two versions of a sound

export class Voice {
  // `gain` is how loud the sound is among the others. A later version is as loud: it gets the same.
  constructor(buffer, gain) {
    this.buffer = buffer;
    this.gain = gain;
    this.share = new GainNode(gain.context); // less than 1 only while two versions change places
    this.share.connect(gain);
    this.source = null;
    this.begins = 0; // when the source does
  }

  // Join the loop whose second 0 was at `epoch`, at its first whole sample from `when` on.
  start(when, epoch) {
    const { buffer } = this;
    this.stop(when);
    this.source = new AudioBufferSourceNode(this.gain.context, { buffer, loop: true });
    this.source.connect(this.share);
    const frames = Math.ceil((when - epoch) * buffer.sampleRate - 1e-3);
    this.begins = epoch + frames / buffer.sampleRate;
    this.frame = frames % buffer.length; // the one that it begins with
    this.source.start(this.begins, this.frame / buffer.sampleRate);
  }

  stop(when) {
    this.source?.stop(when);
  }

  // Cross-fade from `old`, the earlier version, as soon as this one has begun. How alike the two
  // are is asked of just what is heard meanwhile, so that the level is right there.
  fadeFrom(old) {
    const frames = Math.round(SWAP_S * this.buffer.sampleRate);
    const from = Math.max(0, Math.min(this.frame, this.buffer.length - frames));
    const rho = correlationOf(old.buffer, this.buffer, from, from + frames);
    const [down, up] = fadeCurves(rho);
    old.share.gain.setValueCurveAtTime(down, this.begins, SWAP_S);
    old.stop(this.begins + SWAP_S);
    this.share.gain.value = 0; // up to the first sample of the curve
    this.share.gain.setValueCurveAtTime(up, this.begins, SWAP_S);
  }
}
