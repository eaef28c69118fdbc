// Strokes become exactly the pixels that they pass.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PitchGrid, RhythmGrid } from "../../moss/ui/components/painter/grids.js";
import { Stroke } from "../../moss/ui/components/painter/stroke.js";
import { strengthText } from "../../moss/ui/components/painter/tools.js";
import {
  assertCells, blank, COLUMNS, filled, MEASURES, numbers, painted, ROWS, stroke, TOOL,
} from "./paintings.js";

const A4 = 240; // its row

test("a plain line is one row as long as the stroke", () => {
  const painting = blank();
  stroke(painting, {}, [200, 10], [200, 30]);
  assertCells(painting.cells, filled([200, 10, 31, 255]));
});

test("a click paints one cell", () => {
  const painting = blank();
  stroke(painting, {}, [7, 9]);
  assert.deepEqual(painted(painting), [[7, 9, 255]]);
});

test("a stroke has no gaps however quick the hand", () => {
  const next = numbers(200);
  for (let k = 0; k < 50; k++) {
    const painting = blank({ rows: 200, columns: 200 });
    const [from, to] = [0, 1].map(() => [next.next().value, next.next().value]);
    stroke(painting, {}, from, to);
    const cells = painted(painting).map(([row, column]) => [row, column]);
    const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]));
    assert.equal(cells.length, steps + 1);
    const has = (row, column) => cells.some(([r, c]) => r === row && c === column);
    assert.ok(has(...from) && has(...to));
    // Each cell but one has a neighbour that is painted later.
    const walk = [...cells].sort(([r, c], [s, d]) =>
      Math.hypot(r - from[0], c - from[1]) - Math.hypot(s - from[0], d - from[1]));
    walk.slice(1).forEach(([row, column], i) => {
      assert.ok(Math.abs(row - walk[i][0]) <= 1 && Math.abs(column - walk[i][1]) <= 1);
    });
  }
});

test("the same path makes the same pixels in one move or in many", () => {
  const [one, many] = [blank(), blank()];
  stroke(one, {}, [100, 10], [100, 60], [150, 60]);
  stroke(many, {}, ...Array.from({ length: 51 }, (_, k) => [100, 10 + k]),
    ...Array.from({ length: 51 }, (_, k) => [100 + k, 60]));
  assertCells(one.cells, many.cells);
});

test("strength is brightness, and light adds up to the brighter", () => {
  const painting = blank();
  stroke(painting, { strength: 0.6 }, [200, 10], [200, 20]);
  stroke(painting, { strength: 0.4 }, [200, 15], [200, 30]);
  assertCells(painting.cells, filled([200, 10, 31, 102], [200, 10, 21, 153]));
});

test("size is rows around the middle, and as wide as high on the screen", () => {
  for (const size of [1, 2, 9, 60]) {
    const painting = blank();
    stroke(painting, { size }, [200, 500]);
    const cells = painted(painting);
    const top = 200 - Math.floor((size - 1) / 2);
    assert.deepEqual([...new Set(cells.map(([row]) => row))],
      Array.from({ length: size }, (_, k) => top + k));
    const middle = cells.filter(([row]) => row === 200).map(([, column]) => column);
    assert.ok(Math.abs(middle.length - Math.max(1, size / 4)) <= 1);
    // Upside down and mirrored it is the same.
    const key = ([row, column]) => row * COLUMNS + column;
    const keys = new Set(cells.map(key));
    for (const [row, column] of cells) {
      assert.ok(keys.has(key([2 * top + size - 1 - row, column])));
      assert.ok(keys.has(key([row, 1000 - column])));
    }
  }
});

test("the eraser takes away what it passes, as much as its strength", () => {
  const painting = blank();
  stroke(painting, {}, [200, 10], [200, 30]);
  stroke(painting, { erases: true, harmonics: 8 }, [200, 15], [200, 20]);
  stroke(painting, { erases: true, strength: 0.5 }, [200, 25], [200, 26]);
  assertCells(painting.cells,
    filled([200, 10, 31, 255], [200, 15, 21, 0], [200, 25, 27, 127]));
});

test("harmonics are a k-th as loud at k times the frequency", () => {
  const painting = blank();
  stroke(painting, { harmonics: 8 }, [300, 10], [300, 20]);
  const expected = Array.from({ length: 8 }, (_, i) => i + 1).map((k) => [
    300 - Math.round(60 * Math.log2(k)), 10, 21, Math.round(255 - (255 * Math.log(k)) / 12),
  ]);
  assert.equal(new Set(expected.map(([row]) => row)).size, 8);
  assertCells(painting.cells, filled(...expected));
});

test("harmonics that are too high or too faint are left out", () => {
  const painting = blank();
  stroke(painting, { harmonics: 4 }, [70, 10]);
  assert.deepEqual(painted(painting).map(([row]) => row), [10, 70]);
  const faint = blank();
  stroke(faint, { harmonics: 8, strength: 0.06 }, [300, 10]);
  assert.deepEqual(painted(faint).map(([row, , value]) => [row, value]), [[240, 0], [300, 15]]
    .filter(([, value]) => value));
});

test("nothing is painted beyond the edges", () => {
  const painting = blank();
  stroke(painting, { size: 60 }, [0, 0], [ROWS - 1, COLUMNS - 1]);
  stroke(painting, { size: 60 }, [-5, 3]);
  assert.equal(painting.at(0, 0), 255);
  assert.equal(painting.at(ROWS - 1, COLUMNS - 1), 255);
  assert.equal(painting.at(0, COLUMNS - 1), 0);
  assert.equal(painting.at(ROWS - 1, 0), 0);
});

for (const [scale, key, semitones] of [ // counted from C
  ["chromatic", 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  ["major", 2, [2, 4, 6, 7, 9, 11, 1]],
  ["minor", 9, [9, 11, 0, 2, 4, 5, 7]],
  ["pentatonic", 0, [0, 2, 4, 7, 9]],
  ["blues", 4, [4, 7, 9, 10, 11, 2]],
  ["whole tone", 1, [1, 3, 5, 7, 9, 11]],
]) {
  test(`a stroke that snaps to ${scale} on ${key} is on its notes and nowhere else`, () => {
    const painting = blank();
    const pitch = new PitchGrid(MEASURES, scale, key);
    stroke(painting, { pitch }, [2, 10], [418, 100]);
    // Row 420 is an A, and five rows are a semitone.
    const notes = Array.from({ length: 85 }, (_, k) => k)
      .filter((k) => semitones.includes((9 + k) % 12)).map((k) => 420 - 5 * k).reverse();
    const cells = painted(painting);
    assert.deepEqual([...new Set(cells.map(([row]) => row))], notes);
    assert.equal(new Set(cells.map(([, column]) => column)).size, 91);
    for (const [row, column] of cells) {
      // The line passes 4.6 rows in a column; its nearest note is there within that.
      const hand = 2 + ((column - 10) * 416) / 90;
      const away = Math.min(...notes.map((note) => Math.abs(note - hand)));
      assert.ok(Math.abs(row - hand) <= away + 5);
    }
  });
}

test("a thick stroke that snaps is centred on its note", () => {
  const painting = blank();
  const pitch = new PitchGrid(MEASURES, "chromatic", 0);
  stroke(painting, { pitch, size: 3 }, [A4 + 2, 10], [A4 - 2, 30]);
  assertCells(painting.cells,
    filled([A4 - 1, 10, 31, 255], [A4, 10, 31, 255], [A4 + 1, 10, 31, 255]));
});

for (const [bpm, beats] of [[120, 1], [97, 1 / 2], [120, 1 / 4], [90, 1 / 3]]) {
  test(`at ${bpm} BPM a click paints ${beats} beats and a drag whole ones`, () => {
    const edge = (k) => Math.round(((k * 60) / bpm) * beats * (44100 / 1024));
    const rhythm = new RhythmGrid(MEASURES, bpm, beats);
    const painting = blank();
    stroke(painting, { rhythm }, [240, edge(2) + 1]);
    stroke(painting, { rhythm }, [180, edge(4) + 1], [180, edge(6)]);
    assertCells(painting.cells,
      filled([240, edge(2), edge(3), 255], [180, edge(4), edge(7), 255]));
  });
}

test("a stroke of strength 0 changes nothing", () => {
  const painting = blank();
  assert.equal(stroke(painting, { strength: 0 }, [1, 1], [9, 9]), null);
  assert.equal(painting.end, 0);
});

test("a stroke begins a step that the painting finishes", () => {
  const painting = blank();
  new Stroke(painting, TOOL).to({ row: 3, column: 4 });
  assert.deepEqual(painting.finish(), { top: 3, left: 4, rows: 1, columns: 1 });
});

test("a strength is told in percent and decibels below the loudest", () => {
  assert.equal(strengthText(100, 12), "100 %, 0 dB");
  assert.equal(strengthText(50, 12), "50 %, −52 dB");
  assert.equal(strengthText(0, 12), "0 %");
});
