#!/bin/bash
# SPDX-License-Identifier: MIT
#
# hidden.sh - names that a terminal or a browser would obey: control characters, characters that turn the direction of writing, bytes that are not
# UTF-8, in studies, folders and files; and names that a spreadsheet would take for formulas. None of them comes out.
#
# ctest: single timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
command -v python3 >/dev/null || skip 'no python3 to make images with'

csi=$'\xc2\x9b' turned=$'\xe2\x80\xae' isolate=$'\xe2\x81\xa6' escape=$'\033'
classes=("=1+1" "+cmd" "-2+3" "@sum" "a${escape}[31mb" "c${csi}31md" "e${turned}f" "g${isolate}h" $'i\xffj')
for class in "${classes[@]}"; do
    mkdir -p "$work/data/$class"
done
python3 - "$work/data" <<'PYTHON'
import os, random, struct, sys, zlib
draw = random.Random(1)

def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

for label, name in enumerate(sorted(os.listdir(os.fsencode(sys.argv[1])))):
    for i in range(30):
        rows = [bytearray(b"\0" + bytes([200 * (row == label)]) * 12) for row in range(12)]
        rows[draw.randrange(12)][1 + draw.randrange(12)] = 255
        with open(os.path.join(os.fsencode(sys.argv[1]), name, b"p%d.png" % i), "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 12, 12, 8, 0, 0, 0, 0)) +
                       chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b""))
PYTHON
: >"$work/data/=1+1/bad${escape}[2J.png"

# is_clean FILE: it is UTF-8 and has nothing hidden but tabs and line ends.
is_clean()
{
    python3 - "$1" <<'PYTHON'
import re, sys
text = open(sys.argv[1], "rb").read()
if text[:4] == b"\x89PNG" or text[:4] == b"%PDF":
    sys.exit(0)
found = re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", text.decode())
if found:
    print("    hidden:", sys.argv[1], [hex(ord(c)) for c in found])
sys.exit(bool(found))
PYTHON
}
expect_clean() { judge 'stdout is clean' is_clean "$out" && judge 'stderr is clean' is_clean "$err"; }

train=(train --data "$work/data" --arch "maxpool:2,dense:9" --epochs 2 --batch 6)
run "${train[@]}" --out "$work/run"
expect_code 3
expect_clean
run "${train[@]}" --skip-bad --out "$work/run"
expect_code 0
expect_clean
run "${train[@]}" --skip-bad --out "$work/run" --json
expect_clean
run eval "$work/run/model.safetensors" --data "$work/data" --skip-bad
expect_code 0
expect_clean
run eval "$work/run/model.safetensors" --data "$work/data" --skip-bad --json
expect_clean
cp "$work/data/=1+1/p0.png" "$work/x${csi}31m${turned}.png"
run predict "$work/run/model.safetensors" "$work"/x*.png
expect_code 0
expect_clean
run predict "$work/run/model.safetensors" "$work"/x*.png --quiet
expect_clean
run predict "$work/run/model.safetensors" "$work/data/=1+1"
expect_clean
for file in "$work"/run/*.{json,csv}; do
    judge "$file is clean" is_clean "$file"
done
rm "$work/data/=1+1"/bad*

# A study with such words, by YAML's escapes, and its report.
cat >"$work/study.yaml" <<'YAML'
study: hidden
title: "Title \e[31m \x9b31m \u202e turned"
text: "Text \e[2J \u2066"
base: {data: DATA, arch: "maxpool:2,dense:9", epochs: 30, batch: 6}
experiments:
  - name: a
    title: "Experiment \e]0;x\a \u202e"
    settings: [{label: "=1+1", lr: 0.02}, {label: "b \e[31m \u009b \u202e", lr: 0.05}]
    show: [heading: "Heading \e[1m", text: "Shown \u202e", table: {}, curves: {title: "Curves \e[1m \u202e"}, confusion: {point: "=1+1", file: conf.txt}]
YAML
sed -i "s#DATA#$work/data#; s/show: \[heading/show: [heading/" "$work/study.yaml"
run study run "$work/study.yaml" --out "$work/report" --jobs 1
expect_code 0
expect_clean
judge 'a report' [ -s "$work/report/report.html" ]
for file in "$work"/report/*; do
    [ -d "$file" ] || case $file in *.db*) ;; *) judge "$file is clean" is_clean "$file" ;; esac
done
judge 'labels that are no formulas' grep -q "'=1+1" "$work"/report/*-curves.tsv
judge 'nothing that one is' sh -c "! grep -hP '\t[=+@]' '$work'/report/*.tsv"
run runs list --db "$work/report/lenet.db"
expect_clean
run runs list --db "$work/report/lenet.db" --csv
expect_clean
run runs export --db "$work/report/lenet.db"
expect_clean
run runs export --db "$work/report/lenet.db" --csv
expect_clean

# Of a database of somebody else.
python3 - "$work/report/lenet.db" <<'PYTHON'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE run SET proof = NULL, machine = ?, message = ?, version = ?", ("=HYPERLINK(1)", "m \x1b[31m \x9b \u202e", "-1+2"))
db.commit()
PYTHON
run runs show 1 --db "$work/report/lenet.db"
expect_clean
run runs list --db "$work/report/lenet.db" --csv
expect_clean
run runs export --db "$work/report/lenet.db" --csv
expect_clean
# fields COLUMN: its values.
fields() { python3 -c 'import csv, sys; print({r[sys.argv[2]] for r in csv.DictReader(open(sys.argv[1]))})' "$out" "$1"; }
expect_equal 'text that is no formula' "$(fields machine)" "{\"'=HYPERLINK(1)\"}"
judge 'numbers are numbers' grep -q ",0.02," "$out"

finish
