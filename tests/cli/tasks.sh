#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tasks.sh - docs/tasks.md holds what its commands print, and the check can fail.
#
# ctest: heavy timeout=900
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data mnist
judge 'docs/tasks.md should hold what its commands print' "$root/tools/tasks" --check
mkdir -p "$work/tools" "$work/docs"
cp "$root/tools/tasks" "$work/tools"
printf '# One\n\n    $ lenet --version | head -1 | cut -c1-5\n    lenit\n\nEnd\n' >"$work/docs/tasks.md"
judge 'another output should be refused' eval '! "$work/tools/tasks" --check' >"$out" 2>&1
"$work/tools/tasks"
expect_equal 'the page is written' "$(sed -n 4p "$work/docs/tasks.md")" '    lenet'
judge 'what was written is right' "$work/tools/tasks" --check
printf '# One\n\n    $ lenet eval nothing\n' >"$work/docs/tasks.md"
judge 'a command that fails should be refused' eval '! "$work/tools/tasks"' >"$out" 2>&1
finish
