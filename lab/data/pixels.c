/* SPDX-License-Identifier: MIT */
/*
 * pixels.c - see pixels.h. A file is read whole and its fields are numbers in place; only pixels and labels
 * are kept.
 */
#include "lab/data/pixels.h"

#include "lab/data/tree.h"
#include "lab/text/csv.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum {
    FEWEST_PIXELS = 4,
    LARGEST_SIDE = 1024,
    LONGEST_LABEL = 255,
    HEAD = 64 * 1024,
    LABELS_ROOM = 2 * LENET_MAX_CLASSES
};

static const size_t largest_file = (size_t)8 * 1024 * 1024 * 1024;

static const char *const label_columns[] = {"label", "labels",    "class",   "target", "y",
                                            "digit", "character", "emotion", NULL};
/* what pandas and Kaggle put beside them */
static const char *const other_columns[] = {"", "id", "index", "unnamed: 0", NULL};

/* The images of a file. */
typedef struct table {
    char path[LAB_PATH_LENGTH + 300];
    size_t columns, label; /* of a row; which is the label */
    char *is_pixel;        /* [columns] */
    size_t pixels, count, room;
    uint8_t *images;
    uint16_t *labels; /* places in `seen` */
    size_t label_count;
    char *seen[LABELS_ROOM]; /* the labels, in the order in which they came */
} table;

static void close_table(table *t)
{
    for (size_t i = 0; i < t->label_count; i++)
        free(t->seen[i]);
    free(t->is_pixel);
    free(t->images);
    free(t->labels);
}

/* ------------------------------------------------------------------------------------------------------ the columns */

/* "0", "255", "17.0"; -1: something else. */
static int read_pixel(const char *text)
{
    int value = 0, digits = 0;
    for (; *text >= '0' && *text <= '9' && digits < 4; text++, digits++)
        value = 10 * value + *text - '0';
    if (*text == '.' && text[1])
        text += 1 + strspn(text + 1, "0");
    return digits && !*text && value <= 255 ? value : -1;
}

static bool is_whole_number(const char *text)
{
    text += *text == '-';
    return *text && !text[strspn(text, "0123456789")] && strlen(text) < 10;
}

static bool is_one_of(const char *text, const char *const *names)
{
    while (*names && strcasecmp(text, *names))
        names++;
    return *names;
}

/* Of the first row: whether it names the columns, and which is what. */
static bool is_header(const lab_csv *csv)
{
    for (size_t i = 0; i < csv->columns; i++)
        if (!is_whole_number(csv->field[i]))
            return true;
    return false;
}

/* False: no column is a label. */
static bool find_columns(table *t, const lab_csv *csv, bool has_header)
{
    t->columns = csv->columns;
    t->label = has_header ? lab_csv_find(csv, label_columns) : 0;
    t->pixels = 0;
    for (size_t i = 0; i < csv->columns; i++) {
        t->is_pixel[i] = i != t->label && !(has_header && is_one_of(csv->field[i], other_columns));
        t->pixels += t->is_pixel[i] != 0;
    }
    return t->label < t->columns;
}

/* --------------------------------------------------------------------------------------------------------- the rows */

/* The place of a label among those seen, as its number is written shortest: "07" is "7". */
static lenet_status find_label(table *t, const lab_csv *csv, uint16_t *place, lenet_error *error)
{
    const char *text = csv->field[t->label];
    char number[16];
    if (is_whole_number(text)) {
        snprintf(number, sizeof number, "%ld", strtol(text, NULL, 10));
        text = number;
    }
    if (!*text || strlen(text) > LONGEST_LABEL)
        return ln_fail(error, LENET_INPUT, "%s: line %zu: %s", csv->path, csv->line,
                       *text ? "a label of more than 255 bytes" : "no label");
    for (size_t i = 0; i < t->label_count; i++)
        if (!strcmp(t->seen[i], text))
            return *place = (uint16_t)i, LENET_OK;
    if (t->label_count == LENET_MAX_CLASSES)
        return ln_fail(error, LENET_INPUT, "%s: line %zu: more than %d different labels", csv->path, csv->line,
                       LENET_MAX_CLASSES);
    t->seen[t->label_count] = strdup(text);
    *place = (uint16_t)t->label_count;
    return t->seen[t->label_count++] ? LENET_OK : ln_fail(error, LENET_FAILURE, "%s: out of memory", csv->path);
}

static lenet_status read_row(table *t, const lab_csv *csv, lenet_error *error)
{
    uint8_t *to = t->images + t->count * t->pixels;
    const lenet_status status = find_label(t, csv, &t->labels[t->count], error);
    for (size_t i = 0; i < t->columns && !status; i++) {
        const int value = t->is_pixel[i] ? read_pixel(csv->field[i]) : 0;
        if (value < 0)
            return ln_fail(error, LENET_INPUT,
                           "%s: line %zu: '%.40s' in column %zu is no pixel, which are whole numbers of 0..255",
                           csv->path, csv->line, csv->field[i], i + 1);
        if (t->is_pixel[i])
            *to++ = (uint8_t)value;
    }
    t->count += !status;
    return status;
}

/* A row has at least two characters for each field, so a file of `size` bytes has no more rows than this. */
static lenet_status make_room(table *t, size_t size, lenet_error *error)
{
    t->room = size / (2 * t->columns) + 2;
    t->images = calloc(t->room, t->pixels);
    t->labels = calloc(t->room, sizeof *t->labels);
    return t->images && t->labels ? LENET_OK : ln_fail_memory(error, t->path, t->room * t->pixels);
}

static lenet_status read_rows(table *t, lab_csv *csv, size_t size, bool *has_labels, lenet_error *error)
{
    int more = 0;
    lenet_status status = lab_csv_next(csv, &more, error);
    const bool has_header = !status && is_header(csv);
    t->is_pixel = calloc(csv->columns, 1);
    if (!t->is_pixel)
        return ln_fail_memory(error, t->path, csv->columns);
    *has_labels = !status && find_columns(t, csv, has_header);
    if (status || !*has_labels)
        return status;
    if (t->pixels < FEWEST_PIXELS)
        return ln_fail(error, LENET_INPUT, "%s: %zu columns of pixels, too few for images", t->path, t->pixels);
    status = make_room(t, size, error);
    if (!status && !has_header)
        status = read_row(t, csv, error);
    while (!status && !(status = lab_csv_next(csv, &more, error)) && more)
        status = read_row(t, csv, error);
    return status || t->count ? status : ln_fail(error, LENET_INPUT, "%s: no image in it", t->path);
}

/* *has_labels false: no column of it is one of labels, and nothing was read. */
static lenet_status read_table(table *t, bool *has_labels, lenet_error *error)
{
    unsigned char *text = NULL;
    size_t size = 0;
    lab_csv csv = {.field = NULL};
    lenet_status status = ln_read_file(t->path, largest_file, &text, &size, error);
    if (!status)
        status = lab_csv_open(&csv, t->path, (char *)text, size, error);
    if (!status)
        status = read_rows(t, &csv, size, has_labels, error);
    lab_csv_close(&csv);
    ln_free(text);
    return status;
}

/* -------------------------------------------------------------------------------------------------------- the files */

static bool is_file(const char *path)
{
    struct stat status;
    return !stat(path, &status) && S_ISREG(status.st_mode);
}

/* Of a file: its beginning is rows of that many columns, and names pixels or has them. */
static bool is_table_file(const char *path)
{
    char text[HEAD + 1];
    lab_csv csv = {.field = NULL};
    int more = 0;
    FILE *file = is_file(path) ? fopen(path, "rb") : NULL;
    const size_t size = file ? fread(text, 1, HEAD, file) : 0;
    text[size] = '\0';
    if (file)
        fclose(file);
    bool is_one = !lab_csv_open(&csv, path, text, size, NULL) && csv.columns > FEWEST_PIXELS &&
                  !lab_csv_next(&csv, &more, NULL) && more;
    if (is_one && is_header(&csv) && lab_csv_find(&csv, label_columns) == csv.columns)
        /* test images without labels; refused with the reason */
        is_one = strncasecmp(csv.field[csv.columns - 1], "pixel", 5) == 0;
    lab_csv_close(&csv);
    return is_one;
}

/*
 * The one table in a folder, or the one with "train" in its name. False: there is none, or it cannot be known
 * which.
 */
static bool find_in_folder(const char *path, char found[LAB_PATH_LENGTH + 300])
{
    lab_names names;
    size_t tables = 0, trains = 0;
    char file[LAB_PATH_LENGTH + 300];
    if (lab_list_folder(path, &names, NULL))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        const size_t length = strlen(names.name[i]);
        snprintf(file, sizeof file, "%s/%s", path, names.name[i]);
        if (length < 4 || strcasecmp(names.name[i] + length - 4, ".csv") != 0 || !is_table_file(file))
            continue;
        const bool is_train = strstr(names.name[i], "train");
        if (is_train || !trains)
            strcpy(found, file);
        tables++, trains += is_train;
    }
    lab_names_close(&names);
    return trains ? trains == 1 : tables == 1;
}

bool lab_is_pixel_table(const char *path)
{
    char found[LAB_PATH_LENGTH + 300];
    return strlen(path) < LAB_PATH_LENGTH &&
           (lab_is_directory(path) ? find_in_folder(path, found) : is_table_file(path));
}

/* The file of another part: its word in the place of the last "train" of the name. False: there is none. */
static bool find_other(const char *train, const char *const *words, char found[LAB_PATH_LENGTH + 300])
{
    const char *slash = strrchr(train, '/'), *name = slash ? slash + 1 : train, *at = NULL;
    for (const char *next = name; (next = strstr(next, "train")); next++)
        at = next;
    for (; at && *words; words++) {
        snprintf(found, LAB_PATH_LENGTH + 300, "%.*s%s%s", (int)(at - train), train, *words, at + strlen("train"));
        if (is_file(found))
            return true;
    }
    return false;
}

/* ------------------------------------------------------------------------------------------------------ the datasets */

typedef struct tables {
    table part[LAB_PARTS];
    const char *names[LENET_MAX_CLASSES]; /* of the classes, in order */
    int classes;
    lenet_shape shape;
    bool is_emnist; /* its images are stored column by column */
} tables;

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_numbers(const void *a, const void *b)
{
    const long x = strtol(*(const char *const *)a, NULL, 10), y = strtol(*(const char *const *)b, NULL, 10);
    return x < y ? -1 : x > y;
}

/* The labels of training: numbers in their order, else texts in that of their bytes. */
static lenet_status find_classes(tables *all, lenet_error *error)
{
    const table *train = &all->part[LENET_TRAIN];
    bool are_numbers = true;
    if (train->label_count < 2)
        return ln_fail(error, LENET_INPUT, "%s: only one label, '%.60s'; there must be 2..%d different ones",
                       train->path, train->seen[0], LENET_MAX_CLASSES);
    for (size_t i = 0; i < train->label_count; i++) {
        all->names[all->classes++] = train->seen[i];
        are_numbers &= is_whole_number(train->seen[i]);
    }
    qsort((void *)all->names, (size_t)all->classes, sizeof *all->names, are_numbers ? compare_numbers : compare_texts);
    return LENET_OK;
}

/* What the pixels of a row are. */
static lenet_status find_shape(tables *all, lenet_shape wanted, lenet_error *error)
{
    const size_t pixels = all->part[LENET_TRAIN].pixels, side = (size_t)(sqrt((double)pixels) + 0.5);
    const char *path = all->part[LENET_TRAIN].path;
    const size_t channels = wanted.channels ? (size_t)wanted.channels : 1;
    if (!wanted.height && (side * side != pixels || side > LARGEST_SIDE))
        return ln_fail(
            error, LENET_INPUT,
            "%s: %zu pixels in a row are no square; say what they are: FILE@HEIGHTxWIDTH, or @HEIGHTxWIDTHx3 if each "
            "pixel is red, green, blue",
            path, pixels);
    if (wanted.height && channels * (size_t)wanted.height * (size_t)wanted.width != pixels)
        return ln_fail(error, LENET_INPUT, "%s: %zu pixels in a row, which are not %dx%dx%zu", path, pixels,
                       wanted.height, wanted.width, channels);
    all->shape = wanted.height ? (lenet_shape){(int)channels, wanted.height, wanted.width}
                               : (lenet_shape){1, (int)side, (int)side};
    return LENET_OK;
}

/* [height][width][channels] to [channels][height][width], or with rows and columns exchanged. */
static void place_pixels(const tables *all, const uint8_t *from, uint8_t *to)
{
    const int height = all->shape.height, width = all->shape.width, channels = all->shape.channels;
    for (int c = 0; c < channels; c++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                *to++ = from[(all->is_emnist ? x * height + y : y * width + x) * channels + c];
}

/* The classes of a table's labels, [label_count]. */
static lenet_status map_labels(const tables *all, const table *t, uint8_t *classes, lenet_error *error)
{
    for (size_t i = 0; i < t->label_count; i++) {
        int at = 0;
        while (at < all->classes && strcmp(all->names[at], t->seen[i]))
            at++;
        if (at == all->classes)
            return ln_fail(error, LENET_INPUT, "%s: label '%.60s': no training image has it", t->path, t->seen[i]);
        classes[i] = (uint8_t)at;
    }
    return LENET_OK;
}

/* Appends a part to images and labels, of which there are *count. */
static lenet_status copy_part(const tables *all, const table *t, uint8_t *images, uint8_t *labels, size_t *count,
                              lenet_error *error)
{
    uint8_t classes[LABELS_ROOM];
    const lenet_status status = map_labels(all, t, classes, error);
    for (size_t i = 0; i < t->count && !status; i++, ++*count) {
        place_pixels(all, t->images + i * t->pixels, images + *count * t->pixels);
        labels[*count] = classes[t->labels[i]];
    }
    return status;
}

static lenet_status make_dataset(lenet_dataset **dataset, const tables *all, const table *t, const table *validation,
                                 const char *name, lenet_error *error)
{
    const size_t most = t->count + (validation ? validation->count : 0), size = all->part[LENET_TRAIN].pixels;
    uint8_t *images = malloc(most * size), *labels = malloc(most);
    size_t count = 0;
    lenet_status status = images && labels ? LENET_OK : ln_fail_memory(error, t->path, most * size);
    if (!status)
        status = copy_part(all, t, images, labels, &count, error);
    if (!status && validation)
        status = copy_part(all, validation, images, labels, &count, error);
    if (!status)
        status = lenet_dataset_create_named(dataset, name, all->names, all->shape, all->classes, count, images, labels,
                                            error);
    if (!status)
        status = lenet_dataset_set_validation(*dataset, count - t->count, error);
    free(images);
    free(labels);
    return status;
}

/* A file of another part without a column of labels is passed over. */
static lenet_status read_other(tables *all, int part, const char *const *words, lenet_error *error)
{
    table *t = &all->part[part];
    const table *train = &all->part[LENET_TRAIN];
    bool has_labels = false;
    char found[sizeof t->path];
    if (!find_other(train->path, words, found))
        return LENET_OK;
    strcpy(t->path, found);
    const lenet_status status = read_table(t, &has_labels, error);
    if (!status && has_labels && t->pixels != train->pixels)
        return ln_fail(error, LENET_INPUT, "%s: %zu pixels in a row, and %s has %zu", t->path, t->pixels, train->path,
                       train->pixels);
    return status;
}

static lenet_status read_tables(tables *all, const char *path, lenet_shape shape, lenet_error *error)
{
    static const char *const test_words[] = {"test", NULL}, *const validation_words[] = {"val", "valid", "validation",
                                                                                         NULL};
    table *train = &all->part[LENET_TRAIN];
    bool has_labels = false;
    if (!lab_is_directory(path))
        snprintf(train->path, sizeof train->path, "%s", path);
    else if (!find_in_folder(path, train->path))
        return ln_fail(error, LENET_INPUT, "%s: not one table of pixels in it, nor one with 'train' in its name", path);
    const char *slash = strrchr(train->path, '/');
    all->is_emnist = !strncmp(slash ? slash + 1 : train->path, "emnist-", 7);
    lenet_status status = read_table(train, &has_labels, error);
    if (!status && !has_labels)
        status = ln_fail(error, LENET_INPUT, "%s: its first line names no column 'label'", train->path);
    if (!status)
        status = read_other(all, LENET_TEST, test_words, error);
    if (!status)
        status = read_other(all, LAB_VALIDATION, validation_words, error);
    if (!status)
        status = find_classes(all, error);
    return status ? status : find_shape(all, shape, error);
}

lenet_status lab_pixels_open(lenet_dataset **train, lenet_dataset **test, const char *path, const char *name,
                             lenet_shape shape, lenet_error *error)
{
    lenet_dataset *made[2] = {NULL, NULL};
    tables *all = calloc(1, sizeof *all);
    if (!all)
        return ln_fail_memory(error, path, sizeof *all);
    const table *part = all->part;
    lenet_status status = read_tables(all, path, shape, error);
    if (!status)
        status = make_dataset(&made[LENET_TRAIN], all, &part[LENET_TRAIN], &part[LAB_VALIDATION], name, error);
    if (!status && part[LENET_TEST].count)
        status = make_dataset(&made[LENET_TEST], all, &part[LENET_TEST], NULL, name, error);
    for (int i = 0; i < LAB_PARTS; i++)
        close_table(&all->part[i]);
    free(all);
    if (status) {
        lenet_dataset_close(&made[LENET_TRAIN]);
        lenet_dataset_close(&made[LENET_TEST]);
        return status;
    }
    *train = made[LENET_TRAIN], *test = made[LENET_TEST];
    return LENET_OK;
}
