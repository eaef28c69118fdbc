// A run that is heard while it is made comes as one value after another. What two of them share.

// What must be equal for the player to go on as it is: two sounds of different length or rate
// have no clock in common, and two pictures no axes.
const SHARED = ["run", "duration_s", "sample_rate", "sound_rate"];

// Whether `next` is a later value of the run that `value` is of.
export function isSameRun(value, next) {
  return Boolean(value?.run && next?.run) && SHARED.every((key) => value[key] === next[key]);
}

// Where a position among points up to `last` is among those up to `nextLast`: as it is where they
// are as many, or else at the point that is as far on the way.
export function placeAmong(position, last, nextLast) {
  if (last === nextLast) return position;
  return last ? Math.round((position * nextLast) / last) : 0;
}

// What stands in `row` at the place of each of `count` later points.
export function predecessors(row, count) {
  return Array.from({ length: count }, (_, k) => row[placeAmong(k, count - 1, row.length - 1)]);
}

// Whether the place of a point is still held by the music that a run begins with.
export function isMusic({ points, original }, k) {
  return points[k].sound === original;
}
