// Every module loads without a browser; and which wells take a file that is dropped.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

import { shareAt } from "../../moss/ui/components/sound/sound.js";
import { wellsFor } from "../../moss/ui/drop.js";

const UI = new URL("../../moss/ui/", import.meta.url);

test("every module loads without a browser", async () => {
  const modules = readdirSync(UI, { recursive: true }).filter((name) => name.endsWith(".js"));
  assert.ok(modules.length > 30);
  for (const name of modules) await import(new URL(name, UI));
});

test("a dropped file finds the wells of its kind", () => {
  assert.deepEqual(wellsFor("image/png"),
    ["#moss-picture", "#moss-sonify-picture", "#moss-sonify-slideshow"]);
  assert.deepEqual(wellsFor("audio/flac"), ["#moss-track"]);
  assert.deepEqual(wellsFor("video/mp4"), ["#moss-track", "#moss-sonify-video"]);
  assert.deepEqual(wellsFor("application/octet-stream"), ["#moss-sonify-array"]);
  assert.deepEqual(wellsFor(""), ["#moss-sonify-array"]);
  assert.deepEqual(wellsFor("application/json"), ["#moss-again"]);
  assert.deepEqual(wellsFor("text/plain"), []);
});

test("a press beside a plot counts as its edge", () => {
  const box = { left: 100, width: 200 };
  assert.deepEqual([50, 100, 150, 300, 400].map((x) => shareAt(x, box)), [0, 0, 0.25, 1, 1]);
});
