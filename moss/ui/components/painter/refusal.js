// Why a file is no painting, in a sentence.

const CENTS_PER_OCTAVE = 1200;

export class Refusal extends Error {}

// Throw a Refusal unless a picture of this size is a painting; `rows` is null for no picture.
export function checkSize(measures, name, rows, columns) {
  if (rows !== measures.rows) {
    const has = rows === null ? "is no picture" : `is ${rows} pixels high`;
    const cents = CENTS_PER_OCTAVE / measures.rowsPerOctave;
    throw new Refusal(
      `${name} ${has}; a painting is ${measures.rows} high, one for every ${cents} cents.`);
  }
  if (!columns || columns > measures.columns) {
    throw new Refusal(
      `${name} is ${columns} pixels wide; a painting has 1 to ${measures.columns}.`);
  }
}
