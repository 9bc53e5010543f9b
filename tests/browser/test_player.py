"""The player in a browser: it plays, steps, scrubs and lets choose by itself, and every picture is that of its uid."""

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.driving import settle
from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.data.store import save_dataset
from xmodal_core.figures.pictures import pictures
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.state import RunState

pytestmark = pytest.mark.browser
STEPS = 60
LEFT, RIGHT = (0.0, 0.0), (10.0, 5.0)  # where two heaps of points are


READ = """canvases => canvases.map((canvas) => ({ ...canvas.dataset, side: canvas.width,
    rgb: [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]
      .filter((_, i) => i % 4 < 3) }))
"""
# The pointer goes over the plane pixel by pixel; what its box says and shows is read at each sample.
SWEEP = """canvas => {
  const box = canvas.getBoundingClientRect(), tip = canvas.parentElement.querySelector(".tip"), found = new Map();
  for (let y = 0; y < box.height; y += 2) for (let x = 0; x < box.width; x += 2) {
    canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: box.left + x, clientY: box.top + y }));
    if (tip.hidden) continue;
    const told = [...tip.querySelectorAll("div")].map((line) => line.textContent);
    const picture = tip.querySelector("canvas");
    const { data } = picture.getContext("2d").getImageData(0, 0, picture.width, picture.height);
    found.set(told.join(), { told, side: picture.width, rgb: [...data].filter((_, i) => i % 4 < 3) });
  }
  return [...found.values()];
}"""


# From the end of the lasso to the frame in which its pictures are painted; they are drawn before that event is over.
UNTIL_PAINTED = """canvas => canvas.addEventListener("pointerup", () => {
  const began = performance.now();
  requestAnimationFrame(() => requestAnimationFrame(() => { globalThis.took = performance.now() - began; }));
}, { capture: true, once: true })"""


def image_of(read: dict) -> np.ndarray:
    """What READ or SWEEP read of a canvas, (side, side, 3) uint8."""
    return np.array(read["rgb"], np.uint8).reshape(read["side"], read["side"], 3)


def numbered(name: str, n: int) -> LabelledDataset:
    """Images (n, 1, 4, 4) of which each is its row number in black and white, so that no two are alike."""
    rows = np.arange(n)
    bits = (rows[:, None] >> np.arange(16)) & 1
    return make_dataset(name, Modality.IMAGE, bits.reshape(n, 1, 4, 4).astype(np.float32), rows % 4, list("abcd"))


def heaps(n: int, seed: int, is_left: np.ndarray) -> np.ndarray:
    """Points (n, 2) around the left or the right heap."""
    rng = np.random.default_rng(seed)
    return np.where(is_left[:, None], LEFT, RIGHT) + rng.uniform(-0.5, 0.5, size=(n, 2))


class Written:
    """A run on numbered images, with frames in which every point of both clouds moves a little."""

    def __init__(self, home: Path, name: str, n: int, steps: int, total: int = STEPS) -> None:
        self.n, self.total = n, total
        self.sides = {"source": numbered("numbers", n), "target": numbered("more numbers", n + 1)}
        folder = home / "workspaces" / "default"
        paths = [save_dataset(data, folder / "uploads") for data in self.sides.values()]
        spec = {
            "method": "orca",
            "target": str(paths[1]),
            "source": str(paths[0]),
            "body": "fractal-vit",
            "seed": 0,
            "settings": {},
            "budget": {"align_steps": total, "refine_steps": 1},
            "schema": 3,
        }
        self.run = RunDir.create_at(folder / "runs" / name, json.dumps(spec))
        self.is_left = np.arange(n) % 3 == 0  # of either side
        for step in range(1, steps + 1):
            self.take(step)

    def take(self, step: int) -> None:
        """One step more, as a worker writes it."""
        order = np.arange(self.n)[::-1]  # rows of the target are not in the order of its data set
        frame = {}
        for seed, side in enumerate(("source", "target")):
            frame[f"{side}_points"] = (heaps(self.n, seed, self.is_left) + 0.02 * step).astype(np.float32)
            frame[f"{side}_rows"] = order if side == "target" else np.arange(self.n)
            frame[f"{side}_labels"] = frame[f"{side}_rows"] % 4
        self.run.write_frame(step, frame)
        metrics = {
            "objective": 1 / step,
            "heldout_otdd": 90.0 / step,
            "heldout_knn_index": 0.9,
            "heldout_knn_accuracy": 0.9 if step < self.total - 2 else 0.5,
            "heldout_n": float(self.n),
        }
        self.run.append_step(
            {"done": step, "stage": "align", "index": step, "total": self.total}
            | {"metrics": metrics, "seconds": 0.1, "frame": True}
        )
        self.run.write_state(RunState("paused", "cpu: 1 thread", self.total + 1, step))

    @property
    def address(self) -> str:
        return f"align?target=upload-{self.sides['target'].content_hash}&run={self.run.path.name}"


def open_player(page, server, written):
    page.goto(f"{server.url}/{written.address}")
    canvas = page.locator(".plane canvas").first
    canvas.wait_for()
    settle(page)
    page.wait_for_function("canvas => canvas.drawn > 0", arg=canvas.element_handle())
    return canvas


def messages(page):
    """Lengths of what goes over the tab's sockets from now on; to be called before the page is opened."""
    seen: list[int] = []

    def listen(socket):
        socket.on("framesent", lambda data: seen.append(len(data)))
        socket.on("framereceived", lambda data: seen.append(len(data)))

    page.on("websocket", listen)
    return seen


def pixels(canvas) -> str:
    return canvas.evaluate("canvas => canvas.toDataURL()")


def drag(page, canvas, corners) -> None:
    """A lasso through corners in shares of the canvas; the button is still down."""
    box = canvas.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)


def test_it_plays_steps_and_scrubs_with_the_curves_and_without_the_server(server, page, picture):
    from playwright.sync_api import expect

    seen = messages(page)
    canvas = open_player(page, server, Written(server.home, "flow7", 20, STEPS))
    step, cursor = page.locator("output.step"), page.locator(".cursor").first
    expect(step).to_have_text(f"step {STEPS} of {STEPS}")
    expect(page.get_by_text(f"From step {STEPS - 2} on the objective is lower than at first")).to_be_visible()
    picture("player-1-open")
    before = len(seen)

    def looks():
        return step.text_content(), float(cursor.get_attribute("x1")), pixels(canvas)

    states = [looks()]
    canvas.focus()
    page.keyboard.press("k")
    expect(step).to_have_text(f"step {STEPS - 1} of {STEPS}")
    page.wait_for_timeout(500)  # the glide is over
    states.append(looks())
    page.get_by_label("Shown step").fill("9")
    expect(step).to_have_text(f"step 10 of {STEPS}")
    page.wait_for_timeout(500)
    states.append(looks())
    chart = page.locator(".chart svg[role=img]").nth(1)
    box = chart.bounding_box()
    chart.click(position={"x": 46 + (box["width"] - 54) * 30 / STEPS, "y": box["height"] / 2})
    expect(step).to_have_text(f"step 30 of {STEPS}")
    page.wait_for_timeout(500)
    states.append(looks())
    page.get_by_label("Ghost of the first step").uncheck()
    page.wait_for_timeout(200)
    assert pixels(canvas) != states[-1][2]
    page.get_by_role("button", name=f"Show step {STEPS - 2}").click()
    expect(step).to_have_text(f"step {STEPS - 2} of {STEPS}")
    page.get_by_label("Speed").select_option("4")
    page.get_by_role("button", name="First step").click()
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(step).to_have_text(re.compile(rf"step [23]\d of {STEPS}"))
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    for one, other in itertools.pairwise(states):
        assert all(a != b for a, b in zip(one, other, strict=True))
    assert [x for _, x, _ in states] == [*sorted((x for _, x, _ in states[:3]), reverse=True), states[3][1]]
    assert states[2][1] < states[3][1] < states[1][1]
    assert len(seen) == before, seen[before:]


def test_a_lasso_tells_how_many_and_shows_the_pictures_of_those_very_rows(server, page, picture):
    from playwright.sync_api import expect

    written = Written(server.home, "flow8", 30, 3, total=3)
    seen = messages(page)
    canvas = open_player(page, server, written)
    before = len(seen)
    drag(page, canvas, [(0.02, 0.02), (0.5, 0.02), (0.5, 0.98), (0.02, 0.98)])
    page.mouse.up()
    expect(page.get_by_text("● 10 of 30 source")).to_be_visible()
    expect(page.locator(".count")).to_contain_text("◆ 10 of 30 target")
    thumbs = page.locator("canvas.thumb[data-drawn]")
    expect(thumbs).to_have_count(20)
    picture("player-2-lasso")
    shown = thumbs.evaluate_all(READ)
    for name, data in written.sides.items():
        mine = [one for one in shown if one["cloud"] == name]
        inside = np.flatnonzero(written.is_left)
        rows = inside if name == "source" else written.n - 1 - inside
        assert [one["uid"] for one in mine] == data.uid[rows].tolist()
        expected = pictures(data, rows, mine[0]["side"])
        for one, image in zip(mine, expected, strict=True):
            assert np.array_equal(image_of(one), image), one["uid"]

    whole = pixels(canvas)
    page.get_by_role("button", name="Zoom to them").click()
    page.get_by_role("button", name="Whole picture").wait_for()
    page.wait_for_timeout(200)
    assert pixels(canvas) != whole
    page.get_by_role("button", name="Whole picture").click()
    page.wait_for_timeout(200)
    assert pixels(canvas) == whole
    with page.expect_download() as download:
        page.get_by_role("button", name="Save PNG").click()
    size = canvas.evaluate("canvas => [canvas.width, canvas.height]")
    with Image.open(download.value.path()) as saved:
        assert list(saved.size) == size

    page.get_by_role("button", name="Clear").click()
    expect(thumbs).to_have_count(0)
    page.locator(".legend-row").nth(1).locator(".chip").nth(2).click()  # the target's second class
    n = int((np.arange(written.n) % 4 == 1).sum())
    expect(page.locator(".count")).to_contain_text(f"◆ {n} of 30 target")
    labels = [thumb.get_attribute("aria-label") for thumb in page.locator("canvas.thumb").all()]
    assert labels
    assert all(label.startswith("target, b, ") for label in labels)
    assert len(seen) == before, seen[before:]


def test_every_sample_under_the_pointer_is_shown_by_its_own_picture(server, page):
    written = Written(server.home, "hover", 8, 3, total=3)
    canvas = open_player(page, server, written)
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 1, box["y"] + 1)
    shown = canvas.evaluate(SWEEP)
    told = {(one["told"][0], one["told"][2]): one for one in shown}
    assert len(told) >= 12  # of 16; some are covered by others
    for (side, uid), one in told.items():
        data = written.sides[side.split()[1]]
        (row,) = np.flatnonzero(data.uid == uid)
        assert one["told"][1] == data.class_names[data.targets[row]]
        assert np.array_equal(image_of(one), pictures(data, np.array([row]), one["side"])[0]), uid


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_an_open_player(server, page, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    open_player(page, server, Written(server.home, f"axe-{scheme}", 20, STEPS))
    page.locator(".chip").first.click()  # the panel of what is chosen is there, too
    found = [one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
    assert not found, [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]


def test_who_wants_no_motion_gets_the_next_frame_at_once(server, page):
    from playwright.sync_api import expect

    written = Written(server.home, "still", 20, 3, total=3)
    drawn = []
    for motion in ("no-preference", "reduce"):
        page.emulate_media(reduced_motion=motion)
        canvas = open_player(page, server, written)
        page.wait_for_timeout(500)
        canvas.focus()
        before = canvas.evaluate("canvas => canvas.drawn")
        page.keyboard.press("ArrowLeft")
        expect(page.locator("output.step")).to_have_text("step 2 of 3")
        page.wait_for_timeout(500)
        drawn.append(canvas.evaluate("canvas => canvas.drawn") - before)
    assert drawn[0] > 3  # a glide
    assert 1 <= drawn[1] <= 2


def test_more_steps_leave_the_shown_one_where_it_is(server, page):
    from playwright.sync_api import expect

    written = Written(server.home, "grows", 20, 3, total=9)
    open_player(page, server, written)
    step = page.locator("output.step")
    page.get_by_role("button", name="Step back (K)").click()
    expect(step).to_have_text("step 2 of 3")
    written.take(4)
    page.get_by_text("Start another run").click()  # anything that runs the page again
    expect(step).to_have_text("step 2 of 4")
    page.get_by_role("button", name="Newest step").click()
    expect(step).to_have_text("step 4 of 4")


def test_sixty_frames_of_two_thousand_points_play_smoothly(server, page, measured):
    seen = messages(page)
    canvas = open_player(page, server, Written(server.home, "many", 1000, STEPS))
    before = len(seen)
    page.get_by_role("button", name="First step").click()
    page.wait_for_timeout(500)
    drawn, began = canvas.evaluate("canvas => [canvas.drawn, performance.now()]")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(5000)
    now, ended = canvas.evaluate("canvas => [canvas.drawn, performance.now()]")
    rate = 1000 * (now - drawn) / (ended - began)
    measured(f"playback of {STEPS} frames x 2,000 points: {rate:.0f} frames a second, {len(seen) - before} messages")
    assert rate >= 20
    assert len(seen) == before


def test_a_lasso_of_five_thousand_points_is_quick(server, page, measured):
    written = Written(server.home, "crowd", 2500, 2, total=2)
    canvas = open_player(page, server, written)
    drag(page, canvas, [(0.005, 0.005), (0.995, 0.005), (0.995, 0.995), (0.005, 0.995)])
    canvas.evaluate(UNTIL_PAINTED)
    page.mouse.up()
    page.locator("canvas.thumb[data-drawn]").nth(60).wait_for()
    took = page.wait_for_function("globalThis.took").json_value() / 1000
    measured(f"lasso of 5,000 points to pictures: {took:.2f} s")
    assert "● 2500 of 2500 source" in page.locator(".count").text_content()
    assert took <= 1
