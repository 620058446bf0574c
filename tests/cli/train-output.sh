#!/bin/bash
# SPDX-License-Identifier: MIT
#
# train-output.sh - a training run leaves three files that agree with each other, with what --json prints, and with what `lenet eval` finds.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist

# A convolution, small enough for any sanitizer.
# shellcheck disable=SC2054
options=(--data "$data" --arch conv:2@3x3:stride=3,relu,maxpool:2,dense:10 --train-limit 640 --epochs 3 --batch 17 --seed 7 --decay 0.5)

run train "${options[@]}" --out "$work/a/b"
expect_code 0
expect_plain
expect_equal 'files' "$(ls -A "$work/a/b")" "$(printf 'history.csv\nmodel.safetensors\nrun.json')"
for epoch in 1 2 3; do
    expect_err "^epoch $epoch/3  [0-9.]+ s  train [0-9.]+ [0-9.]+ %  validation [0-9.]+ [0-9.]+ %(  best)?$"
done
expect_out '^test accuracy  [0-9.]+ % \(95 % interval [0-9.]+ to [0-9.]+ %\), loss [0-9.]+; 10,000 images$'
expect_out '^kept epoch     [123] of 3 \(best validation accuracy'
expect_out '^weights        [0-9a-f]{64}$'
expect_out "model.safetensors\$"
expect_out '^most confused'
expect_out 'rows: truth, columns: predicted'
expect_out '^accuracy, %  t training  v validation'

record=$work/a/b/run.json
for key in version compiler status started seed isa threads seconds images_per_second data data_sha256 architecture parameters \
    best_epoch test_accuracy test_accuracy_standard_error test_loss weights_sha256 epochs; do
    expect_equal "key $key" "$(json "$record" "d['$key'] is not None")" True
done
for key in data data_dir arch epochs batch optimizer lr decay momentum init seed val_split keep_best test_each_epoch threads isa train_limit \
    out quiet json; do
    expect_equal "option $key" "$(json "$record" "'$key' in d['options']")" True
done
expect_equal 'options' "$(json "$record" "[d['options'][k] for k in ('epochs', 'batch', 'seed', 'decay', 'lr', 'val_split')]")" \
    '[3, 17, 7, 0.5, 0.001, 0.1]'
expect_equal 'keys of an epoch' "$(json "$record" "','.join(d['epochs'][0])")" \
    epoch,seconds,learning_rate,train_loss,train_accuracy,val_loss,val_accuracy
expect_equal 'learning rates' "$(json "$record" "[e['learning_rate'] for e in d['epochs']]")" '[0.001, 0.0005, 0.00025]'
expect_equal 'images' "$(json "$record" "(d['train_count'], d['val_count'])")" '(576, 64)'
expect_equal 'images/s' "$(json "$record" "abs(d['images_per_second'] * d['seconds'] / (3 * 576) - 1) < 1e-6")" True
expect_equal 'standard error' \
    "$(json "$record" "abs(d['test_accuracy_standard_error'] ** 2 * 10000 - d['test_accuracy'] * (1 - d['test_accuracy'])) < 1e-9")" True
expect_equal 'best epoch' \
    "$(json "$record" "d['best_epoch'] == max(d['epochs'], key=lambda e: (e['val_accuracy'], -e['val_loss'], -e['epoch']))['epoch']")" True

expect_equal 'columns' "$(head -n 1 "$work/a/b/history.csv" | cut -d, -f-10)" \
    epoch,seconds,learning_rate,train_loss,train_accuracy,val_loss,val_accuracy,test_loss,test_accuracy,is_best
expect_equal 'columns of label noise' "$(head -n 1 "$work/a/b/history.csv" | cut -d, -f11-)" noisy_memorised,noisy_corrected,noisy_other,clean_right
expect_equal 'rows' "$(wc -l <"$work/a/b/history.csv")" 4
expect_equal 'losses' "$(cut -d, -f4 "$work/a/b/history.csv" | tail -n +2 | paste -sd' ')" \
    "$(json "$record" "' '.join(repr(e['train_loss']) for e in d['epochs'])")"
expect_equal 'nothing measured is empty' "$(sed -n 2p "$work/a/b/history.csv" | cut -d, -f8,9)" ,

# What was stored is what was measured.
run eval "$work/a/b/model.safetensors" --json
expect_code 0
for key in test_accuracy test_loss kept_weights_sha256; do
    found=${key#test_}
    expect_equal "$key" "$(json "$record" "d['$key']")" "$(json "$out" "d['${found#kept_}']")"
done

# --json is the record and nothing else; threads change nothing; the model file is the same to the byte.
run train "${options[@]}" --json --quiet --threads 3 --out "$work/second"
expect_code 0
expect_no_err
expect_equal 'threads' "$(json "$out" "d['threads']")" 3
expect_equal 'the record printed and written' "$(json "$out" d)" "$(json "$work/second/run.json" d)"
for key in weights_sha256 kept_weights_sha256 best_epoch test_accuracy test_loss data_sha256; do
    expect_equal "$key again" "$(json "$out" "d['$key']")" "$(json "$record" "d['$key']")"
done
judge 'the same model file, byte for byte' cmp "$work/second/model.safetensors" "$work/a/b/model.safetensors"

# --quiet leaves the summary, --test-each-epoch fills its columns, an older run is replaced if that is wanted.
run train "${options[@]}" --epochs 1 --quiet --test-each-epoch --val-split 0 --keep-best test --out "$work/second/" --force
expect_code 0
expect_no_err
expect_out '^test accuracy'
expect_out 'best test accuracy, which flatters it'
judge 'no tables' [ "$(wc -l <"$out")" -lt 9 ]
judge 'test columns' [ -n "$(sed -n 2p "$work/second/history.csv" | cut -d, -f8)" ]
expect_equal 'no validation' "$(json "$work/second/run.json" "(d['val_count'], d['epochs'][0]['val_accuracy'], d['val_accuracy'])")" '(0, None, None)'
expect_equal 'test in the record' "$(json "$work/second/run.json" "d['epochs'][0]['test_accuracy'] == d['test_accuracy']")" True
expect_equal 'no slash twice' "$(json "$work/second/run.json" "d['options']['out']")" "$work/second"

# Without --out nothing is stored, and that is said.
before=$(listing)
run train "${options[@]}" --epochs 1 --quiet
expect_code 0
expect_out '^stored         nothing'
expect_equal 'files' "$(listing)" "$before"

finish
