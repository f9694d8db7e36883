"""The store of prefixes: by content, bounded, the least recently used first."""

import torch

from folkmoot.pool.embedded.prefixes import BLOCK, Prefixes, block_keys, shared


def computed(tokens: int):
    return torch.arange(tokens, dtype=torch.float32).reshape(1, 1, 1, tokens, 1)


def test_a_key_stands_for_everything_up_to_its_end():
    a, b = list(range(40)), [99, *range(1, 40)]
    assert len(block_keys(a)) == 2
    assert block_keys(a)[:1] == block_keys(a[:20])
    assert not set(block_keys(a)) & set(block_keys(b))
    assert block_keys([1, 23] * 20) != block_keys([12, 3] * 20)


def test_the_last_token_is_never_taken_from_the_store():
    assert [len(block_keys([0] * n)) for n in (1, 16, 17, 32, 33)] == [0, 0, 1, 1, 2]


def test_blocks_come_back_as_they_were_put():
    store, keys = Prefixes(10), block_keys(list(range(50)))
    store.put(keys, computed(50))
    assert store.known(keys) == 3
    assert store.known([b"other", *keys]) == 0
    torch.testing.assert_close(torch.cat(store.take(keys), dim=3), computed(50)[..., :48, :])


def test_the_bound_holds_and_beginnings_stay_longest():
    store = Prefixes(4)
    one, two = block_keys([1] * 49), block_keys([2] * 49)
    store.put(one, computed(49))
    store.put(two, computed(49))
    assert len(store) == 4
    assert (store.known(one), store.known(two)) == (1, 3)
    assert Prefixes(0).known(one) == 0
    Prefixes(0).put(one, computed(49))


def test_a_stored_block_does_not_keep_the_prompt_alive():
    store, keys = Prefixes(10), block_keys(list(range(50)))
    store.put(keys, computed(50))
    assert store.take(keys[:1])[0].untyped_storage().nbytes() == BLOCK * 4


def test_what_is_shared_is_found_once_with_its_first_owner():
    begin, middle = [1] * 32, [2] * 16
    prompts = [begin + [3] * 20, begin + middle + [4], begin + middle + [5], [6] * 40]
    keys = [block_keys(prompt) for prompt in prompts]
    assert shared(keys, Prefixes(10)) == [(0, 2), (1, 3)]
    store = Prefixes(10)
    store.put(keys[0][:2], computed(33))
    assert shared(keys, store) == [(1, 3)]
