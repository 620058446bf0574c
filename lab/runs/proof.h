/* SPDX-License-Identifier: MIT */
/*
 * proof.h - the hash of what a database has of a run, by which a value that another program changed is
 * found. docs/formats.md has what is hashed. The functions return SQLite's codes.
 */
#ifndef LENET_LAB_RUNS_PROOF_H
#define LENET_LAB_RUNS_PROOF_H

#include <sqlite3.h>

#include <stdint.h>

/* Writes the proof of a run that has ended; of another it removes it. In the caller's transaction. */
int lab_prove_run(sqlite3 *database, int64_t run);

/* *wrong: the first run whose values are not those of its proof; 0: none. Runs without a proof are not checked. */
int lab_check_proofs(sqlite3 *database, int64_t *wrong);

#endif
