# Two commands do everything on a fresh machine: `make demo` and `make test`. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-rust test-python check format bench clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.sideman-is-built
RUST := $(shell find rust_dsp/src -name '*.rs' 2>/dev/null) rust_dsp/Cargo.toml rust_dsp/Cargo.lock
# What can be built in: sound cards need the ALSA headers on Linux, JACK its own; a Mac needs neither for sound cards.
HAS = $(shell pkg-config --exists $(1) 2>/dev/null && echo yes)
DEVICE := $(if $(filter Darwin,$(shell uname)),device,$(if $(call HAS,alsa),device))
JACK := $(if $(call HAS,jack),jack)
# The GPU's driver is looked for at run time; nothing is needed to build. Without: make setup GPU=
GPU := gpu
SPACE := $(subst ,, )
COMMA := ,
FEATURES := $(subst $(SPACE),$(COMMA),$(strip python $(JACK) $(DEVICE) $(GPU)))
RUST_FEATURES := --features "$(strip $(JACK) $(DEVICE) $(GPU))"

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(STAMP) ## builds the sound engine and installs everything into .venv

$(STAMP): pyproject.toml $(RUST)
	@command -v $(PYTHON) >/dev/null || { echo "sideman needs Python 3.11 or newer: apt install python3 python3-venv, or brew install python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "sideman needs Python 3.11 or newer, but $(PYTHON) is $$($(PYTHON) -V). Try: make PYTHON=python3.12"; exit 1; }
	@command -v cargo >/dev/null || { echo "sideman needs Rust (cargo) to build its sound engine: https://rustup.rs"; exit 1; }
	@command -v cc >/dev/null || { echo "Rust needs a C linker: apt install build-essential, or xcode-select --install"; exit 1; }
	@[ "$(DEVICE)" ] || echo "note: no ALSA headers, so no sound cards (files, MIDI and OSC work). To have them: apt install pkg-config libasound2-dev, then make clean setup"
	@[ "$(JACK)" ] || echo "note: no JACK headers, so no sound through JACK or PipeWire. To have it: apt install pkg-config libjack-jackd2-dev, then make clean setup"
	@[ -x $(BIN)/python ] || { echo "== making $(VENV)"; $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: apt install python3-venv"; exit 1; }; }
	@echo "== installing sideman and building its sound engine (a few minutes the first time)"
	@MATURIN_PEP517_ARGS="--features $(FEATURES)" $(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar off -e '.[dev]'
	@touch $@
	@echo "== ready: $(BIN)/sideman --help"

demo: $(STAMP) ## plays a bundled performance with the band; the music is in sideman-demo/mix.wav
	@$(BIN)/sideman demo -o sideman-demo

test: test-rust test-python ## runs every test

test-rust:
	@echo "== the sound engine's tests"
	@cd rust_dsp && cargo test --quiet $(RUST_FEATURES)

test-python: $(STAMP)
	@echo "== Python tests"
	@$(BIN)/python -m pytest -q

check: $(STAMP) ## style, types and architecture
	@echo "== ruff" && $(BIN)/ruff format --check . && $(BIN)/ruff check .
	@echo "== mypy" && $(BIN)/mypy && $(BIN)/python -m mypy.stubtest realtime._dsp
	@echo "== imports" && $(BIN)/lint-imports
	@echo "== cargo" && cd rust_dsp && cargo fmt --check && cargo clippy --quiet --all-targets $(RUST_FEATURES) -- -D warnings

format: $(STAMP) ## rewrites the code in the house's format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && cd rust_dsp && cargo fmt

bench: $(STAMP) ## what this machine does
	@cd rust_dsp && cargo bench --quiet
	@for task in latency jitter render predict load; do $(BIN)/sideman bench $$task; done

clean: ## removes what was built
	@rm -rf $(VENV) rust_dsp/target sideman-demo
