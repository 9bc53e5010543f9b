"""From bytes to `LabelledDataset`: the data set itself, readers, examples, sources and their cache."""
