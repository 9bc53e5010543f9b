"""What a finished run says of every row, to take away."""

from functools import partial

import streamlit as st

from xmodal_core.runs.predictions import text_of
from xmodal_core.runs.rundir import RunDir


def downloads(run: RunDir, key: str) -> None:
    """Buttons for the predictions of a finished run; nothing for a run that has none.

    The files are made when they are asked for, for a page is drawn many times.
    """
    if not run.predictions.is_file():
        return
    name = f"predictions-{run.path.name}"
    left, right = st.columns(2)
    left.download_button(
        "Predictions as CSV",
        partial(_as_text, run),
        f"{name}.csv",
        "text/csv",
        key=f"{key}-csv",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
    right.download_button(
        "As Parquet",
        run.predictions.read_bytes,
        f"{name}.parquet",
        "application/vnd.apache.parquet",
        key=f"{key}-parquet",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )


def _as_text(run: RunDir) -> str:
    return text_of(run.read_predictions() or {})
