// What a curriculum exchanges: source, target and mix of one sample in tiles, at any step of the run or at any k.
// Python packed it (xmodal_core/figures/curriculum.py); nothing here asks the server, and text is only ever text.

const NS = "http://www.w3.org/2000/svg", PLAY_MS = 400;
const kept = (globalThis[Symbol.for("xmodal.exchange")] ??= new Map()); // what a person looks at, by name

function make(tag, attributes = {}, ...children) {
  const made = ["svg", "polyline", "line", "circle", "text"].includes(tag)
    ? document.createElementNS(NS, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

class Exchange {
  constructor(root) {
    this.box = make("div", { class: "exchange", role: "group" });
    root.append(this.box);
    this.images = {};
  }

  take(data) {
    const isNew = this.data?.name !== data.name, wasLast = this.data && this.view.at === this.data.frames.length - 1;
    this.data = data;
    this.view = kept.get(data.name) ?? this.view ?? { at: 0, mode: "training", k: null, heat: false };
    if (isNew && !kept.has(data.name)) this.view = { at: 0, mode: "training", k: null, heat: this.view.heat };
    if (wasLast && data.live) this.view.at = data.frames.length - 1;
    this.view.at = Math.min(this.view.at, data.frames.length - 1);
    kept.set(data.name, this.view);
    this.build();
    for (const side of ["source", "target"]) {
      if (this.images[side]?.src === data[side].sheet) continue;
      const image = new Image();
      this.images[side] = image;
      image.onload = () => this.draw();
      image.src = data[side].sheet;
    }
    this.draw();
  }

  build() {
    const { data } = this, most = Math.min(data.source.n, data.target.n);
    this.parts = {};
    const pane = (name, glyph, colour) => {
      const canvas = make("canvas", { role: "img" }), note = make("small");
      this.parts[name] = { canvas, note };
      const title = make("figcaption", {}, make("span", { style: `color:${colour}` }, glyph), ` ${data[name]?.title ?? "Mix"}`);
      return make("figure", { class: name }, title, canvas, note);
    };
    const panes = make("div", { class: "panes" },
      pane("source", "●", "var(--source)"), pane("target", "◆", "var(--target)"), pane("mix", "▲", "var(--between)"));
    const radio = (mode, label, disabled) => {
      const input = make("input", { type: "radio", name: `mode-${data.name}`, disabled,
        onchange: () => { this.view.mode = mode; this.stop(); this.draw(); } });
      input.checked = this.view.mode === mode;
      return make("label", {}, input, label);
    };
    const heat = make("input", { type: "checkbox", onchange: () => { this.view.heat = heat.checked; this.draw(); } });
    heat.checked = this.view.heat;
    this.parts.play = make("button", { type: "button", onclick: () => this.toggle(), title: "Play (P)" }, "▶ Play");
    this.parts.slider = make("input", { type: "range", min: 0, step: 1, oninput: () => { this.stop(); this.move(+this.parts.slider.value); } });
    this.parts.said = make("span", { class: "said", "aria-live": "polite" });
    this.parts.badge = make("b", { class: "badge" }, "preview, no training");
    this.parts.rail = make("svg", { class: "rail", viewBox: "0 0 300 90", role: "img" });
    this.box.setAttribute("aria-label", data.alt);
    this.box.replaceChildren(panes,
      make("div", { class: "controls" }, this.parts.play, this.parts.slider, this.parts.said, this.parts.badge),
      make("div", { class: "controls" }, radio("training", "as in training", false),
        radio("preview", `preview at any k, 0 to ${most}`, !data.previews),
        make("label", {}, heat, "gate scores")),
      make("div", { class: "where" }, make("small", {}, "k, the tokens that are exchanged, over the steps"), this.parts.rail));
    this.box.onkeydown = (event) => {
      if (event.target.type === "radio" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "p" || event.key === "P") this.toggle();
      else if (event.key === "j" || event.key === "J") { this.stop(); this.move(+this.parts.slider.value - 1); }
      else if (event.key === "k" || event.key === "K") { this.stop(); this.move(+this.parts.slider.value + 1); }
      else return;
      event.preventDefault();
    };
  }

  get frame() { return this.data.frames[this.view.at]; }
  get isPreview() { return this.view.mode === "preview" && this.data.previews; }
  get most() { return Math.min(this.data.source.n, this.data.target.n); }

  /** The tokens that change places: as the run had it, or the first k of the gate's order. */
  get pairs() {
    const { frame } = this;
    if (!this.isPreview) return [frame.chosen, frame.replaced];
    const first = (order) => order.slice(0, this.view.k ?? frame.k), ascending = (a, b) => a - b;
    const [one, other] = [first(frame.source_order), first(frame.target_order)];
    return frame.raster ? [one.sort(ascending), other.sort(ascending)] : [one, other.reverse()];
  }

  move(to) {
    if (this.isPreview) this.view.k = Math.max(0, Math.min(this.most, to));
    else this.view.at = Math.max(0, Math.min(this.data.frames.length - 1, to));
    this.draw();
  }

  toggle() {
    if (this.timer) return this.stop();
    const end = this.isPreview ? this.most : this.data.frames.length - 1, now = this.isPreview ? this.view.k ?? this.frame.k : this.view.at;
    if (now >= end) this.move(0);
    this.parts.play.textContent = "⏸ Pause";
    this.timer = setInterval(() => {
      const at = this.isPreview ? this.view.k ?? this.frame.k : this.view.at;
      if (at >= end) this.stop();
      else this.move(at + 1);
    }, Math.min(PLAY_MS, 12000 / Math.max(1, end)));
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    if (this.parts) this.parts.play.textContent = "▶ Play";
  }

  draw() {
    const { data, frame, parts } = this, [chosen, replaced] = this.pairs, k = chosen.length;
    this.paint("source", data.source, frame.source_scores, chosen, "--source", null, `${k} of ${data.source.n} tokens taken`);
    this.paint("target", data.target, frame.target_scores, replaced, "--between", null, `${k} of ${data.target.n} tokens replaced`);
    const ends = k === 0 ? ": the target itself" : k === data.target.n ? ": every token is the source's" : "";
    this.paint("mix", data.target, null, replaced, "--between", chosen, `target with ${k} source tokens${ends}`);
    const { slider } = parts;
    slider.max = this.isPreview ? this.most : data.frames.length - 1;
    slider.value = this.isPreview ? this.view.k ?? frame.k : this.view.at;
    const said = this.isPreview
      ? `k = ${k} of ${data.target.n}, by the gate of step ${frame.step}`
      : `step ${frame.step} of ${data.total}, k = ${k} of ${data.target.n}`;
    parts.said.textContent = said;
    slider.setAttribute("aria-label", this.isPreview ? "k, exchanged tokens" : "step");
    slider.setAttribute("aria-valuetext", said);
    parts.badge.hidden = !this.isPreview;
    this.drawRail(k);
  }

  paint(name, own, scores, marked, colour, chosen, words) {
    const { canvas, note } = this.parts[name], { width, height, columns, n } = own, { source, target } = this.data;
    const lines = Math.ceil(n / columns), ctx = canvas.getContext("2d");
    canvas.width = columns * width;
    canvas.height = lines * height;
    ctx.imageSmoothingEnabled = !own.crisp;
    canvas.style.imageRendering = own.crisp ? "pixelated" : "auto";
    const image = this.images[name === "source" ? "source" : "target"], at = (token) => [(token % columns) * width, Math.floor(token / columns) * height];
    if (!image?.complete || !image.naturalWidth) return;
    ctx.drawImage(image, 0, 0);
    if (chosen && this.images.source?.naturalWidth) {
      marked.forEach((place, r) => {
        const one = chosen[r], x = (one % source.columns) * source.width, y = Math.floor(one / source.columns) * source.height;
        // a tile keeps its shape: a word in the place of a feature is not stretched
        const scale = Math.min(target.width / source.width, target.height / source.height), [left, top] = at(place);
        const [w, h] = [source.width * scale, source.height * scale];
        ctx.fillStyle = "#fff";
        ctx.fillRect(left, top, target.width, target.height);
        ctx.drawImage(this.images.source, x, y, source.width, source.height,
          left + (target.width - w) / 2, top + (target.height - h) / 2, w, h);
      });
    }
    if (scores && this.view.heat) {
      const low = this.data.low, span = this.data.high - low || 1;
      scores.forEach((score, token) => {
        ctx.fillStyle = this.data.ramp[Math.max(0, Math.min(this.data.ramp.length - 1, Math.round(((score - low) / span) * (this.data.ramp.length - 1))))];
        ctx.globalAlpha = 0.65;
        ctx.fillRect(...at(token), width, height);
        ctx.globalAlpha = 1;
      });
    }
    const ink = getComputedStyle(this.box).getPropertyValue(colour).trim(), edge = Math.max(1, Math.round(canvas.width / 130));
    for (const token of marked) {
      const [x, y] = at(token);
      if (width < 14 * edge) { // a band where an outline would leave nothing to see
        ctx.fillStyle = ink;
        ctx.globalAlpha = 0.16;
        ctx.fillRect(x, y, width, height);
        ctx.globalAlpha = 1;
        ctx.fillRect(x, y + height - 2 * edge, width, 2 * edge);
        continue;
      }
      ctx.lineWidth = edge;
      ctx.strokeStyle = ink;
      ctx.strokeRect(x + edge / 2, y + edge / 2, width - edge, height - edge);
    }
    canvas.setAttribute("aria-label", `${own.title}: ${words}`);
    canvas.setAttribute("data-drawn", marked.length);
    note.textContent = words;
  }

  drawRail(k) {
    const { rail } = this.parts, { schedule, total, target } = this.data;
    const x = (step) => 26 + (266 * (step - 1)) / Math.max(1, total - 1), y = (value) => 76 - (66 * value) / target.n;
    const label = (text, px, py, anchor) => make("text", { x: px, y: py, "text-anchor": anchor }, text);
    rail.replaceChildren(
      make("line", { x1: 26, x2: 292, y1: 76, y2: 76, class: "axis" }), make("line", { x1: 26, x2: 26, y1: 10, y2: 76, class: "axis" }),
      label(String(target.n), 22, 14, "end"), label("0", 22, 79, "end"), label("step 1", 26, 88, "start"), label(String(total), 292, 88, "end"),
      make("polyline", { points: schedule.map(([step, value]) => `${x(step)},${y(value)}`).join(" "), class: "schedule" }),
      make("line", { x1: 26, x2: 292, y1: y(k), y2: y(k), class: "level" }),
      make("circle", { cx: x(this.frame.step), cy: y(k), r: 5, class: this.isPreview ? "here hollow" : "here" }));
    rail.setAttribute("aria-label", `k over the steps; you are here: step ${this.frame.step}, k ${k}`);
  }

  destroy() {
    this.stop();
    this.box.remove();
  }
}

const SHOWN = new WeakMap();

export default function ({ data, parentElement }) {
  if (!SHOWN.has(parentElement)) SHOWN.set(parentElement, new Exchange(parentElement));
  const one = SHOWN.get(parentElement), call = (one.calls = (one.calls ?? 0) + 1), text = JSON.stringify(data);
  if (data && one.text !== text) one.take(data);
  one.text = text;
  return () => {
    if (one.calls !== call) return; // a later call has taken it over
    one.destroy();
    SHOWN.delete(parentElement);
  };
}
