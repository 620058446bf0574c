/* SPDX-License-Identifier: MIT */
/*
 * folder.h - the folder that results go into: made with its parents, and shown to be writable, before
 * anything long begins. What was made can be taken back while it is empty, so that a run without a result
 * leaves nothing. A process can own a folder, so that no two train into it.
 */
#ifndef LENET_CLI_FOLDER_H
#define LENET_CLI_FOLDER_H

#include <limits.h>
#include <stddef.h>

typedef struct folder {
    char path[PATH_MAX]; /* without slashes at the end */
    size_t kept;         /* characters of the path that were there before */
    int lock;            /* file descriptor of the lock file; -1: the folder is not owned */
} folder;

/*
 * Makes `path` where it is missing and tries that files called `names` (ended by NULL) can be put there.
 * Returns LENET_OK, or having complained LENET_IO, and then nothing that was made is left.
 */
int folder_prepare(folder *place, const char *path, const char *const *names);

/*
 * Returns LENET_OK if the file `path` stays as it is when files called like one of `patterns` (fnmatch(3),
 * ended by NULL) are written into the folder `place`; or having complained LENET_USAGE. The folder need not
 * be there yet.
 */
int folder_protects(const char *place, const char *path, const char *const *patterns);

/*
 * Makes this process the owner of a prepared folder, until folder_release or its death. Returns LENET_OK, or
 * having complained LENET_IO: another process owns it.
 */
int folder_own(folder *place);
void folder_release(folder *place);

/* Removes the lock file that a killed process left in the folder; one that a process holds stays. */
void folder_remove_lock(const char *path);

/* Releases the folder, and removes the folders that folder_prepare made, as far as they are empty. */
void folder_undo(folder *place);

#endif
