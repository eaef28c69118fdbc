// The marks of the time that has passed, under the picture.

const STEPS_S = [0.2, 0.5, 1, 2, 5, 10];
const STEP_PX = 70; // the least distance between two marks
const EDGE_PX = 20; // A mark would be cut off at the left edge.

// Return [share of the width from the right, text] of each mark; `speed` is in pixels a second.
export function secondMarks(width, speed) {
  const step = STEPS_S.find((seconds) => seconds * speed >= STEP_PX);
  const marks = [[0, "now"]];
  for (let ago = step; ago * speed < width - EDGE_PX; ago += step) {
    marks.push([(ago * speed) / width, `−${Number(ago.toFixed(1))} s`]);
  }
  return marks;
}
