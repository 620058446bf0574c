/* SPDX-License-Identifier: MIT */
/*
 * data-get.c - `lenet data get`: downloads what is not here yet, and lets nothing into the data folder that
 * is not proven.
 *
 * lab/data/fetch.h does the downloading, and the library checks the part file.
 */
#include "cli/command.h"
#include "cli/data.h"
#include "cli/folder.h"
#include "cli/interrupt.h"
#include "cli/print-json.h"
#include "cli/terminal.h"
#include "lab/data/fetch.h"
#include "lab/text/json.h"
#include "lenet/tools.h"
#include "util/clock.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PATH_LENGTH = 4096, MOST_URLS = 32 };

/* The request and its results. */
typedef struct job {
    const data_order *request;
    char target[PATH_LENGTH]; /* the data folder that files go to */
    json_t *sets;
} job;

/* One file on its way. */
typedef struct delivery {
    const lenet_source *source;
    size_t index;     /* of the file; not used where the archive is fetched */
    char name[128];   /* on the mirrors and in the folder */
    const char *host; /* the mirror in use */
    double began;     /* when it began to send */
    uint64_t began_at;
    uint64_t done;
    char trouble[sizeof(((lenet_error *)0)->text)]; /* the last, as it was shown */
    live line;
} delivery;

/* --------------------------------------------------------------------------------------------------------- folders */

/* The folder that downloads go to: --data-dir, or the first of the user's own that the library searches. */
static int choose_target(job *j)
{
    const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int length = 0;
    if (j->request->data_dir)
        length = snprintf(j->target, sizeof j->target, "%s", j->request->data_dir);
    else if (xdg && *xdg == '/')
        length = snprintf(j->target, sizeof j->target, "%s/lenet", xdg);
    else if (home && *home == '/')
        length = snprintf(j->target, sizeof j->target, "%s/.local/share/lenet", home);
    else
        print_notice("neither XDG_DATA_HOME nor HOME is set, so --data-dir must name the folder for downloads");
    if (!length)
        return LENET_USAGE;
    if ((size_t)length >= sizeof j->target) {
        print_notice("%.64s...: the path of the data folder is too long", j->target);
        return LENET_USAGE;
    }
    return LENET_OK;
}

/* ----------------------------------------------------------------------------------------------------------- proof */

/* Asks the library whether `part` has the file, or all files of the archive. */
static lenet_status judge_part(void *context, const char *part, lenet_error *error)
{
    const delivery *d = context;
    const lenet_source *source = d->source;
    const size_t first = source->archive ? 0 : d->index, end = source->archive ? source->file_count : d->index + 1;
    for (size_t i = first; i < end; i++) {
        const lenet_source_file *file = &source->files[i];
        lenet_file_check check;
        const lenet_status status = lenet_source_check_file(source, i, part, &check, error);
        if (status)
            return status;
        if (check.state == LENET_FILE_GOOD)
            continue;
        if (check.state == LENET_FILE_SWAPPED)
            return ln_fail(error, LENET_INPUT,
                           "this is %s's %s, whose content has the SHA-256 %s; that of %s's %s is %s",
                           check.other_source, check.other_name, check.sha256, source->name, file->name,
                           file->sha256 ? file->sha256 : "not published");
        return ln_fail(error, LENET_INPUT, "not %s's %s: %s", source->name, file->name,
                       check.state == LENET_FILE_MISSING ? "not in it" : check.reason);
    }
    return LENET_OK;
}

/* -------------------------------------------------------------------------------------------------------- progress */

static int show_progress(void *context, const lab_fetch_progress *p)
{
    delivery *d = context;
    char text[512], bar[15], time_left[32] = "";
    if (interrupt_signal())
        return 1;
    d->done = p->done;
    if (d->host != p->url) {
        d->host = p->url;
        d->began = ln_seconds();
        d->began_at = p->done;
    }
    if (p->done < d->began_at) /* it began again from the start */
        d->began_at = 0;
    if (!live_is_due(&d->line))
        return 0;
    const double seconds = ln_seconds() - d->began, rate = seconds > 0 ? (double)(p->done - d->began_at) / seconds : 0;
    const double megabyte = 1e6;
    if (p->total && p->total >= p->done)
        snprintf(text, sizeof text, "%s %s %5.1f of %.1f MB  %.1f MB/s  %s left", d->name,
                 format_bar((double)p->done / (double)p->total, 14, bar), (double)p->done / megabyte,
                 (double)p->total / megabyte, rate / megabyte,
                 format_duration(rate > 0 ? (double)(p->total - p->done) / rate : -1, time_left, sizeof time_left));
    else
        snprintf(text, sizeof text, "%s %5.1f MB  %.1f MB/s", d->name, (double)p->done / megabyte, rate / megabyte);
    live_show(&d->line, text);
    return 0;
}

static void show_trouble(void *context, const char *line)
{
    delivery *d = context;
    live_clear(&d->line);
    print_notice("%s", line);
    snprintf(d->trouble, sizeof d->trouble, "%s", line);
    d->host = NULL;
}

/* --------------------------------------------------------------------------------------------------------- fetching */

/*
 * Adds mirror (of `length` characters), a folder in it ("" or "NAME/"), and name to a list of URLs. False:
 * out of memory.
 */
static bool add_url(char **urls, size_t *count, const char *mirror, size_t length, const char *inner, const char *name)
{
    const char *slash = length && mirror[length - 1] == '/' ? "" : "/";
    if (asprintf(&urls[*count], "%.*s%s%s%s", (int)length, mirror, slash, inner, name) < 0) {
        urls[*count] = NULL;
        return false;
    }
    ++*count;
    return true;
}

/* The URLs of a file, ended by NULL: the user's mirrors, then the known ones. They are owned, free_urls. */
static int list_urls(const job *j, const delivery *d, char *urls[MOST_URLS + 1])
{
    size_t count = 0;
    bool full = false;
    char inner[64] = "";
    if (j->request->has_folders)
        snprintf(inner, sizeof inner, "%s/", d->source->name);
    memset(urls, 0, (MOST_URLS + 1) * sizeof *urls);
    for (const char *at = j->request->mirrors; at && *at && count < MOST_URLS; at += strspn(at, ",")) {
        const size_t length = strcspn(at, ",");
        full |= length && !add_url(urls, &count, at, length, inner, d->name);
        at += length;
    }
    for (size_t i = 0; !j->request->only_mirrors && d->source->mirrors[i] && count < MOST_URLS; i++)
        full |= !add_url(urls, &count, d->source->mirrors[i], strlen(d->source->mirrors[i]), "", d->name);
    return full ? report_no_memory() : LENET_OK;
}

static void free_urls(char **urls)
{
    for (; *urls; urls++)
        free(*urls);
}

/* No compressed file is much larger than its content. */
static uint64_t size_limit(const delivery *d)
{
    uint64_t bytes = 0;
    const lenet_source *source = d->source;
    for (size_t i = 0; i < source->file_count; i++)
        if (source->archive || i == d->index)
            bytes += source->files[i].bytes;
    return bytes + bytes / 1000 + 1000000;
}

/* Fetches one file into the folder `place`. */
static int fetch_one(const job *j, delivery *d, const char *place)
{
    char path[PATH_LENGTH + 256], *urls[MOST_URLS + 1];
    lenet_error error = {LENET_OK, ""};
    int status = list_urls(j, d, urls);
    if (status) {
        free_urls(urls);
        return status;
    }
    snprintf(path, sizeof path, "%s/%s", place, d->name);
    live_open(&d->line, j->request->quiet);
    const lab_fetch fetch = {.urls = (const char *const *)urls,
                             .path = path,
                             .limit = size_limit(d),
                             .stall_seconds = j->request->stall_seconds,
                             .verify = judge_part,
                             .on_progress = show_progress,
                             .on_trouble = show_trouble,
                             .context = d};
    status = (int)lab_fetch_file(&fetch, &error);
    live_clear(&d->line);
    free_urls(urls);
    if (interrupt_signal()) {
        print_notice("interrupted; what has come is kept, and the next 'lenet data get %s' continues", d->source->name);
        end_by_signal(interrupt_signal());
    }
    if (status && status != LENET_INPUT &&
        strcmp(error.text, d->trouble) != 0) /* not the mirrors' fault, or nothing was requested */
        print_notice("%s", error.text);
    else if (status)
        print_notice("%s: %s was not had from any mirror", d->source->name, d->name);
    else if (!j->request->quiet && !j->request->json)
        fprintf(stderr, "%s: %s, %.1f MB, proven\n", d->source->name, d->name, (double)d->done / 1e6);
    return status;
}

/* Fetches into `path` what `target` lacks of a data set. */
static int fetch_missing(const job *j, const lenet_source *source, const char *path, json_t *fetched)
{
    int status = LENET_OK;
    for (size_t i = 0; !status && i < source->file_count; i++) {
        delivery d = {.source = source, .index = i};
        lenet_file_check check;
        lenet_error error;
        if (lenet_source_check(source, i, j->target, &check, &error))
            return report_error(&error);
        if (check.state == LENET_FILE_GOOD)
            continue;
        snprintf(d.name, sizeof d.name, "%s%s", source->archive ? source->archive : source->files[i].name,
                 source->archive ? "" : ".gz");
        status = fetch_one(j, &d, path);
        if (!status && json_array_append_new(fetched, json_string(d.name)))
            return report_no_memory();
        if (source->archive) /* they have all come at once */
            break;
    }
    return status;
}

static int fetch_set(const job *j, const lenet_source *source, json_t *fetched)
{
    static const char *const no_names[] = {NULL};
    char path[PATH_LENGTH];
    folder place;
    if (snprintf(path, sizeof path, "%s/%s", j->target, source->folder) >= (int)sizeof path) {
        print_notice("%.64s...: the path of the data folder is too long", j->target);
        return LENET_USAGE;
    }
    int status = folder_prepare(&place, path, no_names);
    if (status)
        return status;
    status = fetch_missing(j, source, path, fetched);
    if (status)
        folder_undo(&place); /* as far as nothing came */
    return status;
}

/*
 * Are all files of a set in the data folder `place` (NULL: wherever they are looked for), good or at least
 * not known to be bad? If not, `bad` and *index say which is not. Returns an exit code: files that could not
 * be read say nothing.
 */
static int look_for_set(const lenet_source *source, const char *place, bool *is_complete, lenet_file_check *bad,
                        size_t *index)
{
    lenet_error error;
    *is_complete = false;
    for (*index = 0; *index < source->file_count; ++*index) {
        if (lenet_source_check(source, *index, place, bad, &error))
            return report_error(&error);
        if (bad->state != LENET_FILE_GOOD && bad->state != LENET_FILE_UNPROVEN)
            return LENET_OK;
    }
    *is_complete = true;
    return LENET_OK;
}

/*
 * After fetching: an older file next to the new one, or an earlier folder, may still be what the program would
 * read.
 */
static int check_result(const job *j, const lenet_source *source)
{
    lenet_file_check bad;
    char text[512], path[PATH_LENGTH];
    size_t index;
    bool is_complete;
    int status = look_for_set(source, j->target, &is_complete, &bad, &index);
    if (status)
        return status;
    if (!is_complete) {
        print_notice("%s: %s, and it is found before what was downloaded; remove it", bad.path,
                     describe_check(source, index, &bad, text, sizeof text));
        return LENET_INPUT;
    }
    if (!j->request->data_dir)
        status = look_for_set(source, NULL, &is_complete, &bad, &index);
    if (!status && !is_complete && !lenet_source_locate(source, NULL, path, sizeof path, NULL))
        print_notice("%s: what lies in %s is damaged, and it is found before what was downloaded; remove it, or use "
                     "--data-dir %s",
                     source->name, path, j->target);
    return status;
}

/* Prints the result for a set: a line, or a member of the document. */
static int report_set(const job *j, const lenet_source *source, const char *path, json_t *fetched, int status)
{
    const size_t files = json_array_size(fetched);
    if (j->request->json) {
        json_t *set = json_pack("{s:s, s:o, s:O, s:b}", "name", source->name, "path",
                                value_of_text(status ? NULL : path), "fetched", fetched, "complete", !status);
        return json_array_append_new(j->sets, set) ? report_no_memory() : status;
    }
    if (!status && !files)
        fprintf(j->request->output, "%s: already in %s\n", source->name, path);
    else if (!status)
        fprintf(j->request->output, "%s: in %s (%zu file%s downloaded)%s%s\n", source->name, path, files,
                files == 1 ? "" : "s", j->request->data_dir ? "; use it with --data-dir " : "",
                j->request->data_dir ? j->request->data_dir : "");
    fflush(j->request->output);
    return status;
}

static int get_set(const job *j, const lenet_source *source)
{
    char path[PATH_LENGTH] = "";
    lenet_file_check bad;
    size_t index;
    bool is_here = false;
    json_t *fetched = json_array();
    int status = fetched ? look_for_set(source, j->request->data_dir, &is_here, &bad, &index) : report_no_memory();
    if (status) {
        json_decref(fetched);
        return status;
    }
    if (!is_here)
        status = fetch_set(j, source, fetched);
    if (!is_here && !status)
        status = check_result(j, source);
    if (lenet_source_locate(source, is_here ? j->request->data_dir : j->target, path, sizeof path, NULL))
        *path = '\0';
    status = report_set(j, source, path, fetched, status);
    json_decref(fetched);
    return status;
}

/* All that were asked for, whatever happens to one of them; the first failure is the exit code. */
static int get_sets(const job *j, const lenet_source *const *sets)
{
    int first = LENET_OK;
    for (size_t i = 0; sets[i]; i++) {
        const int status = get_set(j, sets[i]);
        first = first ? first : status;
    }
    if (!j->request->json)
        return first;
    const int status = print_document(json_incref(j->sets));
    return first ? first : status;
}

int check_data_order(const command_line *line, const data_order *order)
{
    if (order->only_mirrors && !order->mirrors)
        return usage_error(line, "--only-mirror needs --mirror URL");
    for (const char *at = order->mirrors; at && *at; at += strcspn(at, ","), at += strspn(at, ","))
        if (strncasecmp(at, "http://", 7) != 0 && strncasecmp(at, "https://", 8) != 0)
            return usage_error(line, "--mirror %s: a mirror must begin with http:// or https://", at);
    return PARSED;
}

int get_data(const data_order *order, const lenet_source *const *sets)
{
    job j = {.request = order};
    int status = choose_target(&j);
    if (status)
        return status;
    j.sets = json_array();
    interrupt_watch();
    status = j.sets ? get_sets(&j, sets) : report_no_memory();
    json_decref(j.sets);
    return status;
}

int run_data_get(int argc, char **argv)
{
    data_order order = {.stall_seconds = LAB_FETCH_STALL_SECONDS, .output = stdout};
    const ln_option options[] = {
        {.name = "data-dir",
         .metavar = "DIR",
         .kind = LN_OPTION_TEXT,
         .value = &order.data_dir,
         .help = "folder to download into",
         .fallback = "$XDG_DATA_HOME/lenet, or ~/.local/share/lenet"},
        {.name = "mirror",
         .metavar = "URL,...",
         .kind = LN_OPTION_TEXT,
         .value = &order.mirrors,
         .help = "try these mirrors first: each is a folder with the files of one data set, as NAME.gz, or its archive "
                 "(cifar-10-binary.tar.gz)",
         .fallback = "the published mirrors"},
        {.name = "only-mirror",
         .kind = LN_OPTION_BOOL,
         .value = &order.only_mirrors,
         .help = "use only the mirrors of --mirror"},
        {.name = "stall",
         .metavar = "SECONDS",
         .kind = LN_OPTION_INT,
         .value = &order.stall_seconds,
         .low = 1,
         .high = 3600,
         .help = "go to the next mirror after so many seconds with fewer than 100 bytes per second"},
        {.name = "quiet", .kind = LN_OPTION_BOOL, .value = &order.quiet, .help = "print no progress"},
        {.name = "json", .kind = LN_OPTION_BOOL, .value = &order.json, .help = "print JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "data get",
        .arguments = "NAME... [options]",
        .summary = "Downloads data sets that are not on this machine. Mirrors are tried in order; if one fails or "
                   "stalls, the next continues. An interrupted download is continued. A file is kept only if the "
                   "SHA-256 of its content is the published one.",
        .examples = "  lenet data get mnist fashion-mnist\n"
                    "  lenet data get cifar10 --data-dir ~/courses/data\n"
                    "  lenet data get mnist --mirror http://mirror.school.example/mnist/\n",
        .notes = "Names are those of 'lenet data list'. Exit code 5 if no mirror could be\n"
                 "reached, 3 if a downloaded file is wrong. A proxy is taken from http_proxy,\n"
                 "https_proxy and no_proxy.\n",
        .options = options,
        .fewest = 1,
        .most = -1,
    };
    int count = 0;
    const lenet_source *sets[MOST_SETS + 1];
    int stop = parse_command_line(&line, argc, argv, &count);
    if (stop == PARSED)
        stop = check_data_order(&line, &order);
    if (stop == PARSED)
        stop = choose_sets(&line, count, argv, sets);
    return stop == PARSED ? get_data(&order, sets) : stop;
}
