/* SPDX-License-Identifier: MIT */
/* server.c - see server.h. The only file that sees microhttpd.h. */
#include "lab/live/server.h"

#include "util/error.h"

#if LENET_MICROHTTPD

#include "util/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * Connections at once: 100 viewers with two each, and room. Seconds that one may be silent, that a request
 * may take to arrive, and that one may last after a request. Bytes of a request.
 */
enum { MOST_CONNECTIONS = 400, SILENT = 10, ARRIVE = 10, LAST = 60, REQUEST_BYTES = 16 << 10, TOKEN_BYTES = 16 };

/* A connection and when its time is over. */
typedef struct guest {
    int socket; /* -1: free */
    double end;
} guest;

struct lab_server {
    struct MHD_Daemon *daemon;
    lab_live *live;
    char token[2 * TOKEN_BYTES + 1], url[160];
    char hosts[3][96]; /* what a request may call this server, in small letters */
    int is_wild;       /* listens on all addresses: it may be called anything */
    pthread_t tender;  /* ends connections that have had their time */
    int is_tended, ends;
    pthread_cond_t ended;
    pthread_mutex_t lock; /* of guests, ends */
    guest guests[MOST_CONNECTIONS];
};

/* --------------------------------------------------------------------------------------------------------- guests */

static guest *find_guest(lab_server *server, int socket)
{
    for (size_t i = 0; i < MOST_CONNECTIONS; i++)
        if (server->guests[i].socket == socket)
            return &server->guests[i];
    return NULL;
}

static int socket_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? (int)info->connect_fd : -1;
}

/* A connection begins or ends; an ended one's socket is still open here, so that no other has its number. */
static void note_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                            enum MHD_ConnectionNotificationCode code)
{
    lab_server *server = context;
    const int socket = socket_of(connection);
    const int begins = code == MHD_CONNECTION_NOTIFY_STARTED;
    (void)socket_context;
    pthread_mutex_lock(&server->lock);
    guest *place = find_guest(server, begins ? -1 : socket);
    if (place)
        *place = (guest){begins ? socket : -1, ln_seconds() + ARRIVE};
    pthread_mutex_unlock(&server->lock);
}

static void prolong(lab_server *server, struct MHD_Connection *connection)
{
    pthread_mutex_lock(&server->lock);
    guest *place = find_guest(server, socket_of(connection));
    if (place)
        place->end = ln_seconds() + LAST;
    pthread_mutex_unlock(&server->lock);
}

/* Twice a second, until the server ends. */
static void *tend(void *context)
{
    lab_server *server = context;
    pthread_mutex_lock(&server->lock);
    while (!server->ends) {
        struct timespec until;
        const double now = ln_seconds();
        for (size_t i = 0; i < MOST_CONNECTIONS; i++)
            if (server->guests[i].socket >= 0 && now > server->guests[i].end)
                shutdown(server->guests[i].socket, SHUT_RDWR); /* libmicrohttpd sees that and closes it */
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += until.tv_nsec >= 500000000;
        until.tv_nsec = (until.tv_nsec + 500000000) % 1000000000;
        pthread_cond_timedwait(&server->ended, &server->lock, &until);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

static void end_tending(lab_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->ends = 1;
    pthread_cond_signal(&server->ended);
    pthread_mutex_unlock(&server->lock);
    if (server->is_tended)
        pthread_join(server->tender, NULL);
}

/* -------------------------------------------------------------------------------------------------------- answers */

/*
 * What holds for each page: it may load from here alone, stands in no frame, and its address is sent to no
 * one.
 */
static const char *const headers[][2] = {
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Frame-Options", "DENY"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

/* A drawing page has its style and script inside and allows only these, by their hashes. */
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'";

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *type, const char *policy,
                             const char *text, size_t size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Content-Security-Policy", policy);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    const enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *why)
{
    return reply(connection, status, "text/plain; charset=utf-8", "default-src 'none'", why, strlen(why));
}

static const char *argument_of(void *connection, const char *key)
{
    return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, key);
}

static enum MHD_Result answer(lab_server *server, struct MHD_Connection *connection, const char *path)
{
    lab_pool pool = {0};
    enum MHD_Result queued;
    if (setjmp(pool.on_failure) == 0) {
        const lab_answer made = lab_live_answer(server->live, &pool, path, argument_of, connection);
        const char *policy = strcmp(path, "draw") ? page_policy : "frame-ancestors 'none'";
        queued = made.type ? reply(connection, MHD_HTTP_OK, made.type, policy, made.body.text, made.body.size)
                           : refuse(connection, MHD_HTTP_NOT_FOUND, "There is nothing at this address.\n");
    } else {
        const lenet_status status = pool.error.status;
        queued = refuse(connection,
                        status == LENET_USAGE   ? MHD_HTTP_BAD_REQUEST
                        : status == LENET_INPUT ? MHD_HTTP_NOT_FOUND
                                                : MHD_HTTP_INTERNAL_SERVER_ERROR,
                        pool.error.text);
    }
    lab_pool_close(&pool);
    return queued;
}

/* --------------------------------------------------------------------------------------------------------- guards */

/* Takes the same time for every wrong token. */
static int is_token(const lab_server *server, const char *text)
{
    unsigned difference = 0;
    if (strlen(text) < 2 * TOKEN_BYTES)
        return 0;
    for (size_t i = 0; i < 2 * TOKEN_BYTES; i++)
        difference |= (unsigned)(text[i] ^ server->token[i]);
    return !difference;
}

/* A name that leads here by a trick of the name service would make other pages this one's origin. */
static int is_host(const lab_server *server, const char *host)
{
    for (size_t i = 0; host && i < sizeof server->hosts / sizeof *server->hosts; i++)
        if (!strcasecmp(host, server->hosts[i]))
            return 1;
    return host && server->is_wild;
}

/* A request that a page of this server made, or none made. */
static int is_own(struct MHD_Connection *connection, const char *host)
{
    const char *origin = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Origin");
    const char *site = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Sec-Fetch-Site");
    if (site && strcmp(site, "same-origin") && strcmp(site, "none"))
        return 0;
    return !origin || (!strncmp(origin, "http://", 7) && !strcasecmp(origin + 7, host));
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **request)
{
    lab_server *server = context;
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
    (void)version, (void)upload, (void)upload_size, (void)request;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "This server is read only.\n");
    if (!is_host(server, host) || !is_own(connection, host))
        return refuse(connection, MHD_HTTP_FORBIDDEN, "This request comes from another page.\n");
    if (url[0] != '/' || !is_token(server, url + 1))
        return refuse(connection, MHD_HTTP_FORBIDDEN, "The address needs the token that lenet serve has printed.\n");
    const char *path = url + 1 + 2 * TOKEN_BYTES;
    if (*path != '/')
        return refuse(connection, MHD_HTTP_NOT_FOUND, "There is nothing at this address.\n");
    prolong(server, connection);
    return answer(server, connection, path + 1);
}

/* -------------------------------------------------------------------------------------------------------- opening */

typedef union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} socket_address;

/* Reads an address of numbers. 0: it is none. */
static socklen_t read_address(socket_address *address, const char *text, int port)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons((uint16_t)port);
        return sizeof address->v4;
    }
    if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons((uint16_t)port);
        return sizeof address->v6;
    }
    return 0;
}

/* A socket that listens, and its port; -1 with errno. */
static int listen_at(socket_address *address, socklen_t size, int *port)
{
    const int on = 1, made = socket(address->any.sa_family, SOCK_STREAM, 0);
    if (made < 0)
        return -1;
    fcntl(made, F_SETFD, FD_CLOEXEC);
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(made, &address->any, size) || listen(made, 128) || getsockname(made, &address->any, &size)) {
        const int reason = errno;
        close(made);
        errno = reason;
        return -1;
    }
    *port = ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port : address->v6.sin6_port);
    return made;
}

static int make_token(char token[2 * TOKEN_BYTES + 1])
{
    unsigned char bytes[TOKEN_BYTES];
    if (getentropy(bytes, sizeof bytes))
        return -1;
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(token + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

static void name_hosts(lab_server *server, const char *address, int port)
{
    const int is_v6 = strchr(address, ':') != NULL;
    server->is_wild = !strcmp(address, "0.0.0.0") || !strcmp(address, "::");
    const char *shown = !strcmp(address, "0.0.0.0") ? "127.0.0.1" : !strcmp(address, "::") ? "::1" : address;
    snprintf(server->hosts[0], sizeof server->hosts[0], is_v6 ? "[%s]:%d" : "%s:%d", shown, port);
    if (!strncmp(address, "127.", 4) || !strcmp(address, "::1"))
        snprintf(server->hosts[1], sizeof server->hosts[1], "localhost:%d", port);
    snprintf(server->url, sizeof server->url, "http://%s/%s/", server->hosts[0], server->token);
}

lenet_status lab_server_open(lab_server **out, lab_live *live, const char *address, int port, lenet_error *error)
{
    socket_address at;
    const socklen_t size = read_address(&at, address, port);
    if (!size)
        return ln_fail(error, LENET_USAGE, "--listen %s: not an address of numbers, such as 127.0.0.1 or ::1", address);
    lab_server *server = calloc(1, sizeof *server);
    if (!server)
        return ln_fail(error, LENET_FAILURE, "out of memory for a server");
    server->live = live;
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->ended, NULL);
    for (size_t i = 0; i < MOST_CONNECTIONS; i++)
        server->guests[i].socket = -1;
    const int listening = make_token(server->token) ? -1 : listen_at(&at, size, &port);
    if (listening < 0) {
        const lenet_status status = ln_fail(error, LENET_IO, "port %d of %s: %s%s", port, address, strerror(errno),
                                            errno == EADDRINUSE ? "; another --port is free, or leave it out" : "");
        lab_server_close(&server);
        return status;
    }
    name_hosts(server, address, port);
    server->daemon =
        MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, handle, server, MHD_OPTION_LISTEN_SOCKET,
                         listening, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MOST_CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENT, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                         (size_t)REQUEST_BYTES, MHD_OPTION_NOTIFY_CONNECTION, note_connection, server, MHD_OPTION_END);
    server->is_tended = server->daemon && !pthread_create(&server->tender, NULL, tend, server);
    if (!server->is_tended) {
        if (!server->daemon)
            close(listening);
        lab_server_close(&server);
        return ln_fail(error, LENET_FAILURE, "the server could not be started: out of memory or threads");
    }
    *out = server;
    return LENET_OK;
}

void lab_server_close(lab_server **handle)
{
    lab_server *server = *handle;
    *handle = NULL;
    if (!server)
        return;
    end_tending(server);
    if (server->daemon)
        MHD_stop_daemon(server->daemon); /* which closes the socket */
    pthread_cond_destroy(&server->ended);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

const char *lab_server_url(const lab_server *server) { return server->url; }

#else

lenet_status lab_server_open(lab_server **server, lab_live *live, const char *address, int port, lenet_error *error)
{
    (void)server, (void)live, (void)address, (void)port;
    return ln_fail(error, LENET_FAILURE,
                   "this lenet was built without libmicrohttpd, which the server needs; install it (Debian: "
                   "libmicrohttpd-dev) and build again");
}
void lab_server_close(lab_server **server) { *server = NULL; }
const char *lab_server_url(const lab_server *server) { return (const char *)server; }

#endif
