/* SPDX-License-Identifier: MIT */
/* place.c - see place.h. */
#include "lab/report/place.h"

#include "util/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char made[] = ".report.new", ready[] = ".report.ready";

static lenet_status fail(const lab_place *place, const char *what, lenet_error *error)
{
    return ln_fail(error, LENET_IO, "%s: the report cannot be put there: %s: %s", place->folder, what, strerror(errno));
}

/*
 * Moves the files of a folder in the place to their own names, or removes them; then the folder. It may be
 * missing.
 */
static bool try_to_empty(const lab_place *place, const char *name, bool is_to_move)
{
    const int inner = openat(place->lock, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (inner < 0)
        return errno == ENOENT;
    DIR *files = fdopendir(inner);
    const struct dirent *file;
    bool is_done = files != NULL;
    while (is_done && (errno = 0, file = readdir(files)) != NULL)
        if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0)
            is_done = !(is_to_move ? renameat(inner, file->d_name, place->lock, file->d_name)
                                   : unlinkat(inner, file->d_name, 0));
    is_done = is_done && !errno;
    const int reason = errno;
    if (files)
        closedir(files);
    else
        close(inner);
    errno = reason;
    return is_done && !unlinkat(place->lock, name, AT_REMOVEDIR);
}

/* The same, and waits for a gnuplot that a killed process left, which makes files in there. */
static bool empty(const lab_place *place, const char *name, bool is_to_move)
{
    enum { MOST_TRIES = 500 };
    for (int i = 0; !try_to_empty(place, name, is_to_move); i++) {
        if ((errno != ENOTEMPTY && errno != EEXIST) || i == MOST_TRIES)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    return true;
}

static lenet_status begin(lab_place *place, lenet_error *error)
{
    while (flock(place->lock, LOCK_EX))
        if (errno != EINTR)
            return fail(place, "no lock", error);
    if (!empty(place, ready, true) || !empty(place, made, false))
        return fail(place, "what a killed process left there", error);
    if (mkdirat(place->lock, made, 0777))
        return fail(place, made, error);
    return LENET_OK;
}

lenet_status lab_place_open(lab_place *place, const char *folder, lenet_error *error)
{
    *place = (lab_place){.folder = folder};
    if (snprintf(place->made, sizeof place->made, "%s/%s", folder, made) >= (int)sizeof place->made)
        return ln_fail(error, LENET_IO, "%.64s...: the path is too long", folder);
    place->lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place->lock < 0)
        return fail(place, "it cannot be opened", error);
    const lenet_status status = begin(place, error);
    if (status)
        close(place->lock);
    return status;
}

lenet_status lab_place_close(lab_place *place, lenet_status status, lenet_error *error)
{
    if (status)
        empty(place, made, false);
    else if (renameat(place->lock, made, place->lock, ready))
        status = fail(place, "renaming", error);
    else if (!empty(place, ready, true))
        status = fail(place, "moving the files", error);
    else
        fsync(place->lock);
    close(place->lock);
    return status;
}
