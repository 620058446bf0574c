/* SPDX-License-Identifier: MIT */
/*
 * check.c - is a file of a known data set what it should be? Decided by content: by the SHA-256 of what is
 * inside and, where only that is published, of the .gz itself; so a file of another data set under this name
 * is recognised as what it is.
 */
#include "data/content.h"
#include "data/inflate.h"
#include "data/source.h"
#include "lenet/tools.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/sha256.h"

#include <stdio.h>
#include <string.h>

typedef struct subject {
    const ln_known *known;
    size_t index;
    ln_found found;
    char path[LN_PATH]; /* the file, or the archive */
    lenet_file_check *check;
} subject;

/* The error's line without the path before it, which `check` has elsewhere. */
static void set_bad(lenet_file_check *check, const char *path, const lenet_error *error)
{
    const size_t length = strlen(path);
    const int repeats = strncmp(error->text, path, length) == 0 && strncmp(error->text + length, ": ", 2) == 0;
    check->state = LENET_FILE_BAD;
    snprintf(check->reason, sizeof check->reason, "%.*s", (int)sizeof check->reason - 1,
             error->text + (repeats ? length + 2 : 0));
}

/* If a known file has this hash, says so in `check`; else 0. */
static int recognise(const subject *s, const char *sha256, int packed)
{
    size_t index = 0;
    const lenet_source *source = ln_source_of_content(sha256, packed, &index);
    if (!source)
        return 0;
    if (source->files == s->known->source.files && index == s->index) {
        s->check->state = LENET_FILE_GOOD;
    } else {
        s->check->state = LENET_FILE_SWAPPED;
        s->check->other_source = source->name;
        s->check->other_name = source->files[index].name;
    }
    return 1;
}

/* The same by the hash of the file as it lies there. */
static int recognise_packed(const subject *s)
{
    unsigned char *packed = NULL;
    size_t size = 0;
    char sha256[LN_SHA256_HEX];
    if (s->found != LN_FILE || ln_load_packed(s->path, s->known->source.files[s->index].bytes, &packed, &size, NULL))
        return 0;
    ln_sha256_of(packed, size, sha256);
    ln_free(packed);
    return recognise(s, sha256, 1);
}

/* A content that no published hash is of: what is wrong with it? */
static lenet_status explain(const subject *s, const char *path, const unsigned char *data, size_t size,
                            lenet_error *error)
{
    const lenet_source *source = &s->known->source;
    const lenet_source_file *file = &source->files[s->index];
    lenet_error reason = {LENET_OK, ""};
    lenet_status status = s->known->format->judge(source, s->index, path, data, size, &reason);
    if (status == LENET_FAILURE || status == LENET_IO) /* nothing about the file */
        return ln_fail(error, status, "%s", reason.text);
    if (!status && size < file->bytes)
        status = ln_fail(&reason, LENET_INPUT, "%zu bytes, and the published file has %zu", size, file->bytes);
    if (!status && file->sha256)
        status = ln_fail(&reason, LENET_INPUT, "the SHA-256 of its content is %s, not the published %s",
                         s->check->sha256, file->sha256);
    if (status) {
        set_bad(s->check, path, &reason);
        return LENET_OK;
    }
    s->check->state = LENET_FILE_UNPROVEN;
    snprintf(s->check->reason, sizeof s->check->reason,
             "well-formed, but only the hash of the published %s.gz is known, and this is another file", file->name);
    return LENET_OK;
}

/* An ln_take. */
static lenet_status judge_content(void *context, size_t index, const char *path, unsigned char *data, size_t size,
                                  lenet_error *error)
{
    subject *s = context;
    (void)index;
    snprintf(s->check->path, sizeof s->check->path, "%.*s", (int)sizeof s->check->path - 1, path);
    ln_sha256_of(data, size, s->check->sha256);
    lenet_status status = *s->check->sha256 ? LENET_OK : ln_fail_memory(error, path, size);
    if (!status && !recognise(s, s->check->sha256, 0) && !recognise_packed(s))
        status = explain(s, path, data, size, error);
    ln_free(data);
    return status;
}

/* What reading and judging came to: the file's own faults go into the check. */
static lenet_status settle(const subject *s, lenet_status status, const lenet_error *reason, lenet_error *error)
{
    if (status == LENET_FAILURE || status == LENET_IO) /* nothing about the file */
        return ln_fail(error, status, "%s", reason->text);
    if (status)
        set_bad(s->check, s->path, reason);
    return LENET_OK;
}

static lenet_status begin(const subject *s, lenet_error *error)
{
    if (!s->known || s->index >= s->known->source.file_count)
        return ln_fail(error, LENET_USAGE,
                       "file %zu of a source that has no such file, or that lenet_source_list does not have", s->index);
    *s->check = (lenet_file_check){.state = LENET_FILE_MISSING};
    return LENET_OK;
}

/* Of a file of any name: its path is s->path. */
static lenet_status judge_file(subject *s, lenet_error *reason)
{
    const lenet_source *source = &s->known->source;
    unsigned char *data = NULL, wanted[LN_MOST_FILES] = {0};
    size_t size = 0;
    wanted[s->index] = 1;
    if (s->found == LN_MEMBER)
        return ln_read_archive(source, s->path, s->index, s->index + 1, wanted, judge_content, s, reason);
    const lenet_status status = ln_load(s->path, source->files[s->index].bytes, &data, &size, reason);
    return status ? status : judge_content(s, s->index, s->path, data, size, reason);
}

lenet_status lenet_source_check_file(const lenet_source *source, size_t index, const char *path,
                                     lenet_file_check *check, lenet_error *error)
{
    subject s = {.known = ln_source_known(source),
                 .index = index,
                 .check = check,
                 .found = source->archive ? LN_MEMBER : LN_FILE};
    lenet_error reason = {LENET_OK, ""};
    const lenet_status status = begin(&s, error);
    if (status)
        return status;
    if (snprintf(s.path, sizeof s.path, "%s", path) >= (int)sizeof s.path)
        return ln_fail(error, LENET_USAGE, "%.64s...: the path is too long", path);
    return settle(&s, judge_file(&s, &reason), &reason, error);
}

lenet_status lenet_source_check(const lenet_source *source, size_t index, const char *folder, lenet_file_check *check,
                                lenet_error *error)
{
    subject s = {.known = ln_source_known(source), .index = index, .check = check};
    ln_place place;
    lenet_error reason = {LENET_OK, ""};
    const lenet_status status = begin(&s, error);
    if (status)
        return status;
    if (ln_locate(source, folder, &place, &reason))
        return LENET_OK;
    s.found = ln_find_file(source, index, place.folder, s.path);
    if (s.found == LN_ABSENT)
        return LENET_OK;
    snprintf(check->path, sizeof check->path, "%.*s", (int)sizeof check->path - 1, s.path);
    return settle(&s, ln_read_files(source, &place, index, index + 1, judge_content, &s, &reason), &reason, error);
}
