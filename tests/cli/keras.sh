#!/bin/bash
# SPDX-License-Identifier: MIT
#
# keras.sh - the published settings trained by lenet and by Keras itself are samples of one distribution: each epoch's
# mean accuracy, on training and test images, lies within Welch's 99.9 % interval. Keras's runs are tests/golden/keras-*.txt
# (tools/golden-study.py). What is compared is ten means of each setting, so a true difference of none would fail this
# test once in fifty times; seeds are fixed, so it either holds or does not.
#
# ctest: long heavy timeout=3600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data mnist

# study SETTING RECIPE SEEDS: a study whose published numbers are those of Keras.
study()
{
    python3 - "$root/tests/golden/keras-$1.txt" "$2" "$3" <<'PY'
import statistics, sys
rows = [[float(x) for x in line.split()[1:]] for line in open(sys.argv[1]) if not line.startswith("#")]
means = [statistics.mean(column) for column in zip(*rows)]
sds = [statistics.stdev(column) for column in zip(*rows)]
print(f"""study: keras
base: {{data: mnist, arch: lenet5-valid, batch: 64, val-split: 0, epochs: 5, test-each-epoch: true}}
seeds: {sys.argv[3]}
experiments:
  - name: keras
    settings: [{{label: it, {sys.argv[2]}}}]
    show:""")
for metric, part in (("train_accuracy", slice(0, 5)), ("test_accuracy", slice(5, 10))):
    print(f"      - published: {{of: {metric}, points: [{{point: it, mean: {means[part]}, sd: {sds[part]}, runs: {len(rows)}}}]}}")
PY
}

# compare SETTING RECIPE SEEDS
compare()
{
    study "$@" >"$work/$1.yaml"
    run study run "$work/$1.yaml" --out "$work/$1" --quiet
    expect_code 0
    judge "each epoch of setting ($1) as with Keras" python3 - "$work/$1/results.json" <<'PY'
import json, sys
items = [i for s in json.load(open(sys.argv[1]))["sections"] for i in s["items"] if i["kind"] == "published"]
rows = [e for i in items for claim in i["result"] for e in claim["epochs"]]
for e in rows:
    c, s = e["comparison"], e["ours"]["statistics"]
    print(f"epoch {e['epoch']}  keras {100 * c['published']:.3f}  lenet {100 * s['mean']:.3f} (n = {s['n']})  p {c['p']:.4f}")
sys.exit(len(rows) != 10 or any(e["comparison"]["p"] < 0.001 for e in rows))
PY
}

compare c 'init: truncated-normal, lr: 0.005, decay: 0.9' 20
compare b 'init: glorot-normal, lr: 0.003, decay: 0.99' 20
finish
