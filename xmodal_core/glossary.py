"""Words on screen for a person who meets them first: one plain sentence, then what is meant exactly.

The glossary in docs/architecture.md is for developers and says how the code uses a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A word of the glossary.

    Attributes:
        key: its name in the code and in the address of a link.
        word: as it stands on screen.
        plain: one sentence that a first-year student understands.
        exact: what is meant, to the letter.
        see: keys of entries that belong to it.
        also: other words that a search finds it by.
    """

    key: str
    word: str
    plain: str
    exact: str
    see: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


_DATA = (
    Entry(
        "modality",
        "Modality",
        "The kind of thing a sample is: a picture, a sound, a series over time, a table row, a text.",
        "One of image, series, sequence, text, tabular and field; it decides how a sample is cut into tokens.",
        ("source", "target", "token"),
        ("kind of data",),
    ),
    Entry(
        "sample",
        "Sample",
        "One thing with its answer: a picture and its digit, a wave and its motion.",
        "A row of the data set: an input of the modality and what is asked of it; n counts samples.",
        ("class", "n"),
        ("row",),
    ),
    Entry(
        "class",
        "Class, label",
        "A label is the right answer that comes with a sample; all samples with the same label are a class.",
        "An integer per sample, or per cell in segmentation. Targets that are numbers or fields get clusters in the "
        "place of classes where a method needs classes.",
        ("shuffled", "class_matrix"),
        ("label", "answer"),
    ),
    Entry(
        "source",
        "Source (●)",
        "Data like those that the network already knows.",
        "Labelled samples that stand for what the body was pretrained on; drawn as blue circles.",
        ("target", "body", "gap"),
        ("known data",),
    ),
    Entry(
        "target",
        "Target (◆)",
        "Your data: what the network shall learn to answer now.",
        "The data set with the user's task and its split into train, validation and test; drawn as orange diamonds.",
        ("source", "gap", "test_rows"),
        ("your data",),
    ),
    Entry(
        "fractal",
        "Fractals",
        "Pictures drawn by a short rule, over and over; one network here has learnt to tell such pictures apart.",
        "Iterated function systems as in Kataoka et al., ACCV 2020: a class is a rule, a sample is drawn with chance.",
        ("source", "body"),
    ),
    Entry(
        "spectrogram",
        "Spectrogram",
        "A picture of a sound: time from left to right, pitch from low to high, loudness as brightness.",
        "Magnitude of a short-time Fourier transform, here often on the mel scale and in decibels.",
        ("modality",),
        ("mel", "sound"),
    ),
    Entry(
        "split",
        "Train, validation, test",
        "Samples are dealt into three piles: to learn from, to choose by, and to be asked about once at the end.",
        "Usually 60, 20 and 20 %, classes in proportion, rows of one group never in two splits.",
        ("test_rows", "validation"),
        ("splits", "train"),
    ),
    Entry(
        "variant",
        "Broken on purpose",
        "The same data with one thing spoilt, so that you see which numbers notice.",
        "Another data set: its name, @ and what was done to it, such as digits@shuffled; drawn with a fixed seed.",
        ("shuffled", "n"),
        ("break it", "preset"),
    ),
)

_NETWORK = (
    Entry(
        "body",
        "Pretrained network",
        "A network that has already learnt from much other data and is to be used again.",
        "The transformer blocks between embedder and predictor, with the weights they were pretrained to.",
        ("embedder", "predictor", "pretrained", "source"),
        ("body", "transformer", "model"),
    ),
    Entry(
        "pretrained",
        "Pretrained",
        "Trained before, on something else.",
        "The weights come from a checkpoint; random ones, or random ones of the same statistics, are the controls.",
        ("scratch", "knowledge"),
    ),
    Entry(
        "token",
        "Token",
        "A transformer reads a sample in pieces; a piece is a token.",
        "A vector a patch of an image, a word piece, a part of a series or a feature of a table row.",
        ("embedder", "body"),
        ("patch",),
    ),
    Entry(
        "embedder",
        "Embedder",
        "The entrance of the network: it turns a sample of your kind into tokens that the network can read.",
        "A trainable map from samples to tokens of the body's width, with positions; aligning trains it alone.",
        ("token", "align", "body"),
    ),
    Entry(
        "predictor",
        "Predictor",
        "The exit of the network: it turns what the network made of a sample into an answer.",
        "A linear map from the features that leave the body to class logits or numbers.",
        ("body", "class"),
        ("head",),
    ),
    Entry(
        "space",
        "Where it is measured",
        "The same samples can be compared as they came, as they enter the network, or as they leave it.",
        "raw: the inputs; embedder: mean of the tokens that enter; body: mean, or the last, of those that leave.",
        ("embedder", "body", "cloud"),
        ("raw", "features"),
    ),
)

_GAP = (
    Entry(
        "gap",
        "Gap",
        "How unlike your data look to the network, compared with what it knows.",
        "A distance, or another reading, between source and target in one space, with its floor, ceiling, interval "
        "and n.",
        ("otdd", "floor", "ceiling", "interval", "space"),
        ("modality gap", "distance"),
    ),
    Entry(
        "cloud",
        "Cloud",
        "Every sample is a point; points of samples that look alike to the network lie close together.",
        "Features of one side in one space; a plane shows two directions of hundreds, distances are measured in all.",
        ("projection", "space", "gap"),
        ("points", "scatter"),
    ),
    Entry(
        "projection",
        "Projection",
        "A shadow of the clouds on a flat screen; a shadow can hide a gap, or seem to show one.",
        "Linear: principal directions of both sides together. UMAP: keeps neighbours, distances between groups mean "
        "nothing. Class plane: the directions that tell the classes apart.",
        ("cloud",),
        ("UMAP", "PCA", "plane"),
    ),
    Entry(
        "otdd",
        "OTDD",
        "The work of moving one pile of samples onto the other, where a sample also pays for changing its class.",
        "Optimal transport dataset distance (Alvarez-Melis and Fusi 2020): optimal transport with the squared "
        "distance of features plus the squared 2-Wasserstein distance of the classes as cost.",
        ("coupling", "class_matrix", "floor", "shuffled"),
        ("optimal transport", "earth mover"),
    ),
    Entry(
        "knn",
        "kNN index",
        "How many of the nearest neighbours are of a sample's own side: all means apart, half means mixed.",
        "Share of the k nearest neighbours that are of a sample's own side, in both clouds together.",
        ("gap", "target_knn"),
        ("mixing", "neighbours"),
    ),
    Entry(
        "target_knn",
        "Target kNN accuracy",
        "How often a guess by the nearest neighbours names the right class.",
        "Leave-one-out accuracy of k nearest neighbours among the target's features; it needs no training.",
        ("probe", "chance"),
    ),
    Entry(
        "mmd",
        "MMD",
        "A number that is zero only where the two clouds are the same, found by comparing how close samples are.",
        "Maximum mean discrepancy with a Gaussian kernel, whose width is the median distance of source samples.",
        ("gap", "floor"),
    ),
    Entry(
        "floor",
        "Floor",
        "What the measure says where there is no gap at all: never quite zero, for samples differ by chance.",
        "The reading between two draws of the same data, at the same n.",
        ("ceiling", "gap", "n"),
        ("baseline", "no gap"),
    ),
    Entry(
        "ceiling",
        "Ceiling",
        "What the measure says where your data enter through a door that has learnt nothing.",
        "The reading at a randomly initialised embedder.",
        ("floor", "embedder"),
    ),
    Entry(
        "shuffled",
        "Shuffled labels",
        "The right answers dealt out at random, like mixed-up name tags: nothing can be learnt from them.",
        "Targets permuted among rows with a seed; a reading under shuffled labels is what is left without classes.",
        ("class", "chance", "variant"),
        ("permuted labels", "null"),
    ),
    Entry(
        "interval",
        "Interval",
        "Other samples of the same origin would give another number; most likely one in this range.",
        "A 95 % confidence interval over other rows of the same origin; how it is made is told beside each reading.",
        ("n", "seed"),
        ("confidence", "uncertainty", "95 %"),
    ),
    Entry(
        "n",
        "n",
        "How many samples a number rests on: few samples, little certainty.",
        "Rows a side in a gap reading; test rows, or seeds, in a score. It stands beside every number.",
        ("interval", "sample"),
        ("rows", "sample size"),
    ),
    Entry(
        "class_matrix",
        "Class to class",
        "A table of which of your classes lies near which of the known classes.",
        "Squared 2-Wasserstein distances of the feature distributions of every source class and every target class.",
        ("otdd", "coupling"),
        ("matrix", "label distance"),
    ),
    Entry(
        "coupling",
        "Coupling",
        "A plan of the move: which sample goes where, and how much of it.",
        "The optimal transport plan behind OTDD, a joint distribution whose margins are the two sides.",
        ("otdd",),
        ("transport plan", "lines"),
    ),
    Entry(
        "permutation",
        "p-value",
        "How often mixing up the two sides at random gives a number as large: rarely means that the gap is real.",
        "Share of permutations of the side labels whose reading is at least the one measured, (1 + hits) / (1 + N).",
        ("interval", "floor"),
        ("p", "significance"),
    ),
)

_TRAINING = (
    Entry(
        "align",
        "Align",
        "Teach the entrance until your data look to the network like data that it knows.",
        "Train the embedder to lower an objective between both sides, before anything is learnt about the task.",
        ("objective", "embedder", "collapse", "gap"),
        ("alignment", "ORCA"),
    ),
    Entry(
        "objective",
        "Objective",
        "The number that training pushes down.",
        "A differentiable loss, such as a form of OTDD or MMD on a batch; never shown as the gap, which is measured "
        "on rows held out.",
        ("align", "gap"),
        ("loss",),
    ),
    Entry(
        "collapse",
        "Collapse",
        "The gap shrinks because all samples are squeezed together: close to the source, but no longer told apart.",
        "The objective falls while the classes of the target are told apart worse on held-out rows.",
        ("align", "target_knn"),
    ),
    Entry(
        "step",
        "Step, frame",
        "Training is many small corrections; a step is one, a frame is the picture after it.",
        "One optimizer update on one batch; frames are kept along the way and played back.",
        ("budget",),
        ("frame", "iteration"),
    ),
    Entry(
        "curriculum",
        "Curriculum",
        "Learning on mixtures: first mostly known pieces, then more and more of your own.",
        "Refinement on spliced samples in which k target tokens are replaced by source tokens while k falls to 0.",
        ("k", "gate", "token"),
        ("PaRe", "bridge", "mix"),
    ),
    Entry(
        "k",
        "k, share",
        "How many pieces of a sample come from the source.",
        "Number and share of target tokens that are replaced by source tokens.",
        ("curriculum",),
        ("lambda",),
    ),
    Entry(
        "gate",
        "Gate",
        "What chooses the pieces that stay and those that are replaced.",
        "A learned score a token; the chance line is the score of a gate that has learnt nothing.",
        ("curriculum", "k", "chance"),
    ),
    Entry(
        "refine",
        "Refine",
        "Train on your data and their labels, now with the whole network.",
        "Supervised training on the target's training rows; which weights move depends on the method.",
        ("finetune", "frozen", "budget"),
        ("fine-tune", "training"),
    ),
    Entry(
        "finetune",
        "Fine-tuning",
        "Go on training all of a pretrained network on new data, without aligning first.",
        "The baseline that every way of crossing has to beat.",
        ("refine", "scratch", "arm"),
    ),
    Entry(
        "scratch",
        "From scratch",
        "The same network without its knowledge: it begins with random weights.",
        "Random initialisation, the same data, steps and settings as the pretrained arm.",
        ("pretrained", "knowledge"),
        ("random weights",),
    ),
    Entry(
        "frozen",
        "Frozen",
        "The pretrained part is left as it is; only entrance and exit learn.",
        "No gradient reaches the weights of the body.",
        ("refine", "probe"),
    ),
    Entry(
        "probe",
        "Linear probe",
        "The simplest reader on top of a network: if it answers well, the network had the answer ready.",
        "A linear classifier trained on frozen features.",
        ("frozen", "target_knn"),
    ),
    Entry(
        "budget",
        "Budget",
        "How much training a method may use; equal budgets make a fair race.",
        "Steps of each stage; two arms are compared where they read equally many labelled samples.",
        ("step", "arm"),
        ("level",),
    ),
    Entry(
        "rate",
        "Learning rate",
        "How large each correction is: too small learns slowly, too large forgets or breaks.",
        "The factor on the gradient in a step; arms are tuned over the same rates on validation rows.",
        ("step", "validation"),
    ),
    Entry(
        "run",
        "Run",
        "One training from start to end, kept with everything needed to repeat it.",
        "One method on one target, source and body with a seed and a budget; a directory of files.",
        ("seed", "budget", "worker"),
    ),
    Entry(
        "seed",
        "Seed",
        "A number that decides all throws of the dice, so that the same run can be had again.",
        "Initial state of every random draw; several seeds show how much of a difference is luck.",
        ("run", "interval"),
        ("random",),
    ),
    Entry(
        "worker",
        "Queue, worker",
        "Trainings wait in line for the machine; a worker is the program that does the one whose turn it is.",
        "A process per run with a slot of a device; it outlives a closed tab.",
        ("run",),
        ("job", "queued"),
    ),
)

_VERDICT = (
    Entry(
        "score",
        "Score, accuracy",
        "How good the answers are; accuracy is the share of right answers.",
        "Higher is better: accuracy, mean average precision, R², or minus relative L2 error, by task.",
        ("chance", "test_rows"),
        ("accuracy",),
    ),
    Entry(
        "chance",
        "Chance",
        "What you get by guessing.",
        "Accuracy of always answering the most frequent class, or 1 / number of classes where they are equal.",
        ("score", "shuffled"),
        ("guessing",),
    ),
    Entry(
        "validation",
        "Validation rows",
        "Samples kept back to choose settings by, so that the test stays honest.",
        "Rows that no gradient sees; learning rates and steps are chosen on them.",
        ("split", "test_rows"),
    ),
    Entry(
        "test_rows",
        "Test rows, sealed",
        "Samples that nobody looks at until the end, like an exam.",
        "Rows that neither training nor choosing reads; their score is shown when it is asked for.",
        ("split", "score"),
        ("exam", "sealed"),
    ),
    Entry(
        "baseline",
        "Baseline",
        "The honest rival: a simpler way that a clever one has to beat.",
        "Fine-tuning, training from scratch, random weights with pretrained statistics, and a model without network.",
        ("finetune", "scratch", "verdict"),
    ),
    Entry(
        "arm",
        "Arm",
        "One of the ways that are compared, with all of its settings.",
        "A method with everything that makes its runs comparable; seeds are its repeats.",
        ("contrast", "budget"),
    ),
    Entry(
        "contrast",
        "Paired difference",
        "By how much one way beats another on the very same samples and seeds.",
        "Mean over seeds and test rows of the difference of two arms, with a crossed 95 % interval.",
        ("arm", "interval", "verdict"),
        ("difference",),
    ),
    Entry(
        "verdict",
        "Verdict",
        "The answer in one sentence: it helped, it did not, or it cannot be told yet.",
        "A fixed rule over paired differences and roles of arms; 'inconclusive' is one of its answers.",
        ("contrast", "baseline"),
        ("answer",),
    ),
    Entry(
        "knowledge",
        "Knowledge reuse",
        "Whether the network used what it had learnt before, and not only its size.",
        "Pretrained against random weights and against random weights of pretrained statistics, on the same budget.",
        ("retention", "scratch", "pretrained"),
        ("reuse",),
    ),
    Entry(
        "retention",
        "Retention",
        "How much of the old knowledge is left after learning the new.",
        "Share of the pretrained advantage over random weights, read on the source, that is left after training.",
        ("knowledge",),
        ("forgetting",),
    ),
    Entry(
        "ablation",
        "Ablation",
        "The same method without one of its parts, to see whether that part is what helps.",
        "A method by name with one part taken away; it stands for no role in the verdict.",
        ("arm", "baseline"),
    ),
    Entry(
        "workspace",
        "Workspace",
        "Your own desk: your data and runs, found again by its address.",
        "A folder of uploads, readings and runs, named by ws in the address; nothing leaves the machine.",
        ("run",),
        ("ws", "address"),
    ),
)

GROUPS: dict[str, tuple[Entry, ...]] = {
    "Data": _DATA,
    "The network": _NETWORK,
    "The gap": _GAP,
    "Training": _TRAINING,
    "Answers": _VERDICT,
}
GLOSSARY: dict[str, Entry] = {entry.key: entry for entries in GROUPS.values() for entry in entries}

ON_PAGE: dict[str, tuple[str, ...]] = {  # what a page needs first, in the order in which it is met
    "start": ("gap", "source", "target", "body", "verdict"),
    "data": ("sample", "class", "modality", "split", "source", "target", "body", "variant"),
    "gap": ("gap", "cloud", "floor", "ceiling", "interval", "n", "otdd", "knn", "class_matrix", "coupling", "space"),
    "align": ("align", "embedder", "objective", "step", "cloud", "collapse"),
    "curriculum": ("curriculum", "token", "k", "gate"),
    "refine": ("refine", "finetune", "scratch", "budget", "rate", "seed", "test_rows", "worker"),
    "reuse": ("knowledge", "retention", "scratch", "probe"),
    "compare": ("verdict", "arm", "contrast", "baseline", "score", "interval", "seed"),
    "report": ("verdict", "gap", "score", "interval", "n"),
    "room": ("gap", "shuffled", "chance"),
}


def search(words: str) -> Sequence[Entry]:
    """Entries that hold every one of the words, best first: in the word itself, then beside it, then in its text.

    Args:
        words: as typed, case does not matter; blank finds everything in the order of the glossary.
    """
    wanted = words.casefold().split()
    ranked = [(_rank(entry, wanted), entry) for entry in GLOSSARY.values()]
    return [entry for rank, entry in sorted(ranked, key=lambda pair: pair[0]) if rank < _NOT_FOUND]


_NOT_FOUND = 4


def _rank(entry: Entry, wanted: Sequence[str]) -> int:
    places = (entry.word, " ".join(entry.also), f"{entry.plain} {entry.exact}")
    begins = entry.word.casefold()
    if wanted and begins.startswith(" ".join(wanted)):
        return 0
    for rank in range(len(places)):
        text = " ".join(places[: rank + 1]).casefold()
        if all(word in text for word in wanted):
            return rank + 1
    return _NOT_FOUND
