// Paintings to test with, of the measures that test_node.py holds against those of Python.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { Measures } from "../../moss/ui/components/painter/measures.js";
import { Painting } from "../../moss/ui/components/painter/painting.js";
import { Stroke } from "../../moss/ui/components/painter/stroke.js";

const HANDED = JSON.parse(readFileSync(new URL("measures.json", import.meta.url), "utf8"));

export const MEASURES = new Measures(HANDED);
export const { rows: ROWS, columns: COLUMNS, columnsPerS: COLUMNS_PER_S } = MEASURES;
export const TOOL = {
  erases: false, size: 1, strength: 1, harmonics: 1, pitch: null, rhythm: null,
};

// An empty painting; some tests need many, which are quicker with fewer `rows` and `columns`.
export const blank = (size = {}) => new Painting(new Measures({ ...HANDED, ...size }));

// Paint along cells [row, column] with a tool that differs from TOOL in `changes`.
export function stroke(painting, changes, ...cells) {
  return painting.step(() => {
    const hand = new Stroke(painting, { ...TOOL, ...changes });
    for (const [row, column] of cells) hand.to({ row, column });
  });
}

// The cells of an empty painting with `value` in rows and columns from the first up to the last.
export function filled(...areas) {
  const cells = new Uint8Array(ROWS * COLUMNS);
  for (const [row, first, end, value] of areas) {
    cells.fill(value, row * COLUMNS + first, row * COLUMNS + end);
  }
  return cells;
}

// Assert that all cells are the same; assert.deepEqual takes seconds for a million of them.
export function assertCells(actual, expected) {
  if (Buffer.compare(actual, expected) === 0) return;
  const k = actual.findIndex((value, i) => value !== expected[i]);
  const place = `row ${Math.floor(k / COLUMNS)}, column ${k % COLUMNS}`;
  assert.fail(`At ${place} there is ${actual[k]} instead of ${expected[k]}.`);
}

// Each painted cell as [row, column, value], row by row.
export function painted({ cells, measures: { columns } }) {
  const found = [];
  cells.forEach((value, k) => {
    if (value) found.push([Math.floor(k / columns), k % columns, value]);
  });
  return found;
}

// Numbers from 0 to `below` that look random and are the same each time.
export function* numbers(below, seed = 1) {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield Math.floor((state / 2 ** 32) * below);
  }
}
