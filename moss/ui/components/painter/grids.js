// Where notes lie: pitches of a scale, and divisions of a beat.

export const NOTE_NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
export const SCALES = {
  chromatic: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  major: [0, 2, 4, 5, 7, 9, 11],
  minor: [0, 2, 3, 5, 7, 8, 10],
  pentatonic: [0, 2, 4, 7, 9],
  blues: [0, 3, 5, 6, 7, 10],
  "whole tone": [0, 2, 4, 6, 8, 10],
};
const A4 = { hertz: 440, note: 69 }; // as MIDI counts notes

export class PitchGrid {
  constructor({ rows, rowsPerOctave, lowHz }, scale, key) {
    this.notes = [];
    const rowsPerSemitone = rowsPerOctave / 12;
    const lowest = A4.note + Math.round(12 * Math.log2(lowHz / A4.hertz));
    const last = (rows - 1) / rowsPerSemitone;
    for (let k = 0; k <= last; k++) {
      const note = lowest + k;
      const degree = (note - key + 12) % 12;
      if (!SCALES[scale].includes(degree)) continue;
      this.notes.push({
        row: rows - 1 - k * rowsPerSemitone,
        name: `${NOTE_NAMES[note % 12]}${Math.floor(note / 12) - 1}`,
        isRoot: degree === 0,
      });
    }
  }

  nearest(row) {
    const { notes } = this;
    return notes.reduce((best, note) =>
      Math.abs(note.row - row) < Math.abs(best.row - row) ? note : best);
  }

  // The next note above (up 1) or below (up -1) a row, or where there is none the last.
  next(row, up) {
    const beyond = this.notes.filter((note) => (up > 0 ? note.row < row : note.row > row));
    return (up > 0 ? beyond[0] : beyond.at(-1)) ?? this.nearest(row);
  }
}

export class RhythmGrid {
  constructor({ columnsPerS }, bpm, beats) {
    this.beats = beats; // the length of a division
    this.columns = (60 / bpm) * beats * columnsPerS;
  }

  // The column where division `k` begins.
  edge(k) {
    return Math.round(k * this.columns);
  }

  division(column) {
    let k = Math.floor(column / this.columns);
    if (this.edge(k) > column) k--;
    if (this.edge(k + 1) <= column) k++;
    return k;
  }

  // The first column of the division that a column is in, and that of the next division.
  around(column) {
    const k = this.division(column);
    return [this.edge(k), this.edge(k + 1)];
  }
}
