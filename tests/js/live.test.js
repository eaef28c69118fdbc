// The axes of the live view, and what it draws of spectra.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Axis } from "../../moss/ui/components/live/axis.js";
import { kilohertzText } from "../../moss/ui/components/live/controls.js";
import { between, FLOOR_DB, mapsOf, TONE_DB } from "../../moss/ui/components/live/picture.js";
import { secondMarks } from "../../moss/ui/components/live/seconds.js";

const AXES = ["linear", "log"].flatMap((kind) =>
  [5512.5, 11025, 22050].map((high) => new Axis(kind, high)));
const BINS = 1024;
const HERTZ_PER_BIN = 44100 / 2 / BINS;

// The level that a row of `axis.rows` shows of a spectrum.
function levelOf(row, levels) {
  if (!row.bins) return Math.max(...levels.slice(row.first, row.last + 1));
  return row.bins.reduce((sum, bin, k) => sum + row.weights[k] * levels[bin], 0);
}

test("heights and frequencies are each other's inverse, from the bottom to the top", () => {
  for (const axis of AXES) {
    assert.ok(Math.abs(axis.hertz(0) - axis.low) < 1e-9);
    assert.ok(Math.abs(axis.hertz(1) - axis.high) < 1e-6);
    for (let share = 0; share <= 1; share += 0.01) {
      assert.ok(Math.abs(axis.height(axis.hertz(share)) - share) < 1e-9);
    }
  }
});

test("a linear axis has equal hertz in equal heights, a logarithmic one equal intervals", () => {
  const [linear, log] = [new Axis("linear", 11025), new Axis("log", 11025)];
  assert.equal(linear.hertz(0.5), 11025 / 2);
  assert.ok(Math.abs(log.hertz(0.5) - Math.sqrt(40 * 11025)) < 1e-9);
});

test("a tone stands where its frequency is, however wide the rows", () => {
  for (const axis of AXES) {
    for (const rows of [200, 480, 1000]) {
      const readings = axis.rows(rows, BINS, HERTZ_PER_BIN);
      for (const hertz of [440, 1234.5, 3000, 5000]) {
        // A window's main lobe is nearly a parabola in decibels.
        const middle = hertz / HERTZ_PER_BIN;
        const levels = Array.from({ length: BINS }, (_, bin) =>
          Math.max(0, 255 - 25 * (bin - middle) ** 2));
        const seen = readings.map((row) => (row ? levelOf(row, levels) : 0));
        const brightest = Math.max(...seen);
        const crest = seen.flatMap((level, row) => (level === brightest ? [row] : []));
        const found = crest.reduce((sum, row) => sum + row, 0) / crest.length;
        const expected = rows * (1 - axis.height(hertz)) - 0.5;
        // A row that is wider than a bin cannot say more than which bin is loudest.
        const binRows = rows * (axis.height(hertz + HERTZ_PER_BIN) - axis.height(hertz));
        const slack = Math.max(1, Math.min(binRows / 2, 1) + 0.5);
        assert.ok(Math.abs(found - expected) <= slack,
          `${axis.kind} ${axis.high}, ${rows} rows: ${hertz} Hz is ${found - expected} rows off`);
      }
    }
  }
});

test("weights of a row add up to one, and bins are within the spectrum", () => {
  for (const axis of AXES) {
    for (const row of axis.rows(480, BINS, HERTZ_PER_BIN)) {
      if (row?.weights) {
        assert.ok(Math.abs(row.weights.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9);
        assert.ok(row.bins.every((bin) => bin >= 0 && bin < BINS));
      } else if (row) {
        assert.ok(row.first <= row.last && row.last < BINS);
      }
    }
  }
});

test("no row shows what is above the spectrum", () => {
  const rows = new Axis("linear", 22050).rows(100, BINS, 16000 / 2 / BINS);
  assert.equal(rows.findIndex((row) => row !== null), Math.floor(100 * (1 - 8000 / 22050)));
});

test("ticks are round, on the axis and far enough from each other", () => {
  for (const axis of AXES) {
    for (const pixels of [150, 320, 600]) {
      const ticks = axis.ticks(pixels);
      assert.ok(ticks.length >= 2);
      for (const [hertz, text] of ticks) {
        assert.ok(hertz >= axis.low && hertz <= axis.high);
        assert.equal(text, hertz < 1000 ? `${hertz}` : `${hertz / 1000}k`);
      }
      if (axis.kind === "linear") {
        const steps = ticks.slice(1).map(([hertz], k) => axis.height(hertz - ticks[k][0]));
        assert.ok(steps.every((share) => share * pixels >= 44));
      }
    }
  }
});

test("notes have their pitch, do not touch, and every C comes first", () => {
  for (const axis of AXES) {
    const notes = axis.notes(400);
    const heights = notes.map(([hertz]) => 400 * axis.height(hertz)).sort((a, b) => a - b);
    heights.slice(1).forEach((height, k) => assert.ok(height - heights[k] >= 16));
    for (const [hertz, name] of notes) {
      const [, letter, octave] = name.match(/^(.+?)(\d+)$/);
      const semitone = { C: -9, E: -5, G: -2, A: 0 }[letter];
      assert.ok(Math.abs(hertz - 440 * 2 ** (octave - 4 + semitone / 12)) < 1e-6);
    }
  }
  const all = new Axis("log", 11025).notes(2000).map(([, name]) => name);
  assert.ok(all.includes("C4") && all.includes("A4") && all.includes("E4") && all.includes("G4"));
});

test("between two spectra there is their mixture, and after them the last", () => {
  const [one, other] = [{ time: 1, levels: [0, 100] }, { time: 3, levels: [50, 200] }];
  assert.deepEqual([...between(one, other, 1)], [0, 100]);
  assert.deepEqual([...between(one, other, 1.5)], [12.5, 125]);
  assert.deepEqual([...between(one, other, 9)], [50, 200]);
});

test("a level is half a decibel, and a full-scale tone the brightest", () => {
  assert.equal((TONE_DB - FLOOR_DB) / 255, 0.5);
  assert.ok(Math.abs(TONE_DB + 13.56) < 0.01); // the gain of a Blackman window, halved
});

test("colour maps come as bytes of red, green and blue", () => {
  const bytes = Uint8Array.from({ length: 768 }, (_, k) => k % 256);
  const maps = mapsOf(JSON.stringify({ gray: Buffer.from(bytes).toString("base64") }));
  assert.deepEqual(maps, { gray: bytes });
});

test("seconds are marked from now on to the left, with room for each", () => {
  for (const speed of [25, 100, 200, 400]) {
    for (const width of [350, 1200]) {
      const [first, ...marks] = secondMarks(width, speed);
      assert.deepEqual(first, [0, "now"]);
      assert.ok(marks.length >= 1);
      marks.forEach(([share, text], k) => {
        const ago = Number(text.match(/^−([\d.]+) s$/)[1]);
        assert.ok(Math.abs(share * width - ago * speed) < 1e-6);
        assert.ok(share < 1);
        assert.ok((share - (k ? marks[k - 1][0] : 0)) * width >= 70 - 1e-6);
      });
    }
  }
});

test("the tops of the axis are named in kilohertz", () => {
  assert.deepEqual([5512.5, 11025, 22050].map(kilohertzText), ["5.5 kHz", "11 kHz", "22 kHz"]);
});
