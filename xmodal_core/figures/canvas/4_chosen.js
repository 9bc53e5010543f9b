// The legend, where classes are chosen, and what is chosen: how many a side, and their pictures.

const FEW = 48, MANY = 480; // pictures shown of a side at first, and at most

/** The names of what is chosen, a line each, for a table or a script elsewhere. */
function copy(parts) {
  const lines = parts.flatMap(({ cloud, rows }) => rows.map((row) => `${cloud.name}\t${cloud.uid[row]}`));
  navigator.clipboard?.writeText(lines.join("\n"));
}

class Chosen {
  constructor(player) {
    this.player = player;
    this.legend = el("div", { class: "legend" });
    this.count = el("div", { class: "count", "aria-live": "polite" });
    this.pictures = el("div", { class: "pictures" });
    this.panel = el("div", { class: "chosen", hidden: true }, this.count, this.pictures);
    this.most = FEW;
  }

  /** The clouds by name, those of two scenes once. */
  get clouds() {
    const found = new Map();
    for (const scene of this.player.header.scenes) for (const c of scene.clouds) if (!found.has(c.name)) found.set(c.name, c);
    return [...found.values()];
  }

  lay() {
    const { player } = this;
    this.legend.replaceChildren(...this.clouds.map((cloud) => {
      const counts = new Array(cloud.classes.length).fill(0);
      for (const code of cloud.code) counts[code] += 1;
      const mark = el("span", { class: "glyph" }, cloud.glyph);
      mark.style.color = player.colour(cloud);
      const side = this.chip({ name: cloud.name }, [mark, ` ${cloud.name} `], cloud.n, () => cloud.uid);
      const classes = cloud.classes.length < 2 ? [] : cloud.classes.map((name, code) => {
        const dot = el("span", { class: "swatch" });
        dot.style.background = player.classShade(cloud, code);
        dot.hidden = !dot.style.background;
        const picture = cloud.class_sheet ? [thumb(cloud.class_sheet, code, 22, { "aria-hidden": "true" })] : [];
        const members = () => cloud.uid.filter((_, row) => cloud.code[row] === code);
        return this.chip({ name: cloud.name, code }, [dot, ...picture, el("span", { class: "name" }, name)], counts[code], members);
      });
      return el("div", { class: "legend-row" }, side, ...classes);
    }));
    this.ramp();
    this.update();
  }

  /** The scale of a colouring by numbers. */
  ramp() {
    const { view, header } = this.player;
    if (!this.clouds.some((cloud) => view.colouring in cloud.values)) return;
    const bar = el("span", { class: "ramp" });
    bar.style.background = `linear-gradient(to right, ${header.scale.join(",")})`;
    this.legend.append(el("div", { class: "legend-row faint" }, `${view.colouring} 0 `, bar, " 1"));
  }

  chip({ name, code }, content, n, members) {
    const { player } = this, count = el("span", { class: "faint" }, String(n));
    const button = el("button", { type: "button", class: "chip", "aria-pressed": "false" }, ...content, count);
    button.about = { name, code, n, members, count };
    button.addEventListener("click", () => {
      const isOn = button.getAttribute("aria-pressed") === "true";
      if (code === undefined) {
        const sets = this.clouds.map((cloud) => [cloud.name, new Set(cloud.name === name ? cloud.uid : [])]);
        player.choose(isOn ? null : Object.fromEntries(sets), { side: name });
      } else {
        const classes = { ...player.picked?.classes };
        if (isOn) delete classes[name];
        else classes[name] = this.clouds.find((cloud) => cloud.name === name).classes[code];
        player.pick(classes);
      }
    });
    return button;
  }

  update() {
    const { player } = this, { chosen, picked } = player;
    for (const button of this.legend.querySelectorAll(".chip")) {
      const { name, code, n, members, count } = button.about;
      const own = this.clouds.find((cloud) => cloud.name === name).classes[code];
      const isOn = code === undefined ? picked?.side === name : picked?.classes?.[name] === own;
      button.setAttribute("aria-pressed", String(isOn));
      count.textContent = chosen && !picked ? `${members().filter((uid) => chosen[name]?.has(uid)).length}/${n}` : String(n);
    }
    this.panel.hidden = !chosen;
    if (!chosen) return this.pictures.replaceChildren();
    const parts = this.clouds.filter((cloud) => chosen[cloud.name]).map((cloud) => ({ cloud, rows: this.rows(cloud, chosen) }));
    const told = parts.map(({ cloud, rows }) => `${cloud.glyph} ${rows.length} of ${cloud.n} ${cloud.name}`).join("   ");
    const more = parts.some(({ rows }) => rows.length > this.most && this.most < MANY);
    this.count.replaceChildren(
      el("span", { class: "strong" }, `Chosen: ${told}`),
      el("button", { type: "button", class: "quiet", onclick: () => player.choose(null) }, "Clear"),
      el("button", { type: "button", class: "quiet", onclick: () => copy(parts) }, "Copy names"),
      el("button", { type: "button", class: "quiet", onclick: () => player.zoom(!player.isNear) }, player.isNear ? "Whole picture" : "Zoom to them"),
      ...(more ? [el("button", { type: "button", class: "quiet", onclick: () => { this.most = MANY; this.update(); } }, "More pictures")] : []),
    );
    this.pictures.replaceChildren(...parts.flatMap(({ cloud, rows }) => this.thumbs(cloud, rows)));
  }

  rows(cloud, chosen) {
    const found = [];
    const set = chosen[cloud.name];
    if (set) for (let row = 0; row < cloud.n; row++) if (set.has(cloud.uid[row])) found.push(row);
    return found;
  }

  thumbs(cloud, rows) {
    const shown = rows.slice(0, this.most);
    const made = shown.map((row) => {
      const told = `${cloud.name}, ${cloud.classes[cloud.code[row]]}, ${cloud.uid[row]}`;
      const about = { title: told, "aria-label": told, role: "img", "data-uid": cloud.uid[row], "data-cloud": cloud.name, class: "thumb" };
      const one = cloud.sheet ? thumb(cloud.sheet, row, 40, about) : el("span", { ...about, class: "thumb word" }, cloud.uid[row]);
      one.style.borderColor = this.player.colour(cloud);
      one.addEventListener("pointerenter", () => this.player.mark({ cloud, row, name: cloud.name, uid: cloud.uid[row] }));
      one.addEventListener("pointerleave", () => this.player.mark(null));
      return one;
    });
    const left = rows.length - shown.length;
    return left ? [...made, el("span", { class: "faint" }, `${cloud.glyph} and ${left} more`)] : made;
  }
}
