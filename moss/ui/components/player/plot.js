// The Pareto front as the same control: what is chosen here is where the slider is.
// Drawn at the size it is seen, so that its words are as large on a phone; `moss.ui.working.front_svg`
// draws the growing front with the same classes and words.

import { ticks } from "./ticks.js";

const MARGIN = { left: 48, right: 16, top: 24, bottom: 48 };
const LOSS_STEPS = [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2];

export class FrontPlot {
  constructor(svg, choose) {
    this.svg = svg;
    this.value = null;
    svg.addEventListener("click", (event) => this.value && choose(this.nearest(event)));
    new ResizeObserver(() => this.draw()).observe(svg);
  }

  show(value) {
    this.value = value;
    const all = [...value.front, ...value.seeds, ...value.points.map((point) => point.replayed)];
    const greatest = Math.max(1e-6, ...all.map((losses) => losses[1]));
    this.step = LOSS_STEPS.find((step) => greatest <= 6 * step) ?? LOSS_STEPS.at(-1);
    this.top = this.step * Math.ceil((1.02 * greatest) / this.step);
    const count = value.points.length;
    this.svg.setAttribute("aria-label", `The Pareto front, with ${count} points to choose from`);
    this.draw();
  }

  place(position) {
    this.position = position;
    if (!this.here) return;
    const k = Math.min(Math.floor(position), this.value.points.length - 1);
    const [a, b] = [this.spots[k], this.spots[k + 1] ?? this.spots[k]];
    const share = position - k;
    this.here.setAttribute("cx", a.x + share * (b.x - a.x));
    this.here.setAttribute("cy", a.y + share * (b.y - a.y));
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.svg;
    if (!width || !this.value) return;
    this.size = { width, height };
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const { points, front, seeds } = this.value;
    this.spots = points.map((point) => this.spot(point.replayed));
    const links = points.map(({ designed }, k) => {
      const [from, to] = [this.spot(designed), this.spots[k]];
      return `M${from.x} ${from.y}L${to.x} ${to.y}`;
    });
    this.here = make("circle", { class: "here", r: 9 });
    this.svg.replaceChildren(
      ...this.grid(),
      make("path", { class: "dots seeds", d: this.dots(seeds) }),
      make("path", { class: "links", d: links.join("") }),
      make("polyline", {
        class: "front",
        points: front.map((losses) => Object.values(this.spot(losses)).join()).join(" "),
      }),
      ...this.spots.map(({ x, y }) => make("circle", { class: "file", cx: x, cy: y, r: 4.5 })),
      ...this.names(),
      this.here,
    );
    this.place(this.position ?? this.value.at);
  }

  spot([visual, audio]) {
    const { left, right, top, bottom } = MARGIN;
    const { width, height } = this.size;
    const x = left + (width - left - right) * visual;
    const y = height - bottom - ((height - bottom - top) * audio) / this.top;
    return { x: Number(x.toFixed(1)), y: Number(y.toFixed(1)) };
  }

  // A line of no length with round ends is a dot: one path for all of them.
  dots(losses) {
    return losses.map(this.spot, this).map(({ x, y }) => `M${x} ${y}h0`).join("");
  }

  grid() {
    const [origin, corner] = [this.spot([0, 0]), this.spot([1, this.top])];
    const upright = ticks(1, [0.2], 6).flatMap((tick) => {
      const { x } = this.spot([tick, 0]);
      return [
        make("path", { class: "rule", d: `M${x} ${corner.y}V${origin.y}` }),
        make("text", { class: "x", x, y: origin.y + 18 }, tick.toFixed(1)),
      ];
    });
    const level = ticks(this.top, [this.step], Infinity).flatMap((tick) => {
      const { y } = this.spot([0, tick]);
      return [
        make("path", { class: "rule", d: `M${origin.x} ${y}H${corner.x}` }),
        make("text", { class: "y", x: origin.x - 8, y: y + 4 }, tick),
      ];
    });
    const [x, y] = [(origin.x + corner.x) / 2, (origin.y + corner.y) / 2];
    const turned = `translate(12 ${y}) rotate(-90)`;
    return [
      ...upright,
      ...level,
      make("text", { class: "axis x", x, y: this.size.height - 6 },
        "looks less like the picture →"),
      make("text", { class: "axis x", transform: turned }, "sounds less like the music →"),
    ];
  }

  names() {
    const [music, picture] = [this.spots[0], this.spots.at(-1)];
    const right = this.size.width - MARGIN.right;
    // Beside pure music there are other points; its name stands clear of them.
    return [
      make("path", { class: "leader", d: `M${music.x} ${music.y - 12}v-44` }),
      make("text", { class: "name end", x: right, y: music.y - 62 }, "pure music"),
      make("text", { class: "name", x: picture.x + 14, y: picture.y + 4 }, "pure picture"),
    ];
  }

  nearest(event) {
    const box = this.svg.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const distances = this.spots.map((spot) => Math.hypot(spot.x - x, spot.y - y));
    return distances.indexOf(Math.min(...distances));
  }
}

function make(tag, attributes, text) {
  const shape = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
  if (text !== undefined) shape.textContent = text;
  return shape;
}
