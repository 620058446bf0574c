/* SPDX-License-Identifier: MIT */
/*
 * files.c - data sets without a known name: IDX files and .npz archives, of which lenet_dataset_read
 * makes datasets.
 *
 * Names only say which files belong together: PREFIX-train-images-idx3-ubyte and its like, and the names of
 * arrays. What they are is decided by their content. Always: what is read is bounded (LARGEST), and nothing
 * is guessed (array.h).
 */
#include "data/array.h"
#include "data/idx.h"
#include "data/inflate.h"
#include "data/npy.h"
#include "data/place.h"
#include "lenet/lenet.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VALIDATION = 2, PARTS = 3 }; /* beside LENET_TRAIN and LENET_TEST */

static const size_t LARGEST = (size_t)4 * 1024 * 1024 * 1024; /* bytes of a file, and of what it unpacks to */

/* The images of a part with their labels; count 0: there is none. */
typedef struct part {
    lenet_shape shape;
    size_t count, label_count;
    uint8_t *images;
    int64_t *labels;
    char path[2][LN_PATH + 80]; /* of images and labels, for errors */
} part;

/* A data set in the making. */
typedef struct reading {
    const char *path;
    part parts[PARTS];
    int classes;
    int64_t label_of[LENET_MAX_CLASSES]; /* ascending */
    char names[LENET_MAX_CLASSES][24];
} reading;

static int is_file(const char *path)
{
    struct stat status;
    return !stat(path, &status) && S_ISREG(status.st_mode);
}

/* ----------------------------------------------------------------------------------------------------- IDX files */

static const char *const part_words[PARTS][4] = {{"train"}, {"test", "t10k"}, {"val", "valid", "validation"}};
static const char *const image_words[] = {"images-idx3-ubyte", "images.idx3-ubyte", "images-idx4-ubyte", NULL};
static const char *const label_words[] = {"labels-idx1-ubyte", "labels.idx1-ubyte", "labels-idx2-int",
                                          "labels-idx1-int",   "labels-idx1-short", NULL};

/* PREFIX, one of the words of the part, one of these, and perhaps .gz. 0: there is no such file. */
static int find_idx(const char *prefix, int which, const char *const *words, char path[LN_PATH])
{
    for (const char *const *part_word = part_words[which]; *part_word; part_word++)
        for (const char *const *word = words; *word; word++)
            for (int packed = 0; packed < 2; packed++) {
                const int length = snprintf(path, LN_PATH, "%s%s-%s%s", prefix, *part_word, *word, packed ? ".gz" : "");
                if (length > 0 && length < LN_PATH && is_file(path))
                    return 1;
            }
    return 0;
}

/* Where the words of the training images begin in a file's name; NULL: it is called otherwise. */
static const char *train_word(const char *name)
{
    char wanted[64];
    for (const char *const *word = image_words; *word; word++) {
        snprintf(wanted, sizeof wanted, "train-%s", *word);
        const char *at = strstr(name, wanted);
        if (at && (!at[strlen(wanted)] || !strcmp(at + strlen(wanted), ".gz")))
            return at;
    }
    return NULL;
}

/*
 * The prefix of the one set of files in a folder; several: *others is the second, in the order of their
 * bytes. 0: there is none.
 */
static int find_in_folder(const char *path, char prefix[LN_PATH], char others[256])
{
    char first[256] = "";
    int count = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *at = *entry->d_name == '.' ? NULL : train_word(entry->d_name);
        char found[256];
        if (!at)
            continue;
        snprintf(found, sizeof found, "%.*s", (int)(at - entry->d_name), entry->d_name);
        if (!count || strcmp(found, first) < 0) {
            strcpy(others, first);
            strcpy(first, found);
        } else if (strcmp(found, first) > 0 && (!*others || strcmp(found, others) < 0)) {
            strcpy(others, found);
        }
        count++;
    }
    if (folder)
        closedir(folder);
    return count && snprintf(prefix, LN_PATH, "%s/%s", path, first) < LN_PATH;
}

/* The prefix of the IDX files that `path` means. 0: it means none. */
static int find_prefix(const char *path, char prefix[LN_PATH], char others[256])
{
    struct stat status;
    char images[LN_PATH];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    *others = '\0';
    if (strlen(path) + 2 > LN_PATH)
        return 0;
    if (!stat(path, &status)) {
        const char *at = S_ISREG(status.st_mode) ? train_word(name) : NULL;
        if (at)
            snprintf(prefix, LN_PATH, "%.*s", (int)(at - path), path);
        return at ? 1 : S_ISDIR(status.st_mode) ? find_in_folder(path, prefix, others) : 0;
    }
    snprintf(prefix, LN_PATH, "%s%s", path, *name && path[strlen(path) - 1] == '-' ? "" : "-");
    return find_idx(prefix, LENET_TRAIN, image_words, images);
}

/*
 * EMNIST stores its images column by column, and is known by the name of its files: their content does not
 * say it.
 */
static int is_emnist(const char *prefix)
{
    const char *slash = strrchr(prefix, '/');
    return !strncmp(slash ? slash + 1 : prefix, "emnist-", 7);
}

static lenet_status load_idx(const char *path, unsigned char **data, ln_array *array, lenet_error *error)
{
    size_t size = 0;
    const lenet_status status = ln_load(path, LARGEST, data, &size, error);
    return status ? status : ln_idx_array(path, *data, size, array, error);
}

static lenet_status read_idx_part(const char *prefix, int which, part *p, lenet_error *error)
{
    unsigned char *data[2] = {NULL, NULL};
    ln_array array[2];
    if (!find_idx(prefix, which, image_words, p->path[0]))
        return LENET_OK;
    if (!find_idx(prefix, which, label_words, p->path[1]))
        return ln_fail(error, LENET_INPUT, "%s: its labels are missing: no %s%s-%s in the same folder", p->path[0],
                       prefix, part_words[which][0], label_words[0]);
    lenet_status status = load_idx(p->path[0], &data[0], &array[0], error);
    if (!status)
        status = ln_array_images(&array[0], is_emnist(prefix), &p->shape, &p->count, &p->images, error);
    ln_free(data[0]);
    if (!status)
        status = load_idx(p->path[1], &data[1], &array[1], error);
    if (!status)
        status = ln_array_labels(&array[1], &p->label_count, &p->labels, error);
    ln_free(data[1]);
    return status;
}

/* ------------------------------------------------------------------------------------------------------ .npz files */

/*
 * Names of the arrays: images and labels of training, test and validation. The first row whose training
 * arrays are there counts.
 */
static const char *const array_names[][PARTS][2] = {
    {{"x_train", "y_train"}, {"x_test", "y_test"}, {"x_val", "y_val"}},
    {{"x_train", "y_train"}, {"x_test", "y_test"}, {"x_valid", "y_valid"}},
    {{"train_images", "train_labels"}, {"test_images", "test_labels"}, {"val_images", "val_labels"}},
    {{"train_x", "train_y"}, {"test_x", "test_y"}, {"val_x", "val_y"}},
    {{"images", "labels"}, {"", ""}, {"", ""}},
    {{"x", "y"}, {"", ""}, {"", ""}},
    {{"data", "labels"}, {"", ""}, {"", ""}},
};
enum { ARRAY_NAMES = sizeof array_names / sizeof *array_names };

static lenet_status read_npz_part(const ln_npz *npz, const char *const names[2], part *p, lenet_error *error)
{
    const char *images = ln_npz_find(npz, names[0]), *labels = ln_npz_find(npz, names[1]);
    ln_array array;
    if (!images && !labels)
        return LENET_OK;
    if (!images || !labels)
        return ln_fail(error, LENET_INPUT, "%s: has an array %s and no %s", npz->path, images ? images : labels,
                       images ? names[1] : names[0]);
    lenet_status status = ln_npz_array(npz, images, p->path[0], sizeof p->path[0], &array, error);
    if (!status)
        status = ln_array_images(&array, 0, &p->shape, &p->count, &p->images, error);
    if (!status)
        status = ln_npz_array(npz, labels, p->path[1], sizeof p->path[1], &array, error);
    if (!status)
        status = ln_array_labels(&array, &p->label_count, &p->labels, error);
    return status;
}

/* How many of a row's arrays are there; 0 unless those of training are. */
static int count_names(const ln_npz *npz, const char *const names[PARTS][2])
{
    int count = 0;
    for (int i = 0; i < PARTS; i++)
        count += ln_npz_find(npz, names[i][0]) && ln_npz_find(npz, names[i][1]);
    return ln_npz_find(npz, names[LENET_TRAIN][0]) && ln_npz_find(npz, names[LENET_TRAIN][1]) ? count : 0;
}

static lenet_status refuse_names(const ln_npz *npz, lenet_error *error)
{
    char names[200] = "";
    for (size_t i = 0, used = 0; i < npz->count && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", npz->array[i].name);
    return ln_fail(
        error, LENET_INPUT,
        "%.200s: no arrays x_train and y_train in it, nor others that say what they are (docs/data.md); it has %s",
        npz->path, *names ? names : "none");
}

static lenet_status read_npz(reading *r, lenet_error *error)
{
    unsigned char *data = NULL;
    size_t size = 0;
    int best = 0;
    ln_npz *npz = ln_alloc(1, sizeof *npz);
    if (!npz)
        return ln_fail_memory(error, r->path, sizeof *npz);
    lenet_status status = ln_read_file(r->path, LARGEST, &data, &size, error);
    if (!status)
        status = ln_npz_parse(npz, r->path, data, size, LARGEST, error);
    ln_free(data);
    for (int i = 1; i < ARRAY_NAMES; i++)
        best = count_names(npz, array_names[i]) > count_names(npz, array_names[best]) ? i : best;
    if (!status && !count_names(npz, array_names[best]))
        status = refuse_names(npz, error);
    for (int i = 0; i < PARTS && !status; i++)
        if (*array_names[best][i][0])
            status = read_npz_part(npz, array_names[best][i], &r->parts[i], error);
    ln_npz_close(npz);
    ln_free(npz);
    return status;
}

/* ---------------------------------------------------------------------------------------------------- the classes */

static int compare_labels(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* -1: no training image has it. */
static int class_of(const reading *r, int64_t label)
{
    const int64_t *found = bsearch(&label, r->label_of, (size_t)r->classes, sizeof label, compare_labels);
    return found ? (int)(found - r->label_of) : -1;
}

static lenet_status add_class(reading *r, int64_t label, lenet_error *error)
{
    if (r->classes == LENET_MAX_CLASSES)
        return ln_fail(error, LENET_INPUT, "%s: more than %d different labels", r->parts[LENET_TRAIN].path[1],
                       LENET_MAX_CLASSES);
    int at = r->classes++;
    for (; at && r->label_of[at - 1] > label; at--)
        r->label_of[at] = r->label_of[at - 1];
    r->label_of[at] = label;
    return LENET_OK;
}

static lenet_status find_classes(reading *r, lenet_error *error)
{
    const part *train = &r->parts[LENET_TRAIN];
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < train->count && !status; i++)
        if (class_of(r, train->labels[i]) < 0)
            status = add_class(r, train->labels[i], error);
    if (!status && r->classes < 2)
        return ln_fail(error, LENET_INPUT, "%s: only one label, %lld; there must be 2..%d different ones",
                       train->path[1], (long long)r->label_of[0], LENET_MAX_CLASSES);
    for (int i = 0; i < r->classes; i++)
        snprintf(r->names[i], sizeof r->names[i], "%lld", (long long)r->label_of[i]);
    return status;
}

/*
 * EMNIST's PREFIX-mapping.txt: a line "LABEL CODE..." for each label; its first code, of ASCII, is the name
 * of the class.
 */
static lenet_status name_classes(reading *r, const char *prefix, lenet_error *error)
{
    char path[LN_PATH + 16], line[80];
    int named = 0;
    snprintf(path, sizeof path, "%smapping.txt", prefix);
    FILE *file = is_file(path) ? fopen(path, "r") : NULL;
    if (!file)
        return LENET_OK;
    while (fgets(line, sizeof line, file)) {
        long long label = 0;
        int code = 0;
        const int class =
            sscanf(line, "%18lld %3d", &label, &code) == 2 && code > ' ' && code < 127 ? class_of(r, label) : -1;
        if (class >= 0)
            snprintf(r->names[class], sizeof r->names[class], "%c", code), named++;
    }
    fclose(file);
    for (int i = 0; i < r->classes; i++)
        for (int k = 0; k < i; k++)
            if (!strcmp(r->names[i], r->names[k]))
                return ln_fail(error, LENET_INPUT, "%s: two labels are called '%s'", path, r->names[i]);
    return !named || named == r->classes
               ? LENET_OK
               : ln_fail(error, LENET_INPUT, "%s: it names %d of %d labels", path, named, r->classes);
}

/* --------------------------------------------------------------------------------------------------- the datasets */

static int is_same(lenet_shape a, lenet_shape b)
{
    return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

static lenet_status check_part(const reading *r, int which, lenet_error *error)
{
    const part *p = &r->parts[which], *train = &r->parts[LENET_TRAIN];
    if (p->count != p->label_count)
        return ln_fail(error, LENET_INPUT, "%s: %zu labels, and %s has %zu images", p->path[1], p->label_count,
                       p->path[0], p->count);
    if (p->count && !is_same(p->shape, train->shape))
        return ln_fail(error, LENET_INPUT, "%s: images of %dx%dx%d, and those of %s are %dx%dx%d", p->path[0],
                       p->shape.channels, p->shape.height, p->shape.width, train->path[0], train->shape.channels,
                       train->shape.height, train->shape.width);
    for (size_t i = 0; i < p->count; i++)
        if (class_of(r, p->labels[i]) < 0)
            return ln_fail(error, LENET_INPUT, "%s: label %lld of image %zu (from 0): no training image has it",
                           p->path[1], (long long)p->labels[i], i);
    return LENET_OK;
}

/* The images of one part, or of two side by side, the second for validation. NULL: there is none. */
static lenet_status make_dataset(lenet_dataset **dataset, const reading *r, const part *p, const part *validation,
                                 lenet_error *error)
{
    const size_t size = (size_t)p->shape.channels * (size_t)p->shape.height * (size_t)p->shape.width;
    const size_t more = validation ? validation->count : 0, count = p->count + more;
    const char *names[LENET_MAX_CLASSES];
    uint8_t *images = more ? ln_alloc(count, size) : p->images, *labels = ln_alloc(count, 1);
    lenet_status status = images && labels ? LENET_OK : ln_fail_memory(error, r->path, count * size);
    for (int i = 0; i < r->classes; i++)
        names[i] = r->names[i];
    for (size_t i = 0; i < count && !status; i++)
        labels[i] = (uint8_t)class_of(r, i < p->count ? p->labels[i] : validation->labels[i - p->count]);
    if (!status && more) {
        memcpy(images, p->images, p->count * size);
        memcpy(images + p->count * size, validation->images, more * size);
    }
    if (!status)
        status =
            lenet_dataset_create_named(dataset, r->path, names, p->shape, r->classes, count, images, labels, error);
    if (!status)
        status = lenet_dataset_set_validation(*dataset, more, error);
    ln_free(labels);
    if (more)
        ln_free(images);
    return status;
}

static lenet_status read_idx(reading *r, const char *prefix, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (int i = 0; i < PARTS && !status; i++)
        status = read_idx_part(prefix, i, &r->parts[i], error);
    return status;
}

/* A zip archive begins with PK; numpy's are not empty. */
static int is_zip(const char *path)
{
    char begin[2] = "";
    const int file = is_file(path) ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    const int is_one = file >= 0 && read(file, begin, 2) == 2 && begin[0] == 'P' && begin[1] == 'K';
    if (file >= 0)
        close(file);
    return is_one;
}

int lenet_dataset_is_readable(const char *path)
{
    char prefix[LN_PATH], others[256];
    return is_zip(path) || find_prefix(path, prefix, others);
}

static lenet_status read_parts(reading *r, lenet_error *error)
{
    char prefix[LN_PATH] = "", others[256] = "";
    const int is_idx = find_prefix(r->path, prefix, others);
    if (!is_idx && !is_zip(r->path))
        return ln_fail(error, LENET_INPUT, "%s: neither IDX files nor an .npz of NumPy", r->path);
    if (*others)
        return ln_fail(error, LENET_INPUT, "%s: several data sets; name one: %s or %s/%s", r->path, prefix, r->path,
                       others);
    lenet_status status = is_idx ? read_idx(r, prefix, error) : read_npz(r, error);
    if (!status && !r->parts[LENET_TRAIN].count)
        status = ln_fail(error, LENET_INPUT, "%s: no training images", r->path);
    if (!status)
        status = find_classes(r, error);
    if (!status && is_idx)
        status = name_classes(r, prefix, error);
    for (int i = 0; i < PARTS && !status; i++)
        status = check_part(r, i, error);
    return status;
}

lenet_status lenet_dataset_read(lenet_dataset **train, lenet_dataset **test, const char *path, lenet_error *error)
{
    lenet_dataset *made[2] = {NULL, NULL};
    reading *r = ln_alloc(1, sizeof *r);
    if (!r)
        return ln_fail_memory(error, path, sizeof *r);
    r->path = path;
    lenet_status status = read_parts(r, error);
    if (!status)
        status = make_dataset(&made[LENET_TRAIN], r, &r->parts[LENET_TRAIN], &r->parts[VALIDATION], error);
    if (!status && r->parts[LENET_TEST].count)
        status = make_dataset(&made[LENET_TEST], r, &r->parts[LENET_TEST], NULL, error);
    for (int i = 0; i < PARTS; i++) {
        ln_free(r->parts[i].images);
        ln_free(r->parts[i].labels);
    }
    ln_free(r);
    if (status) {
        lenet_dataset_close(&made[LENET_TRAIN]);
        lenet_dataset_close(&made[LENET_TEST]);
        return status;
    }
    *train = made[LENET_TRAIN], *test = made[LENET_TEST];
    return LENET_OK;
}
