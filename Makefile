# `make` alone lists the targets. Everything runs in .venv, which sets itself up: see .ci/setup.
# PYTHON=/path/to/python3.11 chooses the interpreter; ARGS="…" goes to the command that the target runs.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

ARGS ?=
BIN := .venv/bin
SETUP := PYTHON='$(PYTHON)' .ci/setup

# The parts in which an error would end up in the archive, unseen: their coverage has a floor.
CORE := psgcrawl/archive/*,psgcrawl/datelines.py,psgcrawl/derive.py,psgcrawl/layouts/*,psgcrawl/records.py,psgcrawl/text.py,psgcrawl/urls.py
CORE_FLOOR := 95

# uv only writes the lock files. It lives in a folder of its own; nothing else needs it.
UV_VERSION := 0.13.9
COMPILE := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock' $(UPGRADE) --group build

.PHONY: help
help:  ## list the targets (what you are reading)
	@echo "make TARGET [PYTHON=/path/to/python3.11] [ARGS=\"…\"]"; echo
	@sed -n 's/^\([a-z-]*\):[^#]*  ## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS="$$(printf '\t')" read -r name text; \
		do printf '  %-10s %s\n' "$$name" "$$text"; done

.PHONY: crawl
crawl: .set-up  ## crawl the packaged captures into output/ and say what came out
	@$(BIN)/scrapy crawl captures $(ARGS)

# With bytecode kept, also where PYTHONDONTWRITEBYTECODE is set: else every command that a test starts compiles the package.
# What takes long for what it shows is left to `make torture`, unless all is asked for.
LEFT_OUT := not service$(if $(filter 1,$(PSGCRAWL_THOROUGH)),, and not thorough)

.PHONY: test
test: .set-up-dev  ## run the tests that need nothing but this machine and two minutes
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal -m "$(LEFT_OUT)" $(ARGS)

.PHONY: lint
lint: .set-up-dev  ## ruff's rules, ruff's format, mypy's types
	@failed=; for check in "ruff check ." "ruff format --check ." mypy; do $(BIN)/$$check || failed=yes; done; test -z "$$failed"

.PHONY: docs
docs: .set-up-dev  ## check the documents: links, anchors, files and commands that they name
	@$(BIN)/python -m pytest tests/docs $(ARGS)

.PHONY: coverage
coverage: .set-up-dev  ## measure branch coverage; fails when the core falls below its floor
	@$(BIN)/python -m pytest --cov --cov-report= $(ARGS)
	@$(BIN)/coverage report
	@echo; echo "The core, floor $(CORE_FLOOR) %:"
	@$(BIN)/coverage report --include='$(CORE)' --fail-under=$(CORE_FLOOR)

.PHONY: service
service:  ## judge what is written by programs of others (installed in .venv-service)
	@$(SETUP) .venv-service requirements-service.txt
	@.ci/service-tools .venv-service
	@PSGCRAWL_REQUIRE_SERVICES=1 .venv-service/bin/python -m pytest -m service tests $(ARGS)

.PHONY: torture
torture: .set-up-dev  ## kill runs, fill disks, cut the power, damage files; ARGS=--short for a sample
	@$(BIN)/python -m tests.torture $(ARGS)

.PHONY: endings
endings: .set-up-dev  ## end crawls in every way there is, and look at what is left
	@$(BIN)/python -m tests.endings $(ARGS)

.PHONY: fuzz
fuzz:  ## feed invented bytes to all that reads bytes from elsewhere; ARGS="--seconds 600 html warc", --short for a sample
	@$(SETUP) .venv-service requirements-service.txt
	@.venv-service/bin/python -m tests.fuzz $(ARGS)

# Their rivals are in .venv-service; what else it needs (a browser, a WordPress) is not asked for.
.PHONY: bench
bench:  ## measure every path beside its rivals (ARGS="--small": in minutes, held against benchmarks/expected.json)
	@$(SETUP) .venv-service requirements-service.txt
	@.venv-service/bin/python -m benchmarks $(ARGS)

.PHONY: wheel
wheel: .set-up-dev  ## build the wheel into dist/, install it elsewhere and try it there
	@.ci/try-wheel

.PHONY: lock
lock:  ## write the lock files again after a change of pyproject.toml (pins stay where they can)
	@test -x .venv-lock/bin/uv || $${PYTHON:-python3} -m venv --clear .venv-lock
	@.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(COMPILE) pyproject.toml -o requirements.txt
	@$(COMPILE) pyproject.toml -c requirements.txt --extra dev -o requirements-dev.txt
	@$(COMPILE) pyproject.toml -c requirements-dev.txt --extra dev --extra service -o requirements-service.txt
	@$(COMPILE) .ci/pywb.in -o .ci/pywb.txt
	@echo "Written: requirements.txt, requirements-dev.txt, requirements-service.txt. Read the difference before you commit it."

.PHONY: upgrade
upgrade:  ## the same, with the newest version of everything that pyproject.toml allows
	@$(MAKE) lock UPGRADE=--upgrade

.PHONY: clean
clean:  ## remove what can be made again: environments, caches, builds; never output/
	@rm -rf .venv .venv-lock .venv-service .setup.lock build dist psgcrawl.egg-info \
		.pytest_cache .mypy_cache .ruff_cache .fuzz .hypothesis .coverage .coverage.* htmlcov
	@find psgcrawl tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Not files: .ci/setup looks itself whether there is something to do.
.PHONY: .set-up .set-up-dev
.set-up:
	@$(SETUP) .venv requirements.txt

.set-up-dev:
	@$(SETUP) .venv requirements-dev.txt
