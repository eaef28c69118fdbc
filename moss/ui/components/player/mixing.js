// What the mixer reckons: how loud two neighbours are together, and which sounds are kept.

const BUDGET_BYTES = 96 * 2 ** 20; // for decoded sound, so that a phone has enough memory
const FEWEST_SOUNDS = 3; // two neighbours and the original
const BYTES_PER_FRAME = 2 * 4; // two channels of 32 bits, as browsers decode
const ORIGINAL_DISTANCE = 1.5; // It is needed after the neighbours and before the others.
const FADE_POINTS = 33; // of a curve; Web Audio draws straight lines between them
const SEAM_S = 0.003; // a loop whose ends do not meet would click

// How many sounds fit into memory.
export function soundsInMemory(duration_s, sample_rate) {
  const bytes = duration_s * sample_rate * BYTES_PER_FRAME;
  return Math.max(FEWEST_SOUNDS, Math.floor(BUDGET_BYTES / bytes));
}

// Gains of equal power for two sounds of equal power and correlation `rho`, the second one's share
// of the way being `share`: sounds that are alike add up more than others do.
export function equalPowerGains(share, rho) {
  const [first, second] = [1 - share, share];
  const power = first ** 2 + second ** 2 + 2 * rho * first * second;
  return [first / Math.sqrt(power), second / Math.sqrt(power)];
}

// The gains of a whole cross-fade between two such sounds, one curve for each. Opposed sounds would
// call for gains above 1, which may clip.
export function fadeCurves(rho) {
  const gains = Array.from({ length: FADE_POINTS }, (_, i) =>
    equalPowerGains(i / (FADE_POINTS - 1), Math.max(0, rho)));
  return [0, 1].map((which) => Float32Array.from(gains, (pair) => pair[which]));
}

// The correlation of two buffers of audio over all their channels, 0 for silence; of the frames
// `from` up to `to`.
export function correlationOf(one, other, from = 0, to = one.length) {
  let [both, first, second] = [0, 0, 0];
  for (let channel = 0; channel < one.numberOfChannels; channel++) {
    const [x, y] = [one.getChannelData(channel), other.getChannelData(channel)];
    for (let i = from; i < to; i++) {
      both += x[i] * y[i];
      first += x[i] * x[i];
      second += y[i] * y[i];
    }
  }
  return both / Math.sqrt(first * second) || 0;
}

// The at most `most` sounds that are worth their memory, the one that is needed first in front:
// what is heard at `position` between the `urls`, its neighbours, the original, and so on outwards.
export function nearestSounds({ urls, original, onOriginal, position, most }) {
  const distances = new Map([[original, onOriginal ? -1 : ORIGINAL_DISTANCE]]);
  urls.forEach((url, k) => {
    const distance = Math.abs(k - position);
    distances.set(url, Math.min(distance, distances.get(url) ?? distance));
  });
  const nearest = [...distances].sort((one, other) => one[1] - other[1]);
  return nearest.slice(0, most).map(([url]) => url);
}

// Fade both ends of a buffer that is to be looped.
export function softenSeam(buffer) {
  const steps = Math.round(SEAM_S * buffer.sampleRate);
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    const samples = buffer.getChannelData(channel);
    for (let i = 0; i < steps; i++) {
      samples[i] *= i / steps;
      samples[samples.length - 1 - i] *= i / steps;
    }
  }
}
