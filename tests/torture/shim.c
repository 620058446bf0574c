/* SPDX-License-Identifier: MIT */
/*
 * shim.c - a library that is loaded before the others (LD_PRELOAD) and makes one call of the program fail: the N-th allocation, the N-th
 * call of the system that opens, writes, syncs, renames or removes, the N-th that reads, or the N-th start of a thread. With N = 0 it
 * only counts. tests/torture/torture sets it up and judges what comes of it.
 *
 *   TORTURE_FILE   receives a struct record; mapped, so that it has what is known at the moment of any end
 *   TORTURE_KIND   alloc, file, read or thread
 *   TORTURE_AT     N, from 1; 0 or nothing: none fails
 *   TORTURE_STAYS  if set, all later calls of the same function fail too, as on a disk that stays full
 *
 * A program that the program starts, as gnuplot, is left in peace.
 *
 * Always: a call that fails has done nothing, but for close and fclose, which have closed, as Linux does. Calls before main's start are not
 * counted. Where glibc calls itself it cannot be caught, so the functions of <stdio.h> that open, flush and close are caught themselves.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { KINDS = 4, TRACE = 24 };
typedef enum kind { ALLOC, FILES, READ, THREAD } kind;

/* torture reads this, as "4Q Q 32s". */
struct record {
    atomic_ullong count[KINDS]; /* calls so far */
    atomic_ullong failed;       /* how many were made to fail */
    char name[32];              /* of the first of those */
};

static struct record *record; /* NULL: nothing is counted (yet) */
static kind wanted_kind;
static unsigned long long wanted;
static int stays, trace_file = -1;
static _Thread_local int is_ours __attribute__((tls_model("initial-exec"))); /* what this library does itself is not counted */

/* ------------------------------------------------------------------------------------------------- which call fails */

/* Who called, for those who look for the fault: "program(+0x1234)" a line, in TORTURE_FILE.trace. */
static void note_failure(const char *name)
{
    void *callers[TRACE];
    strncpy(record->name, name, sizeof record->name - 1);
    if (trace_file >= 0)
        backtrace_symbols_fd(callers, backtrace(callers, TRACE), trace_file);
}

/* Counts a call. Non-zero: it is to fail, and errno says why. */
static int fails(kind of, const char *name, int reason)
{
    if (!record || is_ours)
        return 0;
    const unsigned long long number = atomic_fetch_add(&record->count[of], 1) + 1;
    if (of != wanted_kind || !wanted || number < wanted)
        return 0;
    if (number > wanted && (!stays || strcmp(record->name, name) != 0))
        return 0;
    if (number == wanted)
        note_failure(name);
    atomic_fetch_add(&record->failed, 1);
    errno = reason;
    return 1;
}

static kind kind_of_name(const char *name)
{
    static const char *const names[KINDS] = {"alloc", "file", "read", "thread"};
    for (int i = 0; i < KINDS; i++)
        if (name && !strcmp(name, names[i]))
            return (kind)i;
    return ALLOC;
}

static int open_beside(const char *path, const char *ending)
{
    char name[4096];
    snprintf(name, sizeof name, "%s%s", path, ending);
    return open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("TORTURE_FILE"), *at = getenv("TORTURE_AT");
    const int file = path ? open_beside(path, "") : -1;
    if (file < 0 || ftruncate(file, sizeof *record))
        return;
    void *mapped = mmap(NULL, sizeof *record, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped == MAP_FAILED)
        return;
    void *callers[2];
    backtrace(callers, 2); /* loads what it needs now, not inside an allocation */
    trace_file = open_beside(path, ".trace");
    wanted_kind = kind_of_name(getenv("TORTURE_KIND"));
    wanted = at ? strtoull(at, NULL, 10) : 0;
    stays = getenv("TORTURE_STAYS") != NULL;
    unsetenv("LD_PRELOAD"); /* what the program starts is not tortured */
    record = mapped;
}

/* ------------------------------------------------------------------------------------------------------- allocations */

/* The names under which glibc has its own; dlsym would allocate. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) { return fails(ALLOC, "malloc", ENOMEM) ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails(ALLOC, "calloc", ENOMEM) ? NULL : __libc_calloc(count, size); }
void *realloc(void *memory, size_t size) { return fails(ALLOC, "realloc", ENOMEM) ? NULL : __libc_realloc(memory, size); }

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(ALLOC, "aligned_alloc", ENOMEM) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (fails(ALLOC, "posix_memalign", ENOMEM))
        return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

/* ------------------------------------------------------------------------------------------------------ system calls */

/* The next definition of a function after this one: the system's. */
#define NEXT(name) ((__typeof__(&name))next_of(&next_##name, #name))
#define HAS_NEXT(name) static _Atomic(void *) next_##name

static void *next_of(_Atomic(void *) *place, const char *name)
{
    void *found = atomic_load(place);
    if (!found) {
        is_ours = 1; /* what dlsym allocates is not the program's */
        found = dlsym(RTLD_NEXT, name);
        is_ours = 0;
        atomic_store(place, found);
    }
    return found;
}

/* A function that fails with `reason` and gives `failure`. */
#define CATCH(kind, result, name, parameters, arguments, reason, failure)                                                          \
    HAS_NEXT(name);                                                                                                                \
    result name parameters                                                                                                         \
    {                                                                                                                              \
        return fails(kind, #name, reason) ? failure : NEXT(name) arguments;                                                        \
    }

/* One that has done its work before it fails. */
#define CATCH_AFTER(kind, name, parameters, arguments, reason, failure)                                                            \
    HAS_NEXT(name);                                                                                                                \
    int name parameters                                                                                                            \
    {                                                                                                                              \
        const int is_to_fail = fails(kind, #name, reason), result = NEXT(name) arguments;                                          \
        if (is_to_fail)                                                                                                            \
            errno = reason;                                                                                                        \
        return is_to_fail ? failure : result;                                                                                      \
    }

/* Open takes a mode only where it can make a file. */
#define CATCH_OPEN(name, parameters, ...)                                                                                          \
    HAS_NEXT(name);                                                                                                                \
    int name parameters                                                                                                            \
    {                                                                                                                              \
        mode_t mode = 0;                                                                                                           \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                                                       \
            va_list rest;                                                                                                          \
            va_start(rest, flags);                                                                                                 \
            mode = va_arg(rest, mode_t);                                                                                           \
            va_end(rest);                                                                                                          \
        }                                                                                                                          \
        return fails(FILES, #name, EMFILE) ? -1 : NEXT(name)(__VA_ARGS__, flags, mode);                                            \
    }

CATCH_OPEN(open, (const char *path, int flags, ...), path)
CATCH_OPEN(open64, (const char *path, int flags, ...), path)
CATCH_OPEN(openat, (int folder, const char *path, int flags, ...), folder, path)
CATCH_OPEN(openat64, (int folder, const char *path, int flags, ...), folder, path)
CATCH(FILES, FILE *, fopen, (const char *path, const char *how), (path, how), EMFILE, NULL)
CATCH(FILES, FILE *, fopen64, (const char *path, const char *how), (path, how), EMFILE, NULL)
CATCH(FILES, FILE *, fdopen, (int file, const char *how), (file, how), EMFILE, NULL)
CATCH(FILES, DIR *, opendir, (const char *path), (path), EMFILE, NULL)
CATCH(FILES, DIR *, fdopendir, (int file), (file), EMFILE, NULL)
CATCH(FILES, int, mkdir, (const char *path, mode_t mode), (path, mode), ENOSPC, -1)
CATCH(FILES, char *, mkdtemp, (char *path), (path), ENOSPC, NULL)
CATCH(FILES, int, mkstemp, (char *path), (path), ENOSPC, -1)
CATCH(FILES, int, mkstemp64, (char *path), (path), ENOSPC, -1)
CATCH(FILES, int, rename, (const char *from, const char *to), (from, to), EIO, -1)
CATCH(FILES, int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), EIO, -1)
CATCH(FILES, int, renameat2, (int a, const char *from, int b, const char *to, unsigned how), (a, from, b, to, how), EIO, -1)
CATCH(FILES, int, link, (const char *from, const char *to), (from, to), EIO, -1)
CATCH(FILES, int, symlink, (const char *from, const char *to), (from, to), EIO, -1)
CATCH(FILES, int, unlink, (const char *path), (path), EIO, -1)
CATCH(FILES, int, unlinkat, (int folder, const char *path, int how), (folder, path, how), EIO, -1)
CATCH(FILES, int, rmdir, (const char *path), (path), EIO, -1)
CATCH(FILES, int, fsync, (int file), (file), EIO, -1)
CATCH(FILES, int, fdatasync, (int file), (file), EIO, -1)
CATCH(FILES, int, ftruncate, (int file, off_t size), (file, size), EIO, -1)
CATCH(FILES, int, ftruncate64, (int file, off64_t size), (file, size), EIO, -1)
CATCH(FILES, ssize_t, pwrite, (int file, const void *data, size_t size, off_t at), (file, data, size, at), ENOSPC, -1)
CATCH(FILES, ssize_t, pwrite64, (int file, const void *data, size_t size, off64_t at), (file, data, size, at), ENOSPC, -1)
CATCH(FILES, ssize_t, writev, (int file, const struct iovec *parts, int count), (file, parts, count), ENOSPC, -1)
CATCH(FILES, int, fflush, (FILE *file), (file), ENOSPC, EOF)
CATCH(FILES, int, socket, (int domain, int type, int protocol), (domain, type, protocol), EMFILE, -1)
CATCH(FILES, int, connect, (int file, const struct sockaddr *to, socklen_t size), (file, to, size), ECONNREFUSED, -1)
CATCH(FILES, ssize_t, send, (int file, const void *data, size_t size, int flags), (file, data, size, flags), ECONNRESET, -1)
CATCH_AFTER(FILES, close, (int file), (file), EIO, -1)
CATCH_AFTER(FILES, fclose, (FILE *file), (file), EIO, EOF)
CATCH_AFTER(FILES, closedir, (DIR *folder), (folder), EIO, -1)

/* What cannot be written to standard error cannot be said there. */
HAS_NEXT(write);
ssize_t write(int file, const void *data, size_t size)
{
    return file != STDERR_FILENO && fails(FILES, "write", ENOSPC) ? -1 : NEXT(write)(file, data, size);
}

/* Of files: what is mapped without one is memory of the system's libraries. */
#define CATCH_MAP(name, offset)                                                                                                    \
    HAS_NEXT(name);                                                                                                                \
    void *name(void *where, size_t size, int access, int flags, int file, offset at)                                               \
    {                                                                                                                              \
        return file >= 0 && fails(FILES, #name, ENOMEM) ? MAP_FAILED : NEXT(name)(where, size, access, flags, file, at);           \
    }
CATCH_MAP(mmap, off_t)
CATCH_MAP(mmap64, off64_t)

CATCH(READ, ssize_t, read, (int file, void *data, size_t size), (file, data, size), EIO, -1)
CATCH(READ, ssize_t, pread, (int file, void *data, size_t size, off_t at), (file, data, size, at), EIO, -1)
CATCH(READ, ssize_t, pread64, (int file, void *data, size_t size, off64_t at), (file, data, size, at), EIO, -1)
CATCH(READ, ssize_t, recv, (int file, void *data, size_t size, int flags), (file, data, size, flags), ECONNRESET, -1)
CATCH(READ, int, fstat, (int file, struct stat *about), (file, about), EIO, -1)
CATCH(READ, int, fstat64, (int file, struct stat64 *about), (file, about), EIO, -1)
CATCH(READ, struct dirent *, readdir, (DIR *folder), (folder), EIO, NULL)
CATCH(READ, struct dirent64 *, readdir64, (DIR *folder), (folder), EIO, NULL)

/* ----------------------------------------------------------------------------------------------------------- threads */

HAS_NEXT(pthread_create);
int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*work)(void *), void *argument)
{
    return fails(THREAD, "pthread_create", EAGAIN) ? EAGAIN : NEXT(pthread_create)(thread, how, work, argument);
}
