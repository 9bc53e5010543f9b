"""The curriculum in a browser: which pixels the mix has, and that nothing of it asks the server."""

import numpy as np
import pytest

from tests.browser.driving import asked_by_a_person, settle
from tests.pages.runs import written_run

pytestmark = pytest.mark.browser
PIXELS = """(one) => {
  const all = one.getContext("2d").getImageData(0, 0, one.width, one.height).data;
  return [one.width, one.height, Array.from(all)];
}"""


def canvas(page, which):
    """The pixels (h, w, 3) of one pane."""
    width, height, values = page.locator(f".exchange .{which} canvas").evaluate(PIXELS)
    return np.array(values, np.uint8).reshape(height, width, 4)[..., :3]


def tile(image, token, columns=4):
    """The inside of a tile, without the outline that marks it."""
    side = image.shape[1] // columns
    row, column = divmod(token, columns)
    return image[row * side + 6 : (row + 1) * side - 6, column * side + 6 : (column + 1) * side - 6]


def test_the_mix_has_the_sources_pixels_where_it_was_replaced_and_k_0_is_the_target(server, page):
    run = written_run(server.home, "pare", done=2)
    messages = asked_by_a_person(page)  # this run waits, so that its page looks again every 15 s
    page.goto(f"{server.url}/curriculum?run={run.path.name}&target=digits")
    page.locator(".mix canvas[data-drawn]").wait_for()
    settle(page)
    frame = run.read_frame(1)
    page.get_by_role("slider", name="step", exact=True).fill("0")
    source, target, mix = (canvas(page, which) for which in ("source", "target", "mix"))
    replaced = frame["target_replaced"][0].tolist()
    for chosen, place in zip(frame["source_chosen"][0].tolist(), replaced, strict=True):
        assert np.array_equal(tile(mix, place), tile(source, chosen))
    for place in set(range(16)) - set(replaced):
        assert np.array_equal(tile(mix, place), tile(target, place))
    messages.clear()
    page.get_by_label("preview at any k").check()
    page.get_by_text("preview, no training").wait_for()
    page.get_by_role("slider", name="k, exchanged tokens").fill("0")
    assert np.array_equal(canvas(page, "mix"), canvas(page, "target"))
    page.get_by_role("slider", name="k, exchanged tokens").fill("16")
    assert np.array_equal(canvas(page, "mix")[8:20, 8:20], tile(canvas(page, "source"), 0)[2:14, 2:14])
    assert not messages
