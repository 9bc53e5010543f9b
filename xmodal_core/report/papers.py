"""The papers that methods and readings are from, and their BibTeX."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xmodal_core.report.tables import escape_latex


@dataclass(frozen=True)
class Paper:
    """One paper, by its number on arXiv.

    Attributes:
        authors: given names first.
        venue: where it appeared; empty where it has only a number.
    """

    arxiv: str
    authors: tuple[str, ...]
    title: str
    venue: str
    year: int

    @property
    def key(self) -> str:
        """What it is cited by: family name of the first author, and the year."""
        return f"{self.authors[0].split()[-1].lower().replace('-', '')}{self.year}{self.arxiv.replace('.', '')[-3:]}"


PAPERS = {
    paper.arxiv: paper
    for paper in (
        Paper(
            "2302.05738",
            (
                "Junhong Shen",
                "Liam Li",
                "Lucio M. Dery",
                "Corey Staten",
                "Mikhail Khodak",
                "Graham Neubig",
                "Ameet Talwalkar",
            ),
            "Cross-Modal Fine-Tuning: Align then Refine",
            "International Conference on Machine Learning",
            2023,
        ),
        Paper(
            "2406.09003",
            (
                "Lincan Cai",
                "Shuang Li",
                "Wenxuan Ma",
                "Jingxuan Kang",
                "Binhui Xie",
                "Zixun Sun",
                "Chengwei Zhu",
            ),
            "Enhancing Cross-Modal Fine-Tuning with Gradually Intermediate Modality Generation",
            "International Conference on Machine Learning",
            2024,
        ),
        Paper(
            "2406.18864",
            ("Wenxuan Ma", "Shuang Li", "Lincan Cai", "Jingxuan Kang"),
            "Learning Modality Knowledge Alignment for Cross-Modality Transfer",
            "International Conference on Machine Learning",
            2024,
        ),
        Paper(
            "2311.08782",
            ("Wenxuan Ma", "Shuang Li", "Lincan Cai", "Jingxuan Kang"),
            "Language Semantic Graph Guided Data-Efficient Learning",
            "Advances in Neural Information Processing Systems",
            2023,
        ),
        Paper(
            "2601.18231",
            ("Trong Khiem Tran", "Manh Cuong Dao", "Phi Le Nguyen", "Thao Nguyen Truong", "Trong Nghia Hoang"),
            "Rethinking Cross-Modal Fine-Tuning: Optimizing the Interaction between Feature Alignment and "
            "Target Fitting",
            "International Conference on Artificial Intelligence and Statistics",
            2026,
        ),
        Paper(
            "2103.05247",
            ("Kevin Lu", "Aditya Grover", "Pieter Abbeel", "Igor Mordatch"),
            "Pretrained Transformers as Universal Computation Engines",
            "AAAI Conference on Artificial Intelligence",
            2022,
        ),
        Paper(
            "2111.06377",
            ("Kaiming He", "Xinlei Chen", "Saining Xie", "Yanghao Li", "Piotr Dollár", "Ross Girshick"),
            "Masked Autoencoders Are Scalable Vision Learners",
            "IEEE/CVF Conference on Computer Vision and Pattern Recognition",
            2022,
        ),
        Paper(
            "2106.09685",
            (
                "Edward J. Hu",
                "Yelong Shen",
                "Phillip Wallis",
                "Zeyuan Allen-Zhu",
                "Yuanzhi Li",
                "Shean Wang",
                "Lu Wang",
                "Weizhu Chen",
            ),
            "LoRA: Low-Rank Adaptation of Large Language Models",
            "International Conference on Learning Representations",
            2022,
        ),
        Paper(
            "2411.02796",
            (
                "Zongzhe Xu",
                "Ritvik Gupta",
                "Wenduo Cheng",
                "Alexander Shen",
                "Junhong Shen",
                "Ameet Talwalkar",
                "Mikhail Khodak",
            ),
            "Specialized Foundation Models Struggle to Beat Supervised Baselines",
            "International Conference on Learning Representations",
            2025,
        ),
        Paper(
            "2207.08815",
            ("Léo Grinsztajn", "Edouard Oyallon", "Gaël Varoquaux"),
            "Why do tree-based models still outperform deep learning on typical tabular data?",
            "Advances in Neural Information Processing Systems",
            2022,
        ),
        Paper(
            "2203.01825",
            ("Christos Matsoukas", "Johan Fredin Haslum", "Moein Sorkhei", "Magnus Söderberg", "Kevin Smith"),
            "What Makes Transfer Learning Work for Medical Images: Feature Reuse & Other Factors",
            "IEEE/CVF Conference on Computer Vision and Pattern Recognition",
            2022,
        ),
        Paper(
            "2002.02923",
            ("David Alvarez-Melis", "Nicolò Fusi"),
            "Geometric Dataset Distances via Optimal Transport",
            "Advances in Neural Information Processing Systems",
            2020,
        ),
    )
}
OF_METHODS = {  # as `METHODS` says, which takes torch to ask; a test holds them together
    "finetune": ("2302.05738",),
    "scratch": ("2302.05738",),
    "stat_matched": ("2203.01825",),
    "linear_probe": ("2111.06377",),
    "frozen": ("2103.05247",),
    "lora": ("2106.09685",),
    "simple": ("2411.02796", "2207.08815"),
    "orca": ("2302.05738",),
    "pare": ("2406.09003",),
    "orca_pare": ("2302.05738", "2406.09003"),
    "mona": ("2406.18864",),
    "recraft": ("2601.18231",),
    "lsg": ("2311.08782",),
}
OF_READINGS = {"otdd": "2002.02923"}
_RULE = "2203.01825"  # the verdict's rule asks for its control


def papers_of(methods: Iterable[str], readings: Iterable[str] = ()) -> list[Paper]:
    """The papers that these methods say they are from, and those of these readings, each once.

    Args:
        methods: names of methods; others are passed over.
        readings: names of metrics.
    """
    named = [arxiv for name in methods for arxiv in OF_METHODS.get(name, ())]
    read = [OF_READINGS[name] for name in readings if name in OF_READINGS]
    return [PAPERS[arxiv] for arxiv in dict.fromkeys([*named, *read, *([_RULE] if named else [])])]


def bibtex(papers: Sequence[Paper]) -> str:
    """Entries of a bibliography."""
    return "\n".join(_entry(paper) for paper in papers)


def citation(paper: Paper) -> str:
    """A paper on one line for people."""
    first, *rest = paper.authors
    who = first if not rest else f"{first} and {rest[0]}" if len(rest) == 1 else f"{first} et al."
    return f"{who.removesuffix('.')}. {paper.title}. {paper.venue}, {paper.year}. arXiv {paper.arxiv}."


def _entry(paper: Paper) -> str:
    fields = {
        "author": " and ".join(paper.authors),
        "title": f"{{{escape_latex(paper.title)}}}",
        "booktitle": escape_latex(paper.venue),
        "year": str(paper.year),
        "eprint": paper.arxiv,
        "archiveprefix": "arXiv",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@inproceedings{{{paper.key},", *lines, "}", ""])
