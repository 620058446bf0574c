/* SPDX-License-Identifier: MIT */
/*
 * folders.c - see folders.h. First the tree is listed, sorted by the bytes of the names; then each file is read once, into room for
 * colours, from which the greys are taken at the end if no image has a colour.
 *
 * Without folders for training and test, a fifth of each class tests: those files whose content has the lowest SHA-256, which depends
 * on no name, no order and no seed, and takes a new file in without moving many others.
 */
#include "lab/folders.h"

#include "lab/error.h"
#include "lab/file.h"
#include "lab/prepare.h"
#include "lab/recipe.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_LENGTH = 4096, LARGEST_SIDE = 1024 };
static const double test_share = 0.2;

/* ------------------------------------------------------------------------------------------------------- the name */

/* DIR@HEIGHTxWIDTH[xCHANNELS], taken apart; a 0 is not said. */
typedef struct subject {
    char path[PATH_LENGTH];
    lenet_shape shape;
} subject;

static bool is_directory(const char *path)
{
    struct stat status;
    return !stat(path, &status) && S_ISDIR(status.st_mode);
}

/* "32x32", "32x32x3" */
static bool read_shape(const char *text, lenet_shape *shape)
{
    int height = 0, width = 0, channels = 0, used = 0;
    const size_t digits = strspn(text, "0123456789x");
    if (!*text || text[digits] || digits > 15)
        return false;
    const int count = sscanf(text, "%4dx%4d%nx%1d%n", &height, &width, &used, &channels, &used);
    if (count < 2 || text[used] || height < 1 || height > LARGEST_SIDE || width < 1 || width > LARGEST_SIDE ||
        (count == 3 && channels != 1 && channels != 3))
        return false;
    *shape = (lenet_shape){channels, height, width};
    return true;
}

static bool take_apart(const char *data, subject *s)
{
    *s = (subject){.shape = {0, 0, 0}};
    if (lenet_source_find(data) || strlen(data) >= sizeof s->path)
        return false;
    strcpy(s->path, data);
    char *at = strrchr(s->path, '@');
    if (at && !is_directory(s->path) && read_shape(at + 1, &s->shape))
        *at = '\0';
    for (size_t end = strlen(s->path); end > 1 && s->path[end - 1] == '/'; end--)
        s->path[end - 1] = '\0';
    return is_directory(s->path);
}

bool lab_is_folder(const char *data)
{
    subject s;
    return take_apart(data, &s);
}

lenet_status lab_data_check(const char *data, lenet_error *error)
{
    if (lenet_source_find(data) || lab_is_folder(data))
        return LENET_OK;
    const char *near = lenet_nearest_name(data, lenet_option_names(LENET_DATASETS));
    if (near)
        return lab_fail(error, LENET_USAGE, "data %.200s: neither a data set nor a folder; did you mean %s?", data, near);
    const char *at = strrchr(data, '@');
    return lab_fail(error, LENET_USAGE, "data %.200s: neither a data set ('lenet data list' shows them) nor a folder%s", data,
                    at ? " with @HEIGHTxWIDTH[xCHANNELS] behind it, 1..1024 pixels, 1 or 3 channels" : "");
}

/* -------------------------------------------------------------------------------------------------------- the tree */

/* Sorted names of a folder's entries. */
typedef struct names {
    char **name;
    size_t count;
} names;

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void close_names(names *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->name[i]);
    free(n->name);
    *n = (names){NULL, 0};
}

static bool add_name(names *n, const char *name)
{
    if (!(n->count & (n->count + 1))) { /* 0, 1, 3, 7, ...: room for as many again */
        char **more = realloc(n->name, (2 * n->count + 2) * sizeof *more);
        if (!more)
            return false;
        n->name = more;
    }
    char *copy = strdup(name);
    if (copy)
        n->name[n->count++] = copy;
    return copy;
}

/* What lies in the folder, hidden entries apart. */
static lenet_status list_folder(const char *path, names *out, lenet_error *error)
{
    names found = {NULL, 0};
    DIR *folder = opendir(path);
    if (!folder)
        return lab_fail(error, lab_status_of(errno), "%s: %s", path, strerror(errno));
    bool failed = false;
    const struct dirent *entry;
    while (errno = 0, !failed && (entry = readdir(folder)) != NULL)
        failed = *entry->d_name != '.' && !add_name(&found, entry->d_name);
    const int reason = failed ? ENOMEM : errno; /* a part of the folder would be another data set */
    closedir(folder);
    if (reason) {
        close_names(&found);
        return lab_fail(error, reason == ENOMEM ? LENET_FAILURE : LENET_IO, "%s: the folder cannot be read to its end: %s", path,
                        strerror(reason));
    }
    if (found.count)
        qsort(found.name, found.count, sizeof *found.name, compare_names);
    *out = found;
    return LENET_OK;
}

static bool has_name(const names *n, const char *name)
{
    return n->count && bsearch(&name, n->name, n->count, sizeof *n->name, compare_names);
}

/* The classes of DIR, DIR/train or DIR/test. */
static lenet_status list_classes(const char *path, names *classes, lenet_error *error)
{
    char inside[PATH_LENGTH + 300];
    lenet_status status = list_folder(path, classes, error);
    for (size_t i = 0; i < classes->count && !status; i++) {
        snprintf(inside, sizeof inside, "%s/%s", path, classes->name[i]);
        if (!is_directory(inside))
            status = lab_fail(error, LENET_INPUT, "%s: no folder; here should be one folder of images for each class", inside);
    }
    if (!status && (classes->count < 2 || classes->count > LENET_MAX_CLASSES))
        status = lab_fail(error, LENET_INPUT, "%s: %zu folders of classes; there must be 2..%d", path, classes->count, LENET_MAX_CLASSES);
    return status;
}

/* ----------------------------------------------------------------------------------------------------- the images */

/* Images in the making: [count][3 or 1][height][width]. */
typedef struct album {
    lenet_shape shape; /* channels as they are stored */
    bool is_fixed;     /* the shape was asked for; else it is that of the first image */
    bool has_colour;
    bool keeps_colour; /* 3 channels were asked for */
    uint8_t *images, *labels;
    bool *tests;       /* it belongs to the test images */
    size_t count, room;
    char first[PATH_LENGTH + 600]; /* the path of the first image */
    const lab_reading *reading;
    size_t all; /* files that there are */
} album;

static size_t size_of(const album *a) { return (size_t)a->shape.channels * (size_t)a->shape.height * (size_t)a->shape.width; }

static bool is_coloured(const lab_image *image)
{
    const size_t pixels = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; image->channels == 3 && i < pixels; i++)
        if (image->pixels[3 * i] != image->pixels[3 * i + 1] || image->pixels[3 * i] != image->pixels[3 * i + 2])
            return true;
    return false;
}

/* The first image says how large all are, unless that was asked for. */
static lenet_status settle_shape(album *a, const lab_image *image, const char *path, lenet_error *error)
{
    const int is_first = !a->count;
    if (is_first)
        snprintf(a->first, sizeof a->first, "%s", path);
    if (is_first && !a->is_fixed) {
        if (image->width > LARGEST_SIDE || image->height > LARGEST_SIDE)
            return lab_fail(error, LENET_INPUT, "%s: %dx%d pixels (height, width), more than %d; make images smaller: DIR@HEIGHTxWIDTH", path,
                            image->height, image->width, LARGEST_SIDE);
        a->shape.height = image->height, a->shape.width = image->width;
    }
    if (!a->is_fixed && (image->height != a->shape.height || image->width != a->shape.width))
        return lab_fail(error, LENET_INPUT, "%s: %dx%d pixels (height, width), where %s has %dx%d; make all of one size: DIR@HEIGHTxWIDTH", path,
                        image->height, image->width, a->first, a->shape.height, a->shape.width);
    return LENET_OK;
}

static lenet_status reserve(album *a, lenet_error *error)
{
    if (a->room)
        return LENET_OK;
    a->images = calloc(a->all, size_of(a));
    a->labels = calloc(a->all, 1);
    a->tests = calloc(a->all, sizeof *a->tests);
    a->room = a->all;
    return a->images && a->labels && a->tests ? LENET_OK : lab_fail(error, LENET_FAILURE, "out of memory for %zu images of %zu bytes", a->all, size_of(a));
}

static lenet_status add_image(album *a, const char *path, int label, bool tests, lenet_error *error)
{
    lab_image image;
    lab_steps steps = {0};
    lenet_status status = lab_image_read(&image, path, error);
    if (status)
        return status;
    status = settle_shape(a, &image, path, error);
    if (!status)
        status = reserve(a, error);
    if (!status)
        status = lab_prepare(&image, LAB_STYLE_RAW, a->shape, a->images + a->count * size_of(a), &steps, path, error);
    if (!status) {
        a->has_colour |= is_coloured(&image);
        a->labels[a->count] = (uint8_t)label;
        a->tests[a->count++] = tests;
    }
    lab_image_close(&image);
    if (!status && a->reading && (a->count % 64 == 0 || a->count == a->all))
        a->reading->show(a->reading->context, a->count, a->all);
    return status;
}

/* The greys of images that are stored with three equal channels. */
static void make_grey(album *a)
{
    const size_t plane = (size_t)a->shape.height * (size_t)a->shape.width;
    if (a->shape.channels == 1 || a->has_colour || a->keeps_colour)
        return;
    for (size_t i = 1; i < a->count; i++)
        memmove(a->images + i * plane, a->images + 3 * i * plane, plane);
    a->shape.channels = 1;
}

/* ------------------------------------------------------------------------------------------------- a class's files */

typedef struct class_files {
    char path[PATH_LENGTH + 300];
    names files;
} class_files;

static lenet_status list_files(class_files *c, const char *path, const char *name, size_t least, lenet_error *error)
{
    snprintf(c->path, sizeof c->path, "%s/%s", path, name);
    lenet_status status = list_folder(c->path, &c->files, error);
    for (size_t i = 0; i < c->files.count && !status; i++) {
        char file[sizeof c->path + 300];
        snprintf(file, sizeof file, "%s/%s", c->path, c->files.name[i]);
        if (is_directory(file))
            status = lab_fail(error, LENET_INPUT, "%s: a folder, where images of a class should be", file);
    }
    if (!status && c->files.count < least)
        return lab_fail(error, LENET_INPUT, c->files.count ? "%s: one image only, and it takes one to train and one to test" : "%s: no image in it",
                        c->path);
    return status;
}

typedef struct ranked {
    char hash[65];
    size_t place;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    const int order = strcmp(x->hash, y->hash);
    return order ? order : x->place < y->place ? -1 : x->place > y->place;
}

/* Marks those of the files that test. */
static lenet_status choose_tests(const class_files *c, bool *tests, lenet_error *error)
{
    const size_t count = c->files.count, rounded = (size_t)(test_share * (double)count + 0.5), wanted = rounded ? rounded : 1;
    ranked *all = calloc(count, sizeof *all);
    lenet_status status = all ? LENET_OK : lab_fail(error, LENET_FAILURE, "%s: out of memory", c->path);
    for (size_t i = 0; i < count && !status; i++) {
        char path[sizeof c->path + 300];
        snprintf(path, sizeof path, "%s/%s", c->path, c->files.name[i]);
        all[i].place = i;
        status = lab_sha256_file(path, LAB_IMAGE_BYTES, all[i].hash, error);
    }
    if (!status)
        qsort(all, count, sizeof *all, compare_ranked);
    for (size_t i = 0; i < wanted && !status; i++)
        tests[all[i].place] = true;
    free(all);
    return status;
}

/* `tests` NULL: all of them do as `all_test` says. */
static lenet_status add_class(album *a, const class_files *c, int label, bool all_test, const bool *tests, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < c->files.count && !status; i++) {
        char path[sizeof c->path + 300];
        snprintf(path, sizeof path, "%s/%s", c->path, c->files.name[i]);
        status = add_image(a, path, label, tests ? tests[i] : all_test, error);
    }
    return status;
}

/* ------------------------------------------------------------------------------------------------------- the whole */

/* One or two folders of classes. */
typedef struct tree {
    char part[2][PATH_LENGTH + 16]; /* [LENET_TRAIN], [LENET_TEST]; the same if they are not apart */
    bool is_split;
    names classes;
    class_files *files[2]; /* [classes]; the second only if they are apart */
} tree;

static void close_tree(tree *t)
{
    for (int part = 0; part < 2; part++) {
        for (size_t i = 0; t->files[part] && i < t->classes.count; i++)
            close_names(&t->files[part][i].files);
        free(t->files[part]);
    }
    close_names(&t->classes);
}

static lenet_status check_same_classes(const tree *t, lenet_error *error)
{
    names others = {NULL, 0};
    lenet_status status = list_classes(t->part[LENET_TEST], &others, error);
    for (size_t i = 0; i < others.count && !status; i++)
        if (!has_name(&t->classes, others.name[i]))
            status = lab_fail(error, LENET_INPUT, "%s/%s: a class that %s does not have", t->part[LENET_TEST], others.name[i], t->part[LENET_TRAIN]);
    for (size_t i = 0; i < t->classes.count && !status; i++)
        if (!has_name(&others, t->classes.name[i]))
            status = lab_fail(error, LENET_INPUT, "%s: the class '%s' of %s is missing", t->part[LENET_TEST], t->classes.name[i], t->part[LENET_TRAIN]);
    close_names(&others);
    return status;
}

static lenet_status list_tree(tree *t, const char *path, size_t *all, lenet_error *error)
{
    names inside;
    lenet_status status = list_folder(path, &inside, error);
    if (status)
        return status;
    t->is_split = has_name(&inside, "train") && has_name(&inside, "test");
    close_names(&inside);
    for (int part = 0; part < 2; part++)
        snprintf(t->part[part], sizeof t->part[part], "%s%s", path, !t->is_split ? "" : part == LENET_TRAIN ? "/train" : "/test");
    status = list_classes(t->part[LENET_TRAIN], &t->classes, error);
    if (!status && t->is_split)
        status = check_same_classes(t, error);
    for (int part = 0; part < 1 + t->is_split && !status; part++) {
        t->files[part] = calloc(t->classes.count, sizeof *t->files[part]);
        if (!t->files[part])
            status = lab_fail(error, LENET_FAILURE, "%s: out of memory", path);
        for (size_t i = 0; i < t->classes.count && !status; i++) {
            status = list_files(&t->files[part][i], t->part[part], t->classes.name[i], t->is_split ? 1 : 2, error);
            *all += t->files[part][i].files.count;
        }
    }
    return status;
}

static lenet_status read_tree(const tree *t, album *a, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (int part = 0; part < 1 + t->is_split; part++)
        for (size_t i = 0; i < t->classes.count && !status; i++) {
            const class_files *c = &t->files[part][i];
            bool *tests = t->is_split ? NULL : calloc(c->files.count, sizeof *tests);
            if (!t->is_split)
                status = tests ? choose_tests(c, tests, error) : lab_fail(error, LENET_FAILURE, "%s: out of memory", c->path);
            if (!status)
                status = add_class(a, c, (int)i, part == LENET_TEST, tests, error);
            free(tests);
        }
    return status;
}

/* Those images that test, or the others, side by side; they are taken out of a copy, since both may be wanted. */
static lenet_status make_part(lenet_dataset **dataset, const album *a, const tree *t, const char *data, bool tests, lenet_error *error)
{
    const size_t size = size_of(a);
    uint8_t *images = malloc(a->count * size), *labels = malloc(a->count);
    size_t count = 0;
    for (size_t i = 0; images && labels && i < a->count; i++)
        if (a->tests[i] == tests) {
            memcpy(images + count * size, a->images + i * size, size);
            labels[count++] = a->labels[i];
        }
    const lenet_status status = images && labels ? lenet_dataset_create_named(dataset, data, (const char *const *)t->classes.name, a->shape,
                                                                              (int)t->classes.count, count, images, labels, error)
                                                 : lab_fail(error, LENET_FAILURE, "%s: out of memory", data);
    free(images);
    free(labels);
    return status;
}

static album plan_album(const subject *s, const lenet_shape *shape, const lab_reading *reading)
{
    const lenet_shape wanted = s->shape.height || !shape ? s->shape : *shape;
    return (album){.shape = {wanted.channels == 1 ? 1 : 3, wanted.height, wanted.width}, .is_fixed = wanted.height > 0,
                   .keeps_colour = wanted.channels == 3, .reading = reading};
}

static lenet_status open_folder(lenet_dataset **train, lenet_dataset **test, const char *data, const subject *s, const lenet_shape *shape,
                                const lab_reading *reading, lenet_error *error)
{
    tree t = {.is_split = false};
    album a = plan_album(s, shape, reading);
    lenet_dataset *made[2] = {NULL, NULL};
    lenet_status status = list_tree(&t, s->path, &a.all, error);
    if (!status)
        status = read_tree(&t, &a, error);
    if (!status) {
        make_grey(&a);
        if (train)
            status = make_part(&made[LENET_TRAIN], &a, &t, data, false, error);
        if (test && !status)
            status = make_part(&made[LENET_TEST], &a, &t, data, true, error);
    }
    free(a.images);
    free(a.labels);
    free(a.tests);
    close_tree(&t);
    if (status) {
        lenet_dataset_close(&made[LENET_TRAIN]);
        return status;
    }
    if (train)
        *train = made[LENET_TRAIN];
    if (test)
        *test = made[LENET_TEST];
    return LENET_OK;
}

lenet_status lab_data_open(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder, const lenet_shape *shape,
                           const lab_reading *reading, lenet_error *error)
{
    subject s;
    if (take_apart(data, &s))
        return open_folder(train, test, data, &s, shape, reading, error);
    lenet_dataset *first = NULL;
    lenet_status status = lab_data_check(data, error);
    if (!status && train)
        status = lenet_dataset_open(&first, data, LENET_TRAIN, folder, error);
    if (!status && test && (status = lenet_dataset_open(test, data, LENET_TEST, folder, error)))
        lenet_dataset_close(&first);
    if (!status && train)
        *train = first;
    return status;
}
