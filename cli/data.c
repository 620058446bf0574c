/* SPDX-License-Identifier: MIT */
/*
 * data.c - `lenet data`: which data sets there are, and whether what lies here is what it should be. data-get.c
 * downloads.
 */
#include "cli/data.h"

#include "cli/command.h"
#include "cli/duplicates.h"
#include "cli/images.h"
#include "cli/names.h"
#include "cli/print-json.h"
#include "cli/terminal.h"
#include "lab/data/folders.h"
#include "lab/text/json.h"
#include "lenet/tools.h"
#include "util/nearest.h"

#include <stdio.h>
#include <string.h>

enum { PATH_LENGTH = 4096 };

int choose_sets(const command_line *line, int count, char **names, const lenet_source *sets[MOST_SETS + 1])
{
    size_t chosen = 0;
    const lenet_source *const *known = lenet_source_list();
    for (size_t i = 0; !count && known[i] && chosen < MOST_SETS; i++)
        sets[chosen++] = known[i];
    for (int i = 0; i < count; i++) {
        const char *name = find_name(lenet_option_names(LENET_DATASETS), names[i]);
        const lenet_source *source = name ? lenet_source_find(name) : NULL;
        char all[256];
        if (!source) {
            const char *near = ln_nearest_name(names[i], lenet_option_names(LENET_DATASETS));
            return near ? usage_error(line, "unknown data set '%s'; did you mean %s?", names[i], near)
                        : usage_error(line, "unknown data set '%s'; there are %s", names[i],
                                      join_names(lenet_option_names(LENET_DATASETS), all, sizeof all));
        }
        bool is_new = true;
        for (size_t j = 0; j < chosen; j++)
            is_new &= sets[j] != source;
        if (is_new && chosen < MOST_SETS)
            sets[chosen++] = source;
    }
    sets[chosen] = NULL;
    return PARSED;
}

char *describe_check(const lenet_source *source, size_t index, const lenet_file_check *check, char *text,
                     size_t capacity)
{
    switch (check->state) {
    case LENET_FILE_MISSING: snprintf(text, capacity, "missing"); break;
    case LENET_FILE_GOOD: snprintf(text, capacity, "good"); break;
    case LENET_FILE_UNPROVEN: snprintf(text, capacity, "unproven: %s", check->reason); break;
    case LENET_FILE_BAD: snprintf(text, capacity, "bad: %s", check->reason); break;
    case LENET_FILE_SWAPPED:
        snprintf(text, capacity, "wrong file: this is %s's %s", check->other_source, check->other_name);
        if (!strcmp(check->other_source, source->name))
            snprintf(text, capacity, "wrong file: this is %s, not %s", check->other_name, source->files[index].name);
        break;
    }
    return text;
}

/* ----------------------------------------------------------------------------------------------------------- list */

/* Where a data set is found, or NULL. */
static const char *find_set(const lenet_source *source, const char *folder, char path[PATH_LENGTH])
{
    return lenet_source_locate(source, folder, path, PATH_LENGTH, NULL) ? NULL : path;
}

static int list_for_machines(const char *folder)
{
    json_t *sets = json_array();
    for (const lenet_source *const *at = lenet_source_list(); *at; at++) {
        const lenet_source *s = *at;
        char path[PATH_LENGTH];
        json_t *set =
            json_pack("{s:s, s:s, s:s, s:{s:I, s:I}, s:[iii], s:i, s:o}", "name", s->name, "title", s->title, "license",
                      s->license, "images", "train", (json_int_t)s->count[LENET_TRAIN], "test",
                      (json_int_t)s->count[LENET_TEST], "shape", s->shape.channels, s->shape.height, s->shape.width,
                      "classes", s->classes, "path", value_of_text(find_set(s, folder, path)));
        if (json_array_append_new(sets, set)) {
            json_decref(sets);
            return report_no_memory();
        }
    }
    return print_document(sets);
}

static int list_for_people(const char *folder)
{
    for (const lenet_source *const *at = lenet_source_list(); *at; at++) {
        const lenet_source *s = *at;
        char path[PATH_LENGTH], train[32], test[32];
        const char *found = find_set(s, folder, path);
        const style look = style_of(stdout);
        printf("%s%-14s%s %s\n", look.bold, s->name, look.reset, found ? found : "- (lenet data get)");
        print_item("", "%s: %s training and %s test images, %dx%dx%d, %d classes", s->title,
                   format_count((double)s->count[LENET_TRAIN], train, sizeof train),
                   format_count((double)s->count[LENET_TEST], test, sizeof test), s->shape.channels, s->shape.height,
                   s->shape.width, s->classes);
    }
    return LENET_OK;
}

static int run_list(int argc, char **argv)
{
    const char *folder = NULL;
    bool json = false;
    const ln_option options[] = {
        {.name = "data-dir",
         .metavar = "DIR",
         .kind = LN_OPTION_TEXT,
         .value = &folder,
         .help = "only folder in which to search",
         .fallback = "all data folders"},
        {.name = "json", .kind = LN_OPTION_BOOL, .value = &json, .help = "print JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "data list",
        .arguments = "[options]",
        .summary = "Lists the data sets that lenet knows by name, and the folder of each on this machine.",
        .examples = "  lenet data list\n"
                    "  lenet data list --json\n",
        .options = options,
    };
    int count = 0;
    const int stop = parse_command_line(&line, argc, argv, &count);
    if (stop != PARSED)
        return stop;
    return json ? list_for_machines(folder) : list_for_people(folder);
}

/* ---------------------------------------------------------------------------------------------------------- check */

/* What `lenet data check` found out. */
typedef struct findings {
    const char *folder;
    bool is_named; /* the sets were asked for by name, so that a missing one is a fault */
    bool json;
    int found; /* sets of which anything is here */
    int faults;
    json_t *sets;
} findings;

static const char *state_word(lenet_file_state state)
{
    switch (state) {
    case LENET_FILE_MISSING: return "missing";
    case LENET_FILE_GOOD: return "good";
    case LENET_FILE_SWAPPED: return "swapped";
    case LENET_FILE_BAD: return "bad";
    case LENET_FILE_UNPROVEN: return "unproven";
    }
    return "unknown";
}

static json_t *file_value(const lenet_source *source, size_t index, const lenet_file_check *check)
{
    char text[512];
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:s}", "name", source->files[index].name, "state",
                     state_word(check->state), "path", value_of_text(*check->path ? check->path : NULL), "sha256",
                     value_of_text(*check->sha256 ? check->sha256 : NULL), "expected_sha256",
                     value_of_text(source->files[index].sha256), "message",
                     describe_check(source, index, check, text, sizeof text));
}

static void print_file(const lenet_source *source, size_t index, const lenet_file_check *check)
{
    const style look = style_of(stdout);
    char text[512];
    const char *colour = check->state == LENET_FILE_GOOD       ? look.green
                         : check->state == LENET_FILE_UNPROVEN ? look.yellow
                                                               : look.red;
    printf("  %-26s %s", source->files[index].name, colour);
    print_wrapped(stdout, describe_check(source, index, check, text, sizeof text), 29);
    fputs(look.reset, stdout);
}

/* Checks the files of a set that lies in `path`. */
static int check_files(findings *f, const lenet_source *source, const char *path, json_t *files)
{
    if (!f->json)
        printf("%s: %s\n", source->name, path);
    for (size_t i = 0; i < source->file_count; i++) {
        lenet_file_check check;
        lenet_error error;
        if (lenet_source_check(source, i, f->folder, &check, &error))
            return report_error(&error);
        f->faults += check.state != LENET_FILE_GOOD && check.state != LENET_FILE_UNPROVEN;
        if (!f->json)
            print_file(source, i, &check);
        else if (json_array_append_new(files, file_value(source, i, &check)))
            return report_no_memory();
        fflush(stdout);
    }
    return LENET_OK;
}

/*
 * What the images are, and which are there twice: printed, or put into *duplicates. Where files were found to be wrong,
 * and make no data set, that has been said.
 */
static int check_images(findings *f, const char *data, bool is_wrong, json_t **duplicates)
{
    lenet_dataset *train = NULL, *test = NULL;
    lenet_error error;
    image_list list;
    int status = (int)open_listed_images(&train, &test, data, f->folder, &list, &error);
    if (status)
        return is_wrong ? LENET_OK : report_error(&error);
    if (!f->json) {
        char trained[32], tested[32];
        const lenet_shape shape = lenet_dataset_shape(train);
        printf("  %s training and %s test images, %dx%dx%d, %d classes\n",
               format_count((double)lenet_dataset_count(train), trained, sizeof trained),
               format_count((double)lenet_dataset_count(test), tested, sizeof tested), shape.channels, shape.height,
               shape.width, lenet_dataset_classes(train));
    }
    status = show_duplicates(train, test, &list, f->json ? duplicates : NULL);
    close_image_list(&list);
    lenet_dataset_close(&train);
    lenet_dataset_close(&test);
    return status;
}

static int check_set(findings *f, const lenet_source *source)
{
    char path[PATH_LENGTH];
    lenet_error error;
    const int faults = f->faults;
    json_t *files = json_array();
    int status = LENET_OK;
    const bool found = !lenet_source_locate(source, f->folder, path, sizeof path, &error);
    if (found) {
        f->found++;
        status = check_files(f, source, path, files);
    } else if (f->is_named) {
        f->faults++;
        print_notice("%s", error.text);
    } else if (!f->json) {
        printf("%s: not here\n", source->name);
    }
    json_t *duplicates = json_null();
    if (found && !status)
        status = check_images(f, source->name, f->faults > faults, &duplicates);
    json_t *set = json_pack("{s:s, s:o, s:o, s:o}", "name", source->name, "path", value_of_text(found ? path : NULL),
                            "files", files, "duplicates", duplicates);
    if (json_array_append_new(f->sets, set))
        return report_no_memory();
    return status;
}

/* A folder of one's own images. */
static int check_folder(findings *f, const char *data)
{
    json_t *duplicates = json_null();
    if (!f->json)
        printf("%s\n", data);
    const int status = check_images(f, data, false, &duplicates);
    f->found += !status;
    json_t *set = json_pack("{s:o, s:o, s:[], s:o}", "name", value_of_text(data), "path", value_of_text(data), "files",
                            "duplicates", duplicates);
    if (json_array_append_new(f->sets, set))
        return report_no_memory();
    return status;
}

/* Known data sets, ended by NULL, and so many folders. */
static int check_all(findings *f, const lenet_source *const *sets, int folders, char **paths)
{
    int status = LENET_OK;
    for (size_t i = 0; sets[i] && !status; i++)
        status = check_set(f, sets[i]);
    for (int i = 0; i < folders && !status; i++)
        status = check_folder(f, paths[i]);
    if (!status && !f->found && !f->is_named) {
        print_notice("no data set was found; 'lenet data get NAME' downloads one");
        f->faults++;
    }
    if (!status && f->json)
        status = print_document(json_incref(f->sets));
    return status ? status : f->faults ? LENET_INPUT : LENET_OK;
}

/* Own images are checked after known data sets. Returns how many of the arguments are folders. */
static int put_folders_last(int count, char **arguments)
{
    int folders = 0;
    for (int i = count - 1; i >= 0; i--) {
        if (!lab_is_own_data(arguments[i]))
            continue;
        char *folder = arguments[i];
        folders++;
        memmove(&arguments[i], &arguments[i + 1], (size_t)(count - folders - i) * sizeof *arguments);
        arguments[count - folders] = folder;
    }
    return folders;
}

static int run_check(int argc, char **argv)
{
    findings f = {.folder = NULL};
    const ln_option options[] = {
        {.name = "data-dir",
         .metavar = "DIR",
         .kind = LN_OPTION_TEXT,
         .value = &f.folder,
         .help = "only folder in which to search",
         .fallback = "all data folders"},
        {.name = "json", .kind = LN_OPTION_BOOL, .value = &f.json, .help = "print JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "data check",
        .arguments = "[NAME | DIR...] [options]",
        .summary = "Reads every file of the data sets (without NAME: of all that are found) and compares the SHA-256 "
                   "of its content with the published one. A file of another data set under this name is recognised. "
                   "Then counts duplicate pictures, also in a folder of own images: among the training "
                   "images, in training and test images, and with two labels.",
        .examples = "  lenet data check\n"
                    "  lenet data check mnist --data-dir ~/courses/data\n"
                    "  lenet data check photos@32x32\n",
        .notes = "Exit code 3 if a file is missing or wrong.\n",
        .options = options,
        .most = -1,
    };
    int count = 0;
    const lenet_source *sets[MOST_SETS + 1] = {NULL};
    int stop = parse_command_line(&line, argc, argv, &count);
    const int folders = stop == PARSED ? put_folders_last(count, argv) : 0;
    if (stop == PARSED && (!count || count > folders))
        stop = choose_sets(&line, count - folders, argv, sets);
    if (stop != PARSED)
        return stop;
    f.is_named = count > 0;
    f.sets = json_array();
    const int status = f.sets ? check_all(&f, sets, folders, argv + count - folders) : report_no_memory();
    json_decref(f.sets);
    return status;
}

/* ----------------------------------------------------------------------------------------------------------- data */

static const command parts[] = {
    {"list", "list the known data sets and their folders", run_list},
    {"get", "download data sets and check their SHA-256", run_data_get},
    {"check", "compare data sets with the published SHA-256, find duplicates", run_check},
    {NULL, NULL, NULL},
};

static int print_usage(void)
{
    const style look = style_of(stdout);
    fputs("usage: lenet data list|get|check [arguments]\n\n", stdout);
    printf("%sexamples%s\n", look.bold, look.reset);
    fputs("  lenet data list\n"
          "  lenet data get fashion-mnist\n"
          "  lenet data check\n\n",
          stdout);
    for (const command *part = parts; part->name; part++)
        printf("  lenet data %-8s%s\n", part->name, part->summary);
    fputs("\nWith --data-dir, only that folder is searched; otherwise the folders of $LENET_DATA\n"
          "(separated by colons), the XDG data folder (~/.local/share/lenet), and the folders of\n"
          "Debian, Keras and torchvision. 'lenet data get --help' and so on explain each.\n",
          stdout);
    return LENET_OK;
}

int run_data(int argc, char **argv) { return run_part("data", parts, print_usage, argc, argv); }
