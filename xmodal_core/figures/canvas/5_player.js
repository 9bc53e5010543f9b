// The player: what is shown, the clock, the controls. Python calls the last function again whenever there is new data.

const TWEEN_MS = 300, WHOLE_MS = 12000, SPEEDS = [0.25, 0.5, 1, 2, 4], NARROW = 640;
const SHOWN = ["step", "ghost", "trails", "loops", "speed", "colouring", "follows"]; // what a person chose

class Player {
  constructor(root) {
    this.root = root;
    this.quiet = matchMedia("(prefers-reduced-motion: reduce)");
    this.box = el("div", { class: "player", role: "group" });
    this.planes = [];
    this.charts = new Charts(this);
    this.chosenPart = new Chosen(this);
    this.screen = el("div", { class: "screen" });
    this.warnings = el("div", { class: "warnings" });
    this.rail = this.makeRail();
    this.box.append(this.warnings, this.screen, this.rail, this.chosenPart.legend, this.chosenPart.panel);
    this.box.addEventListener("keydown", (event) => this.key(event));
    root.append(this.box);
    this.watch = new ResizeObserver(() => { if (this.box.clientWidth !== this.wide) this.lay(); });
    this.watch.observe(this.box);
  }

  destroy() {
    this.watch.disconnect();
    this.box.remove();
    cancelAnimationFrame(this.asked);
  }

  /** New data, or the same under another theme; what a person looks at stays. */
  take(bytes) {
    const header = unpack(bytes), before = this.header, given = header.view;
    this.header = header;
    if (!before) this.view = { ...given, ...store("views").get(given.name) };
    if (before && given.colouring !== before.view.colouring) this.view.colouring = given.colouring;
    if (this.view.live && !given.live) this.view.follows = false;
    this.view.live = given.live;
    while (this.planes.length < header.scenes.length) this.planes.push(new Plane(this, this.planes.length));
    this.planes.length = header.scenes.length;
    this.screen.replaceChildren(...this.planes.map((plane) => plane.element));
    this.box.setAttribute("aria-label", given.alt);
    this.pointed = null;
    if (given.choice && JSON.stringify(given.choice) !== JSON.stringify(before?.view.choice)) this.pick(given.choice);
    else if (this.chosen && !this.chosenPart.clouds.some((cloud) => cloud.uid.some((uid) => this.chosen[cloud.name]?.has(uid)))) {
      [this.chosen, this.picked] = [null, null];
    }
    this.turnTo(this.view.step === undefined || this.view.follows ? this.last : this.indexOf(this.view.step), Boolean(before));
    this.lay();
  }

  /** Without leaving what plays: at once, or gliding where it was shown before and more came. */
  turnTo(index, glides) {
    this.time = Math.min(this.time ?? index, this.last);
    if (this.playing) return;
    this.goal = index;
    if (glides) [this.from, this.since] = [this.time, performance.now()];
    else this.time = index;
  }

  indexOf(step) {
    const { steps } = this.header;
    let best = 0;
    steps.forEach((one, i) => { if (Math.abs(one - step) < Math.abs(steps[best] - step)) best = i; });
    return best;
  }

  lay() {
    const wide = (this.wide = this.box.clientWidth), { header } = this;
    if (!wide || !header) return;
    const style = getComputedStyle(this.box);
    this.ink = style.getPropertyValue("--st-text-color").trim() || "#222";
    this.paper = style.getPropertyValue("--st-background-color").trim() || "#fff";
    this.isDark = luminance(this.paper) < 0.5;
    this.box.classList.toggle("dark", this.isDark);
    const marks = header.scenes.flatMap((scene) => scene.clouds), of = (name) => marks.find((mark) => mark.name === name);
    const used = [of("target") ?? marks[0], of("source") ?? marks[0]].map((mark) => this.colour(mark));
    this.lineColours = [used[0], this.isDark ? "#B8B8B8" : "#666666", this.isDark ? "#2CC295" : "#009E73", used[1]];
    const isNarrow = wide < NARROW, hasCharts = header.scenes.some((scene) => scene.charts.length);
    const columns = isNarrow ? 1 : header.scenes.length + (hasCharts ? 0.8 : 0);
    const gap = isNarrow ? 0 : 12 * (Math.ceil(columns) - 1);
    const across = Math.floor((wide - gap) / columns), { height } = header.view;
    this.screen.classList.toggle("narrow", isNarrow);
    if (isNarrow) this.rail.after(this.charts.element); // on a phone the controls are near the figure
    else this.screen.append(this.charts.element);
    for (const plane of this.planes) plane.lay(across, isNarrow ? Math.min(height, Math.round(across * 0.8)) : height);
    this.charts.lay(isNarrow ? wide : Math.floor(across * (header.scenes.length ? 0.8 : 1)), height);
    this.layRail();
    this.chosenPart.lay();
    this.layWarnings();
    this.request();
  }

  colour(cloud) { return this.isDark ? cloud.dark : cloud.colour; }

  /** The colour of a class where classes are told by colour, else nothing. */
  classShade(cloud, code) {
    const colours = this.header.class_colours;
    return this.view.colouring === cloud.name + " class" ? colours[code % colours.length] : "";
  }

  /** For every point which of some colours it has, and whether it is chosen. */
  styles(cloud) {
    const { colouring } = this.view, { class_colours, scale, neutral } = this.header;
    const inside = this.chosen?.[cloud.name]; // a cloud of which nothing was asked stays clear
    const mask = inside ? Uint8Array.from(cloud.uid, (uid) => Number(inside.has(uid))) : null;
    if (colouring === cloud.name + " class") return { colours: class_colours, of: cloud.code.map((c) => c % class_colours.length), mask };
    const values = cloud.values[colouring];
    if (values) return { colours: ramp(scale, 32), of: values.map((v) => Math.round((v / STEPS) * 31)), mask };
    return { colours: [colouring === "side" ? this.colour(cloud) : neutral], of: new Uint8Array(cloud.n), mask };
  }

  get colourings() {
    const clouds = this.chosenPart.clouds, values = new Set(clouds.flatMap((cloud) => Object.keys(cloud.values)));
    return ["side", ...clouds.filter((c) => c.classes.length > 1).map((c) => c.name + " class"), ...values];
  }

  /** What stands above a plane; two have a letter, which their curves have, too. */
  titled(index) {
    const { scenes } = this.header;
    return (scenes.length > 1 ? LETTERS[index] + " · " : "") + scenes[index].title;
  }

  describe(scene) {
    const sizes = scene.clouds.map((cloud) => `${cloud.n} ${cloud.name}`).join(", ");
    return `${scene.title} Points in the plane: ${sizes}. Drag to choose some, click for one.`.trim();
  }

  // What is chosen: sets of uid by cloud, so that two scenes of the same rows show the same samples.

  zoom(isNear) {
    this.isNear = isNear;
    for (const plane of this.planes) plane.zoomTo(isNear);
    this.chosenPart.update();
    this.request();
  }

  choose(chosen, picked = null) {
    const isEmpty = !chosen || !Object.values(chosen).some((set) => set.size);
    this.chosen = isEmpty ? null : chosen;
    this.picked = isEmpty ? null : picked;
    if (isEmpty && this.isNear && this.wide) this.zoom(false);
    this.chosenPart.most = FEW;
    if (!this.wide) return; // all is laid out when there is room
    this.restyle();
    this.chosenPart.update();
  }

  /** Classes by cloud, one each at most: the rest of that cloud fades, other clouds stay as they are. */
  pick(classes) {
    const chosen = {};
    for (const cloud of this.chosenPart.clouds) {
      const code = cloud.classes.indexOf(classes[cloud.name]);
      if (code >= 0) chosen[cloud.name] = new Set(cloud.uid.filter((_, row) => cloud.code[row] === code));
    }
    this.choose(chosen, { classes });
  }

  restyle() {
    for (const plane of this.planes) {
      for (const cloud of plane.scene.clouds) cloud.style = this.styles(cloud);
      plane.drawStill();
    }
    this.request();
  }

  /** A point is pointed at from outside the plane. */
  mark(hit) {
    this.pointed = hit;
    this.request();
  }

  // The clock.

  get last() { return this.header.steps.length - 1; }
  get interval() { return Math.min(TWEEN_MS, Math.max(40, WHOLE_MS / (this.last + 1))) / this.view.speed; }

  request() {
    this.asked ??= requestAnimationFrame((now) => { this.asked = null; this.tick(now); });
  }

  tick(now) {
    if (!this.header || !this.wide) return;
    const passed = Math.min(100, now - (this.then ?? now));
    this.then = now;
    if (this.playing) {
      this.time += passed / this.interval;
      if (this.time >= this.last) this.end();
      this.goal = Math.round(this.time);
    } else if (this.time !== this.goal) {
      const share = this.quiet.matches ? 1 : Math.min(1, (now - this.since) / TWEEN_MS);
      this.time = share === 1 ? this.goal : this.from + (this.goal - this.from) * share * (2 - share);
    }
    for (const plane of this.planes) plane.draw();
    this.charts.draw(this.shownStep());
    this.showStep();
    if (this.playing || this.time !== this.goal) this.request();
    else this.then = undefined;
  }

  end() {
    if (this.view.loops && this.last) this.time = 0;
    else {
      this.time = this.last;
      this.setPlaying(false);
    }
  }

  shownTime() { return this.quiet.matches ? Math.round(this.time) : this.time; }

  shownStep() {
    const { steps } = this.header, time = this.shownTime(), left = Math.floor(time);
    return steps[left] + (time - left) * ((steps[left + 1] ?? steps[left]) - steps[left]);
  }

  goTo(index, follows = false) {
    this.setPlaying(false);
    this.goal = Math.max(0, Math.min(this.last, index));
    [this.from, this.since] = [this.time, performance.now()];
    this.view.follows = follows;
    this.keep();
    this.request();
  }

  goToStep(step) { this.goTo(this.indexOf(step)); }

  play() {
    if (this.playing) return this.goTo(Math.round(this.time));
    if (this.time >= this.last) this.time = 0;
    this.view.follows = false;
    this.setPlaying(true);
    this.then = undefined;
    this.request();
  }

  setPlaying(is) {
    this.playing = is;
    this.parts.play.replaceChildren(icon(is ? "pause" : "play"), is ? "Pause" : "Play");
    if (!is) this.keep();
  }

  keep() {
    this.view.step = this.header.steps[this.goal];
    store("views").set(this.view.name, Object.fromEntries(SHOWN.map((name) => [name, this.view[name]])));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.last < 1) return;
    const key = event.key.toLowerCase(), isField = ["SELECT", "INPUT"].includes(event.target.tagName);
    const moves = { j: 1, k: -1, ...(isField ? {} : { arrowright: 1, arrowleft: -1 }) };
    if (key === "p") this.play();
    else if (key in moves) this.goTo(this.goal + moves[key]);
    else if (key === "escape" && this.chosen) this.choose(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Controls.

  makeRail() {
    const button = (name, label, onclick) => el("button", { type: "button", "aria-label": label, title: label, onclick }, icon(name));
    const toggle = (name, label) => {
      const box = el("input", { type: "checkbox", onchange: () => { this.view[name] = box.checked; this.keep(); this.toggled(name); } });
      return { box, label: el("label", {}, box, label) };
    };
    const parts = (this.parts = {
      first: button("first", "First step", () => this.goTo(0)),
      back: button("back", "Step back (K)", () => this.goTo(this.goal - 1)),
      play: el("button", { type: "button", class: "play", title: "Play or pause (P)", onclick: () => this.play() }, icon("play"), "Play"),
      next: button("next", "Step (J)", () => this.goTo(this.goal + 1)),
      last: button("last", "Newest step", () => this.goTo(this.last, true)),
      slider: el("input", { type: "range", min: 0, step: 1, "aria-label": "Shown step", oninput: () => this.goTo(Number(parts.slider.value)) }),
      step: el("output", { class: "step strong" }),
      speed: el("select", { "aria-label": "Speed", onchange: () => { this.view.speed = Number(parts.speed.value); this.keep(); } },
        ...SPEEDS.map((speed) => el("option", { value: speed }, speed + "×"))),
      loops: toggle("loops", "Loop"),
      ghost: toggle("ghost", "Ghost of the first step"),
      trails: toggle("trails", "Trails of the chosen"),
      follows: toggle("follows", "Follow the newest"),
      colouring: el("select", { "aria-label": "Colour by", onchange: () => { this.view.colouring = parts.colouring.value; this.keep(); this.recolour(); } }),
    });
    parts.moves = el("span", { class: "moves" }, parts.first, parts.back, parts.play, parts.next, parts.last, parts.slider, parts.step,
      parts.speed, parts.loops.label, parts.ghost.label, parts.trails.label, parts.follows.label);
    parts.by = el("label", { class: "by" }, "Colour by ", parts.colouring);
    const save = el("button", { type: "button", class: "quiet", onclick: () => this.planes.forEach((one) => one.save()) }, "Save PNG");
    return el("div", { class: "rail" }, parts.moves, parts.by, save);
  }

  layRail() {
    const { parts, view } = this;
    parts.moves.hidden = this.last < 1;
    parts.slider.max = this.last;
    parts.speed.value = view.speed;
    for (const name of ["loops", "ghost", "trails", "follows"]) parts[name].box.checked = view[name];
    parts.follows.label.hidden = !view.live;
    const known = this.colourings;
    if (!known.includes(view.colouring)) view.colouring = "side";
    parts.colouring.replaceChildren(...known.map((name) => el("option", { value: name }, name)));
    parts.colouring.value = view.colouring;
    parts.by.hidden = known.length < 2;
    if (!parts.step.textContent) this.setPlaying(false);
  }

  layWarnings() {
    const { scenes } = this.header;
    this.warnings.replaceChildren(...scenes.flatMap(({ warned }, index) => (warned ? [el("p", {},
      `⚠ ${scenes.length > 1 ? LETTERS[index] + ": " : ""}${warned.text} `,
      el("button", { type: "button", class: "quiet", onclick: () => this.goToStep(warned.step) }, `Show step ${warned.step}`))] : [])));
  }

  toggled(name) {
    if (name === "follows" && this.view.follows) this.goTo(this.last, true);
    if (name === "ghost") this.restyle();
    this.request();
  }

  recolour() {
    this.restyle();
    this.chosenPart.lay();
  }

  showStep() {
    const { steps } = this.header, step = steps[Math.min(this.last, this.playing ? Math.floor(this.time) : this.goal)];
    const text = `step ${step} of ${steps[this.last]}${this.view.live ? " so far" : ""}`;
    if (this.parts.step.textContent === text) return;
    this.parts.step.textContent = text;
    this.parts.slider.value = this.playing ? Math.floor(this.time) : this.goal;
    this.parts.slider.setAttribute("aria-valuetext", text);
  }
}

/** Between stops of a scale, in n steps. */
function ramp(stops, n) {
  const parts = stops.map((stop) => [1, 3, 5].map((i) => parseInt(stop.slice(i, i + 2), 16)));
  return Array.from({ length: n }, (_, i) => {
    const at = (i / (n - 1)) * (parts.length - 1), left = Math.min(Math.floor(at), parts.length - 2);
    return `rgb(${parts[left].map((value, k) => Math.round(value + (at - left) * (parts[left + 1][k] - value))).join(",")})`;
  });
}

/** Of a CSS colour, from 0 to 1. */
function luminance(colour) {
  const ctx = document.createElement("canvas").getContext("2d");
  ctx.fillStyle = colour.trim() || "#fff";
  ctx.fillRect(0, 0, 1, 1);
  const [r, g, b] = ctx.getImageData(0, 0, 1, 1).data;
  return (0.3 * r + 0.59 * g + 0.11 * b) / 255;
}

const PLAYERS = new WeakMap();

export default function ({ data, parentElement }) {
  if (!PLAYERS.has(parentElement)) PLAYERS.set(parentElement, new Player(parentElement));
  const player = PLAYERS.get(parentElement), call = (player.calls = (player.calls ?? 0) + 1);
  if (data) player.take(data);
  return () => {
    if (player.calls !== call) return; // a later call has taken it over
    player.destroy();
    PLAYERS.delete(parentElement);
  };
}
