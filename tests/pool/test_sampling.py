"""Drawing: by temperature, nucleus and seed of the row alone."""

from collections import Counter
from random import Random

import pytest
import torch

from folkmoot.pool.embedded.sampling import draw
from folkmoot.records import Sampling


def drawn(logits, count: int, **fields) -> Counter[int]:
    sampling, source = Sampling(**fields), Random(1)
    return Counter(draw(logits[None], [sampling], [source])[0] for _ in range(count))


def test_shares_are_the_softmax_at_the_temperature():
    logits = torch.tensor([2.0, 1.0, 0.0, -50.0])
    counts = drawn(logits, 4000, temperature=2.0, top_p=1.0)
    for token, share in enumerate(torch.softmax(logits / 2, dim=0).tolist()):
        assert counts[token] / 4000 == pytest.approx(share, abs=0.03)


def test_the_nucleus_is_the_fewest_that_reach_top_p():
    logits = torch.log(torch.tensor([0.1, 0.5, 0.3, 0.1]))
    assert set(drawn(logits, 300, temperature=1.0, top_p=0.45)) == {1}
    assert set(drawn(logits, 300, temperature=1.0, top_p=0.75)) == {1, 2}
    counts = drawn(logits, 4000, temperature=1.0, top_p=0.75)
    assert counts[1] / 4000 == pytest.approx(0.5 / 0.8, abs=0.03)


def test_a_nucleus_wider_than_the_candidates_is_drawn_from_in_full():
    flat = torch.zeros(5000)
    assert len(drawn(flat, 2000, temperature=1.0, top_p=0.95)) > 1000
    assert max(drawn(flat, 200, temperature=1.0, top_p=1.0)) > 256


def test_temperature_zero_takes_the_likeliest():
    assert drawn(torch.tensor([0.0, 0.1, 0.05]), 20, temperature=0) == {1: 20}


def test_a_row_draws_the_same_whatever_its_neighbours():
    logits = torch.randn(3, 500, generator=torch.Generator().manual_seed(1))
    alone = [draw(logits[1:2], [Sampling()], [source]) for source in [Random(5)] for _ in "abc"]
    sources = [Random(), Random(5), Random(9)]
    together = [draw(logits, [Sampling()] * 3, sources)[1] for _ in "abc"]
    assert [token for (token,) in alone] == together
