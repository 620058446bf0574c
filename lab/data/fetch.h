/* SPDX-License-Identifier: MIT */
/*
 * fetch.h - gets one file from the first of several mirrors that has it.
 *
 * What always holds: the file appears under its name only when it is whole and `verify` has accepted it.
 * Until then it grows as PATH.part, which survives a failure or a kill and is continued by the next call,
 * from whichever mirror: only `verify` decides about the whole file. Only http and https are spoken,
 * redirects included. One process at a time works on a file.
 */
#ifndef LENET_LAB_DATA_FETCH_H
#define LENET_LAB_DATA_FETCH_H

#include "lenet/lenet.h"

enum { LAB_FETCH_STALL_SECONDS = 15, LAB_FETCH_LEAST_SPEED = 100 /* bytes a second */ };

/* Where a download stands. */
typedef struct lab_fetch_progress {
    const char *url;
    uint64_t done;  /* bytes of the file that are here, those of an earlier call included */
    uint64_t total; /* of the whole file; 0: not known */
} lab_fetch_progress;

typedef struct lab_fetch {
    const char *const *urls; /* of the file, the best first, ended by NULL; at most 64 */
    const char *path;        /* where the file goes; its folder exists */
    uint64_t limit;          /* more bytes than this are refused; 0: no limit */
    /*
     * a mirror is left after so long without a connection or a byte, or below the least speed; 0: the default
     * above
     */
    int stall_seconds;

    /*
     * Accepts (LENET_OK) or refuses the whole file, which lies at `part`; the error has the reason. Never
     * NULL.
     */
    lenet_status (*verify)(void *context, const char *part, lenet_error *error);
    /* Called several times a second; non-zero stops the download (LENET_STOPPED). May be NULL. */
    int (*on_progress)(void *context, const lab_fetch_progress *progress);
    /* Called with one line each time a mirror is left for the next. May be NULL. */
    void (*on_trouble)(void *context, const char *line);
    void *context;
} lab_fetch;

/*
 * LENET_INPUT: what a mirror gave is not the file, and no other had it. LENET_IO: no mirror could be reached
 * or gave the whole file, or it could not be written here. LENET_STOPPED: by on_progress. LENET_USAGE: a URL
 * that is neither http nor https.
 */
lenet_status lab_fetch_file(const lab_fetch *fetch, lenet_error *error);

#endif
