/* SPDX-License-Identifier: MIT */
/*
 * fuzz_csv.c - any bytes into the reader of CSV files (libFuzzer's entry point).
 *
 * Besides what the sanitizers see: every row has the columns of the first, and every field ends inside the text.
 */
#include "lab/text/csv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static lenet_status read_rows(lab_csv *csv, const char *text, size_t size, lenet_error *error)
{
    size_t line = 0;
    for (;;) {
        int more = 0;
        const lenet_status status = lab_csv_next(csv, &more, error);
        if (status || !more)
            return status;
        require(csv->line > line);
        line = csv->line;
        for (size_t i = 0; i < csv->columns; i++)
            require(csv->field[i] >= text && csv->field[i] + strlen(csv->field[i]) <= text + size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lab_csv csv = {.field = NULL};
    lenet_error error = {LENET_OK, ""};
    char *text = malloc(size + 1);
    require(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    lenet_status status = lab_csv_open(&csv, "fuzz", text, size, &error);
    if (!status)
        status = read_rows(&csv, text, size, &error);
    require(status == LENET_OK || (status == LENET_INPUT && error.text[0]));
    lab_csv_close(&csv);
    free(text);
    return 0;
}
