/* SPDX-License-Identifier: MIT */
/* print-json.c - see print-json.h. */
#include "cli/print-json.h"

#include "cli/terminal.h"
#include "lab/text/json.h"
#include "lenet/lenet.h"

#include <stdio.h>
#include <stdlib.h>

int print_document(json_t *document)
{
    char *text = document_text(document);
    json_decref(document);
    if (!text)
        return report_no_memory();
    fputs(text, stdout);
    free(text);
    return LENET_OK;
}
