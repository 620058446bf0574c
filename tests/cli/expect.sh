#!/bin/bash
# SPDX-License-Identifier: MIT
#
# expect.sh - what the tests of the program share: `. "$(dirname "$0")/expect.sh"`. It gives a scratch folder $work that goes away at the end,
# runs the program $LENET, and compares what came of it. A failed expectation is said and counted; `finish` ends the test. Run by itself,
# this file tests that its expectations can fail.
#
# shellcheck disable=SC2034 # variables are for the scripts that read this file
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${LENET_SOURCE:-$(cd "$here/../.." && pwd)}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
out=$work/.stdout
err=$work/.stderr
code=0
failed=0
passed=0
small=maxpool:4,dense:16,relu,dense:16,relu,dense:10 # an architecture for tests that are not about training: fast under any sanitizer
unset NO_COLOR

skip()
{
    echo "skipped: $1"
    exit 77
}

finish()
{
    echo "$passed expectations held, $failed did not"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

# judge TEXT COMMAND...: the command must succeed, or TEXT is said with what the program printed.
judge()
{
    local text=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        return 0
    fi
    failed=$((failed + 1))
    echo "FAILED: $text"
    echo "    lenet ${ran:-} -> exit code $code"
    sed 's/^/    stdout: /' "$out" 2>/dev/null | head -n 8
    sed 's/^/    stderr: /' "$err" 2>/dev/null | head -n 8
    return 1
}

# run ARGUMENT...: runs the program; $code, $out and $err have what came of it.
run()
{
    ran="$*"
    "$LENET" "$@" >"$out" 2>"$err" </dev/null
    code=$?
}

# took COMMAND...: runs it; $milliseconds is how long it took. Tests that kill do so within a share of that: no clock tells a fast machine.
took()
{
    local begun
    begun=$(date +%s%3N)
    "$@"
    milliseconds=$(($(date +%s%3N) - begun))
}

# in_seconds MILLISECONDS: as sleep and timeout want it.
in_seconds() { printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); }

expect_code() { judge "exit code $1 expected" [ "$code" -eq "$1" ]; }
expect_out() { judge "stdout should match '$1'" grep -Eq -- "$1" "$out"; }
expect_err() { judge "stderr should match '$1'" grep -Eq -- "$1" "$err"; }
expect_no_out() { judge "stdout should be empty" [ ! -s "$out" ]; }
expect_no_err() { judge "stderr should be empty" [ ! -s "$err" ]; }
expect_equal() { judge "$1: '$2' should be '$3'" [ "$2" = "$3" ]; }

# Not one escape sequence and no carriage return: what goes to a file or a pipe.
is_plain() { ! grep -q $'[\033\r]' "$1"; }
expect_plain() { judge "no escape sequences or carriage returns" is_plain "$out" && judge "the same of stderr" is_plain "$err"; }

# Everything in the scratch folder but what `run` puts there.
listing() { (cd "$work" && find . -mindepth 1 ! -path ./.stdout ! -path ./.stderr ! -path ./.terminal.py | sort); }

is_one_line() { [ "$(wc -l <"$1")" -eq 1 ]; }

# refused CODE PATTERN ARGUMENT...: the program must end with CODE, say why in one line that matches PATTERN, print nothing and leave nothing.
refused()
{
    local expected=$1 pattern=$2 before
    shift 2
    before=$(listing)
    run "$@"
    expect_code "$expected"
    expect_err "^lenet: .*$pattern"
    judge "one line on stderr" is_one_line "$err"
    expect_no_out
    expect_equal "files after $ran" "$(listing)" "$before"
}

# json FILE EXPRESSION: the value of a Python expression over the document d.
json()
{
    python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2" 2>&1
}

# on_terminal COLUMNS ARGUMENT...: runs the program on a terminal of so many columns; $out has what it would show.
on_terminal()
{
    ran="$*, on a terminal"
    cat >"$work/.terminal.py" <<'PYTHON'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 30, int(sys.argv[1]), 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
try:
    while data := os.read(fd, 65536):
        os.write(1, data)
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PYTHON
    TERM=xterm python3 "$work/.terminal.py" "$1" "$LENET" "${@:2}" >"$out" 2>"$err"
    code=$?
}

# Sets $data to a data set that is on this machine, the first of those named; skips the test if there is none.
need_data()
{
    local name
    command -v python3 >/dev/null || skip "no python3 to read JSON with"
    run info --json
    for name in "$@"; do
        if [ "$(json "$out" "d['data']['$name'] is not None")" = True ]; then
            data=$name
            return
        fi
    done
    skip "none of the data sets $* is on this machine (Debian: dataset-fashion-mnist; others: LENET_DATA)"
}

[ "${BASH_SOURCE[0]}" = "$0" ] || return 0

# ------------------------------------------------------------------------------------------------------ self-test

# must_fail COMMAND...: the expectation must not hold.
must_fail()
{
    local failed=0 passed=0
    "$@" >/dev/null
    [ "$failed" -gt 0 ] || echo "self-test: '$*' held"
    return $((failed == 0))
}

errors=0
: "${LENET:=self-test}"
printf 'one\ntwo\n' >"$out"
printf 'lenet: \033[1mwhy\n' >"$err"
for expectation in 'expect_code 1' 'expect_out three' 'expect_err because' 'expect_no_out' 'expect_no_err' 'expect_plain' 'expect_equal x 1 2'; do
    # shellcheck disable=SC2086 # several words
    must_fail $expectation || errors=1
done
LENET=$work/program
printf '#!/bin/sh\ntouch %s/left; echo "lenet: no" >&2; exit 2\n' "$work" >"$LENET"
chmod +x "$LENET"
must_fail refused 2 no || errors=1
rm -f "$work/left"
printf '#!/bin/sh\necho "lenet: no" >&2; exit 2\n' >"$LENET"
must_fail refused 3 no || errors=1
must_fail refused 2 yes || errors=1
refused 2 no
printf '#!/bin/sh\necho "lenet: no" >&2; echo again >&2; exit 2\n' >"$LENET"
must_fail refused 2 no || errors=1
[ "$errors" -eq 0 ] && finish
exit 1
