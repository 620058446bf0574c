/* SPDX-License-Identifier: MIT */
/* images.c - see images.h. */
#include "cli/images.h"

#include "cli/terminal.h"
#include "lab/folders.h"

#include <stdio.h>

enum { MOST_NAMED = 10 };

typedef struct reader {
    live line;
    skipping *bad; /* NULL: the command has no --skip-bad */
    bool is_stopped; /* by a damaged file */
} reader;

static void show(void *context, size_t done, size_t all)
{
    live *line = &((reader *)context)->line;
    char text[96], some[32], whole[32];
    if (!live_is_due(line))
        return;
    snprintf(text, sizeof text, "reading images: %s of %s", format_count((double)done, some, sizeof some),
             format_count((double)all, whole, sizeof whole));
    live_show(line, text);
}

static bool skip(void *context, const lenet_error *why)
{
    reader *r = context;
    r->is_stopped = !r->bad || !r->bad->is_on;
    if (r->is_stopped)
        return false;
    live_clear(&r->line);
    if (r->bad->count++ < MOST_NAMED)
        complain("skipped: %s", why->text);
    return true;
}

static int report(const reader *r, const lenet_error *error)
{
    if (!r->bad || !r->is_stopped)
        return report_error(error);
    complain("%s; to go on without damaged files: --skip-bad", error->text);
    return (int)error->status;
}

static void report_skipped(const skipping *bad, const char *data)
{
    if (bad->count > MOST_NAMED)
        complain("skipped: %zu more", bad->count - MOST_NAMED);
    if (bad->count)
        complain("%s: %zu file%s skipped; the others are used", data, bad->count, bad->count == 1 ? " was" : "s were");
}

int open_images_skipping(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder, const lenet_shape *shape,
                         bool quiet, skipping *bad)
{
    reader r = {.bad = bad};
    lenet_error error;
    if (bad && bad->is_on && !lab_is_folder(data)) {
        complain("--skip-bad: %s is no folder of images", data);
        return LENET_USAGE;
    }
    live_open(&r.line, quiet);
    const lab_reading reading = {show, skip, &r};
    const lenet_status status = lab_data_open(train, test, data, folder, shape, &reading, &error);
    live_clear(&r.line);
    if (bad && !status)
        report_skipped(bad, data);
    return status ? report(&r, &error) : LENET_OK;
}

int open_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder, const lenet_shape *shape, bool quiet)
{
    return open_images_skipping(train, test, data, folder, shape, quiet, NULL);
}
