// Small charts over the steps, all under one cursor that is also a way to move it.

const LETTERS = "AB"; // of two scenes
const WIDE = 100; // a range of values that only a logarithmic axis can show
const LEFT = 46, RIGHT = 8, TOP = 5, BOTTOM = 4, DASHES = ["", "6 4", "2 3", "8 3 2 3"];
const short = (value) => (Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(3)));

class Charts {
  constructor(player) {
    this.player = player;
    this.element = el("div", { class: "charts" });
  }

  /** Charts of equal title are one; where two scenes stand side by side, colour is the line and dash the scene. */
  get merged() {
    const { scenes } = this.player.header, merged = new Map(), two = scenes.length > 1;
    scenes.forEach((scene, index) => {
      for (const chart of scene.charts) {
        if (!merged.has(chart.title)) merged.set(chart.title, { ...chart, lines: [] });
        chart.lines.forEach((line, place) => merged.get(chart.title).lines.push({
          ...line, shade: place, dash: two ? index : place, label: two ? `${LETTERS[index]}: ${line.label}` : line.label,
        }));
      }
    });
    return [...merged.values()].filter((chart) => chart.lines.some((line) => line.steps.length));
  }

  lay(width, height) {
    const charts = this.merged, { steps } = this.player.header;
    this.width = width;
    this.element.style.width = width + "px";
    const ends = this.player.header.scenes.map((scene) => scene.until);
    this.last = Math.max(1, steps[steps.length - 1], ...ends, ...charts.flatMap((c) => c.lines.flatMap((line) => line.steps)));
    const head = this.player.header.scenes.length > 1 ? 44 : 24;
    const tall = Math.max(44, Math.floor((height - 18) / Math.max(1, charts.length)) - head);
    this.drawn = charts.map((chart) => this.chart(chart, width, tall));
    const axis = el("div", { class: "axis faint" }, el("span", {}, "0"), el("span", {}, "step"), el("span", {}, String(this.last)));
    axis.style.paddingLeft = LEFT + "px";
    this.element.replaceChildren(...this.drawn.map((one) => one.element), ...(charts.length ? [axis] : []));
    this.element.hidden = !charts.length;
  }

  x(step) { return LEFT + (step / this.last) * (this.width - LEFT - RIGHT); }

  chart(chart, width, height) {
    const values = chart.lines.flatMap((line) => line.values).filter((value) => value !== null);
    let [low, high] = chart.limits ?? [Math.min(...values), Math.max(...values)];
    const room = 0.05 * (high - low || Math.abs(high) || 1);
    if (!chart.limits) [low, high] = [low - (low === high ? room : 0), high + (low === high ? room : 0)];
    const isLog = low > 0 && high / low > WIDE, scaled = isLog ? Math.log : (value) => value;
    const y = (value) => TOP + (1 - (scaled(value) - scaled(low)) / (scaled(high) - scaled(low))) * (height - TOP - BOTTOM);
    const colours = this.player.lineColours;
    const lines = chart.lines.map((line) => {
      const points = line.steps.map((step, i) => [step, line.values[i]]).filter(([, value]) => value !== null);
      const stroke = colours[line.shade % colours.length], dash = DASHES[line.dash % DASHES.length];
      return { line, points, stroke, dash, now: el("span", { class: "strong" }) };
    });
    const sample = ({ stroke, dash }) => el("svg", { width: 22, height: 8, "aria-hidden": "true" },
      el("line", { x1: 0, x2: 22, y1: 4, y2: 4, stroke, "stroke-width": 2, "stroke-dasharray": dash }));
    const head = el("div", { class: "chart-head" }, el("span", { class: "strong" }, chart.title + (isLog ? " (logarithmic)" : "")),
      ...lines.map((one) => el("span", { class: "key" }, sample(one), chart.lines.length > 1 ? one.line.label : "", " ", one.now)));
    const cursor = el("line", { class: "cursor", y1: 0, y2: height });
    const told = lines.map(({ line, points }) => points.length
      ? `${line.label} from ${short(points[0][1])} to ${short(points[points.length - 1][1])}` : `${line.label}: no value`);
    const picture = el("svg", { width, height, role: "img", "aria-label": `${chart.title}. ${told.join("; ")}.` },
      el("line", { class: "frame", x1: LEFT, x2: width - RIGHT, y1: height - BOTTOM, y2: height - BOTTOM }),
      el("text", { x: LEFT - 5, y: TOP + 8, "text-anchor": "end" }, short(high)),
      el("text", { x: LEFT - 5, y: height - BOTTOM, "text-anchor": "end" }, short(low)),
      ...this.player.header.scenes.filter((scene) => scene.warned).map(({ warned }) =>
        el("line", { class: "warning-line", x1: this.x(warned.step), x2: this.x(warned.step), y1: 0, y2: height })),
      ...lines.map(({ points, stroke, dash }) => (points.length === 1
        ? el("circle", { cx: this.x(points[0][0]), cy: y(points[0][1]), r: 3, fill: stroke })
        : el("polyline", {
          points: points.map(([step, value]) => `${this.x(step)},${y(value)}`).join(" "),
          fill: "none", stroke, "stroke-width": 2, "stroke-dasharray": dash,
        }))),
      cursor);
    const move = (event) => {
      const box = picture.getBoundingClientRect();
      this.player.goToStep(((event.clientX - box.left - LEFT) / (width - LEFT - RIGHT)) * this.last);
    };
    picture.addEventListener("pointerdown", (event) => { picture.setPointerCapture(event.pointerId); move(event); });
    picture.addEventListener("pointermove", (event) => { if (event.buttons) move(event); });
    return { element: el("div", { class: "chart" }, head, picture), cursor, lines };
  }

  /** The cursor at a step, which may lie between two, and each curve's value at or before it. */
  draw(step) {
    for (const { cursor, lines } of this.drawn) {
      cursor.setAttribute("x1", this.x(step));
      cursor.setAttribute("x2", this.x(step));
      for (const { points, now } of lines) {
        let text = "";
        for (const [at, value] of points) if (at <= step + 1e-9) text = short(value);
        if (now.textContent !== text) now.textContent = text;
      }
    }
  }
}
