/* SPDX-License-Identifier: MIT */
/*
 * database.h - the runs of `lenet train --db FILE`. Each is claimed before it is trained, so a run that is there is not trained
 * again and a database that cannot be used costs nothing; what came of it is stored once it has ended. Until then a
 * checkpoint keeps it: in the folder of --out, or beside the database.
 */
#ifndef LENET_CLI_DATABASE_H
#define LENET_CLI_DATABASE_H

#include "cli/run.h"

/* Opens r->db, if it is given, before anything long begins, and says there what the data is. Returns an exit code. */
int open_database(run *r);

/*
 * Claims the run r->full_recipe, if there is a database; r->claim says what was found. What was measured of it before is
 * measured again. LENET_IO: another process trains it, or the database cannot be used.
 */
lenet_status claim_run(run *r, lenet_error *error);

/* After the claim: everywhere where the results are to go they are. False: the run is to be trained. */
bool is_stored(const run *r);

/* After the claim, without a folder: the checkpoint lies beside the database. `path` must outlive training. */
lenet_status use_database_checkpoint(run *r, char path[PATH_MAX], lenet_error *error);

/* Stores a claimed run that finished or diverged, and gives one that was stopped back. On failure the checkpoint stays. */
lenet_status put_into_database(run *r, lenet_error *error);

/* Fills r's results, epochs and status with those of the run in the database; diagnoses of epochs are left out. */
lenet_status recall_from_database(run *r, lenet_error *error);

#endif
