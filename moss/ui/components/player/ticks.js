// Where the marks of an axis stand.

// Round numbers from 0 to `greatest`, a step of `steps` apart, at most about `count` of them.
export function ticks(greatest, steps, count) {
  const step = steps.find((s) => greatest <= count * s) ?? steps.at(-1);
  const last = Math.floor(greatest / step + 1e-6);
  return Array.from({ length: last + 1 }, (_, i) => Number((i * step).toFixed(6)));
}
