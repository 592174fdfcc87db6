#!/usr/bin/env bash
# `make demo`: the real commands on real files.  Stops at the first exit code that is not the promised one.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export KATA_HOME="$work/home" KATA_DEVICE="${KATA_DEVICE:-cpu}"
cd "$work"

run() { # run EXPECTED_CODE WORDS COMMAND...
    local expected=$1 words=$2
    shift 2
    printf '\n$ %s\n' "$*"
    "$@" | tee "$work/out"
    local code=${PIPESTATUS[0]}
    if [ "$code" != "$expected" ]; then
        echo "demo: exit code $code where $expected was promised" >&2
        exit 1
    fi
    if ! grep -q -- "$words" "$work/out"; then
        echo "demo: the output does not say: $words" >&2
        exit 1
    fi
}

run 0 "attempts/adam.py" kata new adam
echo
echo "--- The untouched stub fails:"
run 1 "NOT PASSED" kata check adam
echo
echo "--- A plausible attempt with one mistake: the tool names it and prints its question:"
cp "$here/tests/demo/adam_with_a_mistake.py" attempts/adam.py
run 1 "This looks like" kata check adam
echo
echo "--- The mistake repaired:"
cp "$here/tests/demo/adam_repaired.py" attempts/adam.py
run 0 "PASSED" kata check adam
