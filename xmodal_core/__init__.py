"""XModal Lab's core: will a pretrained transformer help on data of another modality?

The road, one named value a step:

    read or EXAMPLES[name].load()      -> LabelledDataset     data
    embed(dataset, model, space)       -> Embedding           embedding
    measure(metric, source, target)    -> GapReading          gap
    METHODS[name].steps(state, ...)    -> Step, Step, ...     methods: align, curriculum, refine
    evaluate(model, dataset, split)    -> Evaluation          run
    summarise(runs), verdict(runs)     -> tables, figures     report, verdict

The core never imports Streamlit; `app.py` and `python -m xmodal_core` are two faces of the same functions.
"""

__version__ = "0.1.0"
