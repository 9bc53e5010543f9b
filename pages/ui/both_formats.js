// Plotly offers one format beside a figure, which its settings name: this adds the other one, by the same way.

const SEEN = Symbol.for("xmodal.both-formats");

function offer(figure) {
  const camera = figure.querySelector('.modebar-btn[data-title="Download plot as a PNG"]');
  if (!camera || camera.nextElementSibling?.dataset.format === "svg" || !figure._context) return;
  const other = camera.cloneNode(false);
  const named = document.createElement("span");
  named.textContent = "SVG";
  named.style.cssText = "font-size: 10px; font-weight: 600; opacity: 0.75";
  other.append(named);
  other.dataset.format = "svg";
  other.dataset.title = "Download plot as an SVG";
  other.setAttribute("aria-label", other.dataset.title);
  other.addEventListener("click", () => {
    const { toImageButtonOptions: options } = figure._context, before = options.format;
    options.format = "svg";
    try {
      camera.click();
    } finally {
      options.format = before;
    }
  });
  camera.after(other);
}

export default function () {
  if (globalThis[SEEN]) return;
  globalThis[SEEN] = true;
  const look = (event) => {
    const figure = event.target.closest?.(".js-plotly-plot");
    if (figure) offer(figure);
  };
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, look);
}
