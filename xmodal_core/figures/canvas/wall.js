// Samples of a data set in strips, a strip a class. Every picture is a button that asks for a large view.
// Python packed them (xmodal_core/figures/wall.py): one sheet for all pictures; text is only ever text.

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function face(item, place, data) {
  if (item.text !== undefined) return make("span", { class: "text" }, item.text || "(empty)");
  const { columns, width, height } = data, face = make("span", { class: "face" });
  face.style.width = width + "px";
  face.style.height = height + "px";
  face.style.backgroundImage = `url("${data.sheet}")`;
  face.style.backgroundPosition = `${-(place % columns) * width}px ${-Math.floor(place / columns) * height}px`;
  return face;
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return;
  const key = JSON.stringify(data);
  if (parentElement.shown === key) return;
  parentElement.shown = key;
  let place = 0;
  const strips = data.strips.map((strip) => {
    const items = strip.items.map((item) => {
      const about = `${item.words || "a sample"}, ${item.uid}`;
      const button = make("button", { type: "button", title: about, "aria-label": `${data.what} ${about}: enlarge` },
        face(item, place, data));
      button.dataset.row = item.row;
      button.addEventListener("click", () => setTriggerValue("picked", item.row));
      place += 1;
      return button;
    });
    const row = make("div", { class: "items" }, ...items);
    if (!strip.name) return make("div", { class: "strip" }, row);
    const name = make("div", { class: "name" }, make("b", {}, strip.name), make("small", {}, strip.n.toLocaleString("en")));
    return make("div", { class: "strip" }, name, row);
  });
  const legend = data.letters.map(([letter, colour]) => {
    const patch = make("i", { "aria-hidden": "true" });
    patch.style.background = colour;
    return make("span", {}, patch, letter);
  });
  const box = make("div", { class: "wall", role: "group", "aria-label": data.alt }, ...strips);
  if (legend.length) box.append(make("div", { class: "legend" }, ...legend));
  parentElement.querySelector(".wall")?.remove();
  parentElement.append(box);
}
