/* SPDX-License-Identifier: MIT */
/*
 * reading.h - a database opened by one who only reads, who may not be allowed to write it or its folder.
 * Nothing is left beside it that was not there, so that its owner is not locked out; while it is being
 * written, what is read is one state of it.
 */
#ifndef LENET_LAB_RUNS_READING_H
#define LENET_LAB_RUNS_READING_H

#include <sqlite3.h>

/*
 * Of the file `path`, open as `file`. Returns SQLite's code; *database is to be closed in any case, and may
 * be NULL.
 */
int lab_open_to_read(sqlite3 **database, const char *path, int file);

#endif
