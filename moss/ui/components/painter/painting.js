// The painting: rows of pitch by columns of time, and what can be undone of it.

const MOST_UNDONE = 200;

export class Painting {
  constructor(measures) {
    this.measures = measures;
    this.cells = new Uint8Array(measures.rows * measures.columns);
    this.undone = [];
    this.done = [];
    this.end = 0; // the first column after all that is painted
  }

  at(row, column) {
    return this.cells[row * this.measures.columns + column];
  }

  // The fewest whole seconds whose columns hold all that is painted. A second ends amid a column,
  // which counts to it: a painting of three seconds is not four seconds long when it is loaded.
  get seconds() {
    const { measures, end } = this;
    const least = Math.max(1, Math.floor(end / measures.columnsPerS));
    return measures.columnsIn(least) < end ? least + 1 : least;
  }

  // The painted part alone, row by row.
  pixels() {
    const { rows } = this.measures;
    const columns = this.measures.columnsIn(this.seconds);
    return { rows, columns, values: this.part({ top: 0, left: 0, rows, columns }) };
  }

  // Put other pixels in the place of all that is painted.
  replace({ rows, columns, values }) {
    this.cells.fill(0);
    this.put({ top: 0, left: 0, rows, columns }, values);
  }

  // Do `change` as one step that can be undone; return where it has changed something, or null.
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
      const at = (top + row) * this.measures.columns + left;
      part.set(cells.subarray(at, at + columns), row * columns);
    }
    return part;
  }

  put({ top, left, rows, columns }, part) {
    for (let row = 0; row < rows; row++) {
      const values = part.subarray(row * columns, (row + 1) * columns);
      this.cells.set(values, (top + row) * this.measures.columns + left);
    }
  }

  // The smallest box around all cells that differ from those before.
  changed() {
    const { cells, before, measures } = this;
    let [top, bottom, left, right] = [measures.rows, -1, measures.columns, -1];
    for (let k = 0; k < cells.length; k++) {
      if (cells[k] === before[k]) continue;
      const column = k % measures.columns;
      const row = (k - column) / measures.columns;
      top = Math.min(top, row);
      bottom = row;
      left = Math.min(left, column);
      right = Math.max(right, column);
    }
    return bottom < 0 ? null : { top, left, rows: bottom - top + 1, columns: right - left + 1 };
  }

  measure() {
    const { rows, columns } = this.measures;
    this.end = 0;
    for (let row = 0; row < rows; row++) {
      const last = this.cells.subarray(row * columns, (row + 1) * columns)
        .findLastIndex((value) => value > 0);
      this.end = Math.max(this.end, last + 1);
    }
  }
}
