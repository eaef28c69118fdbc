// A painting as the bytes of an 8-bit grey .png file, to the pixel.

import { bytesOf } from "./npy.js";

const SIGNATURE = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);
const HEADER_BYTES = 13;
const GREY_BITS = 8;
const CHUNK_FRAME_BYTES = 12; // the length, the name and the checksum around a chunk's data
const CRC_POLYNOMIAL = 0xedb88320;

export function isPng(bytes) {
  return SIGNATURE.every((byte, k) => bytes[k] === byte);
}

export async function pngBytes({ rows, columns, values }) {
  // Each row of a PNG begins with the name of its filter: 0 is none.
  const lines = new Uint8Array(rows * (columns + 1));
  for (let row = 0; row < rows; row++) {
    lines.set(values.subarray(row * columns, (row + 1) * columns), row * (columns + 1) + 1);
  }
  const stream = new Blob([lines]).stream().pipeThrough(new CompressionStream("deflate"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  const header = new Uint8Array(HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, columns);
  new DataView(header.buffer).setUint32(4, rows);
  header[8] = GREY_BITS; // the rest is 0: grey, deflate, no interlacing
  return joined([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", packed),
    chunk("IEND", new Uint8Array()),
  ]);
}

function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function chunk(name, data) {
  const bytes = new Uint8Array(data.length + CHUNK_FRAME_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(bytesOf(name), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, checksum(bytes.subarray(4, data.length + 8)));
  return bytes;
}

function checksum(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? CRC_POLYNOMIAL : 0);
  }
  return ~rest >>> 0;
}
