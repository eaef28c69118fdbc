// What the player reckons: gains, memory, steps of the slider, ticks and times.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  correlationOf, equalPowerGains, fadeCurves, nearestSounds, softenSeam, soundsInMemory,
} from "../../moss/ui/components/player/mixing.js";
import { stepTo } from "../../moss/ui/components/player/slider.js";
import { ticks } from "../../moss/ui/components/player/ticks.js";
import { clockText } from "../../moss/ui/components/player/transport.js";
import { numbers } from "./paintings.js";

const RATE = 8000;

// A buffer as Web Audio has them.
function bufferOf(...channels) {
  return {
    sampleRate: RATE,
    length: channels[0].length,
    numberOfChannels: channels.length,
    getChannelData: (k) => channels[k],
  };
}

function noise(seed) {
  const next = numbers(2000, seed);
  return Float32Array.from({ length: RATE }, () => next.next().value / 1000 - 1);
}

const meanSquare = (samples) =>
  samples.reduce((sum, x) => sum + x * x, 0) / samples.length;

test("the ends are the sounds themselves, whatever their correlation", () => {
  for (const rho of [0, 0.5, 1]) {
    assert.deepEqual(equalPowerGains(0, rho), [1, 0]);
    assert.deepEqual(equalPowerGains(1, rho), [0, 1]);
  }
});

test("a mixture has the power of its sounds, and shares in the ratio of the way", () => {
  const [first, independent] = [noise(1), noise(2)];
  for (const likeness of [0, 0.3, 0.9, 1]) {
    const second = first.map((x, i) =>
      likeness * x + Math.sqrt(1 - likeness ** 2) * independent[i]);
    const scale = Math.sqrt(meanSquare(first) / meanSquare(second));
    const equal = second.map((x) => scale * x);
    const rho = correlationOf(bufferOf(first), bufferOf(equal));
    assert.ok(Math.abs(rho - likeness) < 0.05);
    for (const share of [0.1, 0.4, 0.5, 0.8]) {
      const [a, b] = equalPowerGains(share, rho);
      assert.ok(Math.abs(b / a - share / (1 - share)) < 1e-9);
      const power = meanSquare(first.map((x, i) => a * x + b * equal[i]));
      assert.ok(Math.abs(power / meanSquare(first) - 1) < 1e-3);
    }
  }
});

test("a correlation is over all channels, and silence is like nothing", () => {
  const [one, other] = [noise(1), noise(2)];
  const opposite = one.map((x) => -x);
  assert.ok(Math.abs(correlationOf(bufferOf(one, other), bufferOf(one, other)) - 1) < 1e-9);
  assert.ok(Math.abs(correlationOf(bufferOf(one), bufferOf(opposite)) + 1) < 1e-9);
  assert.ok(Math.abs(correlationOf(bufferOf(one, one), bufferOf(one, opposite))) < 1e-9);
  assert.equal(correlationOf(bufferOf(one), bufferOf(new Float32Array(RATE))), 0);
});

test("a correlation may be that of a few frames alone", () => {
  const [one, other] = [noise(1), noise(2)];
  const half = Float32Array.from(one, (x, i) => (i < RATE / 2 ? x : other[i]));
  const among = (from, to) => correlationOf(bufferOf(one), bufferOf(half), from, to);
  assert.ok(Math.abs(among(0, RATE / 2) - 1) < 1e-9);
  assert.ok(Math.abs(among(RATE / 2, RATE)) < 0.05);
});

test("a cross-fade leads from one sound to the other at one power, however alike they are", () => {
  for (const rho of [0, 0.6, 1]) {
    const [down, up] = fadeCurves(rho);
    assert.deepEqual([down[0], up[0], down.at(-1), up.at(-1)], [1, 0, 0, 1]);
    down.forEach((a, i) => {
      assert.ok(Math.abs(a ** 2 + up[i] ** 2 + 2 * rho * a * up[i] - 1) < 1e-6);
      assert.ok(i === 0 || (a < down[i - 1] && up[i] > up[i - 1]));
    });
  }
  assert.deepEqual(fadeCurves(-0.5), fadeCurves(0)); // no gain is above 1
});

test("as many sounds are kept as fit into 96 MB, and three at least", () => {
  assert.equal(soundsInMemory(10, 22050), Math.floor((96 * 2 ** 20) / (10 * 22050 * 8)));
  assert.equal(soundsInMemory(600, 22050), 3);
  assert.ok(soundsInMemory(2, 22050) > 200);
});

test("what is heard comes first, then its neighbours and the original, and so on outwards", () => {
  const mixer = { urls: ["a", "b", "c", "d", "e"], original: "o", onOriginal: false, most: 9 };
  const nearest = (changes) => nearestSounds({ ...mixer, ...changes }).join("");
  assert.equal(nearest({ position: 0 }), "abocde");
  assert.equal(nearest({ position: 4 }), "edocba");
  assert.equal(nearest({ position: 2.4 }), "cdboea");
  assert.equal(nearest({ position: 2.6, onOriginal: true }), "odceba");
  assert.equal(nearest({ position: 2.4, most: 3 }), "cdb");
  for (let position = 0; position <= 4; position += 0.1) {
    const kept = nearest({ position, most: 3 });
    for (const k of [Math.floor(position), Math.ceil(position)]) {
      assert.ok(kept.includes(mixer.urls[k]));
    }
  }
});

test("a file that is at two points, or is the original, is kept once", () => {
  const mixer = { urls: ["o", "b", "b"], original: "o", onOriginal: false, most: 9 };
  assert.deepEqual(nearestSounds({ ...mixer, position: 0 }), ["o", "b"]);
  assert.deepEqual(nearestSounds({ ...mixer, position: 2 }), ["b", "o"]);
});

test("both ends of a loop are faded within 3 ms, and the rest is left", () => {
  const samples = new Float32Array(RATE).fill(1);
  softenSeam(bufferOf(samples));
  const steps = 0.003 * RATE;
  assert.deepEqual([samples[0], samples.at(-1)], [0, 0]);
  for (let i = 1; i < steps; i++) {
    assert.ok(samples[i] > samples[i - 1] && samples[i] === samples[RATE - 1 - i]);
  }
  assert.ok(samples.subarray(steps, RATE - steps).every((x) => x === 1));
});

test("a step of a screen reader leads to the next whole point, a tenth of the way further", () => {
  assert.equal(stepTo(3, 3.01), 4);
  assert.equal(stepTo(3, 2.99), 2);
  assert.equal(stepTo(10, 13.1), 13);
  assert.equal(stepTo(10, 7), 7);
  assert.equal(stepTo(3, 3), 3);
});

test("ticks are round numbers from 0 up to the greatest, few enough", () => {
  assert.deepEqual(ticks(10, [0.5, 1, 2, 5], 6), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks(1, [0.2], 6), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(11.025, [1, 2, 5], 4), [0, 5, 10]);
  for (const greatest of [0.3, 2, 9.97, 30, 600]) {
    for (const count of [3, 8, 20]) {
      const found = ticks(greatest, [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300], count);
      assert.equal(found[0], 0);
      assert.ok(found.at(-1) <= greatest && found.length <= count + 1);
    }
  }
});

test("times are minutes and seconds", () => {
  assert.deepEqual([0, 9.99, 61, 600].map(clockText), ["0:00", "0:09", "1:01", "10:00"]);
});
