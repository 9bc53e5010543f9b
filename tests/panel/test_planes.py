import numpy as np

from tests.gap.test_class_plane import three_classes
from xmodal_core.panel.planes import class_plane_points, fixed_plane
from xmodal_core.panel.points import CLASS_PLANE, CloudPoints, Points


def cloud(side) -> CloudPoints:
    names = [side.class_names[k] for k in side.labels]
    return CloudPoints([[0.0, 0.0]] * len(side), names, side.uid.tolist(), [0.5] * len(side))


def test_the_class_plane_draws_every_source_row_and_the_held_out_target_rows_under_their_names():
    source, target = three_classes(0.0, seed=1), three_classes(30.0)
    points = class_plane_points((source, target), Points(cloud(source), cloud(target), (0.5, 0.5), "x"), 0)
    assert (points.horizontal, points.explained) == (CLASS_PLANE, None)
    assert points.source.uid == source.uid.tolist()
    assert len(points.target.xy) == len(points.target.uid) == len(points.target.mixing) == 60
    labels = dict(zip(target.uid.tolist(), [target.class_names[k] for k in target.labels], strict=True))
    assert [labels[uid] for uid in points.target.uid] == points.target.labels


def test_the_fixed_plane_keeps_its_place_when_rows_move():
    sides = three_classes(0.0, seed=1), three_classes(30.0)
    plane = fixed_plane(sides)
    shift = plane.apply(sides[1].features + 1.0) - plane.apply(sides[1].features)
    assert np.ptp(shift, axis=0).max() < 1e-4
