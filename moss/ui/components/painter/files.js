// A painting as a file of the browser: .npy as NumPy has it, and 8-bit grey .png.

import { isNpy, npyBytes, readNpy } from "./npy.js";
import { isPng, pngBytes } from "./png.js";
import { checkSize, Refusal } from "./refusal.js";

const KEEP_URL_MS = 10_000; // by then the download has begun

export function npyFile(pixels) {
  return new File([npyBytes(pixels)], "painting.npy", { type: "application/octet-stream" });
}

export async function pngFile(pixels) {
  return new File([await pngBytes(pixels)], "painting.png", { type: "image/png" });
}

// The pixels of a file that a person picked; throws a Refusal with a sentence.
export async function readPainting(measures, file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (isNpy(bytes)) return readNpy(measures, file.name, bytes);
  if (isPng(bytes)) return readPng(measures, file);
  throw new Refusal(`${file.name} is neither an .npy nor a .png file; load one saved here.`);
}

async function readPng(measures, file) {
  const bitmap = await createImageBitmap(file, {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  }).catch(() => {
    throw new Refusal(`${file.name} cannot be read as a picture; save it again.`);
  });
  const { width: columns, height: rows } = bitmap;
  checkSize(measures, file.name, rows, columns);
  const pen = new OffscreenCanvas(columns, rows).getContext("2d", { colorSpace: "srgb" });
  pen.drawImage(bitmap, 0, 0);
  const { data } = pen.getImageData(0, 0, columns, rows);
  const grey = (k) => Math.round(0.299 * data[k] + 0.587 * data[k + 1] + 0.114 * data[k + 2]);
  const values = Uint8Array.from({ length: rows * columns }, (_, k) => grey(4 * k));
  return { rows, columns, values };
}

export function save(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_URL_MS);
}

// Call `use` with each file that is picked by pressing `button`, which opens `input`.
export function onPick(button, input, use) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = ""; // the same file may be picked again
    if (file) await use(file);
  });
}
