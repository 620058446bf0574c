/* SPDX-License-Identifier: MIT */
/*
 * test_fetch.c - lab/data/fetch.h against a server in this process that gives the answers of a list, one to each
 * connection. Here is what only a caller in C sees; tests/cli/data-get.sh has the mirrors that misbehave.
 */
#include "lab/data/fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { ANSWERS = 8, CONTENT = 26 };
static const char content[] = "abcdefghijklmnopqrstuvwxyz";

/* The server, and what its client told it. */
typedef struct server {
    int listener;
    pthread_t thread;
    const char *answers[ANSWERS]; /* ended by NULL; then connections are closed without one */
    char requests[ANSWERS][512];
    int count;
    char urls[ANSWERS][64];
    const char *list[ANSWERS + 1];
} server;

/* One download: the folder it happens in, and what the callbacks are to do and have seen. */
typedef struct scene {
    server server;
    char folder[64], path[96], part[112];
    int refusals; /* verify refuses so often, then accepts what is `content` */
    int verified, troubles, is_stopped;
    char trouble[512];
    uint64_t done, total;
    lenet_error error;
} scene;

static void *serve(void *context)
{
    server *s = context;
    for (;;) {
        const int client = accept(s->listener, NULL, NULL);
        if (client < 0)
            return NULL;
        char *request = s->requests[s->count < ANSWERS - 1 ? s->count : ANSWERS - 1];
        const ssize_t got = recv(client, request, sizeof s->requests[0] - 1, 0);
        request[got > 0 ? got : 0] = '\0';
        const char *answer = s->count < ANSWERS - 1 ? s->answers[s->count] : NULL;
        s->count++;
        if (answer)
            (void)!send(client, answer, strlen(answer), MSG_NOSIGNAL);
        shutdown(client, SHUT_WR);
        while (recv(client, (char[64]){0}, 64, 0) > 0)
            ;
        close(client);
    }
}

static void open_scene(scene *x)
{
    memset(x, 0, sizeof *x);
    server *s = &x->server;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(s->listener, 8), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &size), 0);
    for (int i = 0; i < ANSWERS; i++)
        snprintf(s->urls[i], sizeof s->urls[i], "http://127.0.0.1:%d/%d", ntohs(address.sin_port), i);
    s->list[0] = s->urls[0];
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    strcpy(x->folder, "/tmp/lenet-test-XXXXXX");
    assert_non_null(mkdtemp(x->folder));
    snprintf(x->path, sizeof x->path, "%s/file", x->folder);
    snprintf(x->part, sizeof x->part, "%s/file.part", x->folder);
}

static void close_scene(scene *x)
{
    shutdown(x->server.listener, SHUT_RDWR);
    close(x->server.listener);
    pthread_join(x->server.thread, NULL);
    unlink(x->path);
    unlink(x->part);
    assert_int_equal(rmdir(x->folder), 0); /* nothing else was left in it */
}

/* The bytes of a file; "" if it is missing. */
static const char *bytes_of(const char *path, char text[128])
{
    FILE *file = fopen(path, "rb");
    const size_t size = file ? fread(text, 1, 127, file) : 0;
    text[size] = '\0';
    if (file)
        fclose(file);
    return text;
}

static lenet_status verify(void *context, const char *part, lenet_error *error)
{
    scene *x = context;
    char text[128];
    assert_string_equal(part, x->part);
    x->verified++;
    if (x->refusals-- <= 0 && !strcmp(bytes_of(part, text), content))
        return LENET_OK;
    snprintf(error->text, sizeof error->text, "not the alphabet");
    return error->status = LENET_INPUT;
}

static int watch(void *context, const lab_fetch_progress *progress)
{
    scene *x = context;
    assert_non_null(progress->url);
    x->done = progress->done;
    x->total = progress->total ? progress->total : x->total;
    return x->is_stopped;
}

static void note_trouble(void *context, const char *line)
{
    scene *x = context;
    x->troubles++;
    snprintf(x->trouble, sizeof x->trouble, "%s", line);
}

static lenet_status fetch(scene *x, uint64_t limit)
{
    const lab_fetch fetch = {.urls = x->server.list,
                             .path = x->path,
                             .limit = limit,
                             .stall_seconds = 2,
                             .verify = verify,
                             .on_progress = watch,
                             .on_trouble = note_trouble,
                             .context = x};
    return lab_fetch_file(&fetch, &x->error);
}

static void write_part(const scene *x, const char *text)
{
    FILE *file = fopen(x->part, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

#define WHOLE "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nabcdefghijklmnopqrstuvwxyz"

static void a_whole_file_is_verified_and_named(void **state)
{
    (void)state;
    scene x;
    char text[128];
    open_scene(&x);
    x.server.answers[0] = WHOLE;
    assert_int_equal(fetch(&x, CONTENT), LENET_OK);
    assert_string_equal(bytes_of(x.path, text), content);
    assert_int_equal(access(x.part, F_OK), -1);
    assert_int_equal(x.verified, 1);
    assert_int_equal(x.troubles, 0);
    assert_null(strstr(x.server.requests[0], "Range:"));
    assert_non_null(strstr(x.server.requests[0], "User-Agent: lenet/"));
    close_scene(&x);
}

static void a_part_is_continued(void **state)
{
    (void)state;
    scene x;
    char text[128];
    open_scene(&x);
    write_part(&x, "abcdef");
    x.server.answers[0] = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 6-25/26\r\nContent-Length: 20\r\n\r\n"
                          "ghijklmnopqrstuvwxyz";
    assert_int_equal(fetch(&x, CONTENT), LENET_OK);
    assert_string_equal(bytes_of(x.path, text), content);
    assert_non_null(strstr(x.server.requests[0], "Range: bytes=6-\r\n"));
    close_scene(&x);
}

static void a_200_to_a_range_begins_again(void **state)
{
    (void)state;
    scene x;
    char text[128];
    open_scene(&x);
    write_part(&x, "xyz");
    x.server.answers[0] = WHOLE;
    assert_int_equal(fetch(&x, CONTENT), LENET_OK);
    assert_string_equal(bytes_of(x.path, text), content);
    close_scene(&x);
}

/* A login page in place of an answer must not cost what is here. */
static void a_web_page_leaves_the_part_alone(void **state)
{
    (void)state;
    scene x;
    char text[128];
    open_scene(&x);
    write_part(&x, "abcdef");
    x.server.answers[0] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
    assert_int_equal(fetch(&x, CONTENT), LENET_INPUT);
    assert_string_equal(bytes_of(x.part, text), "abcdef");
    assert_int_equal(x.verified, 0);
    close_scene(&x);
}

static void what_is_refused_is_removed_and_named(void **state)
{
    (void)state;
    scene x;
    open_scene(&x);
    x.refusals = 1;
    x.server.answers[0] = WHOLE;
    assert_int_equal(fetch(&x, CONTENT), LENET_INPUT);
    assert_int_equal(access(x.path, F_OK), -1);
    assert_int_equal(access(x.part, F_OK), -1);
    assert_int_equal(x.troubles, 1);
    assert_non_null(strstr(x.error.text, "not the alphabet"));
    assert_memory_equal(x.error.text, x.server.urls[0], strlen(x.server.urls[0]));
    assert_string_equal(x.trouble, x.error.text);
    close_scene(&x);
}

static void a_wrong_file_gives_way_to_the_next_mirror(void **state)
{
    (void)state;
    scene x;
    open_scene(&x);
    x.server.list[1] = x.server.urls[1];
    x.server.answers[0] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxyz";
    x.server.answers[1] = WHOLE;
    assert_int_equal(fetch(&x, CONTENT), LENET_OK);
    assert_int_equal(x.troubles, 1);
    assert_int_equal(x.verified, 2);
    assert_non_null(strstr(x.server.requests[1], "GET /1 "));
    assert_null(strstr(x.server.requests[1], "Range:"));
    close_scene(&x);
}

/* What a mirror sent before it broke off is continued from it, as long as each round brings something. */
static void rounds_go_on_while_they_bring_something(void **state)
{
    (void)state;
    scene x;
    char text[128];
    open_scene(&x);
    x.server.answers[0] = "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nabcdefghij";
    x.server.answers[1] =
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 10-25/26\r\nContent-Length: 16\r\n\r\nklm";
    x.server.answers[2] = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    x.server.answers[3] = WHOLE;
    assert_int_equal(fetch(&x, CONTENT), LENET_IO);
    assert_int_equal(x.server.count, 3);
    assert_string_equal(bytes_of(x.part, text), "abcdefghijklm");
    assert_non_null(strstr(x.error.text, "503"));
    close_scene(&x);
}

static void more_than_the_limit_is_refused(void **state)
{
    (void)state;
    scene x;
    open_scene(&x);
    x.server.list[1] = x.server.urls[1];
    x.server.answers[0] = WHOLE;                                               /* which says so before */
    x.server.answers[1] = "HTTP/1.0 200 OK\r\n\r\nabcdefghijklmnopqrstuvwxyz"; /* which does not */
    assert_int_equal(fetch(&x, CONTENT - 1), LENET_INPUT);
    assert_int_equal(x.troubles, 2);
    assert_int_equal(x.verified, 0);
    assert_int_equal(access(x.part, F_OK), -1);
    close_scene(&x);
}

static void the_caller_can_stop(void **state)
{
    (void)state;
    scene x;
    char text[128];
    open_scene(&x);
    write_part(&x, "abcdef");
    x.is_stopped = 1;
    x.server.answers[0] = WHOLE;
    assert_int_equal(fetch(&x, CONTENT), LENET_STOPPED);
    assert_string_equal(bytes_of(x.part, text), "abcdef");
    assert_int_equal(x.verified + x.troubles, 0);
    close_scene(&x);
}

static void a_locked_part_is_not_touched(void **state)
{
    (void)state;
    scene x;
    char text[128];
    open_scene(&x);
    write_part(&x, "abc");
    FILE *other = fopen(x.part, "rb");
    assert_non_null(other);
    assert_int_equal(flock(fileno(other), LOCK_EX), 0);
    assert_int_equal(fetch(&x, CONTENT), LENET_IO);
    assert_non_null(strstr(x.error.text, "another process"));
    assert_string_equal(bytes_of(x.part, text), "abc");
    assert_int_equal(x.server.count, 0);
    fclose(other);
    close_scene(&x);
}

static void only_http_is_spoken(void **state)
{
    (void)state;
    static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/x", "", "127.0.0.1", "httpx://x"};
    scene x;
    open_scene(&x);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        x.server.list[0] = urls[i];
        assert_int_equal(fetch(&x, CONTENT), LENET_USAGE);
        assert_int_equal(access(x.part, F_OK), -1);
    }
    x.server.list[0] = NULL;
    assert_int_equal(fetch(&x, CONTENT), LENET_USAGE);
    close_scene(&x);
}

static void a_folder_that_is_missing_is_named(void **state)
{
    (void)state;
    scene x;
    open_scene(&x);
    strcpy(x.path, "/tmp/lenet-test-missing/file");
    assert_int_equal(fetch(&x, CONTENT), LENET_IO);
    assert_non_null(strstr(x.error.text, "/tmp/lenet-test-missing/file.part"));
    close_scene(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_file_is_verified_and_named),
        cmocka_unit_test(a_part_is_continued),
        cmocka_unit_test(a_200_to_a_range_begins_again),
        cmocka_unit_test(a_web_page_leaves_the_part_alone),
        cmocka_unit_test(what_is_refused_is_removed_and_named),
        cmocka_unit_test(a_wrong_file_gives_way_to_the_next_mirror),
        cmocka_unit_test(rounds_go_on_while_they_bring_something),
        cmocka_unit_test(more_than_the_limit_is_refused),
        cmocka_unit_test(the_caller_can_stop),
        cmocka_unit_test(a_locked_part_is_not_touched),
        cmocka_unit_test(only_http_is_spoken),
        cmocka_unit_test(a_folder_that_is_missing_is_named),
    };
    setenv("no_proxy", "127.0.0.1", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
