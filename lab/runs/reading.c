/* SPDX-License-Identifier: MIT */
/*
 * reading.c - see reading.h. A database with a write-ahead log has two files beside it while it is open:
 * PATH-wal and PATH-shm. SQLite makes them for readers too, and only one who may write removes them at the
 * end. So the way depends on what one may do and what there is:
 *
 *  - file and folder may be written: as a writer that does not write;
 *  - there is a PATH-shm: as a reader, which makes no files and does not wait;
 *  - there is only a PATH-wal, of a killed process, and no process has it open: without locks and without a PATH-shm;
 *  - there is neither: a copy in memory, made while nothing changed.
 */
#include "lab/runs/reading.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_TRIES = 100, PAUSE_MILLISECONDS = 20 };

static bool is_beside(const char *path, const char *ending)
{
    char name[PATH_MAX + 8];
    struct stat about;
    snprintf(name, sizeof name, "%s%s", path, ending);
    return !stat(name, &about);
}

static bool may_write(const char *path)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    return !access(path, W_OK) && !access(slash ? folder : ".", W_OK);
}

static int open_as(sqlite3 **database, const char *path, int flags, const char *vfs, const char *first)
{
    const int code = sqlite3_open_v2(path, database, flags | SQLITE_OPEN_FULLMUTEX, vfs);
    return code ? code : sqlite3_exec(*database, first, NULL, NULL, NULL);
}

/* The bytes of the file, in memory of SQLite's. */
static unsigned char *read_bytes(int file, size_t size)
{
    unsigned char *bytes = sqlite3_malloc64(size ? size : 1);
    size_t done = 0;
    while (bytes && done < size) {
        const ssize_t got = pread(file, bytes + done, size - done, (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            const int reason = errno;
            sqlite3_free(bytes);
            errno = reason;
            return NULL;
        }
        done += (size_t)got;
    }
    return bytes;
}

/* The database in the bytes, which it owns. */
static int open_bytes(sqlite3 **database, unsigned char *bytes, size_t size)
{
    enum { WRITE_VERSION = 18, READ_VERSION = 19, WITH_LOG = 2 };
    if (size > READ_VERSION && bytes[READ_VERSION] == WITH_LOG) /* a log needs files */
        bytes[WRITE_VERSION] = bytes[READ_VERSION] = 1;
    const int code = sqlite3_open_v2(":memory:", database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL);
    if (code) {
        sqlite3_free(bytes);
        return code;
    }
    return sqlite3_deserialize(*database, "main", bytes, (sqlite3_int64)size, (sqlite3_int64)size,
                               SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY);
}

static bool is_unchanged(const struct stat *before, const struct stat *after)
{
    return before->st_size == after->st_size && before->st_mtim.tv_sec == after->st_mtim.tv_sec &&
           before->st_mtim.tv_nsec == after->st_mtim.tv_nsec;
}

/* A copy in memory; SQLITE_BUSY: another process wrote meanwhile. */
static int open_copy(sqlite3 **database, int file, const char *path)
{
    struct stat before, after;
    if (fstat(file, &before))
        return SQLITE_IOERR_FSTAT;
    unsigned char *bytes = read_bytes(file, (size_t)before.st_size);
    if (!bytes)
        return errno == ENOMEM ? SQLITE_NOMEM : SQLITE_IOERR_READ;
    if (fstat(file, &after) || !is_unchanged(&before, &after) || is_beside(path, "-wal") || is_beside(path, "-shm")) {
        sqlite3_free(bytes);
        return SQLITE_BUSY;
    }
    return open_bytes(database, bytes, (size_t)before.st_size);
}

int lab_open_to_read(sqlite3 **database, const char *path, int file)
{
    if (may_write(path))
        return open_as(database, path, SQLITE_OPEN_READWRITE, NULL, "PRAGMA query_only = ON");
    for (int i = 0; i < MOST_TRIES; i++) {
        if (is_beside(path, "-shm"))
            return open_as(database, path, SQLITE_OPEN_READONLY, NULL, "");
        if (is_beside(path, "-wal") && i > 0) /* not one that is being opened just now */
            return open_as(database, path, SQLITE_OPEN_READONLY, "unix-none", "PRAGMA locking_mode = EXCLUSIVE");
        const int code = open_copy(database, file, path);
        if (code != SQLITE_BUSY)
            return code;
        sqlite3_sleep(PAUSE_MILLISECONDS);
    }
    return SQLITE_BUSY;
}
