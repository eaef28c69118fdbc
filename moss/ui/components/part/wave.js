// The waveform as a path of one bar for each peak, two units high.

const TALLEST = 0.92; // a share of half the height
const SHORTEST = 0.015; // silence is a line

// Quiet tracks are drawn as tall as loud ones: it is the shape that shows where one is.
export function wavePath(peaks) {
  const scale = TALLEST / Math.max(...peaks, 1e-6);
  return peaks.map((peak, k) => {
    const half = Math.max(scale * peak, SHORTEST);
    return `M${k} ${1 - half}h1v${2 * half}h-1z`;
  }).join("");
}
