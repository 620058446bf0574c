/* SPDX-License-Identifier: MIT */
/* folder.c - mkdir with parents, and a lock file, which the system unlocks when its process dies. */
#include "cli/folder.h"

#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int refuse(const char *path, const char *why)
{
    print_notice("%s: %s; nothing was done", path, why);
    return LENET_IO;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return !stat(path, &status) && S_ISDIR(status.st_mode);
}

/* Makes the folder that the first `length` characters of the path name, unless it is there. */
static int make_level(folder *place, size_t length)
{
    char path[PATH_MAX];
    memcpy(path, place->path, length);
    path[length] = '\0';
    if (!mkdir(path, 0777) || (errno == EEXIST && is_folder(path)))
        return LENET_OK;
    return refuse(path, errno == EEXIST ? "is not a folder" : strerror(errno));
}

static int make_levels(folder *place)
{
    const char *path = place->path;
    bool has_made = false; /* then what follows is ours, also where a/ or a/. names it again */
    for (size_t end = 1; path[end - 1]; end++) {
        if (path[end] != '/' && path[end] != '\0')
            continue;
        char level[PATH_MAX];
        memcpy(level, path, end);
        level[end] = '\0';
        const bool was_there = is_folder(level);
        const int failed = make_level(place, end);
        if (failed)
            return failed;
        has_made = has_made || !was_there;
        if (!has_made)
            place->kept = end;
        if (!path[end])
            break;
    }
    return LENET_OK;
}

/* Checks without a trial file, which a killed process would leave. */
static int try_writing(const folder *place)
{
    return access(place->path, W_OK | X_OK) ? refuse(place->path, strerror(errno)) : LENET_OK;
}

static int try_names(const folder *place, const char *const *names)
{
    char path[PATH_MAX + 64];
    for (; *names; names++) {
        snprintf(path, sizeof path, "%s/%s", place->path, *names);
        if (is_folder(path))
            return refuse(path, "is a folder, and a file of this name is to be written");
    }
    return LENET_OK;
}

int folder_prepare(folder *place, const char *path, const char *const *names)
{
    memset(place, 0, sizeof *place);
    place->lock = -1;
    if (strlen(path) + 64 > sizeof place->path)
        return refuse(path, "the path is too long");
    strcpy(place->path, path);
    for (size_t end = strlen(path); end > 1 && place->path[end - 1] == '/'; end--)
        place->path[end - 1] = '\0';
    int failed = make_levels(place);
    if (!failed)
        failed = try_writing(place);
    if (!failed)
        failed = try_names(place, names);
    if (failed)
        folder_undo(place);
    return failed;
}

/*
 * Of two folders as they are written; links and other ways to write the same are seen through once both are
 * there.
 */
static bool is_same_folder(const char *a, const char *b)
{
    struct stat one, other;
    if (stat(a, &one) || stat(b, &other))
        return !strcmp(a, b);
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

int folder_protects(const char *place, const char *path, const char *const *patterns)
{
    char parent[PATH_MAX], wanted[PATH_MAX];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    snprintf(parent, sizeof parent, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    snprintf(wanted, sizeof wanted, "%s", place);
    for (size_t end = strlen(wanted); end > 1 && wanted[end - 1] == '/'; end--)
        wanted[end - 1] = '\0';
    if (!is_same_folder(*parent ? parent : "/", wanted))
        return LENET_OK;
    for (; *patterns; patterns++)
        if (!fnmatch(*patterns, name, FNM_CASEFOLD)) {
            print_notice("%s: the results in %s have files of this name (%s); name another file or folder", path, place,
                         *patterns);
            return LENET_USAGE;
        }
    return LENET_OK;
}

/* ----------------------------------------------------------------------------------------------------------- owners */

static char *lock_path(const folder *place, char path[PATH_MAX + 64])
{
    snprintf(path, PATH_MAX + 64, "%s/.lenet.lock", place->path);
    return path;
}

/*
 * An owner that released the folder has removed the file: a lock of a file that has no name is worth nothing.
 */
static bool is_at(int file, const char *path)
{
    struct stat opened, named;
    return !fstat(file, &opened) && !stat(path, &named) && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

static void write_owner(int file)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    if (ftruncate(file, 0) || dprintf(file, "process %ld on %s", (long)getpid(), host) < 0)
        return; /* the lock counts; its text is for people */
}

static int refuse_owned(const folder *place, int file)
{
    char owner[320] = "";
    const ssize_t length = pread(file, owner, sizeof owner - 1, 0);
    owner[length > 0 ? length : 0] = '\0';
    print_notice("%s: another lenet trains into this folder%s%s%s; wait for it, or take another --out", place->path,
                 *owner ? " (" : "", make_printable(owner), *owner ? ")" : "");
    return LENET_IO;
}

/*
 * A process that was killed a moment ago has its locks until the system has taken it apart: a second is
 * waited. False: it is locked.
 */
static bool lock_file(int file)
{
    enum { TRIES = 20 };
    int tries = 0;
    /* any other failure: a file system without locks */
    while (flock(file, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
        if (++tries > TRIES)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
    }
    return true;
}

int folder_own(folder *place)
{
    char path[PATH_MAX + 64];
    while (place->lock < 0) {
        const int file = open(lock_path(place, path), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file < 0)
            return refuse(path, strerror(errno));
        if (!lock_file(file)) {
            const int code = refuse_owned(place, file);
            close(file);
            return code;
        }
        if (is_at(file, path))
            place->lock = file;
        else
            close(file);
    }
    write_owner(place->lock);
    return LENET_OK;
}

void folder_remove_lock(const char *path)
{
    char name[PATH_MAX + 64];
    snprintf(name, sizeof name, "%s/.lenet.lock", path);
    const int file = open(name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return;
    if (!flock(file, LOCK_EX | LOCK_NB) && is_at(file, name))
        unlink(name);
    close(file);
}

void folder_release(folder *place)
{
    char path[PATH_MAX + 64];
    if (place->lock < 0)
        return;
    unlink(lock_path(place, path)); /* while it is locked: another process would lose its own */
    close(place->lock);
    place->lock = -1;
}

void folder_undo(folder *place)
{
    folder_release(place);
    for (size_t length = strlen(place->path); length > place->kept; length--) {
        if (place->path[length] != '/' && place->path[length] != '\0')
            continue;
        place->path[length] = '\0';
        rmdir(place->path); /* fails where something is in it by now, or where it was never made */
    }
}
