# One command each for a student, an instructor and a machine. `make` alone lists them.
# Each target makes the environment that it needs; all may be interrupted and repeated; none needs root.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Settings, for example: make run SCALE=smoke WORKERS=4 ARGS=--resume
SCALE ?= laptop
WORKERS ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
ARGS ?=
# A Python of your choice, 3.11 to 3.13; empty: the first of those that works here.
PYTHON ?=

BIN := .venv/bin
READY := .venv/.ready
COLAB := .venv-colab
COLAB_READY := $(COLAB)/.ready

.PHONY: help lab run demo gpu test test-colab practical-quality lint badges student-bundle constraints clean FORCE

help:  ## list the targets
	@echo "make TARGET, where TARGET is one of:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

lab: $(READY)  ## open the notebooks in JupyterLab
	@echo "== lab: JupyterLab at lectures/, Ctrl-C twice to stop"
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/lectures $(ARGS)

# Both halves run, whatever becomes of the first.
run: $(READY)  ## execute every notebook headless, then the sample class (SCALE=laptop|smoke, WORKERS=N, ARGS=...)
	@echo "== run: every notebook under lectures/ at scale '$(SCALE)', $(WORKERS) at once, then the sample class"
	@status=0; \
	$(BIN)/cmp784 run lectures --scale $(SCALE) --workers $(WORKERS) $(ARGS) || status=$$?; \
	[ $$status -eq 130 ] || $(BIN)/python tests/demo/demo.py --no-open || status=$$?; \
	exit $$status

demo: $(READY)  ## release, collect, grade and return Practical 1 for a sample class of 24
	@echo "== demo: Practical 1 of a sample class, from release to final marks, in build/demo/"
	$(BIN)/python tests/demo/demo.py $(ARGS)

gpu: $(READY)  ## execute every notebook on an NVIDIA GPU, at scale gpu
	@echo "== gpu: every notebook under lectures/ at scale 'gpu' on the GPU"
	$(BIN)/cmp784 run lectures --scale gpu --device cuda $(ARGS)

test: $(READY)  ## run the tests (ARGS="tests/test_makefile.py -x" for some)
	@echo "== test: the tests of the packages, the notebooks and the repository"
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

test-colab: $(COLAB_READY)  ## execute every notebook with the versions that Colab has
	@echo "== test-colab: every notebook with Colab's versions, $(WORKERS) at once"
	$(COLAB)/bin/cmp784 run lectures --scale $(SCALE) --workers $(WORKERS) --output build/run-colab $(ARGS)

practical-quality: $(READY)  ## show that Practical 1's tests catch planted bugs and pass other right answers
	@echo "== practical-quality: planted bugs, other right answers, empty and partial hand-ins"
	$(BIN)/python tests/practicals/quality.py $(ARGS)

lint: $(READY)  ## check formatting, style, types, and what `make badges` writes
	@echo "== lint: ruff, mypy and the generated parts"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/cmp784 badges --check

badges: $(READY)  ## write badges, setup cells and tables from course.toml
	@echo "== badges: badges, setup cells and tables from course.toml"
	$(BIN)/cmp784 badges

student-bundle: $(READY)  ## write what students receive into one zip file
	@echo "== student-bundle: lectures, practicals and cmp784 into build/"
	$(BIN)/python -m autograder.bundle $(ARGS)

# torch is large and bound to GPU drivers, so its version stays: to change it, edit its line first.
constraints:  ## renew constraints.txt with the newest versions that pyproject.toml allows
	@echo "== constraints: the newest versions that pyproject.toml allows (torch stays), somewhere fresh"
	@mkdir -p build; rm -rf build/venv-constraints; grep '^torch==' constraints.txt > build/torch.txt
	@$(call environment,build/venv-constraints,-c build/torch.txt -e '.[instructor$(,)postgresql$(,)site$(,)dev]')
	@sed '/^[^#]/d' constraints.txt > build/constraints.txt
	@build/venv-constraints/bin/python -m pip freeze --exclude-editable \
		| sed -E 's/\+[A-Za-z0-9.]+$$//; /^(nvidia-|cuda-|triton)/d' >> build/constraints.txt
	@mv build/constraints.txt constraints.txt; rm -rf build/venv-constraints build/torch.txt
	@echo "constraints.txt is new. Now: make test"

clean:  ## remove the environments and what runs and tests leave behind
	@echo "== clean: .venv, .venv-colab, build/, dist/ and the caches"
	rm -rf .venv $(COLAB) build dist .pytest_cache .mypy_cache dask-worker-space *.egg-info
	find . -name .git -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints -o -name .ruff_cache \) -type d -prune -exec rm -rf {} +

# --- Environments -----------------------------------------------------------------------------------
# The stamp is written last and holds the folder it was made in. An environment that was moved, or
# whose Python is gone, counts as not made.

valid = $(shell [ -x $(dir $(1))bin/python ] && $(dir $(1))bin/python -c '' 2>/dev/null && cat $(1) 2>/dev/null)

ifneq ($(call valid,$(READY)),$(CURDIR))
$(READY): FORCE
endif
ifneq ($(call valid,$(COLAB_READY)),$(CURDIR))
$(COLAB_READY): FORCE
endif

$(READY): pyproject.toml constraints.txt
	@echo "== .venv: installing the course and its tools (minutes the first time, then never again)"
	@$(call environment,.venv,-c constraints.txt -e '.[instructor$(,)postgresql$(,)dev]')
	@printf '%s\n' '$(CURDIR)' > $@

$(COLAB_READY): pyproject.toml constraints.txt tests/colab.py tests/data/colab-runtime-2026-08.txt
	@echo "== $(COLAB): installing the course with the versions that Colab has"
	@$(find_python); mkdir -p build; "$$python" tests/colab.py > build/constraints-colab.txt
	@$(call environment,$(COLAB),-c build/constraints-colab.txt -e . papermill distributed psutil nbconvert)
	@printf '%s\n' '$(CURDIR)' > $@

# A comma inside of an argument of `call`.
, := ,

# $(call environment,FOLDER,ARGUMENTS): pip installs ARGUMENTS into a virtual environment. The mark
# `.installing` stays behind when pip is interrupted; the next try then starts from an empty folder,
# as it does when the Python behind it is gone or its scripts name another folder. (They do so in
# their second line where the path is long or has a space.)
define environment
set -e; $(find_python); \
if [ -e $(1)/.installing ] || ! $(1)/bin/python -m pip --version >/dev/null 2>&1 \
	|| [ "$$($(1)/bin/python -c 'import sys; print(sys.prefix)')" != "$(CURDIR)/$(1)" ] \
	|| ! head -n 2 $(1)/bin/pip | grep -qF "$(CURDIR)/$(1)/"; then \
	echo "$(1): making it with $$python"; rm -rf $(1); "$$python" -m venv $(1); \
fi; \
touch $(1)/.installing; rm -f $(1)/.ready; \
$(1)/bin/python -m pip install --disable-pip-version-check $(2); \
rm $(1)/.installing
endef

# Sets the shell variable `python`, or says which Python is wanted and why those here will not do.
define find_python
python=; why=; \
for one in $(or $(PYTHON),python3.11 python3.12 python3.13 python3 python); do \
	version=$$("$$one" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	case $$version in \
		3.11|3.12|3.13) ;; \
		*) why="$$why; $$one is Python $$version"; continue ;; \
	esac; \
	"$$one" -c 'import venv, ensurepip' 2>/dev/null || { \
		why="$$why; $$one has no venv (on Debian and Ubuntu it is the package python$$version-venv)"; continue; }; \
	python=$$one; break; \
done; \
[ -n "$$python" ] || { \
	echo "No Python 3.11, 3.12 or 3.13 with venv found here$$why."; \
	echo "Install one, or name it: make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3.12"; \
	exit 1; } >&2
endef
