/* SPDX-License-Identifier: MIT */
/*
 * server.h - the live page as an HTTP server on this machine (libmicrohttpd), with threads of its own.
 *
 * Always: only whoever knows the address, in which there is a random token, is answered; only GET and HEAD;
 * no page of another origin; nothing is written. Connections are limited in number, time and memory, so that
 * clients that send nothing or never end go away. Not for the open network: answers are not encrypted.
 */
#ifndef LENET_LAB_LIVE_SERVER_H
#define LENET_LAB_LIVE_SERVER_H

#include "lab/live/live.h"

typedef struct lab_server lab_server;

/*
 * Serves `live`, which no one else may use until it is closed, on `port` of `address` (IPv4 or IPv6, as
 * numbers). Port 0: one that is free. LENET_USAGE: no such address. LENET_IO: the port is taken, or the
 * address is not of this machine. LENET_FAILURE: no memory, or the build has no libmicrohttpd.
 */
lenet_status lab_server_open(lab_server **server, lab_live *live, const char *address, int port, lenet_error *error);
void lab_server_close(lab_server **server);

/* What a browser is to open: "http://127.0.0.1:8080/TOKEN/". */
const char *lab_server_url(const lab_server *server);

#endif
