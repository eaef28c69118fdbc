// How a later value of a run takes the place of the one before.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Mixer } from "../../moss/ui/components/player/mixer.js";
import {
  isSameRun, placeAmong, predecessors,
} from "../../moss/ui/components/player/versions.js";

const VALUE = { run: "a", duration_s: 7, sample_rate: 22050, sound_rate: 44100 };

// A mixer of points with sounds `urls`, which says that those of `there` have been decoded.
function mixerOf(urls, ...there) {
  const points = urls.map((sound) => ({ sound }));
  const mixer = new Mixer({ points, original: "o", ...VALUE }, () => {});
  for (const url of there) mixer.voices.set(url, {});
  return mixer;
}

function update(mixer, urls, original = "o") {
  mixer.update({ points: urls.map((sound) => ({ sound })), original }, mixer.position);
}

const played = (mixer) => mixer.urls.map((url) => mixer.playable(url));

test("a later value of a run has its name, and sounds of the same length and rates", () => {
  assert.ok(isSameRun(VALUE, { ...VALUE, working: true }));
  assert.ok(!isSameRun(null, VALUE) && !isSameRun(VALUE, null));
  assert.ok(!isSameRun({ ...VALUE, run: null }, { ...VALUE, run: null }));
  for (const [key, other] of Object.entries({
    run: "b", duration_s: 8, sample_rate: 16000, sound_rate: 48000,
  })) {
    assert.ok(!isSameRun(VALUE, { ...VALUE, [key]: other }), key);
  }
});

test("a position stays, and where the points are fewer or more it is as far on the way", () => {
  assert.equal(placeAmong(2.4, 7, 7), 2.4);
  assert.equal(placeAmong(7, 7, 5), 5);
  assert.equal(placeAmong(0, 7, 5), 0);
  assert.equal(placeAmong(2.4, 7, 5), 2);
  assert.equal(placeAmong(3, 5, 10), 6);
  assert.equal(placeAmong(0, 0, 4), 0);
  assert.deepEqual(predecessors(["a", "b", "c"], 3), ["a", "b", "c"]);
  assert.deepEqual(predecessors(["a", "b", "c"], 5), ["a", "b", "b", "c", "c"]);
  assert.deepEqual(predecessors(["a", "b", "c"], 2), ["a", "c"]);
});

test("until a later version is there, the latest that is there is played", () => {
  const mixer = mixerOf(["a1", "b1"], "a1", "b1");
  update(mixer, ["a2", "b1"]);
  assert.deepEqual(played(mixer), ["a1", "b1"]);
  update(mixer, ["a3", "b2"]);
  assert.deepEqual(played(mixer), ["a1", "b1"]);
  mixer.voices.set("a2", {});
  mixer.voices.set("b2", {});
  assert.deepEqual(played(mixer), ["a2", "b2"]);
  mixer.voices.set("a3", {});
  assert.deepEqual(played(mixer), ["a3", "b2"]);
});

test("the original has versions too, and what was never there has none", () => {
  const mixer = mixerOf(["a1", "b1"], "a1", "o");
  update(mixer, ["a1", "b2"], "o2");
  assert.equal(mixer.playable("o2"), "o");
  assert.ok(!mixer.playable("b2"));
});

test("sounds that change places are no versions of each other", () => {
  const mixer = mixerOf(["a", "b"]);
  update(mixer, ["b", "a"]);
  assert.ok(played(mixer).every((url) => !url)); // and the search for one comes to an end
});
