// The chosen part of a track: it stays within the track, however it is moved.

import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, Span } from "../../moss/ui/components/part/span.js";
import { wavePath } from "../../moss/ui/components/part/wave.js";
import { numbers } from "./paintings.js";

const TRACK = { duration_s: 205, min_part_s: 0.1, max_part_s: 600, start_s: 60, part_s: 40 };

function spanOf(changes = {}) {
  const span = new Span();
  span.fit({ ...TRACK, ...changes });
  return span;
}

// Where a span is after it was moved by `act`, which gets it and where it was.
function after(act, changes = {}) {
  const span = spanOf(changes);
  act(span, { start: span.start, length: span.length });
  return [span.start, span.length].map((x) => Number(x.toFixed(6)));
}

test("a part lies where its value says, as far as the track goes", () => {
  const fitted = (changes) => after(() => {}, changes);
  assert.deepEqual(fitted(), [60, 40]);
  assert.deepEqual(fitted({ start_s: 200 }), [200, 5]);
  assert.deepEqual(fitted({ start_s: 999 }), [204.9, 0.1]);
  assert.deepEqual(fitted({ start_s: -3 }), [0, 40]);
  assert.deepEqual(fitted({ duration_s: 7.96, start_s: 0, part_s: 30 }), [0, 7.96]);
  assert.deepEqual(fitted({ max_part_s: 20 }), [60, 20]);
  assert.deepEqual(fitted({ part_s: 0 }), [60, 0.1]);
  assert.deepEqual(fitted({ duration_s: 0.04, start_s: 0 }), [0, 0.04]);
});

test("a drag moves the part and keeps its length", () => {
  assert.deepEqual(after((span, from) => span.dragWhole(from, 20.04)), [80, 40]);
  assert.deepEqual(after((span, from) => span.dragWhole(from, -300)), [0, 40]);
  assert.deepEqual(after((span, from) => span.dragWhole(from, 300)), [165, 40]);
});

test("a drag of an edge leaves the other where it is", () => {
  assert.deepEqual(after((span, from) => span.dragStart(from, -10)), [50, 50]);
  assert.deepEqual(after((span, from) => span.dragStart(from, 15)), [75, 25]);
  assert.deepEqual(after((span, from) => span.dragEnd(from, 20)), [60, 60]);
  assert.deepEqual(after((span, from) => span.dragEnd(from, -20)), [60, 20]);
});

test("no drag of an edge leads out of the track, past the other edge or beyond the longest", () => {
  assert.deepEqual(after((span, from) => span.dragStart(from, -90)), [0, 100]);
  assert.deepEqual(after((span, from) => span.dragStart(from, 90)), [99.9, 0.1]);
  assert.deepEqual(after((span, from) => span.dragEnd(from, 400)), [60, 145]);
  assert.deepEqual(after((span, from) => span.dragEnd(from, -80)), [60, 0.1]);
  const short = { max_part_s: 50 };
  assert.deepEqual(after((span, from) => span.dragStart(from, -30), short), [50, 50]);
  assert.deepEqual(after((span, from) => span.dragEnd(from, 30), short), [60, 50]);
});

test("a click puts the part around it", () => {
  assert.deepEqual(after((span) => span.centreAt(150)), [130, 40]);
  assert.deepEqual(after((span) => span.centreAt(3)), [0, 40]);
});

test("whatever is done, a part is within its track and not empty", () => {
  const next = numbers(10_000, 11);
  const draw = (low, high) => low + ((high - low) * next.next().value) / 10_000;
  for (let k = 0; k < 300; k++) {
    const duration_s = draw(0.2, 300);
    const max_part_s = draw(0.2, 400);
    const span = spanOf({
      duration_s, max_part_s, start_s: draw(-10, 310), part_s: draw(0, 500),
    });
    for (let step = 0; step < 10; step++) {
      const from = { start: span.start, length: span.length };
      const act = ["dragStart", "dragEnd", "dragWhole"][step % 3];
      span[act](from, draw(-300, 300));
      assert.ok(span.start >= 0 && span.end <= duration_s + 1e-9);
      assert.ok(span.length >= 0.1 - 1e-9 && span.length <= max_part_s + 1e-9);
    }
  }
});

test("a part is told with tenths only where there are any", () => {
  assert.equal(spanOf().text, "1:00 – 1:40 of 3:25 (40 s)");
  assert.equal(spanOf().spoken, "from 1:00.0 to 1:40.0 of 3:25");
  assert.equal(spanOf({ start_s: 70.9 }).text, "1:10.9 – 1:50.9 of 3:25 (40.0 s)");
  assert.equal(spanOf({ start_s: 0, part_s: 0.1 }).text, "0:00.0 – 0:00.1 of 3:25 (0.1 s)");
});

test("a clock has two digits of seconds, and rounds up into the next minute", () => {
  assert.equal(clock(59.6, 0), "1:00");
  assert.equal(clock(59.96, 1), "1:00.0");
  assert.equal(clock(5, 0), "0:05");
  assert.equal(clock(5.25, 1), "0:05.3");
});

test("the waveform has a bar for each peak, the greatest nearly as high as the strip", () => {
  for (const loudest of [1, 0.01]) {
    const peaks = [0, 0.25, 0.5, 1].map((peak) => peak * loudest);
    const bars = [...wavePath(peaks).matchAll(/M(\d+) ([\d.]+)h1v([\d.]+)h-1z/g)];
    assert.deepEqual(bars.map(([, x]) => Number(x)), [0, 1, 2, 3]);
    const heights = bars.map(([, , , height]) => Number(height));
    [0.03, 0.46, 0.92, 1.84].forEach((height, k) =>
      assert.ok(Math.abs(heights[k] - height) < 1e-9));
    for (const [, , top, height] of bars) {
      assert.ok(Math.abs(2 * Number(top) + Number(height) - 2) < 1e-9); // around the middle
    }
  }
  assert.equal(wavePath([0]), "M0 0.985h1v0.03h-1z");
});
