// Wishes as a raster and as text.

import assert from "node:assert/strict";
import { test } from "node:test";

import { COLUMNS, Raster, ROWS } from "../../moss/ui/components/player/wishes.js";
import { numbers } from "./paintings.js";

const [MUSIC, PICTURE] = [1, 2];
const [DURATION_S, TOP_HZ] = [2, 11025];

function rasterOf(text = "") {
  const raster = new Raster();
  raster.fit(DURATION_S, TOP_HZ);
  raster.read(text);
  return raster;
}

test("what was read goes out the same", () => {
  const wishes = ["music 0.5-1 0-2756", "picture 1.25-1.75 5513-8269"];
  for (const text of ["", wishes[0], wishes.join("; ")]) {
    assert.equal(rasterOf(text).text(), text);
  }
});

test("a wish holds the cells whose middles are in it, and a later one wins", () => {
  const raster = rasterOf("music 0.5-1 0-2756; picture 0.75-2 1000-11025");
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const { seconds, hertz } = raster.middle(column, row);
      let expected = 0;
      if (seconds >= 0.5 && seconds < 1 && hertz < 2756) expected = MUSIC;
      if (seconds >= 0.75 && hertz >= 1000) expected = PICTURE;
      assert.equal(raster.at(column, row), expected);
    }
  }
});

test("nothing is wished for beyond the raster", () => {
  const raster = rasterOf("music 0-99 0-99999");
  assert.equal(raster.at(0, 0), MUSIC);
  for (const [column, row] of [[-1, 0], [0, -1], [COLUMNS, 0], [0, ROWS]]) {
    assert.equal(raster.at(column, row), 0);
  }
});

test("whatever is painted is covered by rectangles of its kind, and nothing else is", () => {
  const next = numbers(100, 5);
  const draw = () => next.next().value / 100;
  for (let k = 0; k < 20; k++) {
    const raster = rasterOf();
    for (let stamp = 0; stamp < 12; stamp++) {
      const reach = { columns: 1 + 12 * draw(), rows: 1 + 8 * draw() };
      raster.stamp(stamp % 3, { x: COLUMNS * draw(), y: ROWS * draw() }, reach);
    }
    const covered = new Uint8Array(COLUMNS * ROWS);
    for (const { kind, left, right, bottom, top } of raster.rectangles()) {
      assert.ok(kind && left < right && bottom < top);
      for (let row = bottom; row < top; row++) {
        for (let column = left; column < right; column++) {
          const before = covered[row * COLUMNS + column];
          assert.ok(before === 0 || before === kind);
          covered[row * COLUMNS + column] = kind;
        }
      }
    }
    assert.deepEqual(covered, raster.cells);
    assert.deepEqual(rasterOf(raster.text()).cells, raster.cells);
  }
});

test("a block of cells is one rectangle", () => {
  const raster = rasterOf("picture 0.25-1.5 2000-9000");
  assert.equal(raster.rectangles().length, 1);
});

test("a brush paints an ellipse, and the cell under it however small it is", () => {
  const raster = rasterOf();
  raster.stamp(MUSIC, { x: 40.5, y: 20.5 }, { columns: 5, rows: 3 });
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const isInside = ((column - 40) / 5) ** 2 + ((row - 20) / 3) ** 2 <= 1;
      assert.equal(raster.at(column, row), isInside ? MUSIC : 0);
    }
  }
  const small = rasterOf();
  small.stamp(PICTURE, { x: 7.9, y: 8.9 }, { columns: 0.01, rows: 0.01 });
  assert.equal(small.cells.filter(Boolean).length, 1);
  assert.equal(small.at(7, 8), PICTURE);
  small.stamp(0, { x: 7.2, y: 8.2 }, { columns: 2, rows: 2 });
  assert.equal(small.text(), "");
});
