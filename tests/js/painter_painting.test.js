// The painting and its undoing, to the pixel.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertCells, blank, MEASURES, numbers, ROWS, stroke } from "./paintings.js";

test("the painting grows to whole seconds", () => {
  const painting = blank();
  assert.equal(painting.end, 0);
  assert.equal(painting.pixels().columns, 44);
  stroke(painting, {}, [100, 5], [100, 130]);
  assert.equal(painting.end, 131);
  assert.equal(painting.seconds, 4);
  const { rows, columns, values } = painting.pixels();
  assert.deepEqual([rows, columns, values.length], [ROWS, 173, ROWS * 173]);
  const expected = new Uint8Array(ROWS * 173).fill(255, 100 * 173 + 5, 100 * 173 + 131);
  assert.equal(Buffer.compare(values, expected), 0);
});

test("a painting of whole seconds has as many after it is loaded", () => {
  for (let seconds = 1; seconds <= 60; seconds++) {
    const painting = blank({ rows: 2 });
    const columns = MEASURES.columnsIn(seconds);
    const values = new Uint8Array(2 * columns).fill(9);
    painting.step(() => painting.replace({ rows: 2, columns, values }));
    assert.equal(painting.seconds, seconds);
    assert.equal(painting.pixels().columns, columns);
  }
});

test("what is put in the place of the painting leaves nothing of it", () => {
  const painting = blank();
  stroke(painting, {}, [100, 5], [100, 600]);
  const values = Uint8Array.from({ length: ROWS * 130 }, (_, k) => k % 251);
  painting.step(() => painting.replace({ rows: ROWS, columns: 130, values }));
  assert.equal(Buffer.compare(painting.pixels().values, values), 0);
  assert.ok(painting.undo());
  assert.equal(painting.end, 601);
});

test("undo and redo lead to exactly the same pixels, however many strokes", () => {
  const painting = blank();
  const next = numbers(400, 7);
  const pick = () => [next.next().value, next.next().value];
  const states = [painting.cells.slice()];
  for (let k = 0; k < 12; k++) {
    const size = 1 + (next.next().value % 60);
    const changes = { size, harmonics: 1 + (k % 8), erases: k % 3 === 2 };
    if (stroke(painting, changes, pick(), pick(), pick())) states.push(painting.cells.slice());
  }
  painting.step(() => painting.cells.fill(0));
  states.push(painting.cells.slice());
  assert.ok(states.length > 10);
  for (const state of states.slice(0, -1).reverse()) {
    assert.ok(painting.undo());
    assertCells(painting.cells, state);
  }
  assert.equal(painting.undo(), null);
  for (const state of states.slice(1)) {
    assert.ok(painting.redo());
    assertCells(painting.cells, state);
  }
  assert.equal(painting.redo(), null);
});

test("a step tells the smallest box of what it has changed", () => {
  const painting = blank();
  const box = stroke(painting, {}, [50, 40], [80, 10]);
  assert.deepEqual(box, { top: 50, left: 10, rows: 31, columns: 31 });
  assert.deepEqual(painting.undo(), box);
  assert.deepEqual(painting.redo(), box);
  assert.deepEqual(stroke(painting, {}, [50, 40], [80, 10]), null);
});

test("a new stroke leaves nothing to be done again", () => {
  const painting = blank();
  stroke(painting, {}, [200, 10], [200, 20]);
  painting.undo();
  stroke(painting, {}, [220, 10], [220, 20]);
  assert.equal(painting.redo(), null);
});

test("the last 200 steps can be undone", () => {
  const painting = blank({ rows: 205, columns: 205 });
  for (let k = 0; k < 205; k++) stroke(painting, {}, [k, k]);
  let undone = 0;
  while (painting.undo()) undone++;
  assert.equal(undone, 200);
  assert.equal(painting.end, 5);
});
