/* SPDX-License-Identifier: MIT */
/* serve.c - `lenet serve`: the live page of a database of runs, until Ctrl-C (lab/live/server.h). */
#include "cli/serve.h"

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/study.h"
#include "cli/terminal.h"
#include "lenet/lenet.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

typedef struct errand {
    const char *address;
    int port; /* 0: any that is free */
    bool quick;
    int seeds;
    lab_live_setup setup;
} errand;

/* The database of a folder is its lenet.db. */
static int find_database(const char *name, char path[PATH_MAX])
{
    struct stat about;
    const bool is_folder = !stat(name, &about) && S_ISDIR(about.st_mode);
    if (snprintf(path, PATH_MAX, is_folder ? "%s/lenet.db" : "%s", name) < PATH_MAX)
        return LENET_OK;
    print_notice("%.60s...: the path is too long", name);
    return LENET_USAGE;
}

int open_served_page(served_page *page, const lab_live_setup *setup, const char *address, int port)
{
    lenet_error error;
    *page = (served_page){NULL, NULL};
    if (lab_live_open(&page->content, setup, &error) ||
        lab_server_open(&page->server, page->content, address, port, &error)) {
        close_served_page(page);
        return report_error(&error);
    }
    return LENET_OK;
}

void close_served_page(served_page *page)
{
    lab_server_close(&page->server);
    lab_live_close(&page->content);
}

static int serve(errand *e, const char *name)
{
    const struct timespec pause = {.tv_nsec = 200 * 1000 * 1000};
    char path[PATH_MAX];
    served_page page;
    int code = find_database(name, path);
    e->setup.db = path;
    e->setup.variant = (lab_variant){.is_quick = e->quick, .seeds = (size_t)e->seeds};
    if (!code)
        code = open_served_page(&page, &e->setup, e->address, e->port);
    if (code)
        return code;
    interrupt_watch();
    printf("%s\n", lab_server_url(page.server));
    fflush(stdout);
    fprintf(stderr, "The page of %s is served until Ctrl-C.\n", path);
    while (!interrupt_signal())
        nanosleep(&pause, NULL);
    close_served_page(&page);
    return LENET_OK;
}

int run_serve(int argc, char **argv)
{
    errand e = {.address = "127.0.0.1"};
    const ln_option options[] = {
        {.name = "port",
         .metavar = "N",
         .kind = LN_OPTION_INT,
         .value = &e.port,
         .low = 0,
         .high = 65535,
         .fallback = "a free port",
         .help = "port of the page"},
        {.name = "listen",
         .metavar = "ADDRESS",
         .kind = LN_OPTION_TEXT,
         .value = &e.address,
         .help =
             "address to listen on; with any but the default, other machines can read the page, without encryption"},
        {.name = "study",
         .metavar = "NAME|FILE",
         .kind = LN_OPTION_TEXT,
         .value = &e.setup.study,
         .fallback = "none",
         .help = "study whose progress is shown"},
        STUDY_QUICK_ROW(e.quick, "use the quick version of the study"),
        STUDY_SEEDS_ROW(e.seeds, "use N seeds for each point of the study"),
        {.name = "data-dir",
         .metavar = "DIR",
         .kind = LN_OPTION_TEXT,
         .value = &e.setup.folder,
         .fallback = "$LENET_DATA and the default folders",
         .help = "folder in which to search for the data sets, whose images are shown"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "serve",
        .arguments = "[DIR|DB] [options]",
        .summary =
            "Serves a page that shows a database of runs while they train: curves that grow, a table to sort "
            "and filter, "
            "confusion matrices, wrong images, and a drawing page for each model. DIR is a folder with a lenet.db; "
            "the default is ./lenet.db.",
        .examples = "  lenet serve mine\n"
                    "  lenet serve mine/lenet.db --study mine.yaml --port 8000\n",
        .notes = "Open the printed address; it contains a random token, without which nothing is\n"
                 "shown. The database is only read. Ctrl-C ends it.\n",
        .options = options,
        .most = 1,
    };
    int count = 0;
    const int stop = parse_command_line(&line, argc, argv, &count);
    if (stop != PARSED)
        return stop;
    return serve(&e, count ? argv[0] : "lenet.db");
}
