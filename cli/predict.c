/* SPDX-License-Identifier: MIT */
/*
 * predict.c - `lenet predict`: classifies pictures that are not a data set. Each picture is prepared
 * the way the model's training set was made, and what was done to it is shown. A picture that cannot be read
 * costs the others nothing.
 */
#include "cli/command.h"
#include "cli/find-run.h"
#include "cli/options.h"
#include "cli/preview.h"
#include "cli/print-json.h"
#include "cli/terminal.h"
#include "lab/data/classes.h"
#include "lab/data/prepare.h"
#include "lab/pictures/decode.h"
#include "lab/text/json.h"
#include "util/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { BATCH = 64, TOP = 3 }; /* pictures that are predicted together; classes that are shown */

/* One picture: its path, what was done to it, or why it could not be used. */
typedef struct picture {
    const char *path;
    lab_steps steps;
    lenet_error error;
} picture;

typedef struct session {
    bool raw, quiet, json;
    const char *db; /* NULL: models are files */
    lenet_model *model;
    lenet_shape shape;
    int classes;
    size_t image_size;
    lab_style style;
    lab_classes named; /* count 0: the model file has none */
    json_t *document;
    uint8_t *images;      /* [BATCH][image_size] */
    float *probabilities; /* [BATCH][classes] */
    picture pictures[BATCH];
    size_t waiting; /* of them are read and not predicted yet */
    int status;     /* the first failure */
} session;

/* --------------------------------------------------------------------------------------------------------- results */

enum { NAME_ROOM = 64 };

/* The name of a class; `text` is for its number where it has none. */
static const char *class_name(const session *s, int label, char text[NAME_ROOM])
{
    snprintf(text, NAME_ROOM, "%d", label);
    return s->named.count ? s->named.names[label] : text;
}

/* The same for a terminal; in `text`. */
static const char *shown_name(const session *s, int label, char text[NAME_ROOM])
{
    const char *name = class_name(s, label, text);
    if (name != text)
        snprintf(text, NAME_ROOM, "%s", name);
    return make_printable(text);
}

/* The `count` most probable classes, the best first; a tie goes to the lower class. */
static int find_top(const float *probabilities, int classes, int top[TOP])
{
    int count = 0;
    for (int label = 0; label < classes; label++) {
        int at = count < TOP ? count : TOP;
        while (at > 0 && probabilities[label] > probabilities[top[at - 1]])
            at--;
        if (at == TOP)
            continue;
        count += count < TOP;
        memmove(top + at + 1, top + at, (size_t)(count - at - 1) * sizeof *top);
        top[at] = label;
    }
    return count;
}

static json_t *value_of_picture(const session *s, const picture *p, const float *probabilities)
{
    int labels[TOP];
    const int count = find_top(probabilities, s->classes, labels);
    json_t *steps = json_array(), *top = json_array();
    for (int i = 0; i < p->steps.count; i++)
        json_array_append_new(steps, json_string(p->steps.text[i]));
    for (int i = 0; i < count; i++) {
        char text[NAME_ROOM];
        json_array_append_new(top, json_pack("{s:o, s:i, s:o}", "class", value_of_text(class_name(s, labels[i], text)),
                                             "label", labels[i], "probability",
                                             value_of_number((double)probabilities[labels[i]])));
    }
    return json_pack("{s:o, s:o, s:o}", "file", value_of_text(p->path), "steps", steps, "top", top);
}

static void print_line(const session *s, const picture *p, const float *probabilities)
{
    int labels[TOP];
    const int count = find_top(probabilities, s->classes, labels);
    printf("%s:", shown(p->path));
    for (int i = 0; i < count; i++) {
        char text[NAME_ROOM];
        printf("%s %s %.2f %%", i ? "," : "", shown_name(s, labels[i], text), 100 * (double)probabilities[labels[i]]);
    }
    putchar('\n');
}

static void print_in_full(const session *s, const picture *p, const uint8_t *image, const float *probabilities)
{
    int labels[TOP];
    const int count = find_top(probabilities, s->classes, labels);
    const style look = style_of(stdout);
    printf("%s%s%s\n", look.bold, shown(p->path), look.reset);
    for (int i = 0; i < p->steps.count; i++)
        printf("  %s%s%s\n", look.dim, p->steps.text[i], look.reset);
    print_preview(image, s->shape, "  ");
    for (int i = 0; i < count; i++) {
        char text[NAME_ROOM], bar[31];
        const double share = (double)probabilities[labels[i]];
        printf("  %s%-12s %6.2f %%%s  %s\n", i ? "" : look.bold, shown_name(s, labels[i], text), 100 * share,
               i ? "" : look.reset, format_bar(share, 30, bar));
    }
    putchar('\n');
}

/* ------------------------------------------------------------------------------------------------------- predicting */

static void fail(session *s, int status)
{
    if (!s->status)
        s->status = status;
}

static void report_failed(session *s, const picture *p)
{
    fail(s, (int)p->error.status);
    print_notice("%s", p->error.text);
    if (s->json)
        json_array_append_new(s->document, json_pack("{s:o, s:o}", "file", value_of_text(p->path), "error",
                                                     value_of_text(p->error.text)));
}

static void report_predicted(session *s, size_t index)
{
    const picture *p = &s->pictures[index];
    const float *probabilities = s->probabilities + index * (size_t)s->classes;
    if (s->json && json_array_append_new(s->document, value_of_picture(s, p, probabilities)))
        fail(s, report_no_memory());
    else if (!s->json && s->quiet)
        print_line(s, p, probabilities);
    else if (!s->json)
        print_in_full(s, p, s->images + index * s->image_size, probabilities);
}

/* Predicts those that wait, and reports on all of them in their order. */
static void predict_waiting(session *s)
{
    lenet_error error;
    if (s->waiting && lenet_model_predict(s->model, s->waiting, s->images, s->probabilities, NULL, &error)) {
        fail(s, report_error(&error));
        s->waiting = 0;
        return;
    }
    for (size_t i = 0; i < s->waiting; i++)
        if (s->pictures[i].error.status)
            report_failed(s, &s->pictures[i]);
        else
            report_predicted(s, i);
    s->waiting = 0;
}

/* Reads and prepares a picture. One that fails keeps its place among the others, black. */
static void add_picture(session *s, const char *path)
{
    picture *p = &s->pictures[s->waiting];
    uint8_t *pixels = s->images + s->waiting * s->image_size;
    lab_image image = {0, 0, 0, NULL};
    *p = (picture){.path = path};
    memset(pixels, 0, s->image_size);
    if (!lab_image_read(&image, path, &p->error))
        lab_prepare(&image, s->raw ? LAB_STYLE_RAW : s->style, s->shape, pixels, &p->steps, path, &p->error);
    lab_image_close(&image);
    if (++s->waiting == BATCH)
        predict_waiting(s);
}

static int is_picture(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && lab_image_is_named(entry->d_name);
}

/* Paths are kept until the pictures of this folder are reported. */
static void add_folder(session *s, const char *folder)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_picture, alphasort);
    char **paths = count > 0 ? calloc((size_t)count, sizeof *paths) : NULL;
    if (count < 0) {
        print_notice("%s: the folder cannot be read: %s", folder, strerror(errno));
        fail(s, (int)ln_status_of(errno));
    } else if (count == 0) {
        print_notice("%s: no image is in this folder (.png, .jpg, .bmp, .gif, .tif, .webp)", folder);
        fail(s, LENET_INPUT);
    } else if (!paths) {
        fail(s, report_no_memory());
    }
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    for (int i = 0; paths && i < count; i++) {
        if (asprintf(&paths[i], "%s%s%s", folder, slash, entries[i]->d_name) < 0)
            paths[i] = NULL;
        if (paths[i])
            add_picture(s, paths[i]);
        else
            fail(s, report_no_memory());
    }
    predict_waiting(s);
    for (int i = 0; i < count; i++) {
        free(entries[i]);
        if (paths)
            free(paths[i]);
    }
    free(paths);
    free(entries);
}

/* --------------------------------------------------------------------------------------------------------- session */

static int open_session(session *s, const char *name)
{
    lenet_error error;
    char path[PATH_MAX];
    const int missing = find_model(name, s->db, path);
    if (missing)
        return missing;
    if (lenet_model_load(&s->model, path, &error))
        return report_error(&error);
    s->shape = lenet_model_shape(s->model);
    s->classes = lenet_model_classes(s->model);
    s->image_size = (size_t)s->shape.channels * (size_t)s->shape.height * (size_t)s->shape.width;
    s->images = calloc(BATCH, s->image_size);
    s->probabilities = calloc(BATCH * (size_t)s->classes, sizeof *s->probabilities);
    s->document = json_array();
    if (!s->images || !s->probabilities || !s->document)
        return report_no_memory();
    s->style = lab_style_of_model(s->model);
    return lab_classes_open(&s->named, s->model, &error) ? report_error(&error) : LENET_OK;
}

static void close_session(session *s)
{
    json_decref(s->document);
    lab_classes_close(&s->named);
    free(s->images);
    free(s->probabilities);
    lenet_model_close(&s->model);
}

static int predict_all(session *s, int count, char **paths)
{
    for (int i = 0; i < count; i++) {
        struct stat status;
        if (!stat(paths[i], &status) && S_ISDIR(status.st_mode)) {
            predict_waiting(s);
            add_folder(s, paths[i]);
        } else {
            add_picture(s, paths[i]);
        }
    }
    predict_waiting(s);
    if (!s->json)
        return s->status;
    const int status = print_document(json_incref(s->document));
    return s->status ? s->status : status;
}

int run_predict(int argc, char **argv)
{
    session s = {.raw = false};
    const ln_option options[] = {
        {.name = "db",
         .metavar = "FILE",
         .kind = LN_OPTION_TEXT,
         .value = &s.db,
         .fallback = "none: MODEL is a file",
         .help = "database of runs; MODEL is then a run, named as in 'runs show'"},
        {.name = "raw",
         .kind = LN_OPTION_BOOL,
         .value = &s.raw,
         .help = "skip the preparation: only resize the whole picture to the model's input"},
        {.name = "quiet",
         .kind = LN_OPTION_BOOL,
         .value = &s.quiet,
         .help = "print one line for each picture: the three best classes"},
        {.name = "json", .kind = LN_OPTION_BOOL, .value = &s.json, .help = "print JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "predict",
        .arguments = "MODEL IMAGE... [options]",
        .summary = "Classifies pictures: image files of any size (docs/formats.md), or folders of them. Each picture "
                   "is first "
                   "made similar to the images of the model's training; every step is shown, with its result.",
        .examples = "  lenet predict runs/mnist/model.safetensors digit.png\n"
                    "  lenet predict runs/mnist/model.safetensors scans/ --quiet\n"
                    "  lenet predict 'lr 0.002, seed 3' digit.png --db lenet.db\n"
                    "  lenet predict runs/cifar10/model.safetensors cat.jpg --json\n",
        .notes = "For models of one channel: made grey, inverted if the border is light, cut to the\n"
                 "ink, scaled and centred as the makers of the data set did. For colour: the\n"
                 "middle square, scaled. For models of own images: the whole picture, scaled.\n"
                 "Exit code 3 if any picture could not be used.\n",
        .options = options,
        .fewest = 2,
        .most = -1,
    };
    int count = 0;
    int status = parse_command_line(&line, argc, argv, &count);
    if (status != PARSED)
        return status;
    status = open_session(&s, argv[0]);
    if (!status)
        status = predict_all(&s, count - 1, argv + 1);
    close_session(&s);
    return status;
}
