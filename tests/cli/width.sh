#!/bin/bash
# SPDX-License-Identifier: MIT
#
# width.sh - lines of progress, of tables and of results have at most 80 columns, in a pipe and on a terminal of 80 columns. Characters count, not
# bytes. Errors are one line each, however long, and are not looked at here.
#
# ctest: single timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
from=$(json "$out" "d['data']['$data']")

"$root/tests/few-images" "$from" "$work/few/mnist" 600 200 || skip "no plain or gzip files of $data"
# shellcheck disable=SC2164 # the folder is there
cd "$work"

cat >wide.py <<'PYTHON'
import re, sys
for name in sys.argv[1:]:
    text = open(name, encoding="utf-8", newline="").read()
    for line in re.split(r"[\r\n]+|\x1b\[\d*A", text): # what is gone back over ends, too
        line = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line)
        if len(line) > 80 and not line.startswith("lenet: "):
            print(f"{len(line)} columns: {line}")
PYTHON
too_wide() { python3 wide.py "$@" | head -n 5; }

# narrow ARGUMENT...: the program keeps to 80 columns in a pipe
narrow()
{
    run "$@"
    judge "it ran" [ "$code" -eq 0 ] || [ "$code" -eq 4 ]
    expect_equal "too wide in a pipe: $ran" "$(too_wide "$out" "$err")" ''
}

# both ARGUMENT...: and on a terminal
both()
{
    narrow "$@"
    on_terminal 80 "$@"
    expect_equal "too wide on a terminal: $ran" "$(too_wide "$out")" ''
}

options=(--data mnist --data-dir few --arch "$small")
both train "${options[@]}" --epochs 12
narrow train "${options[@]}" --epochs 12 --test-each-epoch --noise 0.2 --diagnose --out run
narrow train "${options[@]}" --epochs 120 --val-split 0 --test-each-epoch --keep-best test
narrow train "${options[@]}" --epochs 2 --lr 300 --optimizer sgd --diagnose
narrow train "${options[@]}" --epochs 2 --lr 1e-8 --diagnose --loss forward --noise-matrix estimate --noise 0.3
both train "${options[@]}" --epochs 2 --runs 3 --seed 18446744073709551000 --lr 3
narrow train "${options[@]}" --epochs 2 --folds 3 --runs 2 --lr 3 --out runs
narrow eval run/model.safetensors --data-dir few
narrow eval run/model.safetensors --data-dir few --split train
for seed in 3 4; do
    run train "${options[@]}" --epochs 2 --db runs.db --seed "$seed" --noise 0.2 --augment shift:2,flip,rotate:10
done
narrow runs list --db runs.db
narrow runs show 1 --db runs.db
narrow data list --data-dir few
narrow study list
run data check --data-dir few
expect_equal 'too wide: data check' "$(too_wide "$out")" ''

long="a label that is so long that it has to be cut somewhere or it would not fit, neither in progress nor in results"
cat >s.yaml <<YAML
study: s
title: A study whose title is so long that it takes two lines of a terminal, for there is much to be said of it
base: {data: mnist, arch: "$small", epochs: 5, batch: 8}
seeds: 2
quick: {epochs: 2}
experiments:
  - name: an-experiment-with-a-name-that-is-rather-long-for-a-name
    title: An experiment whose title is so long that it takes two lines of a terminal, for there is much to be said of it
    settings: [{label: "$long"}, {label: "$long, too", folds: 2}]
    grid: {lr: [0.001, 3, 1e9], optimizer: [adam, sgd]}
    show:
      - verdict: {claim: "$long.", test: best-of, a: "$long, lr 0.001, optimizer adam", b: "$long, lr 3, optimizer adam"}
YAML
narrow study plan s.yaml --data-dir few
both study run s.yaml --data-dir few --out o
rm -r o
on_terminal 80 study run s.yaml --data-dir few --out o
expect_equal 'too wide on a terminal: a study that trains' "$(too_wide "$out")" ''
judge 'one time is left, for the whole' [ "$(tr -d '\r' <"$out" | grep -ac 'left .*left')" -eq 0 ]

finish
