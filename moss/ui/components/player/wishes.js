// What is wished for, as a coarse raster of the spectrogram and as the text that
// `moss.settings.wishes` reads.

export const COLUMNS = 96;
export const ROWS = 48;
export const KINDS = ["", "music", "picture"]; // what a cell says
const RANGE = String.raw`([\d.]+)\s*-\s*([\d.]+)`;
const WISH = new RegExp(String.raw`(music|picture)\s+${RANGE}\s+${RANGE}`, "g");

export class Raster {
  constructor() {
    this.cells = new Uint8Array(COLUMNS * ROWS); // row 0 is 0 Hz
  }

  fit(duration_s, top_hz) {
    this.cell = { seconds: duration_s / COLUMNS, hertz: top_hz / ROWS };
  }

  at(column, row) {
    const inside = column >= 0 && column < COLUMNS && row >= 0 && row < ROWS;
    return inside ? this.cells[row * COLUMNS + column] : 0;
  }

  middle(column, row) {
    return { seconds: (column + 0.5) * this.cell.seconds, hertz: (row + 0.5) * this.cell.hertz };
  }

  // Paint an ellipse around a spot, and the cell under it however small the brush is.
  stamp(kind, { x, y }, { columns, rows }) {
    this.paint(kind, (column, row) =>
      Math.hypot((column + 0.5 - x) / columns, (row + 0.5 - y) / rows) <= 1 ||
      (column === Math.floor(x) && row === Math.floor(y)));
  }

  paint(kind, inside) {
    for (let row = 0; row < ROWS; row++) {
      for (let column = 0; column < COLUMNS; column++) {
        if (inside(column, row)) this.cells[row * COLUMNS + column] = kind;
      }
    }
  }

  // The painted cells as few rectangles: each grows to the right, then upwards, while it can.
  rectangles() {
    const { cells } = this;
    const left = cells.slice(); // what no rectangle covers yet
    const found = [];
    for (let row = 0; row < ROWS; row++) {
      for (let column = 0; column < COLUMNS; column++) {
        const kind = left[row * COLUMNS + column];
        if (!kind) continue;
        const same = (r, c) => cells[r * COLUMNS + c] === kind;
        let [right, top] = [column + 1, row + 1];
        while (right < COLUMNS && same(row, right)) right++;
        const whole = (r) => cells.subarray(r * COLUMNS + column, r * COLUMNS + right)
          .every((cell) => cell === kind);
        while (top < ROWS && whole(top)) top++;
        for (let r = row; r < top; r++) left.fill(0, r * COLUMNS + column, r * COLUMNS + right);
        found.push({ kind, left: column, right, bottom: row, top });
      }
    }
    return found;
  }

  text() {
    const { seconds, hertz } = this.cell;
    const wishes = this.rectangles().map(({ kind, left, right, bottom, top }) => {
      const times = [left, right].map((column) => Number((column * seconds).toFixed(3)));
      const pitches = [bottom, top].map((row) => Math.round(row * hertz));
      return `${KINDS[kind]} ${times.join("-")} ${pitches.join("-")}`;
    });
    return wishes.join("; ");
  }

  // Paint the cells whose middles the wishes of `text` hold; later ones win.
  read(text) {
    this.cells.fill(0);
    for (const [, kind, ...numbers] of text.matchAll(WISH)) {
      const { seconds, hertz } = this.cell;
      const [start, end, low, high] = numbers.map((n, i) => Number(n) / (i < 2 ? seconds : hertz));
      this.paint(KINDS.indexOf(kind), (column, row) => {
        const [x, y] = [column + 0.5, row + 0.5];
        return start <= x && x < end && low <= y && y < high;
      });
    }
  }
}
