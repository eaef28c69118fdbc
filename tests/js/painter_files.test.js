// Paintings as .npy and .png files, and what is no painting.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";

import { bytesOf, isNpy, npyBytes, readNpy } from "../../moss/ui/components/painter/npy.js";
import { isPng, pngBytes } from "../../moss/ui/components/painter/png.js";
import { checkSize, Refusal } from "../../moss/ui/components/painter/refusal.js";
import { COLUMNS, MEASURES, numbers, ROWS } from "./paintings.js";

const random = numbers(256, 3);
const GREYS = {
  rows: ROWS,
  columns: 130,
  values: Uint8Array.from({ length: ROWS * 130 }, () => random.next().value),
};

function assertPixels({ rows, columns, values }) {
  assert.deepEqual([rows, columns], [GREYS.rows, GREYS.columns]);
  assert.equal(Buffer.compare(values, GREYS.values), 0);
}

// An .npy file with this header, of version 1 or 2, and these values.
function npy(header, values, version = 1) {
  const length = version === 1
    ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  return new Uint8Array([...bytesOf("\x93NUMPY"), version, 0, ...length, ...bytesOf(header),
    ...values]);
}

const headerOf = (type, order, shape) =>
  `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape}), }\n`;

test("an .npy file is of format 1.0, and its values begin at a multiple of 64", () => {
  for (const columns of [1, 44, 999, 1000, COLUMNS]) {
    const bytes = npyBytes({ rows: ROWS, columns, values: new Uint8Array(ROWS * columns) });
    assert.deepEqual([...bytes.subarray(0, 8)], [0x93, 78, 85, 77, 80, 89, 1, 0]);
    const length = bytes[8] + 256 * bytes[9];
    assert.equal((10 + length) % 64, 0);
    const header = String.fromCharCode(...bytes.subarray(10, 10 + length));
    assert.match(header, /^\{[^\n]*\} *\n$/);
    assert.ok(header.startsWith(
      `{'descr': '|u1', 'fortran_order': False, 'shape': (${ROWS}, ${columns}), }`));
    assert.equal(bytes.length, 10 + length + ROWS * columns);
  }
});

test("an .npy file is read back to the pixel", () => {
  const bytes = npyBytes(GREYS);
  assert.ok(isNpy(bytes) && !isPng(bytes));
  assertPixels(readNpy(MEASURES, "some.npy", bytes));
});

test("an .npy file of version 2, or inside a larger buffer, is the same painting", () => {
  const header = headerOf("|u1", "False", `${ROWS}, 130`);
  assertPixels(readNpy(MEASURES, "two.npy", npy(header, GREYS.values, 2)));
  const bytes = npyBytes(GREYS);
  const around = new Uint8Array(bytes.length + 7);
  around.set(bytes, 7);
  assertPixels(readNpy(MEASURES, "in.npy", around.subarray(7)));
});

test("an array in Fortran order is the same painting", () => {
  const { columns, values } = GREYS;
  const turned = new Uint8Array(values.length);
  values.forEach((value, k) => {
    turned[(k % columns) * ROWS + Math.floor(k / columns)] = value;
  });
  const bytes = npy(headerOf("|u1", "True", `${ROWS}, ${columns}`), turned);
  assertPixels(readNpy(MEASURES, "turned.npy", bytes));
});

for (const [name, bytes, sentence] of [
  ["low.npy", npy(headerOf("|u1", "False", "420, 60"), new Uint8Array(420 * 60)),
    "low.npy is 420 pixels high; a painting is 421 high, one for every 20 cents."],
  ["float.npy", npy(headerOf("<f4", "False", "421, 60"), new Uint8Array(4 * 421 * 60)),
    "float.npy holds <f4; a painting holds uint8."],
  ["flat.npy", npy(headerOf("|u1", "False", "60,"), new Uint8Array(60)),
    "flat.npy is no picture; a painting is 421 high, one for every 20 cents."],
  ["long.npy", npy(headerOf("|u1", "False", "421, 2585"), new Uint8Array(421 * 2585)),
    "long.npy is 2585 pixels wide; a painting has 1 to 2584."],
  ["none.npy", npy(headerOf("|u1", "False", "421, 0"), new Uint8Array()),
    "none.npy is 0 pixels wide; a painting has 1 to 2584."],
  ["cut.npy", npyBytes(GREYS).slice(0, -5),
    "cut.npy cannot be read as an .npy file; save it again."],
  ["begun.npy", npyBytes(GREYS).slice(0, 8),
    "begun.npy cannot be read as an .npy file; save it again."],
  ["words.npy", npy("words\n", []), "words.npy cannot be read as an .npy file; save it again."],
]) {
  test(`${name} is refused in a sentence`, () => {
    assert.throws(() => readNpy(MEASURES, name, bytes), (error) => {
      assert.ok(error instanceof Refusal);
      assert.equal(error.message, sentence);
      return true;
    });
  });
}

test("every size of a painting is taken", () => {
  for (const columns of [1, 44, COLUMNS]) checkSize(MEASURES, "fits.png", ROWS, columns);
});

test("a .png file is 8-bit grey and has every pixel", async () => {
  const bytes = await pngBytes(GREYS);
  assert.ok(isPng(bytes) && !isNpy(bytes));
  const view = new DataView(bytes.buffer);
  const chunks = {};
  for (let at = 8; at < bytes.length; ) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks[name] = {
      data: bytes.subarray(at + 8, at + 8 + length), sum: view.getUint32(at + 8 + length),
    };
    at += length + 12;
  }
  assert.deepEqual(Object.keys(chunks), ["IHDR", "IDAT", "IEND"]);
  assert.equal(chunks.IEND.sum, 0xae426082); // as the standard has it
  assert.deepEqual([...chunks.IHDR.data], [0, 0, 0, 130, 0, 0, 1, 165, 8, 0, 0, 0, 0]);
  const lines = inflateSync(chunks.IDAT.data);
  assert.equal(lines.length, ROWS * 131);
  for (let row = 0; row < ROWS; row++) {
    assert.equal(lines[row * 131], 0);
    const line = lines.subarray(row * 131 + 1, (row + 1) * 131);
    assert.equal(Buffer.compare(line, GREYS.values.subarray(row * 130, (row + 1) * 130)), 0);
  }
});
