#!/bin/sh
# Sets up all that is needed on a bare Debian machine: `setup.sh run` to try it, `dev` to check it, `test` to test it,
# `bench` to measure it.
# What is there already is left alone, so a second call takes no time.
set -eu
cd "$(dirname "$0")/.."
level="${1:-test}"

say() { printf '%s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif sudo -n true 2>/dev/null; then sudo "$@"; else return 1; fi
}

install_packages() {
    say "Installing $*"
    if ! command -v apt-get >/dev/null 2>&1; then
        say "This machine has no apt-get. Install what these Debian packages hold, then try again: $*"
        exit 1
    fi
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1; then
        if ! as_root true; then
            say "This needs root. Run this once, then try again: sudo apt-get install $*"
            exit 1
        fi
        as_root apt-get update -q >/dev/null
        if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null; then
            say "apt-get could not install $*; its words stand above."
            exit 1
        fi
    fi
}

if ! command -v python3 >/dev/null 2>&1; then install_packages python3 python3-venv; fi
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "Sojourn needs Python 3.11 or newer; this is $(python3 --version)."
    exit 1
fi
# A Debian python3 without python3-venv has the module venv, but no pip to put into it.
if [ ! -x .venv/bin/pip ] && ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then install_packages python3-venv; fi

wanted="$(cat pyproject.toml constraints.txt scripts/setup.sh | cksum)"
stamped() { [ -f ".venv/.set-up-$1" ] && [ "$(cat ".venv/.set-up-$1")" = "$wanted" ]; }
stamp() { printf '%s\n' "$wanted" >".venv/.set-up-$1"; }

python_packages() { # name of the stamp, further arguments of pip
    name="$1"; shift
    stamped "$name" && return 0
    [ -x .venv/bin/pip ] || python3 -m venv .venv
    say "Setting up Python packages in .venv (a minute or two, once)"
    if ! {
        .venv/bin/python -m pip install --disable-pip-version-check --upgrade 'pip>=25.1' &&
            .venv/bin/python -m pip install --disable-pip-version-check -c constraints.txt -e . "$@"
    } >.venv/set-up.log 2>&1; then
        tail -n 25 .venv/set-up.log >&2
        say "pip could not install the packages; its last words stand above, all of them in .venv/set-up.log."
        exit 1
    fi
    mkdir -p .venv/paths
    ln -sfn ../.. .venv/paths/sojourn
    stamp "$name"
}

if [ "$level" = run ]; then
    stamped dev || python_packages run
    exit 0
fi

python_packages dev --group dev
if [ "$level" = dev ]; then exit 0; fi

if [ "$level" = bench ] && [ ! -x /usr/sbin/smtp-source ]; then # letters are measured beside Postfix's own tools
    printf 'postfix postfix/main_mailer_type select No configuration\n' | as_root debconf-set-selections || true
    install_packages postfix
fi

stamped test && exit 0
missing=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
    command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
# shellcheck disable=SC2086  # a list of words
[ -z "$missing" ] || install_packages $missing
if [ ! -d .venv/node-sdk/node_modules/@segment/analytics-node ] || [ ! -d .venv/node-sdk/node_modules/axe-core ] ||
    [ ! -d .venv/node-sdk/node_modules/mjml ]; then
    say "Fetching the Node SDK the ingest test drives, the rules of accessibility, and the official MJML renderer"
    mkdir -p .venv/node-sdk
    npm install --silent --no-audit --no-fund --prefix .venv/node-sdk @segment/analytics-node axe-core 'mjml@^5.4.1' >/dev/null
fi
stamp test
