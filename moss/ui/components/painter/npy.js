// A painting as an .npy file, the format of NumPy's arrays, to the pixel.

import { checkSize, Refusal } from "./refusal.js";

const MAGIC = "\x93NUMPY";
const PREFIX_BYTES = 10; // the magic, two bytes of the version and two of the header's length
const BLOCK_BYTES = 64; // The values begin at a multiple of it.
const MOST_HEADER_BYTES = 4096; // The header of a painting is far shorter.

export function bytesOf(text) {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export function isNpy(bytes) {
  return bytesOf(MAGIC).every((byte, k) => bytes[k] === byte);
}

// The bytes of a file of version 1.0.
export function npyBytes({ rows, columns, values }) {
  const words = `{'descr': '|u1', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const blocks = Math.ceil((PREFIX_BYTES + words.length + 1) / BLOCK_BYTES);
  const header = words.padEnd(blocks * BLOCK_BYTES - PREFIX_BYTES - 1) + "\n";
  const bytes = new Uint8Array(PREFIX_BYTES + header.length + values.length);
  bytes.set(bytesOf(MAGIC));
  bytes.set([1, 0, header.length & 255, header.length >> 8], MAGIC.length);
  bytes.set(bytesOf(header), PREFIX_BYTES);
  bytes.set(values, PREFIX_BYTES + header.length);
  return bytes;
}

// The pixels that a file called `name` holds; throws a Refusal.
export function readNpy(measures, name, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isLong = bytes[6] > 1; // version 2 writes the length of its header with four bytes
  const start = isLong ? PREFIX_BYTES + 2 : PREFIX_BYTES;
  const unreadable = new Refusal(`${name} cannot be read as an .npy file; save it again.`);
  if (bytes.length < start) throw unreadable;
  const end = start + (isLong ? view.getUint32(8, true) : view.getUint16(8, true));
  const last = Math.min(end, start + MOST_HEADER_BYTES);
  const header = String.fromCharCode(...bytes.subarray(start, last));
  const type = header.match(/'descr': *'([^']*)'/)?.[1];
  const shape = header.match(/'shape': *\(([^)]*)\)/)?.[1].split(",").filter((n) => n.trim());
  if (!type || !shape) throw unreadable;
  if (type !== "|u1") throw new Refusal(`${name} holds ${type}; a painting holds uint8.`);
  const [rows, columns] = shape.map(Number);
  checkSize(measures, name, shape.length === 2 ? rows : null, columns);
  const values = bytes.slice(end);
  if (values.length !== rows * columns) throw unreadable;
  if (!/'fortran_order': *True/.test(header)) return { rows, columns, values };
  const turned = values.map((_, k) => values[(k % columns) * rows + Math.floor(k / columns)]);
  return { rows, columns, values: turned };
}
