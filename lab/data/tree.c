/* SPDX-License-Identifier: MIT */
/* tree.c - see tree.h. */
#include "lab/data/tree.h"

#include "lab/text/csv.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* A data set of a million images has such a list; a larger file is none. */
enum { LARGEST_LIST = 256 * 1024 * 1024 };

/* What folders of parts may be called, the best first. */
static const char *const part_names[LAB_PARTS][4] = {
    [LENET_TRAIN] = {"train"}, [LENET_TEST] = {"test"}, [LAB_VALIDATION] = {"val", "valid", "validation"}};

bool lab_is_directory(const char *path)
{
    struct stat status;
    return !stat(path, &status) && S_ISDIR(status.st_mode);
}

/* ----------------------------------------------------------------------------------------------------------- names */

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

void lab_names_close(lab_names *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->name[i]);
    free(n->name);
    *n = (lab_names){NULL, 0};
}

static bool add_name(lab_names *n, const char *name)
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

lenet_status lab_list_folder(const char *path, lab_names *out, lenet_error *error)
{
    lab_names found = {NULL, 0};
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
        lab_names_close(&found);
        return ln_fail(error, reason == ENOMEM ? LENET_FAILURE : LENET_IO,
                       "%s: the folder cannot be read to its end: %s", path, strerror(reason));
    }
    if (found.count)
        qsort(found.name, found.count, sizeof *found.name, compare_names);
    *out = found;
    return LENET_OK;
}

static bool has_name(const lab_names *n, const char *name)
{
    return n->count && bsearch(&name, n->name, n->count, sizeof *n->name, compare_names);
}

/* ------------------------------------------------------------------------------------------------ folders of classes */

/* How many of a folder's classes or images there must be. */
typedef struct least {
    size_t classes, images;
} least;

/* The classes of DIR or of one of its parts. */
static lenet_status list_classes(const char *path, lab_names *classes, size_t fewest, lenet_error *error)
{
    char inside[LAB_PATH_LENGTH + 300];
    lenet_status status = lab_list_folder(path, classes, error);
    for (size_t i = 0; i < classes->count && !status; i++) {
        snprintf(inside, sizeof inside, "%s/%s", path, classes->name[i]);
        if (!lab_is_directory(inside))
            status = ln_fail(error, LENET_INPUT, "%s: no folder; here should be one folder of images for each class",
                             inside);
    }
    if (!status && (classes->count < fewest || classes->count > LENET_MAX_CLASSES))
        status = ln_fail(error, LENET_INPUT, "%s: %zu folders of classes; there must be %zu..%d", path, classes->count,
                         fewest, LENET_MAX_CLASSES);
    return status;
}

static lenet_status check_least(const lab_class_files *c, size_t fewest, lenet_error *error)
{
    if (c->files.count >= fewest)
        return LENET_OK;
    return ln_fail(error, LENET_INPUT,
                   c->files.count ? "%s: one image only, and it takes one to train and one to test"
                                  : "%s: no image in it",
                   c->path);
}

static lenet_status list_files(lab_class_files *c, const char *path, const char *name, size_t fewest,
                               lenet_error *error)
{
    snprintf(c->path, sizeof c->path, "%s/%s", path, name);
    lenet_status status = lab_list_folder(c->path, &c->files, error);
    for (size_t i = 0; i < c->files.count && !status; i++) {
        char file[sizeof c->path + 300];
        snprintf(file, sizeof file, "%s/%s", c->path, c->files.name[i]);
        if (lab_is_directory(file))
            status = ln_fail(error, LENET_INPUT, "%s: a folder, where images of a class should be", file);
    }
    return status ? status : check_least(c, fewest, error);
}

/* The folder of a part of DIR; false: there is none. */
static bool find_part(const char *path, int part, char found[LAB_PATH_LENGTH + 16])
{
    for (const char *const *name = part_names[part]; *name; name++) {
        snprintf(found, LAB_PATH_LENGTH + 16, "%s/%s", path, *name);
        if (lab_is_directory(found))
            return true;
    }
    return false;
}

bool lab_has_part(const char *path, int part)
{
    char found[LAB_PATH_LENGTH + 16];
    return find_part(path, LENET_TRAIN, found) && find_part(path, part, found);
}

/* Two folders for validation are one too many to know what is held out. */
static lenet_status check_validation(const char *path, lenet_error *error)
{
    const char *first = NULL;
    char found[LAB_PATH_LENGTH + 16];
    for (const char *const *name = part_names[LAB_VALIDATION]; *name; name++) {
        snprintf(found, sizeof found, "%s/%s", path, *name);
        if (!lab_is_directory(found))
            continue;
        if (first)
            return ln_fail(error, LENET_INPUT, "%s: both %s and %s; one folder must be the validation set", path, first,
                           *name);
        first = *name;
    }
    return LENET_OK;
}

static lenet_status check_same_classes(const lab_tree *t, const char *train, const char *other, lenet_error *error)
{
    lab_names others = {NULL, 0};
    lenet_status status = list_classes(other, &others, 1, error);
    for (size_t i = 0; i < others.count && !status; i++)
        if (!has_name(&t->classes, others.name[i]))
            status = ln_fail(error, LENET_INPUT, "%s/%s: a class that %s does not have", other, others.name[i], train);
    for (size_t i = 0; i < t->classes.count && !status; i++)
        if (!has_name(&others, t->classes.name[i]))
            status =
                ln_fail(error, LENET_INPUT, "%s: the class '%s' of %s is missing", other, t->classes.name[i], train);
    lab_names_close(&others);
    return status;
}

static lenet_status add_files(lab_tree *t, const char *path, int part, size_t fewest, lenet_error *error)
{
    lenet_status status = LENET_OK;
    t->files[part] = calloc(t->classes.count, sizeof *t->files[part]);
    if (!t->files[part])
        return ln_fail(error, LENET_FAILURE, "%s: out of memory", path);
    for (size_t i = 0; i < t->classes.count && !status; i++) {
        status = list_files(&t->files[part][i], path, t->classes.name[i], fewest, error);
        t->count += t->files[part][i].files.count;
    }
    return status;
}

static lenet_status list_folders(lab_tree *t, const char *path, const least *fewest, lenet_error *error)
{
    char train[LAB_PATH_LENGTH + 16], other[LAB_PATH_LENGTH + 16];
    const bool is_split = t->has_tests || lab_has_part(path, LAB_VALIDATION);
    if (!is_split || !find_part(path, LENET_TRAIN, train))
        snprintf(train, sizeof train, "%s", path);
    lenet_status status = is_split ? check_validation(path, error) : LENET_OK;
    if (!status)
        status = list_classes(train, &t->classes, fewest->classes, error);
    for (int part = LENET_TEST; part < LAB_PARTS && !status && is_split; part++)
        if (find_part(path, part, other))
            status = check_same_classes(t, train, other, error);
    if (!status)
        status = add_files(t, train, LENET_TRAIN, t->least_images, error);
    for (int part = LENET_TEST; part < LAB_PARTS && !status && is_split; part++)
        if (find_part(path, part, other))
            status = add_files(t, other, part, 1, error);
    return status;
}

/* -------------------------------------------------------------------------------------------------- a file of labels */

static const char *const file_columns[] = {"file",     "filename", "file_name", "file name",  "path",
                                           "filepath", "image",    "img",       "image_path", NULL};
static const char *const label_columns[] = {"label", "labels", "class", "class_name", "category", "target", NULL};
static const char *const part_columns[] = {"split", "part", "set", "subset", "usage", NULL};

/* One row of the list. */
typedef struct listed {
    const char *file, *label;
    int part;
    size_t line;
} listed;

typedef struct list {
    const char *path;
    size_t count;
    listed *rows;
} list;

static int compare_listed(const void *a, const void *b)
{
    const listed *x = a, *y = b;
    const int order = strcmp(x->label, y->label);
    return order ? order : strcmp(x->file, y->file);
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const listed *)a)->file, ((const listed *)b)->file);
}

/* "train", "Test", "valid"; LAB_PARTS: none of them. */
static int read_part(const char *text)
{
    for (int part = 0; part < LAB_PARTS; part++)
        for (const char *const *name = part_names[part]; *name; name++)
            if (!strcasecmp(text, *name))
                return part;
    return LAB_PARTS;
}

/* A path that stays below the folder. */
static bool is_below(const char *path)
{
    if (!*path || *path == '/')
        return false;
    for (const char *at = path; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (!strncmp(at, "..", 2) && (at[2] == '/' || !at[2]))
            return false;
    }
    return true;
}

static lenet_status read_row(const lab_csv *csv, const size_t column[LAB_PARTS], list *l, lenet_error *error)
{
    const listed row = {csv->field[column[0]], csv->field[column[1]],
                        column[2] < csv->columns ? read_part(csv->field[column[2]]) : LENET_TRAIN, csv->line};
    if (!is_below(row.file))
        return ln_fail(error, LENET_INPUT, "%s: line %zu: '%.200s' is no path below the folder of this file", csv->path,
                       csv->line, row.file);
    if (!*row.label || strlen(row.label) > 255)
        return ln_fail(error, LENET_INPUT, "%s: line %zu: %s", csv->path, csv->line,
                       *row.label ? "a label of more than 255 bytes" : "no label");
    if (row.part == LAB_PARTS)
        return ln_fail(error, LENET_INPUT, "%s: line %zu: part '%.60s' is none of train, test and val", csv->path,
                       csv->line, csv->field[column[2]]);
    if (!(l->count & (l->count + 1))) {
        listed *more = realloc(l->rows, (2 * l->count + 2) * sizeof *more);
        if (!more)
            return ln_fail_memory(error, csv->path, (2 * l->count + 2) * sizeof *more);
        l->rows = more;
    }
    l->rows[l->count++] = row;
    return LENET_OK;
}

/* The columns of files, labels and parts in the first row. */
static bool find_columns(const lab_csv *csv, size_t column[LAB_PARTS])
{
    column[0] = lab_csv_find(csv, file_columns);
    column[1] = lab_csv_find(csv, label_columns);
    column[2] = lab_csv_find(csv, part_columns);
    return column[0] < csv->columns && column[1] < csv->columns;
}

static lenet_status read_list(lab_csv *csv, list *l, lenet_error *error)
{
    size_t column[LAB_PARTS];
    int more = 0;
    lenet_status status = lab_csv_next(csv, &more, error);
    if (!status && !find_columns(csv, column))
        status =
            ln_fail(error, LENET_INPUT, "%s: its first line names no column 'file' and no column 'label'", csv->path);
    while (!status && !(status = lab_csv_next(csv, &more, error)) && more)
        status = read_row(csv, column, l, error);
    if (!status && !l->count)
        status = ln_fail(error, LENET_INPUT, "%s: lists no image", csv->path);
    if (status)
        return status;
    qsort(l->rows, l->count, sizeof *l->rows, compare_files);
    for (size_t i = 1; i < l->count && !status; i++)
        if (!strcmp(l->rows[i - 1].file, l->rows[i].file))
            status = ln_fail(error, LENET_INPUT, "%s: lines %zu and %zu are of the same file %.200s", csv->path,
                             l->rows[i - 1].line, l->rows[i].line, l->rows[i].file);
    qsort(l->rows, l->count, sizeof *l->rows, compare_listed);
    return status;
}

static lenet_status fill_part(lab_tree *t, const list *l, const char *folder, int part, lenet_error *error)
{
    size_t label = 0, used = 0;
    for (size_t i = 0; i < l->count; i++)
        used += l->rows[i].part == part;
    t->files[part] = used ? calloc(t->classes.count, sizeof *t->files[part]) : NULL;
    if (used && !t->files[part])
        return ln_fail(error, LENET_FAILURE, "%s: out of memory", l->path);
    for (size_t k = 0; k < t->classes.count && used; k++)
        snprintf(t->files[part][k].path, sizeof t->files[part][k].path, "%s", folder);
    for (size_t i = 0; i < l->count && used; i++) {
        label += i && strcmp(l->rows[i].label, l->rows[i - 1].label) != 0;
        if (l->rows[i].part != part)
            continue;
        if (!add_name(&t->files[part][label].files, l->rows[i].file))
            return ln_fail(error, LENET_FAILURE, "%s: out of memory", l->path);
        t->count++;
    }
    return LENET_OK;
}

static lenet_status fill_tree(lab_tree *t, const list *l, const char *folder, const least *fewest, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < l->count; i++)
        if ((!i || strcmp(l->rows[i].label, l->rows[i - 1].label) != 0) && !add_name(&t->classes, l->rows[i].label))
            return ln_fail(error, LENET_FAILURE, "%s: out of memory", l->path);
    if (t->classes.count < fewest->classes || t->classes.count > LENET_MAX_CLASSES)
        return ln_fail(error, LENET_INPUT, "%s: %zu different labels; there must be %zu..%d", l->path, t->classes.count,
                       fewest->classes, LENET_MAX_CLASSES);
    for (int part = 0; part < LAB_PARTS && !status; part++)
        status = fill_part(t, l, folder, part, error);
    if (!status && !t->files[LENET_TRAIN])
        return ln_fail(error, LENET_INPUT, "%s: no image to train on", l->path);
    t->has_tests = t->files[LENET_TEST] != NULL;
    t->least_images = t->has_tests ? 1 : fewest->images;
    for (size_t k = 0; k < t->classes.count && !status; k++)
        if (t->files[LENET_TRAIN][k].files.count < t->least_images)
            status = ln_fail(error, LENET_INPUT, "%s: %zu images of label '%s' to train on, and it takes %zu", l->path,
                             t->files[LENET_TRAIN][k].files.count, t->classes.name[k], t->least_images);
    return status;
}

static lenet_status list_labels(lab_tree *t, const char *folder, const char *path, const least *fewest,
                                lenet_error *error)
{
    unsigned char *text = NULL;
    size_t size = 0;
    lab_csv csv = {.field = NULL};
    list l = {.path = path};
    lenet_status status = ln_read_file(path, LARGEST_LIST, &text, &size, error);
    if (!status)
        status = lab_csv_open(&csv, path, (char *)text, size, error);
    if (!status)
        status = read_list(&csv, &l, error);
    if (!status)
        status = fill_tree(t, &l, folder, fewest, error);
    lab_csv_close(&csv);
    free(l.rows);
    ln_free(text);
    return status;
}

bool lab_is_labels_file(const char *path)
{
    char text[4097];
    lab_csv csv = {.field = NULL};
    size_t column[LAB_PARTS];
    int more = 0;
    struct stat about;
    FILE *file = !stat(path, &about) && S_ISREG(about.st_mode) ? fopen(path, "rb") : NULL;
    const size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[size] = '\0';
    if (file)
        fclose(file);
    const bool is_list = !lab_csv_open(&csv, path, text, size, NULL) && !lab_csv_next(&csv, &more, NULL) && more &&
                         find_columns(&csv, column);
    lab_csv_close(&csv);
    return is_list;
}

/* ------------------------------------------------------------------------------------------------------- the whole */

lenet_status lab_tree_open(lab_tree *t, const char *path, const char *labels, bool some_classes, bool some_images,
                           lenet_error *error)
{
    const least fewest = {some_classes ? 1 : 2, some_images ? 1 : 2};
    *t = (lab_tree){.has_tests = lab_has_part(path, LENET_TEST)};
    t->least_images = t->has_tests ? 1 : fewest.images;
    return labels ? list_labels(t, path, labels, &fewest, error) : list_folders(t, path, &fewest, error);
}

void lab_tree_close(lab_tree *t)
{
    for (int part = 0; part < LAB_PARTS; part++) {
        for (size_t i = 0; t->files[part] && i < t->classes.count; i++)
            lab_names_close(&t->files[part][i].files);
        free(t->files[part]);
    }
    lab_names_close(&t->classes);
}
