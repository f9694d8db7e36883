"""How much a vLLM server's cache for keys and values holds, as the server says."""

import re

_INFO = re.compile(r"^vllm:cache_config_info\{([^}]*)\} ", re.M)
_LABEL = re.compile(r'(block_size|num_gpu_blocks)="(\d{1,12})"')


def read_cache_tokens(text: str) -> int | None:
    """Tokens that fit into the caches of a server, from the text of its `/metrics`.

    Blocks times tokens a block, summed over its engines; None where it does not say. On a CPU too
    vLLM calls them GPU blocks.
    """
    tokens = 0
    for labels in _INFO.findall(text):
        said = {name: int(number) for name, number in _LABEL.findall(labels)}
        tokens += said.get("block_size", 0) * said.get("num_gpu_blocks", 0)
    return tokens or None
