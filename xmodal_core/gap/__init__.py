"""Gap metrics: one file each, pure functions over embeddings; `METRICS` names them."""
