/* SPDX-License-Identifier: MIT */
/* serve.h - the live page of a database, served by threads of its own. */
#ifndef LENET_CLI_SERVE_H
#define LENET_CLI_SERVE_H

#include "lab/live/server.h"

typedef struct served_page {
    lab_live *content;
    lab_server *server; /* its address: lab_server_url */
} served_page;

/* Serves until close_served_page; the texts of `setup` must last so long. Returns an exit code, having complained. */
int open_served_page(served_page *page, const lab_live_setup *setup, const char *address, int port);
void close_served_page(served_page *page);

#endif
