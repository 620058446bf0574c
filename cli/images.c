/* SPDX-License-Identifier: MIT */
/* images.c - see images.h. */
#include "cli/images.h"

#include "cli/terminal.h"
#include "lab/folders.h"

#include <stdio.h>

static void show(void *context, size_t done, size_t all)
{
    live *line = context;
    char text[96], some[32], whole[32];
    if (!live_is_due(line))
        return;
    snprintf(text, sizeof text, "reading images: %s of %s", format_count((double)done, some, sizeof some),
             format_count((double)all, whole, sizeof whole));
    live_show(line, text);
}

int open_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder, const lenet_shape *shape, bool quiet)
{
    live line;
    lenet_error error;
    live_open(&line, quiet);
    const lab_reading reading = {show, &line};
    const lenet_status status = lab_data_open(train, test, data, folder, shape, &reading, &error);
    live_clear(&line);
    lab_lack lack = {data, folder};
    if (status == LENET_INPUT && lab_is_missing(data, folder))
        return refuse_missing(error.text, "", &(lab_lacks){1, &lack});
    return status ? report_error(&error) : LENET_OK;
}

int refuse_missing(const char *why, const char *otherwise, const lab_lacks *lacks)
{
    lab_pool pool = {.blocks = NULL};
    if (setjmp(pool.way_out) == 0)
        complain("%s (LENET_DATA or --data-dir says where it is%s); to get it: %s", why, otherwise,
                 lab_lacks_command(&pool, lacks));
    lab_pool_close(&pool);
    return LENET_INPUT;
}
