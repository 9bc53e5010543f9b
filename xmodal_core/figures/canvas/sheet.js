// Pictures arrive once, under the name of their content, and wait for whatever shows them.

export default function ({ data }) {
  if (!data) return;
  const sheets = (globalThis[Symbol.for("xmodal.sheets")] ??= new Map());
  const key = new TextDecoder().decode(data.subarray(0, 16));
  if (!sheets.has(key)) {
    const entry = {};
    entry.ready = new Promise((done) => (entry.bring = done));
    entry.ready.then((image) => (entry.image = image));
    sheets.set(key, entry);
  }
  const entry = sheets.get(key);
  if (entry.isComing) return;
  entry.isComing = true;
  createImageBitmap(new Blob([data.slice(16)], { type: "image/png" })).then(entry.bring);
}
