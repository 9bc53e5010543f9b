// What Python packed (xmodal_core/figures/playback.py), read in the browser, and the pictures that came on their own.
// The files of this folder are joined in order into one module; nothing here asks the server for anything.

const STEPS = 65535; // of a quantised number
const store = (name) => (globalThis[Symbol.for("xmodal." + name)] ??= new Map());

/** The sheet of this key: at once, or when its own element has brought it. */
function sheetOf(key) {
  const sheets = store("sheets");
  if (!sheets.has(key)) {
    const entry = {};
    entry.ready = new Promise((done) => (entry.bring = done));
    entry.ready.then((image) => (entry.image = image));
    sheets.set(key, entry);
  }
  return sheets.get(key);
}

function unpack(bytes) {
  const own = bytes.slice(); // a copy begins at a place that two-byte numbers may begin at
  const length = new DataView(own.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(own.subarray(4, 4 + length)));
  const numbers = new Uint16Array(own.buffer, 4 + length);
  for (const scene of header.scenes) {
    for (const cloud of scene.clouds) {
      cloud.xy = numbers.subarray(cloud.points, cloud.points + 2 * cloud.n * cloud.frames);
      cloud.code = numbers.subarray(cloud.labels, cloud.labels + cloud.n);
      for (const name in cloud.values) {
        cloud.values[name] = numbers.subarray(cloud.values[name], cloud.values[name] + cloud.n);
      }
      cloud.row = new Map(cloud.uid.map((uid, row) => [uid, row]));
    }
    if (scene.links) {
      const { n, pairs, weights } = scene.links;
      scene.links.pairs = numbers.subarray(pairs, pairs + 2 * n);
      scene.links.weights = numbers.subarray(weights, weights + n);
    }
  }
  header.steps = [...new Set(header.scenes.flatMap((scene) => scene.steps))].sort((a, b) => a - b);
  if (!header.steps.length) header.steps = [0];
  for (const scene of header.scenes) {
    // by place on the common axis: the scene's last frame up to that step
    scene.frameAt = header.steps.map((step) => Math.max(0, scene.steps.filter((own) => own <= step).length - 1));
  }
  return header;
}

/** An element with attributes, listeners (`onclick`) and children; text is only ever text. */
function el(tag, attributes = {}, ...children) {
  const made = ["svg", "path", "line", "text", "polyline", "circle"].includes(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z",
  back: "M11 3v10L4 8z",
  play: "M4 2l10 6-10 6z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M5 3l7 5-7 5z",
  last: "M11 3h2v10h-2zM3 3l7 5-7 5z",
  loop: "M3 8a5 5 0 0 1 8.5-3.5L10 6h4V2l-1.4 1.4A7 7 0 0 0 1 8zM13 8a5 5 0 0 1-8.5 3.5L6 10H2v4l1.4-1.4A7 7 0 0 0 15 8z",
};

function icon(name) {
  return el("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, el("path", { d: ICONS[name] }));
}

/** One picture of a sheet, drawn into a canvas of its own; blank until the sheet is there. */
function thumb(sheet, row, size, attributes = {}) {
  const canvas = el("canvas", { width: sheet.side, height: sheet.side, ...attributes });
  canvas.style.width = canvas.style.height = size + "px";
  if (size > sheet.side) canvas.style.imageRendering = "pixelated";
  const entry = sheetOf(sheet.key);
  const draw = () => {
    const x = (row % sheet.columns) * sheet.side, y = Math.floor(row / sheet.columns) * sheet.side;
    canvas.getContext("2d").drawImage(entry.image, x, y, sheet.side, sheet.side, 0, 0, sheet.side, sheet.side);
    canvas.setAttribute("data-drawn", "");
  };
  if (entry.image) draw();
  else entry.ready.then(draw);
  return canvas;
}
