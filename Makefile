# Everything a newcomer needs: `make run` shows Sojourn, `make test` proves it. Each does all the set-up first.

PYTHON = .venv/bin/python
STORE ?= sqlite
KILLS ?= 50

.PHONY: run setup test check bench soak canvas pictures revision

run:
	@scripts/setup.sh run
	@.venv/bin/sojourn demo

setup:
	@scripts/setup.sh test

test: setup check
	@scripts/test.sh

check:
	@scripts/setup.sh dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/pyright
	.venv/bin/lint-imports
	$(PYTHON) scripts/laws.py

bench:
	@scripts/setup.sh bench
	@$(PYTHON) -m tests.bench.run $(if $(ONLY),--only $(ONLY))

soak:
	@scripts/setup.sh bench
	@$(PYTHON) -m tests.soak.$(or $(ONLY),kill) --store $(STORE) --kills $(KILLS)

canvas:  # builds assets/canvas into the one file the browser loads; commit it
	@scripts/setup.sh test
	@$(PYTHON) scripts/canvas.py

pictures:  # takes the pictures of docs/canvas.md and docs/studio.md anew; look at them, then commit them
	@scripts/setup.sh test
	@SOJOURN_PICTURES=1 .venv/bin/pytest -q tests/walks/browser/test_pictures.py

revision:  # make revision NUMBER=0002 MESSAGE="what changed"
	@$(PYTHON) scripts/revision.py $(NUMBER) "$(MESSAGE)"
