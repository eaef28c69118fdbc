// A stroke of the brush or the eraser, cell by cell: along its path, snapped, with harmonics.

export const COLUMN_ROWS = 4; // rows that are as large on the screen as a column

// `tool` has: erases, size (rows), strength (0 to 1), harmonics (1 is a plain line), pitch and
// rhythm, each a grid that is snapped to or null.
export class Stroke {
  constructor(painting, tool) {
    this.painting = painting;
    this.tool = tool;
    this.last = null;
    painting.begin();
  }

  // Paint from where the stroke is to a cell. Only whole cells count, so that the same path makes
  // the same pixels with every hand.
  to(cell) {
    const from = this.last ?? cell;
    const [right, down] = [cell.column - from.column, cell.row - from.row];
    const steps = Math.max(Math.abs(right), Math.abs(down), 1);
    for (let step = this.last ? 1 : steps; step <= steps; step++) {
      this.stamp({
        column: from.column + Math.round((right * step) / steps),
        row: from.row + Math.round((down * step) / steps),
      });
    }
    this.last = cell;
  }

  stamp({ row, column }) {
    const { pitch, rhythm, erases, strength, harmonics } = this.tool;
    const { rangeNats, rowsPerOctave } = this.painting.measures;
    const middle = pitch ? pitch.nearest(row).row : row;
    const value = Math.round(255 * strength);
    const span = rhythm?.around(column);
    for (let k = 1; k <= (erases ? 1 : harmonics); k++) {
      // The k-th harmonic has a k-th of the amplitude.
      const fainter = Math.round(value - (255 * Math.log(k)) / rangeNats);
      if (fainter <= 0) break;
      this.fill(middle - Math.round(rowsPerOctave * Math.log2(k)), column, span, fainter);
    }
  }

  fill(middle, column, span, value) {
    const { size, erases } = this.tool;
    const { cells, measures } = this.painting;
    const top = middle - Math.floor((size - 1) / 2);
    for (let row = Math.max(top, 0); row < Math.min(top + size, measures.rows); row++) {
      const away = (row - top + 0.5) / (size / 2) - 1;
      const reach = Math.floor((size / 2 / COLUMN_ROWS) * Math.sqrt(1 - away ** 2));
      const [left, right] = span ?? [column - reach, column + reach + 1];
      for (let k = Math.max(left, 0); k < Math.min(right, measures.columns); k++) {
        const at = row * measures.columns + k;
        // Light adds to what is there, and the eraser takes from it.
        cells[at] = erases ? Math.min(cells[at], 255 - value) : Math.max(cells[at], value);
      }
    }
  }
}
