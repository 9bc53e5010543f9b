// One plane with its clouds: places, stamps, ghost, trails, links, what lies under the pointer, and the lasso.

const PAD = 16, CLEAR = 0.78, FADED = 0.13, NEAR = 10, MOST_TRAILS = 40, MOST_LINKS = 400;

function shape(ctx, symbol, x, y, r) {
  ctx.beginPath();
  if (symbol === "diamond") {
    const d = r * 1.25;
    ctx.moveTo(x, y - d); ctx.lineTo(x + d, y); ctx.lineTo(x, y + d); ctx.lineTo(x - d, y);
  } else if (symbol === "triangle-up") {
    const d = r * 1.2;
    ctx.moveTo(x, y - d); ctx.lineTo(x + d, y + d * 0.8); ctx.lineTo(x - d, y + d * 0.8);
  } else ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.closePath();
}

class Plane {
  constructor(player, index) {
    this.player = player;
    this.index = index;
    this.canvas = el("canvas", { tabindex: 0, role: "img" });
    this.tip = el("div", { class: "tip", hidden: true });
    this.caption = el("figcaption");
    this.axes = el("div", { class: "axes faint" });
    const ground = el("div", { class: "ground" }, this.canvas, this.axes, this.tip);
    this.element = el("figure", { class: "plane" }, this.caption, ground);
    this.still = document.createElement("canvas");
    this.canvas.drawn = 0; // frames drawn so far, for whoever measures
    this.listen();
  }

  get scene() { return this.player.header.scenes[this.index]; }

  /** Places and colours are worked out again: other data, size, theme, colouring or choice. */
  lay(width, height) {
    const { scene, player } = this, ratio = devicePixelRatio || 1;
    if (width) [this.width, this.height] = [width, height];
    this.ratio = ratio;
    for (const canvas of [this.canvas, this.still]) {
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
    }
    this.canvas.style.width = this.width + "px";
    this.canvas.style.height = this.height + "px";
    const [left, down, right, up] = this.zoom ?? [0, 0, STEPS, STEPS]; // what is shown of the box, as in the numbers
    const unit = [0, 1].map((axis) => (scene.high[axis] - scene.low[axis]) / STEPS);
    let x = (this.width - 2 * PAD) / ((right - left) * unit[0]), y = (this.height - 2 * PAD) / ((up - down) * unit[1]);
    if (scene.same_scale) x = y = Math.min(x, y);
    const kx = x * unit[0], ky = -y * unit[1];
    this.at = { kx, ky, x0: this.width / 2 - (kx * (left + right)) / 2, y0: this.height / 2 - (ky * (down + up)) / 2 };
    const most = Math.max(...scene.clouds.map((cloud) => cloud.n));
    this.radius = most > 1500 ? 2.4 : most > 500 ? 3.2 : 4.2;
    this.stamps = new Map();
    for (const cloud of scene.clouds) {
      cloud.place = new Float32Array(2 * cloud.n);
      cloud.style = player.styles(cloud);
    }
    this.canvas.setAttribute("aria-label", player.describe(scene));
    this.caption.textContent = player.titled(this.index);
    this.caption.hidden = !scene.title;
    const named = scene.axes.map((axis, i) => axis && `${"→↑"[i]} ${axis}`).filter(Boolean);
    this.axes.textContent = named.join("   ");
    this.drawStill();
  }

  /** Show what is chosen as large as it fits, or everything again. */
  zoomTo(isNear) {
    this.zoom = null;
    const found = [Infinity, Infinity, -Infinity, -Infinity], { x0, kx, y0, ky } = this.at;
    for (const cloud of isNear ? this.scene.clouds : []) {
      for (let i = 0; i < cloud.n; i++) {
        if (!cloud.style.mask?.[i]) continue;
        const x = (cloud.place[2 * i] - x0) / kx, y = (cloud.place[2 * i + 1] - y0) / ky;
        found.forEach((end, k) => { found[k] = (k < 2 ? Math.min : Math.max)(end, k % 2 ? y : x); });
      }
    }
    if (found[0] <= found[2]) this.zoom = found.map((end, k) => end + (k < 2 ? -1 : 1) * STEPS * 0.01);
    this.lay();
  }

  /** What is seen now, as a file. */
  save() {
    const copy = document.createElement("canvas"), ctx = copy.getContext("2d");
    [copy.width, copy.height] = [this.canvas.width, this.canvas.height];
    ctx.fillStyle = this.player.paper;
    ctx.fillRect(0, 0, copy.width, copy.height);
    ctx.drawImage(this.canvas, 0, 0);
    copy.toBlob((blob) => {
      const link = el("a", { href: URL.createObjectURL(blob), download: `${this.player.view.name}-${"AB"[this.index]}.png` });
      link.click();
      URL.revokeObjectURL(link.href);
    });
  }

  /** Fills `place` (n, 2) of a cloud, in pixels, between the two frames around a time. */
  locate(cloud, time) {
    const { x0, kx, y0, ky } = this.at, { xy, place, n } = cloud, map = this.scene.frameAt;
    const left = Math.floor(time), share = time - left;
    const a = cloud.frames === 1 ? 0 : map[left] * 2 * n;
    const b = cloud.frames === 1 ? 0 : map[Math.min(left + 1, map.length - 1)] * 2 * n;
    for (let i = 0; i < 2 * n; i += 2) {
      place[i] = x0 + kx * (xy[a + i] + share * (xy[b + i] - xy[a + i]));
      place[i + 1] = y0 + ky * (xy[a + i + 1] + share * (xy[b + i + 1] - xy[a + i + 1]));
    }
    return place;
  }

  stamp(symbol, colour, alpha) {
    const key = symbol + colour + alpha;
    if (!this.stamps.has(key)) {
      const half = Math.ceil(this.radius * 1.4 * this.ratio) + 1, made = document.createElement("canvas");
      made.width = made.height = 2 * half;
      const ctx = made.getContext("2d");
      shape(ctx, symbol, half, half, this.radius * this.ratio);
      ctx.globalAlpha = alpha;
      if (colour.startsWith("outline ")) {
        ctx.strokeStyle = colour.slice(8);
        ctx.lineWidth = this.ratio;
        ctx.stroke();
      } else {
        ctx.fillStyle = colour;
        ctx.fill();
      }
      this.stamps.set(key, made);
    }
    return this.stamps.get(key);
  }

  dots(ctx, cloud, place) {
    const { colours, of, mask } = cloud.style, ratio = this.ratio;
    for (const chosen of mask ? [0, 1] : [1]) { // what is chosen lies on top
      const stamps = colours.map((colour) => this.stamp(cloud.symbol, colour, chosen ? CLEAR : FADED));
      const half = stamps[0].width / 2;
      for (let i = 0; i < cloud.n; i++) {
        if (mask && mask[i] !== chosen) continue;
        ctx.drawImage(stamps[of[i]], Math.round(place[2 * i] * ratio - half), Math.round(place[2 * i + 1] * ratio - half));
      }
    }
  }

  /** What stays where it is: clouds of a single frame, and the outlines of the first frame. */
  drawStill() {
    const ctx = this.still.getContext("2d");
    ctx.clearRect(0, 0, this.still.width, this.still.height);
    for (const cloud of this.scene.clouds.filter((one) => one.frames === 1)) this.dots(ctx, cloud, this.locate(cloud, 0));
    if (!this.player.view.ghost) return;
    for (const cloud of this.scene.clouds.filter((one) => one.frames > 1)) {
      const place = this.locate(cloud, 0), stamp = this.stamp(cloud.symbol, "outline " + this.player.colour(cloud), 0.45);
      for (let i = 0; i < cloud.n; i++) {
        ctx.drawImage(stamp, Math.round(place[2 * i] * this.ratio - stamp.width / 2),
          Math.round(place[2 * i + 1] * this.ratio - stamp.width / 2));
      }
    }
  }

  draw() {
    const ctx = this.canvas.getContext("2d"), { player, scene, ratio } = this, time = player.shownTime();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    ctx.drawImage(this.still, 0, 0);
    const moving = scene.clouds.filter((cloud) => cloud.frames > 1);
    for (const cloud of moving) this.locate(cloud, time);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawLinks(ctx);
    if (player.view.trails) for (const cloud of moving) this.drawTrails(ctx, cloud, time);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    for (const cloud of moving) this.dots(ctx, cloud, cloud.place);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawPointed(ctx);
    this.drawLasso(ctx);
    this.canvas.drawn += 1;
  }

  drawTrails(ctx, cloud, time) {
    const { mask } = cloud.style, { x0, kx, y0, ky } = this.at, { n, xy, place } = cloud;
    if (!mask) return;
    ctx.strokeStyle = this.player.colour(cloud);
    ctx.globalAlpha = 0.6;
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (let i = 0, drawn = 0; i < n && drawn < MOST_TRAILS; i++) {
      if (!mask[i]) continue;
      drawn += 1;
      for (let step = 0; step <= time; step++) {
        const at = 2 * (this.scene.frameAt[step] * n + i), x = x0 + kx * xy[at], y = y0 + ky * xy[at + 1];
        step ? ctx.lineTo(x, y) : ctx.moveTo(x, y);
      }
      ctx.lineTo(place[2 * i], place[2 * i + 1]);
    }
    ctx.stroke();
    ctx.globalAlpha = 1;
  }

  /** Lines of a coupling: of the point under the pointer, else of what is chosen, else all; the strongest where many. */
  drawLinks(ctx) {
    const { links, clouds } = this.scene, { pointed, chosen } = this.player;
    if (!links || clouds.length < 2) return;
    const isShown = clouds.slice(0, 2).map((cloud) => {
      if (!pointed) return cloud.style.mask;
      const mask = new Uint8Array(cloud.n);
      if (cloud.name === pointed.name && cloud.row.has(pointed.uid)) mask[cloud.row.get(pointed.uid)] = 1;
      return mask;
    });
    const wanted = [];
    for (let i = 0; i < links.n; i++) {
      const ends = isShown[0]?.[links.pairs[2 * i]] || isShown[1]?.[links.pairs[2 * i + 1]];
      if (ends || !(pointed || chosen)) wanted.push(i);
    }
    wanted.sort((a, b) => links.weights[b] - links.weights[a]);
    ctx.strokeStyle = this.player.ink;
    ctx.lineWidth = 1;
    for (const i of wanted.slice(0, MOST_LINKS)) {
      const a = 2 * links.pairs[2 * i], b = 2 * links.pairs[2 * i + 1];
      ctx.globalAlpha = 0.1 + (0.5 * links.weights[i]) / STEPS;
      ctx.beginPath();
      ctx.moveTo(clouds[0].place[a], clouds[0].place[a + 1]);
      ctx.lineTo(clouds[1].place[b], clouds[1].place[b + 1]);
      ctx.stroke();
    }
    ctx.globalAlpha = 1;
  }

  drawPointed(ctx) {
    const { pointed } = this.player;
    if (!pointed) return;
    for (const cloud of this.scene.clouds) {
      const row = cloud.name === pointed.name ? cloud.row.get(pointed.uid) : undefined;
      if (row === undefined) continue;
      ctx.strokeStyle = this.player.ink;
      ctx.lineWidth = 2;
      shape(ctx, cloud.symbol, cloud.place[2 * row], cloud.place[2 * row + 1], this.radius + 3);
      ctx.stroke();
    }
  }

  drawLasso(ctx) {
    if (!this.loop || this.loop.length < 4) return;
    ctx.strokeStyle = this.player.ink;
    ctx.lineWidth = 1.5;
    ctx.setLineDash([5, 4]);
    ctx.beginPath();
    for (let i = 0; i < this.loop.length; i += 2) ctx.lineTo(this.loop[i], this.loop[i + 1]);
    ctx.closePath();
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /** The nearest point within reach, the topmost cloud first; null where there is none. */
  nearest(x, y) {
    let best = NEAR * NEAR, found = null;
    for (const cloud of [...this.scene.clouds].reverse()) {
      for (let i = 0; i < cloud.n; i++) {
        const dx = cloud.place[2 * i] - x, dy = cloud.place[2 * i + 1] - y, d = dx * dx + dy * dy;
        if (d < best) [best, found] = [d, { cloud, row: i, name: cloud.name, uid: cloud.uid[i] }];
      }
    }
    return found;
  }

  /** Every point inside the lasso (even-odd), as sets of uid by cloud. */
  enclosed() {
    const loop = this.loop, found = {};
    for (const cloud of this.scene.clouds) {
      const inside = (found[cloud.name] ??= new Set());
      for (let i = 0; i < cloud.n; i++) {
        const x = cloud.place[2 * i], y = cloud.place[2 * i + 1];
        let is = false;
        for (let a = 0, b = loop.length - 2; a < loop.length; b = a, a += 2) {
          const crosses = loop[a + 1] > y !== loop[b + 1] > y;
          if (crosses && x < ((loop[b] - loop[a]) * (y - loop[a + 1])) / (loop[b + 1] - loop[a + 1]) + loop[a]) is = !is;
        }
        if (is) inside.add(cloud.uid[i]);
      }
    }
    return found;
  }

  listen() {
    const { canvas, player } = this;
    const where = (event) => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      canvas.setPointerCapture(event.pointerId);
      this.loop = where(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      const [x, y] = where(event);
      if (this.loop) {
        const [lastX, lastY] = this.loop.slice(-2);
        if (Math.hypot(x - lastX, y - lastY) > 3) this.loop.push(x, y);
        player.request();
      } else this.point(this.nearest(x, y), x, y);
    });
    const release = () => {
      const loop = this.loop;
      if (!loop) return;
      const extent = Math.max(...[0, 1].map((axis) => {
        const along = loop.filter((_, i) => i % 2 === axis);
        return Math.max(...along) - Math.min(...along);
      }));
      if (extent > 6) player.choose(this.enclosed());
      else {
        const hit = this.nearest(loop[0], loop[1]);
        player.choose(hit && { [hit.name]: new Set([hit.uid]) });
      }
      this.loop = null;
      player.request();
    };
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", () => { this.loop = null; player.request(); });
    canvas.addEventListener("pointerleave", () => this.point(null));
  }

  /** Show what is known of a point beside it. */
  point(hit, x = 0, y = 0) {
    const { player, tip } = this;
    if (hit?.uid === player.pointed?.uid && hit?.name === player.pointed?.name) return;
    player.pointed = hit;
    tip.hidden = !hit;
    if (hit) {
      const { cloud, row } = hit, values = Object.entries(cloud.values);
      tip.replaceChildren(
        ...(cloud.sheet ? [thumb(cloud.sheet, row, 96)] : []),
        el("div", {}, `${cloud.glyph} ${cloud.name}`),
        el("div", { class: "strong" }, cloud.classes[cloud.code[row]]),
        el("div", { class: "faint" }, cloud.uid[row]),
        ...values.map(([name, of]) => el("div", {}, `${name} ${(of[row] / STEPS).toFixed(2)}`)),
      );
      tip.style.left = (x > this.width / 2 ? x - 14 - tip.offsetWidth : x + 14) + "px";
      tip.style.top = Math.max(0, Math.min(y - 40, this.height - tip.offsetHeight)) + "px";
    }
    player.request();
  }
}
