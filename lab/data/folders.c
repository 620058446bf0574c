/* SPDX-License-Identifier: MIT */
/*
 * folders.c - see folders.h. First the tree is listed, sorted by the bytes of the names; then each file is read once, into room for
 * colours, from which the greys are taken at the end if no image has a colour.
 *
 * Without folders for training and test, a fifth of each class tests: those files whose content has the lowest SHA-256, which depends
 * on no name, no order and no seed, and takes a new file in without moving many others.
 */
#include "lab/data/folders.h"

#include "lab/pictures/decode.h"
#include "util/error.h"
#include "util/file.h"
#include "lab/data/prepare.h"
#include "lab/recipe/recipe.h"
#include "util/nearest.h"
#include "lenet/tools.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_LENGTH = 4096, LARGEST_SIDE = 1024 };
static const double test_share = 0.2;
static const char *const part_names[] = {[LENET_TRAIN] = "train", [LENET_TEST] = "test"};

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

bool lab_is_same_folder(const char *a, const char *b)
{
    subject first, second;
    struct stat x, y;
    return take_apart(a, &first) && take_apart(b, &second) && !stat(first.path, &x) && !stat(second.path, &y) &&
           x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool lab_is_split_folder(const char *data)
{
    char inside[PATH_LENGTH + 16];
    subject s;
    bool is_split = take_apart(data, &s);
    for (int part = 0; part < 2 && is_split; part++) {
        snprintf(inside, sizeof inside, "%s/%s", s.path, part_names[part]);
        is_split = is_directory(inside);
    }
    return is_split;
}

lenet_status lab_data_check(const char *data, lenet_error *error)
{
    if (lenet_source_find(data) || lab_is_folder(data))
        return LENET_OK;
    const char *near = ln_nearest_name(data, lenet_option_names(LENET_DATASETS));
    if (near)
        return ln_fail(error, LENET_USAGE, "data %.200s: neither a data set nor a folder; did you mean %s?", data, near);
    const char *at = strrchr(data, '@');
    return ln_fail(error, LENET_USAGE, "data %.200s: neither a data set ('lenet data list' shows them) nor a folder%s", data,
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
        return ln_fail(error, ln_status_of(errno), "%s: %s", path, strerror(errno));
    bool failed = false;
    const struct dirent *entry;
    while (errno = 0, !failed && (entry = readdir(folder)) != NULL)
        failed = *entry->d_name != '.' && !add_name(&found, entry->d_name);
    const int reason = failed ? ENOMEM : errno; /* a part of the folder would be another data set */
    closedir(folder);
    if (reason) {
        close_names(&found);
        return ln_fail(error, reason == ENOMEM ? LENET_FAILURE : LENET_IO, "%s: the folder cannot be read to its end: %s", path,
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

/* The classes of DIR, DIR/train or DIR/test, at least so many. */
static lenet_status list_classes(const char *path, names *classes, size_t least, lenet_error *error)
{
    char inside[PATH_LENGTH + 300];
    lenet_status status = list_folder(path, classes, error);
    for (size_t i = 0; i < classes->count && !status; i++) {
        snprintf(inside, sizeof inside, "%s/%s", path, classes->name[i]);
        if (!is_directory(inside))
            status = ln_fail(error, LENET_INPUT, "%s: no folder; here should be one folder of images for each class", inside);
    }
    if (!status && (classes->count < least || classes->count > LENET_MAX_CLASSES))
        status = ln_fail(error, LENET_INPUT, "%s: %zu folders of classes; there must be %zu..%d", path, classes->count,
                          least, LENET_MAX_CLASSES);
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
    size_t root_length;            /* of what paths begin with: the folder and a slash */
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
            return ln_fail(error, LENET_INPUT, "%s: %dx%d pixels (height, width), more than %d; make images smaller: DIR@HEIGHTxWIDTH", path,
                            image->height, image->width, LARGEST_SIDE);
        a->shape.height = image->height, a->shape.width = image->width;
    }
    if (!a->is_fixed && (image->height != a->shape.height || image->width != a->shape.width))
        return ln_fail(error, LENET_INPUT, "%s: %dx%d pixels (height, width), where %s has %dx%d; make all of one size: DIR@HEIGHTxWIDTH", path,
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
    return a->images && a->labels && a->tests ? LENET_OK : ln_fail(error, LENET_FAILURE, "out of memory for %zu images of %zu bytes", a->all, size_of(a));
}

static void show_progress(const album *a)
{
    const lab_reading *r = a->reading;
    if (r && r->show && (a->count % 64 == 0 || a->count == a->all))
        r->show(r->context, a->count, a->all);
}

static bool is_skipped(const album *a, const lenet_error *why)
{
    return why->status == LENET_INPUT && a->reading && a->reading->skip && a->reading->skip(a->reading->context, why);
}

/* Not added, and LENET_OK, if the file is damaged and is to be skipped. */
static lenet_status add_image(album *a, const char *path, int label, bool tests, lenet_error *error)
{
    lab_image image;
    lab_steps steps = {0};
    lenet_error why;
    lenet_status status = lab_image_read(&image, path, &why);
    if (status && is_skipped(a, &why))
        return LENET_OK;
    if (status)
        return ln_fail(error, status, "%s", why.text);
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
    if (!status)
        show_progress(a);
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
            status = ln_fail(error, LENET_INPUT, "%s: a folder, where images of a class should be", file);
    }
    if (!status && c->files.count < least)
        return ln_fail(error, LENET_INPUT, c->files.count ? "%s: one image only, and it takes one to train and one to test" : "%s: no image in it",
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

/* Marks those of the `count` files read that test; `files` are their places in the class. */
static lenet_status choose_tests(const class_files *c, const size_t *files, size_t count, bool *tests, lenet_error *error)
{
    const size_t rounded = (size_t)(test_share * (double)count + 0.5), wanted = rounded ? rounded : 1;
    ranked *all = calloc(count, sizeof *all);
    lenet_status status = all ? LENET_OK : ln_fail(error, LENET_FAILURE, "%s: out of memory", c->path);
    for (size_t i = 0; i < count && !status; i++) {
        char path[sizeof c->path + 300];
        snprintf(path, sizeof path, "%s/%s", c->path, c->files.name[files[i]]);
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

/* The images of a class, and in `files` the places of those that were not skipped. */
static lenet_status read_class(album *a, const class_files *c, int label, bool all_test, size_t *files, lenet_error *error)
{
    lenet_status status = LENET_OK;
    size_t read = 0;
    for (size_t i = 0; i < c->files.count && !status; i++) {
        char path[sizeof c->path + 300];
        const size_t before = a->count;
        snprintf(path, sizeof path, "%s/%s", c->path, c->files.name[i]);
        status = add_image(a, path, label, all_test, error);
        if (a->count > before)
            files[read++] = i;
    }
    return status;
}

/* Names the images of a class, from `first` on, once it is known which of them test. */
static void name_images(const album *a, const class_files *c, const size_t *files, size_t first)
{
    const lab_reading *r = a->reading;
    char path[sizeof c->path + 300];
    for (size_t i = first; r && r->add && i < a->count; i++) {
        snprintf(path, sizeof path, "%s/%s", c->path, c->files.name[files[i - first]]);
        r->add(r->context, path + a->root_length, a->tests[i] ? LENET_TEST : LENET_TRAIN);
    }
}

/* Test images are chosen among those that were read, so a skipped file moves no other. `least`: images that it takes. */
static lenet_status add_class(album *a, const class_files *c, int label, bool is_split, size_t least, bool all_test, lenet_error *error)
{
    const size_t before = a->count;
    size_t *files = calloc(c->files.count, sizeof *files);
    lenet_status status = files ? read_class(a, c, label, all_test, files, error)
                                : ln_fail(error, LENET_FAILURE, "%s: out of memory", c->path);
    const size_t count = a->count - before;
    if (!status && count < least)
        status = ln_fail(error, LENET_INPUT, "%s: without the damaged files %zu of its %zu images are left, and it takes %zu", c->path,
                          count, c->files.count, least);
    if (!status && !is_split)
        status = choose_tests(c, files, count, a->tests + before, error);
    if (!status)
        name_images(a, c, files, before);
    free(files);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- the whole */

/* One or two folders of classes. */
typedef struct tree {
    char part[2][PATH_LENGTH + 16]; /* [LENET_TRAIN], [LENET_TEST]; the same if they are not apart */
    bool is_split;
    size_t least_images; /* of a class */
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
    lenet_status status = list_classes(t->part[LENET_TEST], &others, 1, error);
    for (size_t i = 0; i < others.count && !status; i++)
        if (!has_name(&t->classes, others.name[i]))
            status = ln_fail(error, LENET_INPUT, "%s/%s: a class that %s does not have", t->part[LENET_TEST], others.name[i], t->part[LENET_TRAIN]);
    for (size_t i = 0; i < t->classes.count && !status; i++)
        if (!has_name(&others, t->classes.name[i]))
            status = ln_fail(error, LENET_INPUT, "%s: the class '%s' of %s is missing", t->part[LENET_TEST], t->classes.name[i], t->part[LENET_TRAIN]);
    close_names(&others);
    return status;
}

static lenet_status list_tree(tree *t, const char *path, const lab_intake *intake, size_t *all, lenet_error *error)
{
    const size_t least_classes = intake && intake->classes ? 1 : 2;
    names inside;
    lenet_status status = list_folder(path, &inside, error);
    if (status)
        return status;
    t->is_split = has_name(&inside, part_names[LENET_TRAIN]) && has_name(&inside, part_names[LENET_TEST]);
    close_names(&inside);
    for (int part = 0; part < 2; part++)
        snprintf(t->part[part], sizeof t->part[part], "%s%s%s", path, t->is_split ? "/" : "",
                 t->is_split ? part_names[part] : "");
    t->least_images = t->is_split || intake ? 1 : 2;
    status = list_classes(t->part[LENET_TRAIN], &t->classes, least_classes, error);
    if (!status && t->is_split)
        status = check_same_classes(t, error);
    for (int part = 0; part < 1 + t->is_split && !status; part++) {
        t->files[part] = calloc(t->classes.count, sizeof *t->files[part]);
        if (!t->files[part])
            status = ln_fail(error, LENET_FAILURE, "%s: out of memory", path);
        for (size_t i = 0; i < t->classes.count && !status; i++) {
            status = list_files(&t->files[part][i], t->part[part], t->classes.name[i], t->least_images, error);
            *all += t->files[part][i].files.count;
        }
    }
    return status;
}

static lenet_status read_tree(const tree *t, album *a, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (int part = 0; part < 1 + t->is_split; part++)
        for (size_t i = 0; i < t->classes.count && !status; i++)
            status = add_class(a, &t->files[part][i], (int)i, t->is_split, t->least_images, part == LENET_TEST, error);
    return status;
}

/* What becomes of a folder's classes. */
typedef struct labelling {
    const char *const *names; /* [count] */
    int count;
    uint8_t place[LENET_MAX_CLASSES]; /* of the folder's classes among these */
} labelling;

static lenet_status plan_labels(labelling *l, const tree *t, const char *data, const lab_intake *intake,
                                lenet_error *error)
{
    *l = (labelling){.names = (const char *const *)t->classes.name, .count = (int)t->classes.count};
    for (int i = 0; i < l->count; i++)
        l->place[i] = (uint8_t)i;
    if (!intake || !intake->classes)
        return LENET_OK;
    const lenet_status status = lab_classes_match(intake->classes, data, l->names, l->count, l->place, error);
    l->names = intake->classes->names, l->count = intake->classes->count;
    return status;
}

enum { ALL_PARTS = 2 }; /* beside LENET_TRAIN and LENET_TEST */

/* The images of a part side by side, in a copy, since several may be wanted. NULL if there is none. */
static lenet_status make_part(lenet_dataset **dataset, const album *a, const labelling *l, const char *data, int part,
                              lenet_error *error)
{
    const size_t size = size_of(a);
    uint8_t *images = malloc(a->count * size), *labels = malloc(a->count);
    size_t count = 0;
    lenet_status status = images && labels ? LENET_OK : ln_fail(error, LENET_FAILURE, "%s: out of memory", data);
    for (size_t i = 0; i < a->count && !status; i++)
        if (part == ALL_PARTS || a->tests[i] == (part == LENET_TEST)) {
            memcpy(images + count * size, a->images + i * size, size);
            labels[count++] = l->place[a->labels[i]];
        }
    if (count)
        status = lenet_dataset_create_named(dataset, data, l->names, a->shape, l->count, count, images, labels, error);
    free(images);
    free(labels);
    return status;
}

static album plan_album(const subject *s, const lab_intake *intake, const lab_reading *reading)
{
    const lenet_shape wanted = s->shape.height || !intake ? s->shape : intake->shape;
    return (album){.shape = {wanted.channels == 1 ? 1 : 3, wanted.height, wanted.width}, .is_fixed = wanted.height > 0,
                   .keeps_colour = wanted.channels == 3, .root_length = strlen(s->path) + 1, .reading = reading};
}

/* `made`: the parts, those that are not wanted NULL. */
static lenet_status read_parts(lenet_dataset **const made[], const char *data, const subject *s,
                               const lab_intake *intake, const lab_reading *reading, lenet_error *error)
{
    tree t = {.is_split = false};
    labelling labels;
    album a = plan_album(s, intake, reading);
    lenet_status status = list_tree(&t, s->path, intake, &a.all, error);
    if (!status)
        status = plan_labels(&labels, &t, data, intake, error);
    if (!status)
        status = read_tree(&t, &a, error);
    if (!status)
        make_grey(&a);
    for (int part = 0; part <= ALL_PARTS && !status; part++)
        if (made[part])
            status = make_part(made[part], &a, &labels, data, part, error);
    free(a.images);
    free(a.labels);
    free(a.tests);
    close_tree(&t);
    return status;
}

/* ------------------------------------------------------------------------------------------------ known data sets */

/* The images of both. */
static lenet_status join(lenet_dataset **all, const lenet_dataset *train, const lenet_dataset *test, lenet_error *error)
{
    const lenet_shape shape = lenet_dataset_shape(train);
    const size_t size = (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
    const size_t first = lenet_dataset_count(train), second = lenet_dataset_count(test);
    uint8_t *images = malloc((first + second) * size), *labels = malloc(first + second);
    lenet_status status =
        images && labels ? LENET_OK : ln_fail(error, LENET_FAILURE, "%s: out of memory", lenet_dataset_name(train));
    if (!status) {
        memcpy(images, lenet_dataset_images(train), first * size);
        memcpy(images + first * size, lenet_dataset_images(test), second * size);
        memcpy(labels, lenet_dataset_labels(train), first);
        memcpy(labels + first, lenet_dataset_labels(test), second);
        status = lab_dataset_like(all, train, first + second, images, labels, error);
    }
    free(images);
    free(labels);
    return status;
}

/* Images of another shape are not measured at all, so their classes do not matter. */
static bool is_of_shape(const lenet_dataset *dataset, const lab_intake *intake)
{
    const lenet_shape a = lenet_dataset_shape(dataset), b = intake->shape;
    return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

static lenet_status open_known(lenet_dataset **const made[], const char *data, const char *folder,
                               const lab_intake *intake, lenet_error *error)
{
    lenet_dataset *parts[] = {[LENET_TRAIN] = NULL, [LENET_TEST] = NULL};
    lenet_status status = lab_data_check(data, error);
    for (int part = 0; part < ALL_PARTS && !status; part++) {
        if (!made[part] && !made[ALL_PARTS])
            continue;
        status = lenet_dataset_open(&parts[part], data, (lenet_split)part, folder, error);
        if (!status && intake && intake->classes && is_of_shape(parts[part], intake))
            status = lab_classes_apply(intake->classes, &parts[part], error);
    }
    if (!status && made[ALL_PARTS])
        status = join(made[ALL_PARTS], parts[LENET_TRAIN], parts[LENET_TEST], error);
    for (int part = 0; part < ALL_PARTS; part++) {
        if (made[part])
            *made[part] = parts[part];
        else
            lenet_dataset_close(&parts[part]);
    }
    return status;
}

lenet_status lab_data_open(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                           const lab_intake *intake, const lab_reading *reading, lenet_error *error)
{
    lenet_dataset **const asked[] = {train, test, intake ? intake->all : NULL}; /* in the order of lenet_split */
    lenet_dataset *made[] = {NULL, NULL, NULL}, **wanted[] = {NULL, NULL, NULL};
    subject s;
    for (int part = 0; part <= ALL_PARTS; part++)
        wanted[part] = asked[part] ? &made[part] : NULL;
    const lenet_status status = take_apart(data, &s) ? read_parts(wanted, data, &s, intake, reading, error)
                                                     : open_known(wanted, data, folder, intake, error);
    for (int part = 0; part <= ALL_PARTS; part++) {
        if (!status && asked[part])
            *asked[part] = made[part];
        else
            lenet_dataset_close(&made[part]);
    }
    return status;
}
