/* SPDX-License-Identifier: MIT */
/*
 * database.h - the runs of `lenet train --db FILE`: each is put into the database of runs once it has ended, where studies
 * find it.
 */
#ifndef LENET_CLI_DATABASE_H
#define LENET_CLI_DATABASE_H

#include "cli/run.h"

/* Opens r->db, if it is given, before anything long begins, and says there what the data is. Returns an exit code. */
int open_database(run *r);

/* Puts a run that finished or diverged there, unless it is there; *number is what it is called. */
lenet_status put_into_database(const run *r, int64_t *number, lenet_error *error);

#endif
