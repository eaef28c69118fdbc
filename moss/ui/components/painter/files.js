// A painting as a file: .npy as NumPy has it, and 8-bit grey .png; both hold its exact pixels.

const NPY_MAGIC = "\x93NUMPY";
const PNG_SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

const bytesOf = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function npyFile({ columns, values }) {
  const said = `{'descr': '|u1', 'fortran_order': False, 'shape': (${ROWS}, ${columns}), }`;
  const header = said.padEnd(Math.ceil((said.length + 11) / 64) * 64 - 11) + "\n";
  const length = new Uint8Array([header.length & 255, header.length >> 8]);
  const parts = [bytesOf(NPY_MAGIC), new Uint8Array([1, 0]), length, bytesOf(header), values];
  return new File(parts, "painting.npy", { type: "application/octet-stream" });
}

async function pngFile({ columns, values }) {
  // Each row of a PNG begins with the name of its filter: 0 is none.
  const rows = new Uint8Array(ROWS * (columns + 1));
  for (let row = 0; row < ROWS; row++) {
    rows.set(values.subarray(row * columns, (row + 1) * columns), row * (columns + 1) + 1);
  }
  const stream = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  const about = new Uint8Array(13);
  new DataView(about.buffer).setUint32(0, columns);
  new DataView(about.buffer).setUint32(4, ROWS);
  about[8] = 8; // bits of grey
  const parts = [
    new Uint8Array(PNG_SIGNATURE),
    chunk("IHDR", about),
    chunk("IDAT", packed),
    chunk("IEND", new Uint8Array()),
  ];
  return new File(parts, "painting.png", { type: "image/png" });
}

function chunk(name, data) {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(bytesOf(name), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc(bytes.subarray(4, data.length + 8)));
  return bytes;
}

function crc(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return ~rest >>> 0;
}

// The columns and values of a file that a person picked; throws a Refusal with a sentence.
async function readPainting(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const begins = (first) => first.every((byte, k) => bytes[k] === byte);
  if (begins([...bytesOf(NPY_MAGIC)])) return readNpy(file.name, bytes);
  if (begins(PNG_SIGNATURE)) return readPng(file);
  throw new Refusal(`${file.name} is neither an .npy nor a .png file; load one saved here.`);
}

class Refusal extends Error {}

function readNpy(name, bytes) {
  const view = new DataView(bytes.buffer);
  const long = bytes[6] > 1; // version 2 writes the length of its header with four bytes
  const start = long ? 12 : 10;
  const unread = new Refusal(`${name} cannot be read as an .npy file; save it again.`);
  if (bytes.length < start) throw unread;
  const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 4096)));
  const type = header.match(/'descr': *'([^']*)'/)?.[1];
  const shape = header.match(/'shape': *\(([^)]*)\)/)?.[1].split(",").filter((n) => n.trim());
  if (!type || !shape) throw unread;
  if (type !== "|u1") throw new Refusal(`${name} holds ${type}; a painting holds uint8.`);
  const [rows, columns] = shape.map(Number);
  check(name, shape.length === 2 ? rows : null, columns);
  const values = bytes.slice(end);
  if (values.length !== rows * columns) throw unread;
  if (!/'fortran_order': *True/.test(header)) return { columns, values };
  const turned = values.map((_, k) => values[(k % columns) * rows + Math.floor(k / columns)]);
  return { columns, values: turned };
}

async function readPng(file) {
  const bitmap = await createImageBitmap(file, {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  }).catch(() => {
    throw new Refusal(`${file.name} cannot be read as a picture; save it again.`);
  });
  const { width: columns, height } = bitmap;
  check(file.name, height, columns);
  const pen = new OffscreenCanvas(columns, ROWS).getContext("2d", { colorSpace: "srgb" });
  pen.drawImage(bitmap, 0, 0);
  const { data } = pen.getImageData(0, 0, columns, ROWS);
  const grey = (k) => 0.299 * data[k] + 0.587 * data[k + 1] + 0.114 * data[k + 2];
  return { columns, values: Uint8Array.from({ length: ROWS * columns }, (_, k) =>
    Math.round(grey(4 * k))) };
}

function check(name, rows, columns) {
  if (rows !== ROWS) {
    const has = rows === null ? "is no picture" : `is ${rows} pixels high`;
    throw new Refusal(`${name} ${has}; a painting is ${ROWS} high, one for every 20 cents.`);
  }
  if (!columns || columns > COLUMNS) {
    throw new Refusal(`${name} is ${columns} pixels wide; a painting has 1 to ${COLUMNS}.`);
  }
}
