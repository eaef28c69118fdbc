// Where notes and beats lie.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  NOTE_NAMES, PitchGrid, RhythmGrid, SCALES,
} from "../../moss/ui/components/painter/grids.js";
import { COLUMNS, COLUMNS_PER_S, MEASURES, ROWS } from "./paintings.js";

test("rows and frequencies are each other's inverse, 55 to 7040 Hz", () => {
  assert.equal(MEASURES.hertzOf(ROWS - 1), 55);
  assert.equal(MEASURES.hertzOf(0), 7040);
  assert.equal(MEASURES.rowOf(440), 240);
  for (let row = 0; row < ROWS; row++) assert.equal(MEASURES.rowOf(MEASURES.hertzOf(row)), row);
});

test("columns hold whole seconds, a minute at most", () => {
  assert.equal(MEASURES.columnsIn(60), COLUMNS);
  assert.equal(MEASURES.columnsIn(1), 44);
  assert.equal(MEASURES.columnsIn(0), 0);
});

test("every note has its pitch of equal temperament and its name", () => {
  const { notes } = new PitchGrid(MEASURES, "chromatic", 0);
  assert.equal(notes.length, 85);
  notes.forEach(({ row, name }, k) => {
    const hertz = 440 * 2 ** ((33 + k - 69) / 12);
    assert.ok(Math.abs(1200 * Math.log2(MEASURES.hertzOf(row) / hertz)) < 1e-6);
    assert.equal(name.replace(/\d/, ""), NOTE_NAMES[(9 + k) % 12]);
  });
  const named = (row) => notes.find((note) => note.row === row).name;
  assert.deepEqual([420, 240, 225, 0].map(named), ["A1", "A4", "C5", "A8"]);
});

test("a scale has its degrees in every key, and its root", () => {
  for (const [scale, degrees] of Object.entries(SCALES)) {
    for (let key = 0; key < 12; key++) {
      const { notes } = new PitchGrid(MEASURES, scale, key);
      for (const { row, isRoot } of notes) {
        const degree = (9 + (420 - row) / 5 - key + 12) % 12;
        assert.ok(degrees.includes(degree));
        assert.equal(isRoot, degree === 0);
      }
      assert.ok(notes.length >= 7 * degrees.length);
    }
  }
});

test("the nearest note is nearest, and the next one is above or below", () => {
  const grid = new PitchGrid(MEASURES, "pentatonic", 0);
  const rows = grid.notes.map((note) => note.row);
  for (let row = 0; row < ROWS; row++) {
    const least = Math.min(...rows.map((each) => Math.abs(each - row)));
    assert.equal(Math.abs(grid.nearest(row).row - row), least);
    const above = rows.filter((each) => each < row);
    const below = rows.filter((each) => each > row);
    assert.equal(grid.next(row, 1).row, above.length ? Math.max(...above) : Math.min(...rows));
    assert.equal(grid.next(row, -1).row, below.length ? Math.min(...below) : Math.max(...rows));
  }
});

test("every column is in the one division whose edges are around it", () => {
  for (const bpm of [30, 97, 120, 299, 300]) {
    for (const beats of [1, 1 / 2, 1 / 4, 2 / 3, 1 / 3, 1 / 6]) {
      const rhythm = new RhythmGrid(MEASURES, bpm, beats);
      for (let column = 0; column < COLUMNS; column++) {
        const [from, to] = rhythm.around(column);
        if (from > column || column >= to) assert.fail(`${column} is not in ${from} to ${to}`);
      }
      // No edge is further than half a column from its time, so that nothing drifts.
      const seconds = (60 / bpm) * beats;
      for (let k = 0; k < 100; k++) {
        assert.ok(Math.abs(rhythm.edge(k) - k * seconds * COLUMNS_PER_S) <= 0.5);
      }
    }
  }
});
