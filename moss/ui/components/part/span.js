// The chosen part of a track as two numbers of seconds, which stay within the track.

const clamp = (x, low, high) => Math.max(low, Math.min(x, high));

export const tenths = (x) => Math.round(10 * x) / 10;

// Return "minutes:seconds", with so many digits of a second: 0 or 1.
export function clock(seconds, digits) {
  const whole = digits ? tenths(seconds) : Math.round(seconds);
  const rest = (whole % 60).toFixed(digits).padStart(digits ? 4 : 2, "0");
  return `${Math.floor(whole / 60)}:${rest}`;
}

export class Span {
  constructor() {
    this.start = 0;
    this.length = 0;
  }

  // Lie on another track, with the part that its value names.
  fit({ duration_s, min_part_s, max_part_s, start_s, part_s }) {
    this.duration = duration_s;
    this.shortest = Math.min(min_part_s, duration_s);
    this.longest = Math.min(max_part_s, duration_s);
    const from = clamp(start_s, 0, Math.max(0, duration_s - min_part_s));
    this.place(from, Math.min(part_s, duration_s - from));
  }

  get end() {
    return this.start + this.length;
  }

  // Take this start and this length as far as the track allows; the length comes first.
  place(start, length) {
    this.length = clamp(length, this.shortest, this.longest);
    this.start = clamp(start, 0, this.duration - this.length);
  }

  // Move the start that was at `from.start`, and leave the end where it was.
  dragStart(from, by) {
    const end = from.start + from.length;
    const start = clamp(
      tenths(from.start + by), Math.max(0, end - this.longest), end - this.shortest);
    this.place(start, end - start);
  }

  // Move the end that was after `from.length`, and leave the start where it was.
  dragEnd(from, by) {
    const end = clamp(
      tenths(from.start + from.length + by), from.start + this.shortest, this.duration);
    this.place(from.start, Math.min(end - from.start, this.longest));
  }

  dragWhole(from, by) {
    this.place(tenths(from.start + by), from.length);
  }

  centreAt(seconds) {
    this.place(tenths(seconds - this.length / 2), this.length);
  }

  // Where the part is in words: "0:10 – 0:20 of 3:00 (10 s)", with tenths where there are any.
  get text() {
    const digits = [this.start, this.length].every((x) => Number.isInteger(tenths(x))) ? 0 : 1;
    const [start, end] = [clock(this.start, digits), clock(this.end, digits)];
    const whole = clock(this.duration, 0);
    return `${start} – ${end} of ${whole} (${this.length.toFixed(digits)} s)`;
  }

  // The same for a screen reader.
  get spoken() {
    return `from ${clock(this.start, 1)} to ${clock(this.end, 1)} of ${clock(this.duration, 0)}`;
  }
}
