import re

import pytest

from xmodal_core.gap import METRICS
from xmodal_core.methods import METHODS
from xmodal_core.report.papers import OF_METHODS, OF_READINGS, PAPERS, bibtex, citation, papers_of


@pytest.mark.parametrize("name", METHODS)
def test_every_paper_that_a_method_names_is_known(name):
    named = re.findall(r"\d{4}\.\d{5}", METHODS[name].reference)
    assert named
    assert set(named) == set(OF_METHODS[name])
    assert set(named) <= {paper.arxiv for paper in papers_of([name])} <= set(PAPERS)


def test_readings_are_metrics_and_keys_differ():
    assert set(OF_READINGS) <= set(METRICS)
    assert set(OF_METHODS) == set(METHODS)
    assert len({paper.key for paper in PAPERS.values()}) == len(PAPERS)


def test_each_paper_stands_once_with_that_of_the_rule_and_entries_balance():
    papers = papers_of(["orca", "finetune", "unknown"], ["otdd", "knn"])
    assert [paper.arxiv for paper in papers] == ["2302.05738", "2002.02923", "2203.01825"]
    text = bibtex(papers)
    assert text.count("@inproceedings{") == 3
    assert text.count("{") == text.count("}")
    assert r"Feature Reuse \& Other Factors" in text
    assert "@inproceedings{shen2023738," in text


def test_without_methods_the_rule_is_not_cited():
    assert papers_of([]) == []


def test_a_citation_names_the_first_of_many_authors():
    assert citation(PAPERS["2002.02923"]).startswith("David Alvarez-Melis and Nicolò Fusi. Geometric Dataset")
    assert citation(PAPERS["2302.05738"]).startswith("Junhong Shen et al. Cross-Modal")
