/* SPDX-License-Identifier: MIT */
/*
 * owner.h - who trains a run, and whether it still lives. A process that claims runs holds a lock on a byte
 * of the database file for as long as it has the database open; the owner's name has the byte's number. The system
 * gives the lock up when the process ends, however it does. So it holds in every PID namespace and container
 * of a machine, after a restart, and between machines as far as the file system passes locks on, which SQLite
 * needs too.
 *
 * The bytes have much higher offsets than those that SQLite locks, and the file is never written here.
 */
#ifndef LENET_LAB_RUNS_OWNER_H
#define LENET_LAB_RUNS_OWNER_H

#include "lenet/lenet.h"

#include <stdbool.h>

typedef struct lab_owner {
    int file;       /* the database; -1: not open */
    char name[320]; /* "HOST:PID:TOKEN", TOKEN in 16 hexadecimal digits; "" for who only reads */
} lab_owner;

/*
 * Opens the database file `path`, which is there, before SQLite does: to close it takes SQLite's own locks
 * away. With `write` the process is an owner from now on. LENET_IO, LENET_INPUT: it cannot be opened or
 * locked.
 */
lenet_status lab_owner_open(lab_owner *owner, const char *path, int write, lenet_error *error);

/* After SQLite has closed it. */
void lab_owner_close(lab_owner *owner);

/* Has the owner of this name ended? NULL: there is none. What cannot be known counts as alive. */
bool lab_owner_is_dead(const lab_owner *self, const char *name);

#endif
