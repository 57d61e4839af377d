#!/bin/sh
# All tests on two cores: without a browser, then with one in a call of its own; then the short crash harness.
set -eu
cd "$(dirname "$0")/.."
export SOJOURN_NODE_SDK="$PWD/.venv/node-sdk"
unset SOJOURN_HOME SOJOURN_DATABASE SOJOURN_SMTP_URL

.venv/bin/pytest --ignore tests/walks/browser -n 2 --dist loadfile
.venv/bin/pytest tests/walks/browser -n 2 --dist loadfile --no-loadscope-reorder  # the short files come last
for store in sqlite postgres; do
    .venv/bin/python -m tests.soak.kill --store "$store" --kills 6
done
