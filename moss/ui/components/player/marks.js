// How wishes and the brush look over the spectrogram.

import { COLUMNS, KINDS, ROWS } from "./wishes.js";

const COLOURS = ["", "#8be9ff", "#ffffff"]; // one for each of KINDS
const TILE_PX = 10; // the distance of the stripes and dots within an area

// Draw what `raster` holds. With a `brush` in the hand areas are filled, and a ring as large as its
// `reach` is drawn at its `spot`, if there is one; at rest only the borders show, so that what lies
// under them is seen.
export function drawMarks(canvas, raster, brush) {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width) return;
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  const pen = canvas.getContext("2d");
  pen.scale(devicePixelRatio, devicePixelRatio);
  const cell = { width: width / COLUMNS, height: height / ROWS };
  if (brush) fill(pen, raster, cell, height);
  for (const kind of [1, 2]) outline(pen, edges(raster, kind, cell, height), COLOURS[kind]);
  if (!brush?.spot) return;
  const { spot, reach } = brush;
  const ring = new Path2D();
  const [x, y] = [spot.x * cell.width, height - spot.y * cell.height];
  ring.ellipse(x, y, reach.columns * cell.width, reach.rows * cell.height, 0, 0, 2 * Math.PI);
  outline(pen, ring, "#fff");
}

function fill(pen, raster, cell, height) {
  for (const { kind, left, right, bottom, top } of raster.rectangles()) {
    pen.fillStyle = hatch(pen, kind);
    pen.fillRect(left * cell.width, height - top * cell.height,
      (right - left) * cell.width, (top - bottom) * cell.height);
  }
}

// The borders of all areas of one kind.
function edges(raster, kind, cell, height) {
  const path = new Path2D();
  const has = (row, column) => raster.at(column, row) === kind;
  for (let row = 0; row <= ROWS; row++) {
    for (let column = 0; column <= COLUMNS; column++) {
      const [x, y] = [column * cell.width, height - row * cell.height];
      const isHere = has(row, column);
      if (isHere !== has(row, column - 1)) path.rect(x, y - cell.height, 0, cell.height);
      if (isHere !== has(row - 1, column)) path.rect(x, y, cell.width, 0);
    }
  }
  return path;
}

function outline(pen, path, colour) {
  for (const [style, width] of [["#0009", 3.5], [colour, 1.5]]) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.stroke(path);
  }
}

// Stripes for music, dots for the picture: told apart without their colours.
function hatch(pen, kind) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = TILE_PX;
  const dark = tile.getContext("2d");
  dark.fillStyle = "#0006";
  dark.fillRect(0, 0, TILE_PX, TILE_PX);
  dark.strokeStyle = dark.fillStyle = COLOURS[kind];
  dark.lineWidth = 1.5;
  dark.beginPath();
  if (KINDS[kind] === "music") {
    for (const x of [-TILE_PX, 0, TILE_PX]) {
      dark.moveTo(x, TILE_PX);
      dark.lineTo(x + TILE_PX, 0);
    }
    dark.stroke();
  } else {
    dark.arc(TILE_PX / 2, TILE_PX / 2, 1.6, 0, 2 * Math.PI);
    dark.fill();
  }
  return pen.createPattern(tile, "repeat");
}
