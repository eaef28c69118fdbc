// The measures of a painting, as painter.py hands them over: rows of pitch by columns of time.

export class Measures {
  constructor({ low_hz, rows_per_octave, rows, columns, sample_rate, hop, range_nats }) {
    this.lowHz = low_hz; // the pitch of the last row; row 0 is the highest
    this.rowsPerOctave = rows_per_octave;
    this.rows = rows;
    this.columns = columns; // the width of the longest painting
    this.columnsPerS = sample_rate / hop;
    this.rangeNats = range_nats; // from black to white
  }

  columnsIn(seconds) {
    return Math.ceil(seconds * this.columnsPerS);
  }

  hertzOf(row) {
    return this.lowHz * 2 ** ((this.rows - 1 - row) / this.rowsPerOctave);
  }

  // The row whose pitch is nearest to a frequency.
  rowOf(hertz) {
    return this.rows - 1 - Math.round(this.rowsPerOctave * Math.log2(hertz / this.lowHz));
  }
}
