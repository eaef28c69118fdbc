// The Pareto front as the same control: what is chosen here is where the slider is.
// Drawn at the size it is seen, so that its words are as large on a phone. Its axes, ticks and
// captions come with the value, from `moss.render.front_axes`; its colours are in page.css.

// In pixels.
const MARGIN = { left: 48, right: 16, top: 24, bottom: 48 };
const TICKS = { below: 18, beside: 8 }; // from the plot to the numbers
const CAPTION = { below: 6, beside: 12 }; // from the edges of the drawing
const HALF_LETTER = 4; // from the middle of a line of text to its baseline
const RADIUS = { file: 4.5, here: 9 };
// Beside pure music there are other points; its name stands clear of them, above a leader.
const LEADER = { above: 12, length: 44 };
const MUSIC_NAME_ABOVE = 62;
const PICTURE_NAME_BESIDE = 14;

export class FrontPlot {
  constructor(map, choose) {
    this.svg = map.querySelector("svg");
    this.legend = map.querySelector(".moss-legend");
    this.value = null;
    this.spots = []; // of the points; none before their losses are known
    this.svg.addEventListener("click", (event) => {
      if (this.spots.length) choose(this.nearest(event));
    });
    new ResizeObserver(() => this.draw()).observe(this.svg);
  }

  show(value) {
    this.value = value;
    const { points, front, seeds } = value;
    const label = `The Pareto front, with ${points.length} points to choose from`;
    if (this.svg.getAttribute("aria-label") !== label) this.svg.setAttribute("aria-label", label);
    const [files, line, dots] = this.legend.children;
    const areFiles = points.every((point) => point.replayed);
    files.textContent = areFiles ? "replayed files" : "sounds so far";
    files.hidden = !points.some((point) => point.designed);
    line.hidden = !front.length;
    dots.hidden = !seeds.length;
    this.draw();
  }

  place(position) {
    this.position = position;
    if (!this.spots.length) return;
    const k = Math.min(Math.floor(position), this.spots.length - 1);
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
    // A draft that is not measured yet stands where it is designed to be; the music that a run
    // begins with stands nowhere.
    const known = points.filter(({ designed, replayed }) => replayed ?? designed);
    this.spots = known.map(({ designed, replayed }) => this.spot(replayed ?? designed));
    const links = known.map(({ designed }, k) => {
      const [from, to] = [this.spot(designed), this.spots[k]];
      return `M${from.x} ${from.y}L${to.x} ${to.y}`;
    });
    this.here = make("circle", { class: "here", r: this.spots.length ? RADIUS.here : 0 });
    this.svg.replaceChildren(
      ...this.grid(),
      make("path", { class: "seeds", d: this.dots(seeds) }),
      make("path", { class: "links", d: links.join("") }),
      make("polyline", {
        class: "front",
        points: front.map((losses) => Object.values(this.spot(losses)).join()).join(" "),
      }),
      ...this.spots.map(({ x, y }) =>
        make("circle", { class: "file", cx: x, cy: y, r: RADIUS.file })),
      ...this.names(),
      this.here,
    );
    this.place(this.position ?? this.value.at);
  }

  spot([visual, audio]) {
    const { left, right, top, bottom } = MARGIN;
    const { width, height } = this.size;
    const [lastVisual, lastAudio] = this.ends();
    const x = left + ((width - left - right) * visual) / lastVisual;
    const y = height - bottom - ((height - bottom - top) * audio) / lastAudio;
    return { x: Number(x.toFixed(1)), y: Number(y.toFixed(1)) };
  }

  // The greatest losses on the axes.
  ends() {
    const { visual, audio } = this.value.axes;
    return [visual.ticks.at(-1), audio.ticks.at(-1)];
  }

  // A line of no length with round ends is a dot: one path for all of them.
  dots(losses) {
    return losses.map(this.spot, this).map(({ x, y }) => `M${x} ${y}h0`).join("");
  }

  grid() {
    const { visual, audio } = this.value.axes;
    const [origin, corner] = [this.spot([0, 0]), this.spot(this.ends())];
    const upright = visual.ticks.flatMap((tick, i) => {
      const { x } = this.spot([tick, 0]);
      return [
        make("path", { class: "rule", d: `M${x} ${corner.y}V${origin.y}` }),
        make("text", { class: "x", x, y: origin.y + TICKS.below }, visual.labels[i]),
      ];
    });
    const level = audio.ticks.flatMap((tick, i) => {
      const { y } = this.spot([0, tick]);
      const at = { x: origin.x - TICKS.beside, y: y + HALF_LETTER };
      return [
        make("path", { class: "rule", d: `M${origin.x} ${y}H${corner.x}` }),
        make("text", { class: "y", ...at }, audio.labels[i]),
      ];
    });
    const [x, y] = [(origin.x + corner.x) / 2, (origin.y + corner.y) / 2];
    const transform = `translate(${CAPTION.beside} ${y}) rotate(-90)`;
    return [
      ...upright,
      ...level,
      make("text", { class: "axis x", x, y: this.size.height - CAPTION.below }, visual.caption),
      make("text", { class: "axis x", transform }, audio.caption),
    ];
  }

  names() {
    if (!this.spots.length) return [];
    const [music, picture] = [this.spots[0], this.spots.at(-1)];
    const names = this.value.axes.names;
    const aboveMusic = { x: this.size.width - MARGIN.right, y: music.y - MUSIC_NAME_ABOVE };
    const besidePicture = { x: picture.x + PICTURE_NAME_BESIDE, y: picture.y + HALF_LETTER };
    const leader = `M${music.x} ${music.y - LEADER.above}v-${LEADER.length}`;
    return [
      make("path", { class: "leader", d: leader }),
      make("text", { class: "name end", ...aboveMusic }, names.music),
      make("text", { class: "name", ...besidePicture }, names.picture),
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
