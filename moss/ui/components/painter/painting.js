// The painting: rows of pitch by columns of time, and what can be undone of it.
// Its measures are those of moss/painting.py.

const LOW_HZ = 55;
const ROWS_PER_OCTAVE = 60;
const ROWS = 7 * ROWS_PER_OCTAVE + 1; // row 0 is the highest, 7040 Hz
const COLUMNS_PER_S = 44100 / 1024;
const MAX_S = 60;
const COLUMNS = columnsIn(MAX_S);
const RANGE_NATS = 12; // from black to white
const MOST_UNDONE = 200;

function columnsIn(seconds) {
  return Math.ceil(seconds * COLUMNS_PER_S);
}

const hertzOf = (row) => LOW_HZ * 2 ** ((ROWS - 1 - row) / ROWS_PER_OCTAVE);

class Painting {
  constructor() {
    this.cells = new Uint8Array(ROWS * COLUMNS);
    this.undone = [];
    this.done = [];
    this.end = 0; // the first column after all that is painted
  }

  at(row, column) {
    return this.cells[row * COLUMNS + column];
  }

  // The fewest whole seconds whose columns hold all that is painted. A second ends amid a column,
  // which counts to it: a painting of three seconds is not four seconds long when it is loaded.
  get seconds() {
    const least = Math.max(1, Math.floor(this.end / COLUMNS_PER_S));
    return columnsIn(least) < this.end ? least + 1 : least;
  }

  // The painted part alone, row by row.
  pixels() {
    const columns = columnsIn(this.seconds);
    return { columns, values: this.part({ top: 0, left: 0, rows: ROWS, columns }) };
  }

  // Do `change` as one step that can be undone; tells where it has changed something, or null.
  step(change) {
    this.begin();
    change();
    return this.finish();
  }

  begin() {
    this.before = this.cells.slice();
  }

  finish() {
    const box = this.changed();
    if (box) {
      this.done.push({ box, before: this.part(box, this.before), after: this.part(box) });
      this.done.splice(0, this.done.length - MOST_UNDONE);
      this.undone = [];
      this.measure();
    }
    this.before = null;
    return box;
  }

  undo() {
    return this.retrace(this.done, this.undone, "before");
  }

  redo() {
    return this.retrace(this.undone, this.done, "after");
  }

  retrace(from, to, side) {
    const step = from.pop();
    if (!step) return null;
    to.push(step);
    this.put(step.box, step[side]);
    this.measure();
    return step.box;
  }

  part({ top, left, rows, columns }, cells = this.cells) {
    const part = new Uint8Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      const at = (top + row) * COLUMNS + left;
      part.set(cells.subarray(at, at + columns), row * columns);
    }
    return part;
  }

  put({ top, left, rows, columns }, part) {
    for (let row = 0; row < rows; row++) {
      const values = part.subarray(row * columns, (row + 1) * columns);
      this.cells.set(values, (top + row) * COLUMNS + left);
    }
  }

  // The smallest box around all cells that differ from those before.
  changed() {
    const { cells, before } = this;
    let [top, bottom, left, right] = [ROWS, -1, COLUMNS, -1];
    for (let k = 0; k < cells.length; k++) {
      if (cells[k] === before[k]) continue;
      const column = k % COLUMNS;
      const row = (k - column) / COLUMNS;
      top = Math.min(top, row);
      bottom = row;
      left = Math.min(left, column);
      right = Math.max(right, column);
    }
    return bottom < 0 ? null : { top, left, rows: bottom - top + 1, columns: right - left + 1 };
  }

  measure() {
    this.end = 0;
    for (let row = 0; row < ROWS; row++) {
      const last = this.cells.subarray(row * COLUMNS, (row + 1) * COLUMNS)
        .findLastIndex((value) => value > 0);
      this.end = Math.max(this.end, last + 1);
    }
  }
}
