/* SPDX-License-Identifier: MIT */
/*
 * fetch.c - one file from several mirrors, by libcurl.
 *
 * A file is worked on in attempts, each with one mirror. An attempt ends in one of the outcomes below; the
 * loop over mirrors (fetch_from_mirrors) is all the policy there is. Mirrors that broke off are tried again
 * as long as a round over all of them brought at least one byte, so that a bad line gets there in the end.
 *
 * What a server says is believed for nothing but the order of things: a range that it ignores (200), a range
 * that it finds at the end (416) and a length that it states are all checked against the file, and the file
 * is judged by `verify`.
 */
#include "lab/data/fetch.h"

#include "util/clock.h"
#include "util/error.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_MIRRORS = 64, MAX_ROUNDS = 5, MAX_REDIRECTS = 5 };

typedef enum outcome {
    COMPLETE,  /* the mirror has no more to give; not verified yet */
    BROKE_OFF, /* may go better another time */
    REFUSED,   /* this mirror does not have the file */
    WRONG,     /* this mirror has something else under its name */
    LOCAL,     /* it could not be written here: no mirror can help */
    STOPPED,   /* by the caller */
} outcome;

/* One attempt with one mirror. */
typedef struct transfer {
    const lab_fetch *fetch;
    const char *url;
    CURL *curl;
    int fd;         /* of the part file, positioned at its end */
    uint64_t start; /* bytes that were there when the attempt began, and so where the request continues */
    uint64_t done;  /* bytes that are there now */
    uint64_t range; /* from where the answer continues, by its header */
    bool begun;     /* the answer has been looked at (begin_answer) */
    bool stalled;   /* silent for too long */
    bool is_slow;
    double last_byte; /* time of the last sign of life */
    double since;     /* how much came is judged from then on */
    uint64_t came;    /* bytes since, of headers too */
    outcome outcome;  /* of a callback that ended the transfer */
    char reason[512]; /* with any outcome but COMPLETE */
    char curl_error[CURL_ERROR_SIZE];
} transfer;

static outcome end_as(transfer *t, outcome ended, const char *format, ...) __attribute__((format(printf, 3, 4)));
static outcome end_as(transfer *t, outcome ended, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(t->reason, sizeof t->reason, format, arguments);
    va_end(arguments);
    return t->outcome = ended;
}

static int stall_limit(const lab_fetch *fetch)
{
    return fetch->stall_seconds > 0 ? fetch->stall_seconds : LAB_FETCH_STALL_SECONDS;
}

/* ------------------------------------------------------------------------------------------------- the part file */

/* Whether the open file still has this name: 1, 0, or -1 if that cannot be known: errno. */
static int same_file(const struct stat *open_file, const char *path)
{
    struct stat named;
    if (lstat(path, &named))
        return errno == ENOENT ? 0 : -1;
    return open_file->st_dev == named.st_dev && open_file->st_ino == named.st_ino;
}

/* Of what open_part has opened: LENET_OK, it is locked and ours; *again: it has another name by now. */
static lenet_status take_part(int fd, const char *part, bool *again, lenet_error *error)
{
    struct stat about;
    if (fstat(fd, &about))
        return ln_fail(error, LENET_IO, "%s: %s", part, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return ln_fail(error, LENET_IO, "%s: not a regular file; remove it", part);
    if (flock(fd, LOCK_EX | LOCK_NB))
        return errno == EWOULDBLOCK ? ln_fail(error, LENET_IO, "%s: another process is downloading this file", part)
                                    : ln_fail(error, LENET_IO, "%s: cannot be locked: %s", part, strerror(errno));
    const int same = same_file(&about, part);
    *again = !same;
    return same < 0 ? ln_fail(error, LENET_IO, "%s: %s", part, strerror(errno)) : LENET_OK;
}

/*
 * Opens and locks the part file. Another process may finish and rename it between our open and our lock; then
 * the descriptor is that of the finished file, which must not be touched, and we open again.
 */
static lenet_status open_part(const char *part, int *fd, lenet_error *error)
{
    enum { MOST_TRIES = 100 };
    for (int i = 0; i < MOST_TRIES; i++) {
        bool again = false;
        const int opened = open(part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0666);
        if (opened < 0)
            return ln_fail(error, LENET_IO, "%s: cannot be written: %s", part, strerror(errno));
        const lenet_status status = take_part(opened, part, &again, error);
        if (!status && !again) {
            *fd = opened;
            return LENET_OK;
        }
        close(opened);
        if (status)
            return status;
    }
    return ln_fail(error, LENET_IO, "%s: other processes make and remove it all the time", part);
}

static outcome part_failed(transfer *t) { return end_as(t, LOCAL, "%s.part: %s", t->fetch->path, strerror(errno)); }

static outcome part_restart(transfer *t)
{
    t->done = 0;
    if (ftruncate(t->fd, 0) || lseek(t->fd, 0, SEEK_SET))
        return part_failed(t);
    return COMPLETE;
}

static outcome part_append(transfer *t, const char *data, size_t size)
{
    if (t->fetch->limit && size > t->fetch->limit - t->done)
        return end_as(t, WRONG, "sends more than the %" PRIu64 " bytes that this file can have", t->fetch->limit);
    while (size) {
        const ssize_t put = write(t->fd, data, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return part_failed(t);
        data += put;
        size -= (size_t)put;
        t->done += (uint64_t)put;
    }
    return COMPLETE;
}

/* ------------------------------------------------------------------------------------------------- what is answered */

static long answer_code(transfer *t)
{
    long code = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

/* The size of the whole file as the answer has it, 0 if it is not given. */
static uint64_t answer_total(transfer *t)
{
    curl_off_t length = -1;
    curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length < 0)
        return 0;
    return (uint64_t)length + (answer_code(t) == 206 ? t->start : 0);
}

/* A login page of a hotel, or an error page sent with code 200. No data file begins with '<'. */
static bool is_web_page(transfer *t, const char *data, size_t size)
{
    const char *type = NULL;
    curl_easy_getinfo(t->curl, CURLINFO_CONTENT_TYPE, &type);
    if (type && !strncasecmp(type, "text/html", 9))
        return true;
    size_t i = 0;
    while (i < size && (data[i] == ' ' || data[i] == '\t' || data[i] == '\r' || data[i] == '\n'))
        i++;
    return answer_code(t) == 200 && i < size && data[i] == '<';
}

/*
 * Looks at the answer before its first byte is kept. What is here already is given up only for the file from
 * its beginning.
 */
static outcome begin_answer(transfer *t, const char *data, size_t size)
{
    t->begun = true;
    const long code = answer_code(t);
    if (code == 408 || code == 425 || code == 429 || code >= 500)
        return end_as(t, BROKE_OFF, "answered %ld", code);
    if (code != 200 && code != 206)
        return end_as(t, REFUSED, "answered %ld", code);
    if (code == 206 && (!t->start || t->range != t->start))
        return end_as(t, REFUSED, "answered with another part of the file than it was asked for");
    if (is_web_page(t, data, size))
        return end_as(t, WRONG, "answered with a web page instead of the file");
    if (t->fetch->limit && answer_total(t) > t->fetch->limit)
        return end_as(t, WRONG, "offers %" PRIu64 " bytes where this file can have no more than %" PRIu64,
                      answer_total(t), t->fetch->limit);
    return code == 200 && t->start ? part_restart(t) : COMPLETE; /* 200: it does not continue files */
}

static void note_bytes(transfer *t, size_t count)
{
    t->last_byte = ln_seconds();
    t->came += count;
}

static size_t on_data(char *data, size_t one, size_t size, void *context)
{
    transfer *t = context;
    note_bytes(t, one * size);
    if (t->start && answer_code(t) == 416) /* for judge(); the text of the answer is no part of the file */
        return one * size;
    if (!t->begun && begin_answer(t, data, one * size) != COMPLETE)
        return 0;
    return part_append(t, data, one * size) == COMPLETE ? one * size : 0;
}

/* "Content-Range: bytes 100-199/200" of the latest answer: redirects have headers too. */
static size_t on_header(char *line, size_t one, size_t size, void *context)
{
    transfer *t = context;
    static const char name[] = "content-range:";
    char text[128];
    note_bytes(t, one * size);
    snprintf(text, sizeof text, "%.*s", (int)(one * size < sizeof text ? one * size : sizeof text - 1), line);
    if (!strncmp(text, "HTTP/", 5)) {
        t->range = 0;
    } else if (!strncasecmp(text, name, sizeof name - 1)) {
        uint64_t start = 0;
        if (sscanf(text + sizeof name - 1, " bytes %" SCNu64 "-", &start) == 1)
            t->range = start;
    }
    return one * size;
}

/* Silent for too long, or for so long slower than any line that is worth waiting for? */
static bool is_too_slow(transfer *t)
{
    const double now = ln_seconds(), limit = stall_limit(t->fetch);
    t->stalled = now - t->last_byte > limit;
    if (now - t->since > limit) {
        t->is_slow = (double)t->came < limit * LAB_FETCH_LEAST_SPEED;
        t->since = now;
        t->came = 0;
    }
    return t->stalled || t->is_slow;
}

static int on_tick(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    (void)total, (void)now, (void)up_total, (void)up_now;
    transfer *t = context;
    if (is_too_slow(t))
        return 1;
    if (!t->fetch->on_progress)
        return 0;
    const lab_fetch_progress progress = {t->url, t->done, t->begun ? answer_total(t) : 0};
    if (!t->fetch->on_progress(t->fetch->context, &progress))
        return 0;
    end_as(t, STOPPED, "stopped");
    return 1;
}

/* ------------------------------------------------------------------------------------------------------ an attempt */

static CURLcode set_up(transfer *t)
{
    CURL *const curl = t->curl;
    const long wait = stall_limit(t->fetch);
    CURLcode bad = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_URL, t->url);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, wait);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_USERAGENT, "lenet/" LENET_VERSION);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, t->curl_error);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_tick);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
    if (bad || !t->start)
        return bad;
    /* Not CURLOPT_RESUME_FROM: it would take the 200 of a server that cannot continue for an error. */
    char range[32];
    snprintf(range, sizeof range, "%" PRIu64 "-", t->start);
    return curl_easy_setopt(curl, CURLOPT_RANGE, range);
}

static outcome judge(transfer *t, CURLcode code)
{
    if (t->outcome != COMPLETE) /* a callback has said why */
        return t->outcome;
    if (t->stalled)
        return end_as(t, BROKE_OFF, "no answer for %d seconds, after %" PRIu64 " bytes", stall_limit(t->fetch),
                      t->done);
    if (t->is_slow)
        return end_as(t, BROKE_OFF, "fewer than %d bytes a second for %d seconds, after %" PRIu64 " bytes",
                      LAB_FETCH_LEAST_SPEED, stall_limit(t->fetch), t->done);
    if (code == CURLE_UNSUPPORTED_PROTOCOL)
        return end_as(t, REFUSED, "redirects to something that is neither http nor https");
    if (code == CURLE_TOO_MANY_REDIRECTS)
        return end_as(t, REFUSED, "redirects more than %d times", MAX_REDIRECTS);
    if (code == CURLE_PARTIAL_FILE)
        return end_as(t, BROKE_OFF, "ended after %" PRIu64 " of %" PRIu64 " bytes", t->done, answer_total(t));
    if (code)
        return end_as(t, BROKE_OFF, "%s", *t->curl_error ? t->curl_error : curl_easy_strerror(code));
    if (t->start && answer_code(t) == 416) /* nothing follows what is here */
        return COMPLETE;
    if (t->begun)
        return COMPLETE;
    const long answer = answer_code(t);
    if (answer == 200 || answer == 206)
        return end_as(t, WRONG, "answered with an empty file");
    return begin_answer(t, "", 0);
}

/* Continues the part file from one mirror. */
static outcome attempt(transfer *t, const lab_fetch *fetch, const char *url, int fd)
{
    *t = (transfer){.fetch = fetch, .url = url, .fd = fd, .outcome = COMPLETE, .last_byte = ln_seconds()};
    t->since = t->last_byte;
    const off_t end = lseek(fd, 0, SEEK_END);
    if (end < 0)
        return part_failed(t);
    t->start = t->done = (uint64_t)end;
    if (fetch->limit && t->start > fetch->limit) { /* the rest of something else */
        t->start = 0;
        if (part_restart(t) == LOCAL)
            return LOCAL;
    }
    t->curl = curl_easy_init();
    if (!t->curl)
        return end_as(t, LOCAL, "out of memory");
    CURLcode code = set_up(t);
    if (!code)
        code = curl_easy_perform(t->curl);
    const outcome ended = judge(t, code);
    curl_easy_cleanup(t->curl);
    t->curl = NULL;
    return ended;
}

/*
 * An attempt, and the caller's judgement of what came. A file put together from pieces gets a second chance
 * in one piece.
 */
static outcome attempt_and_verify(transfer *t, const lab_fetch *fetch, const char *url, int fd, const char *part)
{
    for (;;) {
        const outcome ended = attempt(t, fetch, url, fd);
        if (ended == WRONG && t->done != t->start && part_restart(t) == LOCAL)
            return LOCAL;
        if (ended != COMPLETE)
            return ended;
        lenet_error why = {LENET_INPUT, ""};
        const lenet_status bad = fetch->verify(fetch->context, part, &why);
        if (!bad)
            return COMPLETE;
        if (bad != LENET_INPUT) /* what came may well be right: it is looked at again the next time */
            return end_as(t, LOCAL, "%s", why.text);
        const bool in_pieces = t->start > 0;
        if (part_restart(t) == LOCAL)
            return LOCAL;
        if (!in_pieces)
            return end_as(t, WRONG, "%s", why.text);
    }
}

/* ------------------------------------------------------------------------------------------------------ the mirrors */

static void report_trouble(const lab_fetch *fetch, const transfer *t)
{
    if (!fetch->on_trouble)
        return;
    lenet_error line;
    ln_fail(&line, LENET_IO, "%s: %s", t->url, t->reason);
    fetch->on_trouble(fetch->context, line.text);
}

static lenet_status fetch_from_mirrors(const lab_fetch *fetch, int fd, const char *part, lenet_error *error)
{
    bool dropped[MAX_MIRRORS] = {false};
    lenet_status status = LENET_IO;
    bool gained = true;
    for (int round = 0; round < MAX_ROUNDS && gained; round++) {
        gained = false;
        for (int i = 0; fetch->urls[i]; i++) {
            if (dropped[i])
                continue;
            transfer t;
            const outcome ended = attempt_and_verify(&t, fetch, fetch->urls[i], fd, part);
            if (ended == COMPLETE)
                return LENET_OK;
            if (ended == LOCAL)
                return ln_fail(error, LENET_IO, "%s", t.reason);
            if (ended == STOPPED)
                return ln_fail(error, LENET_STOPPED, "%s: stopped; the next call continues", part);
            report_trouble(fetch, &t);
            gained |= ended == BROKE_OFF && t.done > t.start;
            dropped[i] = ended != BROKE_OFF;
            if (ended == WRONG || status == LENET_IO) /* a wrong file is more informative than a refused connection */
                status = ln_fail(error, ended == WRONG ? LENET_INPUT : LENET_IO, "%s: %s", t.url, t.reason);
        }
    }
    return status;
}

static void sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    const int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

static lenet_status fetch_into(const lab_fetch *fetch, const char *part, lenet_error *error)
{
    int fd = -1;
    lenet_status status = open_part(part, &fd, error);
    if (status)
        return status;
    status = fetch_from_mirrors(fetch, fd, part, error);
    if (!status && (fsync(fd) || rename(part, fetch->path)))
        status = ln_fail(error, LENET_IO, "%s: cannot be written: %s", fetch->path, strerror(errno));
    struct stat left;
    if (status && !fstat(fd, &left) && left.st_size == 0) /* nothing that another call could continue */
        unlink(part);
    close(fd);
    if (!status)
        sync_folder_of(fetch->path);
    return status;
}

static lenet_status check_urls(const lab_fetch *fetch, lenet_error *error)
{
    int count = 0;
    for (; fetch->urls[count]; count++) {
        const char *url = fetch->urls[count];
        if (strncasecmp(url, "http://", 7) && strncasecmp(url, "https://", 8))
            return ln_fail(error, LENET_USAGE, "%s: a mirror begins with http:// or https://", url);
        if (count == MAX_MIRRORS)
            return ln_fail(error, LENET_USAGE, "%s: more than %d mirrors", fetch->path, MAX_MIRRORS);
    }
    return count ? LENET_OK : ln_fail(error, LENET_USAGE, "%s: no mirror is known for it; name one", fetch->path);
}

lenet_status lab_fetch_file(const lab_fetch *fetch, lenet_error *error)
{
    lenet_status status = check_urls(fetch, error);
    if (status)
        return status;
    char *part = NULL;
    if (asprintf(&part, "%s.part", fetch->path) < 0)
        return ln_fail(error, LENET_FAILURE, "%s: out of memory", fetch->path);
    if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
        status = ln_fail(error, LENET_FAILURE, "libcurl cannot be started");
    } else {
        status = fetch_into(fetch, part, error);
        curl_global_cleanup();
    }
    free(part);
    return status;
}
