/* SPDX-License-Identifier: MIT */
/*
 * folders.c - see folders.h. First the tree is listed (tree.c); then each file is read once, into room for
 * colours, from which the greys are taken at the end if no image has a colour.
 *
 * Without folders for training and test, a fifth of each class tests: those files whose content has the
 * lowest SHA-256, which depends on no name, no order and no seed, and takes a new file in without moving many
 * others.
 */
#include "lab/data/folders.h"

#include "lab/data/files.h"
#include "lab/data/prepare.h"
#include "lab/data/tree.h"
#include "lab/pictures/decode.h"
#include "lab/recipe/recipe.h"
#include "lenet/tools.h"
#include "util/error.h"
#include "util/nearest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_LENGTH = LAB_PATH_LENGTH, LARGEST_SIDE = 1024 };

/* ------------------------------------------------------------------------------------------------------- the name */

/* PATH@HEIGHTxWIDTH[xCHANNELS], taken apart; a 0 is not said. */
typedef struct subject {
    bool is_file; /* or files: of many images; else folders or a list determine which files are images */
    char path[PATH_LENGTH];
    char labels[PATH_LENGTH + 16]; /* the file that lists the images; "": folders do */
    lenet_shape shape;
} subject;

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

/* There is a folder in it, so that its images are not in files of many. */
static bool has_folder(const char *path)
{
    lab_names names;
    char inside[PATH_LENGTH + 300];
    bool has_one = false;
    if (lab_list_folder(path, &names, NULL))
        return true;
    for (size_t i = 0; i < names.count && !has_one; i++) {
        snprintf(inside, sizeof inside, "%s/%s", path, names.name[i]);
        has_one = lab_is_directory(inside);
    }
    lab_names_close(&names);
    return has_one;
}

/*
 * A folder of images, a file of labels (then the folder is that in which it lies), or files of many images.
 */
static bool find_images(subject *s)
{
    const bool is_folder = lab_is_directory(s->path);
    snprintf(s->labels, sizeof s->labels, "%s%s", s->path, is_folder ? "/labels.csv" : "");
    if (!lab_is_labels_file(s->labels)) {
        *s->labels = '\0';
        s->is_file = (!is_folder || !has_folder(s->path)) && lab_is_image_file(s->path);
        return is_folder || s->is_file;
    }
    char *slash = strrchr(s->path, '/');
    if (!is_folder)
        strcpy(slash ? slash + (slash == s->path) : s->path, slash ? "" : ".");
    return true;
}

static bool take_apart(const char *data, subject *s)
{
    *s = (subject){.shape = {0, 0, 0}};
    if (lenet_source_find(data) || strlen(data) >= sizeof s->path)
        return false;
    strcpy(s->path, data);
    char *at = strrchr(s->path, '@');
    if (at && access(s->path, F_OK) && read_shape(at + 1, &s->shape))
        *at = '\0';
    for (size_t end = strlen(s->path); end > 1 && s->path[end - 1] == '/'; end--)
        s->path[end - 1] = '\0';
    return find_images(s);
}

bool lab_is_own_data(const char *data)
{
    subject s;
    return take_apart(data, &s);
}

bool lab_is_image_folder(const char *data)
{
    subject s;
    return take_apart(data, &s) && !s.is_file;
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
    subject s;
    return take_apart(data, &s) && !*s.labels && !s.is_file && lab_has_part(s.path, LENET_TEST);
}

lenet_status lab_data_check(const char *data, lenet_error *error)
{
    if (lenet_source_find(data) || lab_is_own_data(data))
        return LENET_OK;
    if (!access(data, F_OK))
        return ln_fail(
            error, LENET_USAGE,
            "data %.300s: no file of images: neither IDX, .npz nor a CSV file with a column 'label' (docs/data.md)",
            data);
    const char *near = ln_nearest_name(data, lenet_option_names(LENET_DATASETS));
    if (near)
        return ln_fail(error, LENET_USAGE, "data %.200s: neither a data set nor a folder or file; did you mean %s?",
                       data, near);
    const char *at = strrchr(data, '@');
    return ln_fail(error, LENET_USAGE,
                   "data %.200s: neither a data set ('lenet data list' shows them) nor a folder or file%s", data,
                   at ? " with @HEIGHTxWIDTH[xCHANNELS] after it, 1..1024 pixels, 1 or 3 channels" : "");
}

/* ----------------------------------------------------------------------------------------------------- the images */

/* Images in the making: [count][3 or 1][height][width]. */
typedef struct album {
    lenet_shape shape; /* channels as they are stored */
    bool is_fixed;     /* the shape was asked for; else it is that of the first image */
    bool has_colour;
    bool keeps_colour; /* 3 channels were asked for */
    uint8_t *images, *labels;
    uint8_t *part; /* LENET_TRAIN, LENET_TEST or LAB_VALIDATION */
    size_t count, room;
    char first[PATH_LENGTH + 600]; /* the path of the first image */
    size_t root_length;            /* of what paths begin with: the folder and a slash */
    const lab_reading *reading;
    size_t all; /* files that there are */
} album;

static size_t size_of(const album *a)
{
    return (size_t)a->shape.channels * (size_t)a->shape.height * (size_t)a->shape.width;
}

static bool is_coloured(const lab_image *image)
{
    const size_t pixels = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; image->channels == 3 && i < pixels; i++)
        if (image->pixels[3 * i] != image->pixels[3 * i + 1] || image->pixels[3 * i] != image->pixels[3 * i + 2])
            return true;
    return false;
}

/* The first image determines the size of all, unless a size was given. */
static lenet_status settle_shape(album *a, const lab_image *image, const char *path, lenet_error *error)
{
    const int is_first = !a->count;
    if (is_first)
        snprintf(a->first, sizeof a->first, "%s", path);
    if (is_first && !a->is_fixed) {
        if (image->width > LARGEST_SIDE || image->height > LARGEST_SIDE)
            return ln_fail(error, LENET_INPUT,
                           "%s: %dx%d pixels (height, width), more than %d; make images smaller: DIR@HEIGHTxWIDTH",
                           path, image->height, image->width, LARGEST_SIDE);
        a->shape.height = image->height, a->shape.width = image->width;
    }
    if (!a->is_fixed && (image->height != a->shape.height || image->width != a->shape.width))
        return ln_fail(error, LENET_INPUT,
                       "%s: %dx%d pixels (height, width), where %s has %dx%d; make all of one size: DIR@HEIGHTxWIDTH",
                       path, image->height, image->width, a->first, a->shape.height, a->shape.width);
    return LENET_OK;
}

static lenet_status reserve(album *a, lenet_error *error)
{
    if (a->room)
        return LENET_OK;
    a->images = calloc(a->all, size_of(a));
    a->labels = calloc(a->all, 1);
    a->part = calloc(a->all, 1);
    a->room = a->all;
    return a->images && a->labels && a->part
               ? LENET_OK
               : ln_fail(error, LENET_FAILURE, "out of memory for %zu images of %zu bytes", a->all, size_of(a));
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
static lenet_status add_image(album *a, const char *path, int label, int part, lenet_error *error)
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
        a->part[a->count++] = (uint8_t)part;
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

/* ------------------------------------------------------------------------------------------------- a class's images */

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
static lenet_status choose_tests(const lab_class_files *c, const size_t *files, size_t count, uint8_t *part,
                                 lenet_error *error)
{
    const size_t wanted = lab_test_count(count);
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
        part[all[i].place] = LENET_TEST;
    free(all);
    return status;
}

/* The images of a class, and in `files` the places of those that were not skipped. */
static lenet_status read_class(album *a, const lab_class_files *c, int label, int part, size_t *files,
                               lenet_error *error)
{
    lenet_status status = LENET_OK;
    size_t read = 0;
    for (size_t i = 0; i < c->files.count && !status; i++) {
        char path[sizeof c->path + 300];
        const size_t before = a->count;
        snprintf(path, sizeof path, "%s/%s", c->path, c->files.name[i]);
        status = add_image(a, path, label, part, error);
        if (a->count > before)
            files[read++] = i;
    }
    return status;
}

/* Names the images of a class, from `first` on, once it is known which of them test. */
static void name_images(const album *a, const lab_class_files *c, const size_t *files, size_t first)
{
    const lab_reading *r = a->reading;
    char path[sizeof c->path + 300];
    for (size_t i = first; r && r->add && i < a->count; i++) {
        snprintf(path, sizeof path, "%s/%s", c->path, c->files.name[files[i - first]]);
        r->add(r->context, path + a->root_length, a->part[i] == LENET_TEST ? LENET_TEST : LENET_TRAIN);
    }
}

/*
 * The images of class `label` in a part. Those that test are chosen among the training images that were read,
 * if the tree has no list of test images, so a skipped file moves no other.
 */
static lenet_status add_class(album *a, const lab_tree *t, int part, size_t label, lenet_error *error)
{
    const lab_class_files *c = &t->files[part][label];
    const size_t before = a->count, least = part == LENET_TRAIN ? t->least_images : 1;
    size_t *files = calloc(c->files.count + 1, sizeof *files);
    lenet_status status = files ? read_class(a, c, (int)label, part, files, error)
                                : ln_fail(error, LENET_FAILURE, "%s: out of memory", c->path);
    const size_t count = a->count - before;
    if (!status && count < least && c->files.count)
        status = ln_fail(error, LENET_INPUT,
                         "%s: without the damaged files %zu of its %zu images are left, and it takes %zu", c->path,
                         count, c->files.count, least);
    if (!status && part == LENET_TRAIN && !t->has_tests)
        status = choose_tests(c, files, count, a->part + before, error);
    if (!status)
        name_images(a, c, files, before);
    free(files);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- the whole */

static lenet_status read_tree(const lab_tree *t, album *a, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (int part = 0; part < LAB_PARTS; part++)
        for (size_t i = 0; i < t->classes.count && t->files[part] && !status; i++)
            status = add_class(a, t, part, i, error);
    return status;
}

/* What becomes of a folder's classes. */
typedef struct labelling {
    const char *const *names; /* [count] */
    int count;
    uint8_t place[LENET_MAX_CLASSES]; /* of the folder's classes among these */
} labelling;

static lenet_status plan_labels(labelling *l, const lab_tree *t, const char *data, const lab_preparation *intake,
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

enum { BOTH = 2, WANTED = 3 }; /* what may be wanted beside LENET_TRAIN and LENET_TEST: the images of both */

/* Appends the images of a part (LAB_PARTS: of all) to images and labels, of which there are *count. */
static void copy_part(const album *a, const labelling *l, int part, uint8_t *images, uint8_t *labels, size_t *count)
{
    const size_t size = size_of(a);
    for (size_t i = 0; i < a->count; i++)
        if (part == LAB_PARTS || a->part[i] == part) {
            memcpy(images + *count * size, a->images + i * size, size);
            labels[(*count)++] = l->place[a->labels[i]];
        }
}

/*
 * What is wanted side by side, in a copy, since several may be; the validation set is the end of the training
 * set. NULL: no image.
 */
static lenet_status make_part(lenet_dataset **dataset, const album *a, const labelling *l, const char *data, int wanted,
                              lenet_error *error)
{
    uint8_t *images = malloc(a->count * size_of(a)), *labels = malloc(a->count);
    size_t count = 0;
    lenet_status status = images && labels ? LENET_OK : ln_fail(error, LENET_FAILURE, "%s: out of memory", data);
    if (!status)
        copy_part(a, l, wanted == BOTH ? LAB_PARTS : wanted, images, labels, &count);
    const size_t before = count;
    if (!status && wanted == LENET_TRAIN)
        copy_part(a, l, LAB_VALIDATION, images, labels, &count);
    if (count)
        status = lenet_dataset_create_named(dataset, data, l->names, a->shape, l->count, count, images, labels, error);
    if (count && !status)
        status = lenet_dataset_set_validation(*dataset, count - before, error);
    free(images);
    free(labels);
    return status;
}

static album plan_album(const subject *s, const lab_preparation *intake, const lab_reading *reading)
{
    const lenet_shape wanted = s->shape.height || !intake ? s->shape : intake->shape;
    return (album){.shape = {wanted.channels == 1 ? 1 : 3, wanted.height, wanted.width},
                   .is_fixed = wanted.height > 0,
                   .keeps_colour = wanted.channels == 3,
                   .root_length = strlen(s->path) + 1,
                   .reading = reading};
}

/* A folder that is none of classes may be that of a known data set, which its name finds. */
static void suggest_known(const char *path, lenet_error *error)
{
    char found[PATH_LENGTH];
    for (const lenet_source *const *source = lenet_source_list(); *source; source++)
        if (!lenet_source_locate(*source, path, found, sizeof found, NULL)) {
            ln_fail(error, LENET_INPUT, "%.300s: no folder of images, but here is %s: --data %s --data-dir %.100s",
                    path, (*source)->name, (*source)->name, path);
            return;
        }
}

/* `made`: what is wanted, else NULL. */
static lenet_status read_parts(lenet_dataset **const made[], const char *data, const subject *s,
                               const lab_preparation *intake, const lab_reading *reading, lenet_error *error)
{
    lab_tree t;
    labelling labels;
    album a = plan_album(s, intake, reading);
    lenet_status status =
        lab_tree_open(&t, s->path, *s->labels ? s->labels : NULL, intake && intake->classes, intake, error);
    a.all = t.count;
    if (status == LENET_INPUT)
        suggest_known(s->path, error);
    if (!status)
        status = plan_labels(&labels, &t, data, intake, error);
    if (!status)
        status = read_tree(&t, &a, error);
    if (!status)
        make_grey(&a);
    for (int i = 0; i < WANTED && !status; i++)
        if (made[i])
            status = make_part(made[i], &a, &labels, data, i, error);
    free(a.images);
    free(a.labels);
    free(a.part);
    lab_tree_close(&t);
    return status;
}

/* ------------------------------------------------------------------------------------------------ known data sets */

/* The images of both, of which one may be NULL. */
static lenet_status join(lenet_dataset **all, const lenet_dataset *train, const lenet_dataset *test, lenet_error *error)
{
    if (!train || !test)
        return join(all, train ? train : test, train ? train : test, error);
    const lenet_shape shape = lenet_dataset_shape(train);
    const size_t size = (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
    const size_t first = lenet_dataset_count(train), second = train == test ? 0 : lenet_dataset_count(test);
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
static bool is_of_shape(const lenet_dataset *dataset, const lab_preparation *intake)
{
    const lenet_shape a = lenet_dataset_shape(dataset), b = intake->shape;
    return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

/* What is wanted of both parts, either of which may be NULL. */
static lenet_status give_parts(lenet_dataset **const made[], lenet_dataset *parts[], const lab_preparation *intake,
                               lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (int part = 0; part < BOTH && !status; part++)
        if (parts[part] && intake && intake->classes && is_of_shape(parts[part], intake))
            status = lab_classes_apply(intake->classes, &parts[part], error);
    if (!status && made[BOTH])
        status = join(made[BOTH], parts[LENET_TRAIN], parts[LENET_TEST], error);
    for (int part = 0; part < BOTH; part++) {
        if (made[part])
            *made[part] = parts[part];
        else
            lenet_dataset_close(&parts[part]);
    }
    return status;
}

static lenet_status open_known(lenet_dataset **const made[], const char *data, const char *folder,
                               const lab_preparation *intake, lenet_error *error)
{
    lenet_dataset *parts[] = {[LENET_TRAIN] = NULL, [LENET_TEST] = NULL};
    lenet_status status = lab_data_check(data, error);
    for (int part = 0; part < BOTH && !status; part++)
        if (made[part] || made[BOTH])
            status = lenet_dataset_open(&parts[part], data, (lenet_split)part, folder, error);
    if (!status)
        return give_parts(made, parts, intake, error);
    lenet_dataset_close(&parts[LENET_TRAIN]);
    lenet_dataset_close(&parts[LENET_TEST]);
    return status;
}

/* As with folders of images, of which a part may be empty where they are measured. */
static lenet_status open_files(lenet_dataset **const made[], const char *data, const subject *s,
                               const lab_preparation *intake, lenet_error *error)
{
    lenet_dataset *parts[] = {[LENET_TRAIN] = NULL, [LENET_TEST] = NULL};
    const lenet_status status =
        lab_files_open(&parts[LENET_TRAIN], &parts[LENET_TEST], s->path, data, s->shape, intake, error);
    return status ? status : give_parts(made, parts, intake, error);
}

lenet_status lab_data_open(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                           const lab_preparation *intake, const lab_reading *reading, lenet_error *error)
{
    /* in the order of lenet_split */
    lenet_dataset **const asked[] = {train, test, intake ? intake->all : NULL};
    lenet_dataset *made[] = {NULL, NULL, NULL}, **wanted[] = {NULL, NULL, NULL};
    subject s;
    for (int part = 0; part < WANTED; part++)
        wanted[part] = asked[part] ? &made[part] : NULL;
    const lenet_status status = !take_apart(data, &s) ? open_known(wanted, data, folder, intake, error)
                                : s.is_file           ? open_files(wanted, data, &s, intake, error)
                                                      : read_parts(wanted, data, &s, intake, reading, error);
    for (int part = 0; part < WANTED; part++) {
        if (!status && asked[part])
            *asked[part] = made[part];
        else
            lenet_dataset_close(&made[part]);
    }
    return status;
}
