"""Files of a zip or of a folder -> `LabelledDataset`: pictures, sounds or arrays, labelled by folders or by a list.

`tree` lists the files, `kinds` says what they are, `pairs`, `lists` and `levels` find labels and splits, `listed` and
`layout` bring these together; `pictures`, `sounds` and `stacks` turn files into samples. `reader` is the road.
"""
