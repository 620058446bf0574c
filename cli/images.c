/* SPDX-License-Identifier: MIT */
/* images.c - see images.h. */
#include "cli/images.h"

#include "cli/terminal.h"

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

int open_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                const lab_intake *intake, bool quiet)
{
    live line;
    lenet_error error;
    live_open(&line, quiet);
    const lab_reading reading = {show, &line};
    const lenet_status status = lab_data_open(train, test, data, folder, intake, &reading, &error);
    live_clear(&line);
    return status ? report_error(&error) : LENET_OK;
}
