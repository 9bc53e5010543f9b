"""Everything that is an nn.Module: embedder -> body -> predictor."""
