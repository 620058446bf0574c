/* SPDX-License-Identifier: MIT */
/*
 * archive.c - members of a tar or tar.gz straight into memory, by libarchive. Nothing is ever extracted, so
 * no path in an archive can reach the file system; still, a member that only looks like a wanted one (under
 * another path, a link, another size) is an error and not passed over, because then this is not the published
 * archive.
 *
 * What always holds: the work is bounded, whatever an archive claims (MOST_MEMBERS, LARGEST_MEMBER).
 */
#include "data/content.h"

#include "lenet/tools.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MOST_MEMBERS = 64, LARGEST_MEMBER = 256 * 1024 * 1024, READ_SIZE = 1024 * 1024, MOST_FILES = 32 };

typedef struct reader {
    struct archive *archive;
    const char *path;
    const lenet_source *source;
    size_t first, last;
    const unsigned char *wanted;
    unsigned char read[LN_MOST_FILES];
    size_t missing; /* wanted and not yet read */
    lenet_error *error;
} reader;

/* An archive that is damaged, or a system that does not let it be read: libarchive has the errno of that. */
static lenet_status fail_reading(const reader *r)
{
    const char *words = archive_error_string(r->archive);
    const int reason = archive_errno(r->archive);
    if (reason == ENOMEM)
        return ln_fail(r->error, LENET_FAILURE, "%s: out of memory", r->path);
    if (reason > 0 && reason != EILSEQ && reason != EINVAL) /* those two are its words for damage */
        return ln_fail(r->error, ln_status_of(reason), "%s: reading failed: %s", r->path, strerror(reason));
    return ln_fail(r->error, LENET_INPUT, "%s: damaged archive: %s", r->path, words ? words : "it cannot be read");
}

/* The wanted file that a member's path ends in, or `last`. */
static size_t index_of(const reader *r, const char *member)
{
    const char *slash = strrchr(member, '/');
    const char *base = slash ? slash + 1 : member;
    for (size_t i = r->first; i < r->last; i++)
        if (r->wanted[i] && strcmp(base, r->source->files[i].name) == 0)
            return i;
    return r->last;
}

/* NAME, FOLDER/NAME, or either after "./". */
static int is_expected_path(const reader *r, const char *member)
{
    if (strncmp(member, "./", 2) == 0)
        member += 2;
    const size_t length = strlen(r->source->folder);
    if (strncmp(member, r->source->folder, length) == 0 && member[length] == '/')
        member += length + 1;
    return !strchr(member, '/');
}

static lenet_status judge_member(const reader *r, size_t index, const char *member, struct archive_entry *entry)
{
    const size_t bytes = r->source->files[index].bytes;
    const la_int64_t size = archive_entry_size(entry);
    if (!is_expected_path(r, member))
        return ln_fail(r->error, LENET_INPUT, "%s: the member %s lies where it should not (expected: %s/%s)", r->path,
                       member, r->source->folder, r->source->files[index].name);
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) || archive_entry_symlink(entry) ||
        archive_entry_sparse_count(entry))
        return ln_fail(r->error, LENET_INPUT, "%s: the member %s is a link or not a regular file", r->path, member);
    if (r->read[index])
        return ln_fail(r->error, LENET_INPUT, "%s: the member %s is there twice", r->path, member);
    if (size < 0 || (uint64_t)size != bytes)
        return ln_fail(r->error, LENET_INPUT, "%s: the member %s has %lld bytes instead of %zu", r->path, member,
                       (long long)size, bytes);
    return LENET_OK;
}

/* Fills `data` to the last byte. */
static lenet_status read_data(const reader *r, const char *member, unsigned char *data, size_t size)
{
    size_t done = 0;
    while (done < size) {
        const la_ssize_t got = archive_read_data(r->archive, data + done, size - done);
        if (got < 0)
            return fail_reading(r);
        if (got == 0)
            return ln_fail(r->error, LENET_INPUT, "%s: the member %s ends after %zu of %zu bytes", r->path, member,
                           done, size);
        done += (size_t)got;
    }
    return LENET_OK;
}

static lenet_status read_member(reader *r, size_t index, const char *member, ln_take *take, void *context)
{
    const size_t size = r->source->files[index].bytes;
    unsigned char *data = ln_alloc(size, 1);
    if (!data)
        return ln_fail_memory(r->error, r->path, size);
    const lenet_status status = read_data(r, member, data, size);
    if (status) {
        ln_free(data);
        return status;
    }
    char path[LN_PATH + 64];
    snprintf(path, sizeof path, "%s:%s", r->path, r->source->files[index].name);
    r->read[index] = 1;
    r->missing--;
    return take(context, index, path, data, size, r->error);
}

static lenet_status visit_member(reader *r, struct archive_entry *entry, ln_take *take, void *context)
{
    const char *member = archive_entry_pathname(entry);
    if (!member)
        return ln_fail(r->error, LENET_INPUT, "%s: damaged archive: a member without a name", r->path);
    if (archive_entry_size(entry) > LARGEST_MEMBER)
        return ln_fail(r->error, LENET_INPUT, "%s: the member %s claims %lld bytes, more than any that belongs there",
                       r->path, member, (long long)archive_entry_size(entry));
    const size_t index = index_of(r, member);
    if (index == r->last)
        return LENET_OK; /* the next header skips its data */
    const lenet_status status = judge_member(r, index, member, entry);
    return status ? status : read_member(r, index, member, take, context);
}

static lenet_status read_members(reader *r, ln_take *take, void *context)
{
    for (int members = 0; r->missing; members++) {
        struct archive_entry *entry = NULL;
        const int got = archive_read_next_header(r->archive, &entry);
        if (got == ARCHIVE_EOF)
            break;
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
            return fail_reading(r);
        if (members == MOST_MEMBERS)
            return ln_fail(r->error, LENET_INPUT, "%s: more than %d members: not the archive of %s", r->path,
                           MOST_MEMBERS, r->source->name);
        const lenet_status status = visit_member(r, entry, take, context);
        if (status)
            return status;
    }
    for (size_t i = r->first; i < r->last; i++)
        if (r->wanted[i] && !r->read[i])
            return ln_fail(r->error, LENET_INPUT, "%s: has no member %s", r->path, r->source->files[i].name);
    return LENET_OK;
}

lenet_status ln_read_archive(const lenet_source *source, const char *archive, size_t first, size_t last,
                             const unsigned char *wanted, ln_take *take, void *context, lenet_error *error)
{
    reader r = {.path = archive, .source = source, .first = first, .last = last, .wanted = wanted, .error = error};
    for (size_t i = first; i < last; i++)
        r.missing += wanted[i] != 0;
    r.archive = archive_read_new();
    if (!r.archive || archive_read_support_format_tar(r.archive) != ARCHIVE_OK ||
        archive_read_support_filter_gzip(r.archive) != ARCHIVE_OK) {
        archive_read_free(r.archive);
        return ln_fail(error, LENET_FAILURE, "%s: libarchive cannot be started", archive);
    }
    lenet_status status = LENET_OK;
    if (archive_read_open_filename(r.archive, archive, READ_SIZE) != ARCHIVE_OK)
        status = fail_reading(&r);
    else
        status = read_members(&r, take, context);
    archive_read_free(r.archive);
    return status;
}
