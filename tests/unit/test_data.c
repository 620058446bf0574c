/* SPDX-License-Identifier: MIT */
/*
 * test_data.c - known data sets: where they are found, what is read, and that every bad file is refused by its name with the reason,
 * leaving what was there untouched. Bad files are made here; real data sets are used where they are found ($LENET_DATA and
 * the other places that the library looks in), and a test that lacks its data says so and is skipped.
 */
#include "util/sha256.h"
#include "data/cifar.h"
#include "data/idx.h"
#include "data/source.h"
#include "data_files.h"
#include "lenet/lenet.h"
#include "lenet/tools.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TRAIN_IMAGES "train-images-idx3-ubyte"
#define TRAIN_LABELS "train-labels-idx1-ubyte"
#define TEST_IMAGES  "t10k-images-idx3-ubyte"
#define TEST_LABELS  "t10k-labels-idx1-ubyte"
#define ARCHIVE      "cifar-10-binary.tar.gz"

#define TEXT(literal) bytes_copy(literal, sizeof(literal) - 1)

static const ln_cifar_labels one_label = {1, 0, {"labels", NULL}};

enum { IMAGES = 3, PIXELS = 28 * 28, BATCH = 10000 * LN_CIFAR_RECORD };

/* --------------------------------------------------------------------------------------------------------- helpers */

static bytes images_of(uint32_t count) { return make_idx(3, (const uint32_t[]){count, 28, 28}, 251); }

static bytes labels_of(uint32_t count) { return make_idx(1, &count, 10); }

static int setup_folder(void **state)
{
    *state = make_folder();
    return 0;
}

static int teardown_folder(void **state)
{
    remove_folder(*state);
    return 0;
}

/* A good little MNIST training split. */
static int setup_mnist(void **state)
{
    setup_folder(state);
    put(*state, TRAIN_IMAGES, images_of(IMAGES));
    put(*state, TRAIN_LABELS, labels_of(IMAGES));
    return 0;
}

static void expect_line(const lenet_error *error, lenet_status status, const char *name, const char *reason)
{
    if (!strstr(error->text, name) || !strstr(error->text, reason))
        fail_msg("the error is '%s', and should hold '%s' and '%s'", error->text, name, reason);
    assert_int_equal(error->status, status);
    assert_null(strchr(error->text, '\n'));
}

static void expect_status(const char *source, lenet_split split, const char *folder, lenet_status status,
                          const char *name, const char *reason)
{
    lenet_dataset *const untouched = (lenet_dataset *)(void *)&status;
    lenet_dataset *dataset = untouched;
    lenet_error error = {LENET_OK, ""};
    if (lenet_dataset_open(&dataset, source, split, folder, &error) == LENET_OK)
        fail_msg("accepted, but %s should be refused: %s", name, reason);
    expect_line(&error, status, name, reason);
    assert_ptr_equal(dataset, untouched);
}

/* The training split of MNIST in `folder` is bad input. */
static void refuse(const char *folder, const char *name, const char *reason)
{
    expect_status("mnist", LENET_TRAIN, folder, LENET_INPUT, name, reason);
}

static lenet_dataset *open_good(const char *source, lenet_split split, const char *folder)
{
    lenet_dataset *dataset = NULL;
    lenet_error error = {LENET_OK, ""};
    if (lenet_dataset_open(&dataset, source, split, folder, &error))
        fail_msg("%s", error.text);
    return dataset;
}

static void expect_little_mnist(const char *folder)
{
    lenet_dataset *dataset = open_good("mnist", LENET_TRAIN, folder);
    assert_int_equal(lenet_dataset_count(dataset), IMAGES);
    for (size_t i = 0; i < IMAGES * PIXELS; i++)
        assert_int_equal(lenet_dataset_images(dataset)[i], i % 251);
    for (size_t i = 0; i < IMAGES; i++)
        assert_int_equal(lenet_dataset_labels(dataset)[i], i);
    lenet_dataset_close(&dataset);
    assert_null(dataset);
}

static lenet_file_check check_file(const char *source, size_t index, const char *folder)
{
    lenet_file_check check;
    lenet_error error;
    assert_int_equal(lenet_source_check(lenet_source_find(source), index, folder, &check, &error), LENET_OK);
    return check;
}

static int is_here(const char *source)
{
    char path[1024];
    lenet_error error;
    if (lenet_source_locate(lenet_source_find(source), NULL, path, sizeof path, &error) == LENET_OK)
        return 1;
    print_message("skipped: %s\n", error.text);
    return 0;
}

/* ----------------------------------------------------------------------------------------------------- good IDX files */

static void reads_every_form_of_idx(void **state)
{
    static const char *const forms[][2] = {
        {TRAIN_IMAGES, TRAIN_LABELS},
        {"mnist/" TRAIN_IMAGES, "mnist/" TRAIN_LABELS},
        {"MNIST/raw/" TRAIN_IMAGES, "MNIST/raw/" TRAIN_LABELS},
        {"train-images.idx3-ubyte", "train-labels.idx1-ubyte"},
        {TRAIN_IMAGES ".gz", TRAIN_LABELS ".gz"},
        {"train-images.idx3-ubyte.gz", TRAIN_LABELS},
    };
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        for (int packed = 0; packed < 2;
             packed++) { /* whatever the name says: plain under .gz and gzip without it too */
            char *folder = make_folder();
            put(folder, forms[i][0], packed ? gzip(images_of(IMAGES)) : images_of(IMAGES));
            put(folder, forms[i][1], packed ? gzip(labels_of(IMAGES)) : labels_of(IMAGES));
            expect_little_mnist(folder);
            remove_folder(folder);
        }
}

static void describes_the_dataset(void **state)
{
    lenet_dataset *dataset = open_good("mnist", LENET_TRAIN, *state);
    const lenet_shape shape = lenet_dataset_shape(dataset);
    assert_int_equal(shape.channels, 1);
    assert_int_equal(shape.height, 28);
    assert_int_equal(shape.width, 28);
    assert_int_equal(lenet_dataset_classes(dataset), 10);
    assert_string_equal(lenet_dataset_name(dataset), "mnist");
    assert_string_equal(lenet_dataset_class_name(dataset, 7), "7");
    assert_string_equal(lenet_dataset_class_name(dataset, 10), "?");
    assert_string_equal(lenet_dataset_class_name(dataset, -1), "?");
    lenet_dataset_close(&dataset);
}

/* ------------------------------------------------------------------------------------------------------ bad IDX files */

/* Puts the first `size` bytes of `whole`. */
static void put_start(const char *folder, const char *name, bytes whole, size_t size)
{
    put(folder, name, bytes_copy(whole.data, size));
}

static void refuses_idx_truncated_anywhere(void **state)
{
    const bytes images = images_of(IMAGES), labels = labels_of(IMAGES);
    for (size_t size = 0; size <= 40; size++) {
        put_start(*state, TRAIN_IMAGES, images, size);
        refuse(*state, TRAIN_IMAGES, "truncated");
    }
    put_start(*state, TRAIN_IMAGES, images, images.size - 1);
    refuse(*state, TRAIN_IMAGES, "truncated: declares 2352 bytes of images and holds 2351");
    put_start(*state, TRAIN_IMAGES, images, images.size);
    for (size_t size = 0; size < labels.size; size++) {
        put_start(*state, TRAIN_LABELS, labels, size);
        refuse(*state, TRAIN_LABELS, "truncated");
    }
    put_start(*state, TRAIN_LABELS, labels, labels.size);
    expect_little_mnist(*state);
    free(images.data);
    free(labels.data);
}

static void refuses_wrong_magic(void **state)
{
    static const struct {
        size_t offset;
        unsigned char value;
        const char *reason;
    } cases[] = {
        {0, 1, "wrong magic number 01000803"},
        {1, 1, "wrong magic number 00010803"},
        {2, 0, "wrong magic number 00000003"},
        {2, 7, "wrong magic number"},
        {2, 10, "wrong magic number"},
        {2, 15, "wrong magic number"},
        {2, 9, "elements are i8, where u8"},
        {2, 11, "elements are i16"},
        {2, 12, "elements are i32"},
        {2, 13, "elements are f32"},
        {2, 14, "elements are f64"},
        {3, 0, "wrong magic number"},
        {3, 1, "holds labels (rank 1) where images (rank 3) belong: are the two files swapped?"},
        {3, 2, "holds data (rank 2)"},
        {3, 4, "holds data (rank 4)"},
        {3, 255, "holds data (rank 255)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(*state, TRAIN_IMAGES, images_of(IMAGES));
        poke(*state, TRAIN_IMAGES, cases[i].offset, cases[i].value);
        refuse(*state, TRAIN_IMAGES, cases[i].reason);
    }
}

static void refuses_wrong_dimensions(void **state)
{
    put(*state, TRAIN_IMAGES, images_of(IMAGES));
    poke(*state, TRAIN_IMAGES, 7, 0);
    refuse(*state, TRAIN_IMAGES, "dimension 1 is zero");
    poke(*state, TRAIN_IMAGES, 7, IMAGES + 1);
    refuse(*state, TRAIN_IMAGES, "truncated: declares 3136");
    poke(*state, TRAIN_IMAGES, 7, IMAGES - 1);
    refuse(*state, TRAIN_IMAGES, "too long: declares 1568");
    for (size_t i = 4; i < 16; i++)
        poke(*state, TRAIN_IMAGES, i, 0xff);
    refuse(*state, TRAIN_IMAGES, "more elements than memory can be addressed");
    put(*state, TRAIN_IMAGES, make_idx(3, (const uint32_t[]){IMAGES, 32, 32}, 251));
    refuse(*state, TRAIN_IMAGES, "its images are 32x32, and those of mnist are 28x28");
    put(*state, TRAIN_IMAGES, make_idx(3, (const uint32_t[]){IMAGES, 14, 56}, 251));
    refuse(*state, TRAIN_IMAGES, "its images are 14x56");
}

static void refuses_oversized_files(void **state)
{
    put(*state, TRAIN_LABELS, bytes_append(labels_of(IMAGES), bytes_new(1)));
    refuse(*state, TRAIN_LABELS, "too long: declares 3 bytes of labels and holds 4");
    put_zeros(*state, TRAIN_LABELS, (size_t)8 << 30);
    refuse(*state, TRAIN_LABELS, "8589934592 bytes, more than");
}

static void refuses_counts_that_disagree(void **state)
{
    put(*state, TRAIN_LABELS, labels_of(IMAGES + 1));
    refuse(*state, TRAIN_LABELS, "4 labels, and");
    refuse(*state, TRAIN_IMAGES, "has 3 images");
}

static void refuses_swapped_files(void **state)
{
    put(*state, TRAIN_IMAGES, labels_of(IMAGES));
    put(*state, TRAIN_LABELS, images_of(IMAGES));
    refuse(*state, TRAIN_IMAGES, "are the two files swapped?");
    put(*state, TRAIN_IMAGES, images_of(IMAGES));
    refuse(*state, TRAIN_LABELS, "holds images (rank 3) where labels (rank 1) belong");
}

static void refuses_labels_out_of_range(void **state)
{
    poke(*state, TRAIN_LABELS, 8 + 2, 9);
    lenet_dataset *dataset = open_good("mnist", LENET_TRAIN, *state);
    lenet_dataset_close(&dataset);
    poke(*state, TRAIN_LABELS, 8 + 2, 10);
    refuse(*state, TRAIN_LABELS, "label 10 of image 2 (from 0) is out of range");
    poke(*state, TRAIN_LABELS, 8, 255);
    refuse(*state, TRAIN_LABELS, "label 255 of image 0");
}

/* A file that is called NAME.gz and is something else. */
static void refuses_what_is_not_gzip(void **state)
{
    put(*state, TRAIN_LABELS, labels_of(IMAGES));
    put(*state, TRAIN_IMAGES ".gz", TEXT("PK\003\004 and so on, a zip archive renamed"));
    refuse(*state, TRAIN_IMAGES ".gz", "(a zip archive?)");
    put(*state, TRAIN_IMAGES ".gz", TEXT("<!DOCTYPE html><title>Not found</title>"));
    refuse(*state, TRAIN_IMAGES ".gz", "(a web page?)");
    put(*state, TRAIN_IMAGES ".gz", gzip(gzip(images_of(IMAGES))));
    refuse(*state, TRAIN_IMAGES ".gz", "(compressed twice?)");
    put(*state, TRAIN_IMAGES ".gz", bytes_new(0));
    refuse(*state, TRAIN_IMAGES ".gz", "truncated: 0 bytes");
    put(*state, TRAIN_IMAGES ".gz", gzip(bytes_new(0)));
    refuse(*state, TRAIN_IMAGES ".gz", "truncated: 0 bytes");
}

static void refuses_damaged_gzip(void **state)
{
    const bytes whole = gzip(images_of(IMAGES));
    put(*state, TRAIN_LABELS, labels_of(IMAGES));
    for (size_t size = 2; size < whole.size; size++) {
        put_start(*state, TRAIN_IMAGES ".gz", whole, size);
        refuse(*state, TRAIN_IMAGES ".gz", "damaged gzip file: truncated, or its checksum does not match");
    }
    for (size_t back = 1; back <= 8; back++) { /* checksum and length */
        put_start(*state, TRAIN_IMAGES ".gz", whole, whole.size);
        poke(*state, TRAIN_IMAGES ".gz", whole.size - back, (unsigned char)(whole.data[whole.size - back] ^ 1));
        refuse(*state, TRAIN_IMAGES ".gz", "checksum does not match");
    }
    put_start(*state, TRAIN_IMAGES ".gz", whole, whole.size);
    expect_little_mnist(*state);
    free(whole.data);
}

static void refuses_more_than_one_gzip_member(void **state)
{
    put(*state, TRAIN_LABELS, labels_of(IMAGES));
    put(*state, TRAIN_IMAGES ".gz", bytes_append(gzip(images_of(IMAGES)), gzip(images_of(IMAGES))));
    refuse(*state, TRAIN_IMAGES ".gz", "concatenated members");
    put(*state, TRAIN_IMAGES ".gz", bytes_append(gzip(images_of(IMAGES)), bytes_new(7)));
    refuse(*state, TRAIN_IMAGES ".gz", "7 bytes of garbage after the end of the gzip data");
    put(*state, TRAIN_IMAGES ".gz", bytes_append(gzip(images_of(IMAGES)), TEXT("\xff\xff\xff\xff\xff")));
    refuse(*state, TRAIN_IMAGES ".gz", "5 bytes of garbage");
}

static void refuses_a_bomb(void **state)
{
    bytes bomb = gzip(bytes_new((size_t)100 << 20));
    put(*state, TRAIN_LABELS ".gz", bytes_copy(bomb.data, bomb.size));
    put(*state, TRAIN_IMAGES, images_of(IMAGES));
    refuse(*state, TRAIN_LABELS ".gz", "more than"); /* already too large packed */
    put(*state, TRAIN_LABELS ".gz", gzip(bytes_new(1 << 20)));
    refuse(*state, TRAIN_LABELS ".gz", "unpacks to more than the 60008 bytes");
    remove_folder(*state);
    *state = make_folder();
    memset(bomb.data + bomb.size - 4, 0, 4); /* and one that claims to be empty */
    put(*state, TRAIN_IMAGES ".gz", bomb);
    put(*state, TRAIN_LABELS, labels_of(IMAGES));
    refuse(*state, TRAIN_IMAGES ".gz", "unpacks to more than the 47040016 bytes");
}

static void needs_no_place_for_the_error(void **state)
{
    lenet_dataset *dataset = NULL;
    assert_int_equal(lenet_dataset_open(&dataset, "mnist", LENET_TEST, *state, NULL), LENET_INPUT);
    assert_int_equal(lenet_dataset_open(&dataset, "nothing", LENET_TEST, *state, NULL), LENET_USAGE);
    poke(*state, TRAIN_LABELS, 8, 99);
    assert_int_equal(lenet_dataset_open(&dataset, "mnist", LENET_TRAIN, *state, NULL), LENET_INPUT);
    assert_null(dataset);
}

static void parses_idx_in_memory(void **state)
{
    (void)state;
    const bytes labels = labels_of(12);
    ln_idx idx = {.size = 77};
    lenet_error error;
    for (size_t size = 0; size < labels.size; size++) { /* to the byte, for the address sanitizer */
        const bytes start = bytes_copy(labels.data, size);
        assert_int_equal(ln_idx_parse("memory", start.data, size, 1, &idx, &error), LENET_INPUT);
        assert_int_equal(idx.size, 77);
        free(start.data);
    }
    assert_int_equal(ln_idx_parse("memory", labels.data, labels.size, 1, &idx, &error), LENET_OK);
    assert_int_equal(idx.size, 12);
    assert_int_equal(idx.dimensions[0], 12);
    assert_ptr_equal(idx.elements, labels.data + 8);
    free(labels.data);
}

/* --------------------------------------------------------------------------------------------------------- what is missing */

static void names_what_is_missing(void **state)
{
    char path[1024];
    expect_status("mnist", LENET_TEST, *state, LENET_INPUT, TEST_IMAGES, "is missing");
    snprintf(path, sizeof path, "%s/%s", (const char *)*state, TRAIN_LABELS);
    assert_int_equal(unlink(path), 0);
    refuse(*state, TRAIN_LABELS, "is missing in this folder");
    refuse(path, path, "No such file or directory");
    refuse("", "", "No such file or directory");
    snprintf(path, sizeof path, "%s/%s", (const char *)*state, TRAIN_IMAGES);
    refuse(path, path, "not a folder");
    expect_status("kmnist", LENET_TRAIN, "/dev", LENET_INPUT, "kmnist: not found", "/dev");
    expect_status("cifar10", LENET_TRAIN, *state, LENET_INPUT, ARCHIVE, *state);
}

static void suggests_the_nearest_name(void **state)
{
    (void)state;
    expect_status("minst", LENET_TRAIN, NULL, LENET_USAGE, "'minst'", "did you mean 'mnist'?");
    expect_status("fashion_mnist", LENET_TRAIN, NULL, LENET_USAGE, "'fashion_mnist'", "did you mean 'fashion-mnist'?");
    expect_status("cifar-10", LENET_TRAIN, NULL, LENET_USAGE, "'cifar-10'", "did you mean 'cifar10'?");
    expect_status("imagenet", LENET_TRAIN, NULL, LENET_USAGE, "'imagenet'",
                  "known are mnist, fashion-mnist, cifar10, cifar100, cifar100-coarse, kmnist");
    expect_status("", LENET_TRAIN, NULL, LENET_USAGE, "''", "known are");
    expect_status(NULL, LENET_TRAIN, NULL, LENET_USAGE, "''", "known are");
    expect_status("mnist", (lenet_split)2, NULL, LENET_USAGE, "split 2", "neither");
    char name[4096];
    memset(name, 'm', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    expect_status(name, LENET_TRAIN, NULL, LENET_USAGE, "mmmm", "known are");
}

/* ------------------------------------------------------------------------------------------------------------ search order */

static char *saved_environment[4];
static const char *const variables[] = {"LENET_DATA", "XDG_DATA_HOME", "HOME", "KERAS_HOME"};

static int setup_environment(void **state)
{
    for (int i = 0; i < 4; i++) {
        const char *value = getenv(variables[i]);
        saved_environment[i] = value ? strdup(value) : NULL;
        unsetenv(variables[i]);
    }
    return setup_folder(state);
}

static int teardown_environment(void **state)
{
    for (int i = 0; i < 4; i++) {
        unsetenv(variables[i]);
        if (saved_environment[i])
            setenv(variables[i], saved_environment[i], 1);
        free(saved_environment[i]);
    }
    return teardown_folder(state);
}

/* Puts all four files of a little KMNIST (which no package brings) below FOLDER/NAME. */
static void put_kmnist(const char *folder, const char *name)
{
    static const char *const files[] = {TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS};
    for (int i = 0; i < 4; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", name, files[i]);
        put(folder, path, i % 2 ? labels_of(IMAGES) : images_of(IMAGES));
    }
}

/* Where KMNIST is found must be FOLDER/NAME. */
static void expect_found(const char *folder, const char *name)
{
    char path[1024], expected[1024];
    lenet_error error = {LENET_OK, ""};
    if (lenet_source_locate(lenet_source_find("kmnist"), NULL, path, sizeof path, &error))
        fail_msg("%s", error.text);
    snprintf(expected, sizeof expected, "%s/%s", folder, name);
    assert_string_equal(path, expected);
}

static void set_below(const char *variable, const char *folder, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    setenv(variable, path, 1);
}

static void searches_in_order(void **state)
{
    const char *folder = *state;
    set_below("HOME", folder, "home");
    put_kmnist(folder, "home/.keras/datasets/kmnist");
    expect_found(folder, "home/.keras/datasets/kmnist");
    set_below("KERAS_HOME", folder, "keras");
    put_kmnist(folder, "keras/datasets/KMNIST/raw");
    expect_found(folder, "keras/datasets/KMNIST/raw");
    put_kmnist(folder, "home/.local/share/lenet/kmnist");
    expect_found(folder, "home/.local/share/lenet/kmnist");
    set_below("XDG_DATA_HOME", folder, "xdg");
    put_kmnist(folder, "xdg/lenet/kmnist");
    expect_found(folder, "xdg/lenet/kmnist");
    put_kmnist(folder, "second/kmnist");
    char list[1024];
    snprintf(list, sizeof list, ":%s/nowhere::%s/second:%s/third:", folder, folder, folder);
    setenv("LENET_DATA", list, 1);
    expect_found(folder, "second/kmnist");
    put_kmnist(folder, "third");
    expect_found(folder, "second/kmnist");
    set_below("LENET_DATA", folder, "third");
    expect_found(folder, "third");
}

static void searches_the_current_folder_last(void **state)
{
    char before[1024];
    assert_non_null(getcwd(before, sizeof before));
    put_kmnist(*state, "data/KMNIST/raw");
    put_kmnist(*state, "lenet/kmnist");
    assert_int_equal(chdir(*state), 0);
    expect_found("./data", "KMNIST/raw");
    setenv("XDG_DATA_HOME", ".", 1); /* relative: to be ignored */
    setenv("HOME", "relative", 1);
    expect_found("./data", "KMNIST/raw");
    assert_int_equal(chdir(before), 0);
}

static void prefers_a_complete_place(void **state)
{
    const char *folder = *state;
    set_below("LENET_DATA", folder, "part");
    set_below("XDG_DATA_HOME", folder, "xdg");
    put(folder, "part/kmnist/" TRAIN_LABELS, labels_of(IMAGES));
    expect_found(folder, "part/kmnist");
    put(folder, "xdg/lenet/kmnist/" TEST_IMAGES, images_of(IMAGES));
    put(folder, "xdg/lenet/kmnist/" TEST_LABELS, labels_of(IMAGES));
    expect_found(folder, "part/kmnist"); /* more is not all */
    put_kmnist(folder, "xdg/lenet/kmnist");
    expect_found(folder, "xdg/lenet/kmnist");
}

static void names_the_folders_searched(void **state)
{
    const char *folder = *state;
    set_below("LENET_DATA", folder, "first");
    set_below("HOME", folder, "home");
    expect_status("kmnist", LENET_TRAIN, NULL, LENET_INPUT, folder, "/usr/share/datasets");
    expect_status("kmnist", LENET_TRAIN, NULL, LENET_INPUT, "/first, ", "/home/.local/share/lenet, ");
    char path[8];
    lenet_error error;
    put_kmnist(folder, "first");
    assert_int_equal(lenet_source_locate(lenet_source_find("kmnist"), NULL, path, sizeof path, &error), LENET_USAGE);
    const lenet_source copy = *lenet_source_find("kmnist");
    assert_int_equal(lenet_source_locate(&copy, NULL, path, sizeof path, &error), LENET_USAGE);
}

static void survives_long_paths(void **state)
{
    (void)state;
    char *name = calloc(1, 20000);
    assert_non_null(name);
    memset(name, 'a', 19999);
    setenv("LENET_DATA", name, 1);
    name[0] = '/';
    setenv("HOME", name, 1);
    expect_status("kmnist", LENET_TRAIN, NULL, LENET_INPUT, "kmnist", "not found");
    expect_status("kmnist", LENET_TRAIN, name, LENET_INPUT, "/aaaa", "");
    memset(name, ':', 19999);
    setenv("LENET_DATA", name, 1);
    expect_status("kmnist", LENET_TRAIN, NULL, LENET_INPUT, "kmnist", "not found");
    free(name);
}

/* -------------------------------------------------------------------------------------------------------------- CIFAR-10 */

static void parses_cifar_in_memory(void **state)
{
    (void)state;
    uint8_t images[3 * LN_CIFAR_IMAGE], labels[3] = {0};
    const bytes batch = bytes_new(3 * LN_CIFAR_RECORD);
    lenet_error error;
    for (size_t i = 0; i < batch.size; i++)
        batch.data[i] = (unsigned char)(i % LN_CIFAR_RECORD ? i % 253 : i / LN_CIFAR_RECORD);
    assert_int_equal(ln_cifar_parse("memory", batch.data, batch.size, 3, 10, &one_label, images, labels, &error), LENET_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(labels[i], i);
        assert_memory_equal(images + i * LN_CIFAR_IMAGE, batch.data + i * LN_CIFAR_RECORD + 1, LN_CIFAR_IMAGE);
    }
    const size_t wrong[] = {0, 1, LN_CIFAR_RECORD, 2 * LN_CIFAR_RECORD, 3 * LN_CIFAR_RECORD - 1};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(ln_cifar_parse("memory", batch.data, wrong[i], 3, 10, &one_label, images, labels, &error), LENET_INPUT);
        expect_line(&error, LENET_INPUT, "memory", "truncated");
    }
    assert_int_equal(ln_cifar_parse("memory", batch.data, batch.size, 2, 10, &one_label, images, labels, &error), LENET_INPUT);
    expect_line(&error, LENET_INPUT, "memory", "too long");
    batch.data[LN_CIFAR_RECORD] = 10;
    assert_int_equal(ln_cifar_parse("memory", batch.data, batch.size, 3, 10, &one_label, images, labels, &error), LENET_INPUT);
    expect_line(&error, LENET_INPUT, "memory", "label 10 of image 1");
    free(batch.data);
}

static void refuse_cifar(const char *folder, lenet_split split, const char *name, const char *reason)
{
    expect_status("cifar10", split, folder, LENET_INPUT, name, reason);
}

static void reads_cifar_batches(void **state)
{
    put_zeros(*state, "cifar-10-batches-bin/test_batch.bin", BATCH);
    poke(*state, "cifar-10-batches-bin/test_batch.bin", LN_CIFAR_RECORD, 3);
    poke(*state, "cifar-10-batches-bin/test_batch.bin", LN_CIFAR_RECORD + 1, 77);
    lenet_dataset *dataset = open_good("cifar10", LENET_TEST, *state);
    assert_int_equal(lenet_dataset_count(dataset), 10000);
    assert_int_equal(lenet_dataset_shape(dataset).channels, 3);
    assert_string_equal(lenet_dataset_class_name(dataset, lenet_dataset_labels(dataset)[1]), "cat");
    assert_int_equal(lenet_dataset_images(dataset)[LN_CIFAR_IMAGE], 77);
    lenet_dataset_close(&dataset);
    for (int i = 1; i <= 5; i++) {
        char name[64];
        if (i == 2) /* one is there, the others are not */
            refuse_cifar(*state, LENET_TRAIN, "cifar-10-batches-bin", "data_batch_2.bin is missing in this folder");
        snprintf(name, sizeof name, "cifar-10-batches-bin/data_batch_%d.bin", i);
        put_zeros(*state, name, BATCH);
        poke(*state, name, 0, (unsigned char)i);
    }
    dataset = open_good("cifar10", LENET_TRAIN, *state);
    assert_int_equal(lenet_dataset_count(dataset), 50000);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(lenet_dataset_labels(dataset)[10000 * i], i + 1);
    lenet_dataset_close(&dataset);
}

static void refuses_bad_cifar_batches(void **state)
{
    static const size_t sizes[] = {0, 1, BATCH - 1, BATCH - LN_CIFAR_RECORD, 9999 * 3074};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        put_zeros(*state, "test_batch.bin", sizes[i]);
        refuse_cifar(*state, LENET_TEST, "test_batch.bin", sizes[i] < BATCH ? "truncated" : "too long");
    }
    put_zeros(*state, "test_batch.bin", BATCH + 1);
    refuse_cifar(*state, LENET_TEST, "test_batch.bin", "too long");
    put_zeros(*state, "test_batch.bin", (size_t)8 << 30);
    refuse_cifar(*state, LENET_TEST, "test_batch.bin", "more than");
    put_zeros(*state, "test_batch.bin", BATCH);
    poke(*state, "test_batch.bin", 9999 * LN_CIFAR_RECORD, 10);
    refuse_cifar(*state, LENET_TEST, "test_batch.bin", "label 10 of image 9999");
}

static bytes nothing(void) { return bytes_new(0); }

/* A batch as a member called `path`, whose every label is 4. */
static bytes batch_member(const char *path)
{
    const bytes batch = bytes_new(BATCH);
    for (size_t i = 0; i < BATCH; i += LN_CIFAR_RECORD)
        batch.data[i] = 4;
    return tar_member(path, '0', "", BATCH, batch);
}

static void put_archive(const char *folder, bytes members)
{
    put(folder, ARCHIVE, gzip(bytes_append(members, tar_end())));
}

static void reads_cifar_from_its_archive(void **state)
{
    static const char *const paths[] = {"cifar-10-batches-bin/test_batch.bin", "./cifar-10-batches-bin/test_batch.bin",
                                        "./test_batch.bin", "test_batch.bin"};
    char path[1024], expected[1024];
    lenet_error error;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        bytes members = tar_member("cifar-10-batches-bin/", '5', "", 0, nothing());
        members = bytes_append(members, tar_member("cifar-10-batches-bin/readme.html", '0', "", 5, TEXT("hello")));
        members = bytes_append(members, tar_member("link", '2', "/etc/passwd", 0, nothing()));
        put_archive(*state, bytes_append(members, batch_member(paths[i])));
        lenet_dataset *dataset = open_good("cifar10", LENET_TEST, *state);
        assert_int_equal(lenet_dataset_labels(dataset)[9999], 4);
        lenet_dataset_close(&dataset);
    }
    assert_int_equal(lenet_source_locate(lenet_source_find("cifar10"), *state, path, sizeof path, &error), LENET_OK);
    snprintf(expected, sizeof expected, "%s/%s", (const char *)*state, ARCHIVE);
    assert_string_equal(path, expected);
    const lenet_file_check check = check_file("cifar10", 5, *state);
    assert_int_equal(check.state, LENET_FILE_BAD);
    snprintf(expected, sizeof expected, "%s/%s:test_batch.bin", (const char *)*state, ARCHIVE);
    assert_string_equal(check.path, expected);
    assert_non_null(strstr(check.reason, "not the published 8e2eb146"));
    refuse_cifar(*state, LENET_TRAIN, ARCHIVE, "has no member data_batch_1.bin");
    assert_int_equal(check_file("cifar10", 0, *state).state, LENET_FILE_BAD);
}

static void refuses_hostile_archives(void **state)
{
    const struct {
        bytes members;
        const char *reason;
    } cases[] = {
        {tar_member("../test_batch.bin", '0', "", BATCH, nothing()),
         "the member ../test_batch.bin lies where it should not"},
        {tar_member("cifar-10-batches-bin/../test_batch.bin", '0', "", BATCH, nothing()), "lies where it should not"},
        {tar_member("/test_batch.bin", '0', "", BATCH, nothing()), "lies where it should not"},
        {tar_member("elsewhere/test_batch.bin", '0', "", BATCH, nothing()), "lies where it should not"},
        {tar_member("test_batch.bin", '2', "/etc/passwd", 0, nothing()), "is a link or not a regular file"},
        {tar_member("test_batch.bin", '1', "../../etc/passwd", 0, nothing()), "is a link or not a regular file"},
        {tar_member("test_batch.bin", '5', "", 0, nothing()), "is a link or not a regular file"},
        {tar_member("test_batch.bin", '3', "", 0, nothing()), "is a link or not a regular file"},
        {tar_member("test_batch.bin", '6', "", 0, nothing()), "is a link or not a regular file"},
        {tar_member("test_batch.bin", '0', "", 077777777777, nothing()), "claims 8589934591 bytes"},
        {tar_member("other", '0', "", 077777777777, nothing()), "the member other claims 8589934591 bytes"},
        {tar_member("test_batch.bin", '0', "", BATCH - 1, bytes_new(BATCH - 1)),
         "has 30729999 bytes instead of 30730000"},
        {tar_member("test_batch.bin", '0', "", 0, nothing()), "has 0 bytes instead of"},
        {tar_member("test_batch.bin", '0', "", BATCH, bytes_new(4096)), "damaged archive"},
        {TEXT("this is not a tar archive"), "damaged archive"},
        {nothing(), "has no member test_batch.bin"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_archive(*state, cases[i].members);
        refuse_cifar(*state, LENET_TEST, ARCHIVE, cases[i].reason);
    }
    bytes crowd = nothing();
    for (int i = 0; i < 100; i++)
        crowd = bytes_append(crowd, tar_member("other", '0', "", 0, nothing()));
    put_archive(*state, crowd);
    refuse_cifar(*state, LENET_TEST, ARCHIVE, "more than 64 members");
}

static void refuses_members_that_come_twice(void **state)
{
    const bytes again = tar_member("data_batch_1.bin", '0', "", BATCH, nothing());
    put_archive(*state, bytes_append(batch_member("data_batch_1.bin"), again));
    refuse_cifar(*state, LENET_TRAIN, ARCHIVE, "the member data_batch_1.bin is there twice");
}

static void refuses_damaged_archives(void **state)
{
    const bytes whole = gzip(bytes_append(batch_member("test_batch.bin"), tar_end()));
    for (size_t size = 0; size < whole.size; size += size < 20 ? 5 : whole.size / 4) {
        put_start(*state, ARCHIVE, whole, size);
        refuse_cifar(*state, LENET_TEST, ARCHIVE, "damaged archive");
    }
    free(whole.data);
    put(*state, ARCHIVE, TEXT("<!DOCTYPE html><title>Not found</title>"));
    refuse_cifar(*state, LENET_TEST, ARCHIVE, "damaged archive");
    put(*state, ARCHIVE, TEXT("PK\003\004 and so on"));
    refuse_cifar(*state, LENET_TEST, ARCHIVE, "damaged archive");
}

/* ------------------------------------------------------------------------------------------------------- checking files */

static void checks_made_files(void **state)
{
    lenet_file_check check = check_file("mnist", 0, *state);
    char expected[1024], sha256[65];
    const bytes images = images_of(IMAGES);
    ln_sha256_of(images.data, images.size, sha256);
    free(images.data);
    snprintf(expected, sizeof expected, "%s/%s", (const char *)*state, TRAIN_IMAGES);
    assert_int_equal(check.state, LENET_FILE_BAD);
    assert_string_equal(check.path, expected);
    assert_string_equal(check.sha256, sha256);
    assert_string_equal(check.reason, "2368 bytes, and the published file has 47040016");
    check = check_file("mnist", 2, *state);
    assert_int_equal(check.state, LENET_FILE_MISSING);
    assert_string_equal(check.path, "");
    assert_int_equal(check_file("mnist", 0, "/nowhere").state, LENET_FILE_MISSING);
    put(*state, TRAIN_LABELS, labels_of(60000));
    check = check_file("mnist", 1, *state);
    assert_int_equal(check.state, LENET_FILE_BAD);
    assert_non_null(strstr(check.reason, "not the published 65a50cbb"));
    poke(*state, TRAIN_LABELS, 8, 10);
    assert_non_null(strstr(check_file("mnist", 1, *state).reason, "label 10 of image 0"));
    put(*state, TRAIN_LABELS, TEXT("\x1f\x8b garbage"));
    check = check_file("mnist", 1, *state);
    assert_int_equal(check.state, LENET_FILE_BAD);
    assert_non_null(strstr(check.reason, "damaged gzip file"));
    assert_string_equal(check.sha256, "");
    lenet_error error;
    assert_int_equal(lenet_source_check(lenet_source_find("mnist"), 4, *state, &check, &error), LENET_USAGE);
}

static void says_what_it_cannot_prove(void **state)
{
    put(*state, TRAIN_LABELS, labels_of(60000));
    const lenet_file_check check = check_file("kmnist", 1, *state);
    assert_int_equal(check.state, LENET_FILE_UNPROVEN);
    assert_non_null(strstr(check.reason, TRAIN_LABELS ".gz"));
    assert_int_equal(check_file("kmnist", 0, *state).state,
                     LENET_FILE_BAD); /* three images are not the published file */
}

static void checks_real_files(const char *name)
{
    if (!is_here(name))
        skip();
    const lenet_source *source = lenet_source_find(name);
    for (size_t i = 0; i < source->file_count; i++) {
        const lenet_file_check check = check_file(name, i, NULL);
        if (check.state != LENET_FILE_GOOD)
            fail_msg("%s is not the published file: %s", check.path, check.reason);
        assert_string_equal(check.sha256, source->files[i].sha256);
    }
}

static void checks_mnist(void **state)
{
    (void)state;
    checks_real_files("mnist");
}

static void checks_fashion_mnist(void **state)
{
    (void)state;
    checks_real_files("fashion-mnist");
}

static void checks_cifar10(void **state)
{
    (void)state;
    checks_real_files("cifar10");
}

/* FOLDER/NAME becomes the file `index` of `source` as it is on this machine. */
static void link_real(const char *folder, const char *name, const char *source, size_t index)
{
    char path[1024];
    const lenet_file_check check = check_file(source, index, NULL);
    assert_int_equal(check.state, LENET_FILE_GOOD);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
    char *whole = realpath(check.path, NULL);
    assert_int_equal(symlink(whole, path), 0);
    free(whole);
}

static void expect_swapped(const char *folder, size_t index, const char *source, const char *name)
{
    const lenet_file_check check = check_file("mnist", index, folder);
    assert_int_equal(check.state, LENET_FILE_SWAPPED);
    assert_string_equal(check.other_source, source);
    assert_string_equal(check.other_name, name);
}

static void recognises_fashion_in_the_folder_of_mnist(void **state)
{
    if (!is_here("fashion-mnist"))
        skip();
    link_real(*state, TRAIN_IMAGES, "fashion-mnist", 0);
    link_real(*state, TRAIN_LABELS, "fashion-mnist", 1);
    expect_swapped(*state, 0, "fashion-mnist", TRAIN_IMAGES);
    expect_swapped(*state, 1, "fashion-mnist", TRAIN_LABELS);
    refuse(*state, TRAIN_LABELS,
           "this is train-labels-idx1-ubyte of fashion-mnist, not train-labels-idx1-ubyte of mnist");
}

static void recognises_the_test_split_in_place_of_the_training_split(void **state)
{
    if (!is_here("mnist"))
        skip();
    link_real(*state, TRAIN_IMAGES, "mnist", 2);
    link_real(*state, TRAIN_LABELS, "mnist", 3);
    expect_swapped(*state, 0, "mnist", TEST_IMAGES);
    expect_swapped(*state, 1, "mnist", TEST_LABELS);
    refuse(*state, TRAIN_LABELS, "this is t10k-labels-idx1-ubyte of mnist");
}

/* --------------------------------------------------------------------------------------------------- real data, opened */

static void expect_class_counts(const char *name, lenet_split split, const size_t counts[10])
{
    size_t found[256] = {0};
    lenet_dataset *dataset = open_good(name, split, NULL);
    assert_int_equal(lenet_dataset_count(dataset), lenet_source_find(name)->count[split]);
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++)
        found[lenet_dataset_labels(dataset)[i]]++;
    for (int i = 0; i < 10; i++)
        assert_int_equal(found[i], counts[i]);
    lenet_dataset_close(&dataset);
}

static void opens_mnist(void **state)
{
    static const size_t train[] = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949};
    static const size_t test[] = {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009};
    (void)state;
    if (!is_here("mnist"))
        skip();
    expect_class_counts("mnist", LENET_TRAIN, train);
    expect_class_counts("mnist", LENET_TEST, test);
}

static void opens_even_classes(const char *name, size_t train_each)
{
    size_t train[10], test[10];
    if (!is_here(name))
        skip();
    for (int i = 0; i < 10; i++) {
        train[i] = train_each;
        test[i] = 1000;
    }
    expect_class_counts(name, LENET_TRAIN, train);
    expect_class_counts(name, LENET_TEST, test);
}

static void opens_fashion_mnist(void **state)
{
    (void)state;
    opens_even_classes("fashion-mnist", 6000);
}

static void opens_cifar10(void **state)
{
    (void)state;
    opens_even_classes("cifar10", 5000);
}

/* ------------------------------------------------------------------------------------------------------ datasets from memory */

static const lenet_shape small = {2, 3, 4};
enum { SMALL = 24 };

static void copies_what_it_is_given(void **state)
{
    (void)state;
    uint8_t images[2 * SMALL], labels[2] = {0, 255};
    for (int i = 0; i < 2 * SMALL; i++)
        images[i] = (uint8_t)i;
    lenet_dataset *dataset = NULL;
    assert_int_equal(lenet_dataset_create(&dataset, small, 256, 2, images, labels, NULL), LENET_OK);
    memset(images, 0, sizeof images);
    labels[1] = 0;
    assert_int_equal(lenet_dataset_images(dataset)[2 * SMALL - 1], 2 * SMALL - 1);
    assert_int_equal(lenet_dataset_labels(dataset)[1], 255);
    assert_string_equal(lenet_dataset_name(dataset), "custom");
    for (int i = 0; i < 256; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        assert_string_equal(lenet_dataset_class_name(dataset, i), number);
    }
    lenet_dataset_close(&dataset);
    lenet_dataset_close(&dataset);
    lenet_dataset_close(NULL);
}

static void expect_no_dataset(lenet_shape shape, int classes, size_t count, uint8_t label, lenet_status status,
                              const char *reason)
{
    const uint8_t image[SMALL] = {0};
    lenet_dataset *dataset = NULL;
    lenet_error error = {LENET_OK, ""};
    assert_int_equal(lenet_dataset_create(&dataset, shape, classes, count, image, &label, &error), status);
    expect_line(&error, status, reason, "");
    assert_null(dataset);
}

static void refuses_wrong_arguments(void **state)
{
    (void)state;
    expect_no_dataset((lenet_shape){0, 3, 4}, 10, 1, 0, LENET_USAGE, "images of 0x3x4");
    expect_no_dataset((lenet_shape){2, 1025, 4}, 10, 1, 0, LENET_USAGE, "images of 2x1025x4");
    expect_no_dataset((lenet_shape){2, 3, -4}, 10, 1, 0, LENET_USAGE, "images of 2x3x-4");
    expect_no_dataset(small, 1, 1, 0, LENET_USAGE, "1 classes");
    expect_no_dataset(small, 257, 1, 0, LENET_USAGE, "257 classes");
    expect_no_dataset(small, 10, 0, 0, LENET_USAGE, "at least one image");
    expect_no_dataset(small, 10, 1, 10, LENET_INPUT, "label 10 of image 0");
}

static void hashes_all_of_it(void **state)
{
    (void)state;
    uint8_t hashed[40 + SMALL + 1] = {2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4};
    hashed[24] = 10;
    hashed[32] = 1;
    hashed[40] = 200; /* the first pixel */
    hashed[40 + SMALL] = 7;
    char expected[65];
    ln_sha256_of(hashed, sizeof hashed, expected);
    lenet_dataset *dataset = NULL;
    assert_int_equal(lenet_dataset_create(&dataset, small, 10, 1, hashed + 40, hashed + 40 + SMALL, NULL), LENET_OK);
    assert_string_equal(lenet_dataset_sha256(dataset), expected);
    assert_string_equal(lenet_dataset_sha256(dataset), expected);
    lenet_dataset_close(&dataset);
}

static void *ask_hash(void *dataset) { return (void *)(uintptr_t)lenet_dataset_sha256(dataset); }

static void hashes_once_for_all_threads(void **state)
{
    lenet_dataset *dataset = open_good("mnist", LENET_TRAIN, *state);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_hash, dataset), 0);
    for (int i = 0; i < 4; i++) {
        void *answer = NULL;
        assert_int_equal(pthread_join(threads[i], &answer), 0);
        assert_int_equal(strlen(answer), 64);
        assert_ptr_equal(answer, lenet_dataset_sha256(dataset));
    }
    lenet_dataset_close(&dataset);
}

/* -------------------------------------------------------------------------------------------------------------- the table */

static void expect_hash(const char *hash)
{
    assert_int_equal(strlen(hash), 64);
    assert_int_equal(strspn(hash, "0123456789abcdef"), 64);
}

static void knows_consistent_sources(void **state)
{
    (void)state;
    for (const lenet_source *const *s = lenet_source_list(); *s; s++) {
        const lenet_source *source = *s;
        size_t size = 0;
        assert_ptr_equal(lenet_source_find(source->name), source);
        for (size_t i = 0; i < source->file_count; i++) {
            assert_true(source->files[i].sha256 || source->files[i].gz_sha256);
            if (source->files[i].sha256)
                expect_hash(source->files[i].sha256);
            if (source->files[i].gz_sha256)
                expect_hash(source->files[i].gz_sha256);
            size += source->files[i].bytes;
        }
        const size_t image = (size_t)(source->shape.channels * source->shape.height * source->shape.width);
        const size_t images = source->count[LENET_TRAIN] + source->count[LENET_TEST];
        const size_t labels = strncmp(source->name, "cifar100", 8) ? 1 : 2; /* coarse and fine */
        assert_int_equal(size, images * (image + labels) + (source->archive ? 0 : 2 * (16 + 8)));
        assert_true(source->mirrors[0] != NULL);
        for (const char *const *mirror = source->mirrors; *mirror; mirror++)
            assert_int_equal((*mirror)[strlen(*mirror) - 1], '/');
        for (int i = 0; i < source->classes; i++)
            assert_true(strlen(source->class_names[i]) > 0);
    }
    assert_null(lenet_source_find("imagenet"));
    assert_null(lenet_source_find(NULL));
}

static void knows_files_by_their_hash(void **state)
{
    (void)state;
    size_t index = 77;
    const lenet_source *kmnist = lenet_source_find("kmnist");
    assert_ptr_equal(ln_source_of_content(kmnist->files[2].gz_sha256, 1, &index), kmnist);
    assert_int_equal(index, 2);
    assert_null(ln_source_of_content(kmnist->files[2].gz_sha256, 0, &index));
    const lenet_source *cifar10 = lenet_source_find("cifar10");
    assert_ptr_equal(ln_source_of_content(cifar10->files[5].sha256, 0, &index), cifar10);
    assert_int_equal(index, 5);
    assert_null(ln_source_of_content(cifar10->files[5].sha256, 1, &index));
    assert_null(ln_source_of_content("", 0, &index));
}

#define IN_FOLDER(test)      cmocka_unit_test_setup_teardown(test, setup_folder, teardown_folder)
#define WITH_MNIST(test)     cmocka_unit_test_setup_teardown(test, setup_mnist, teardown_folder)
#define IN_ENVIRONMENT(test) cmocka_unit_test_setup_teardown(test, setup_environment, teardown_environment)

/* A training and a test set whose classes have other names are refused; numbers stand for any names. */
static void classes_of_training_and_test_are_the_same(void **state)
{
    (void)state;
    static const char *const letters[] = {"a", "b"}, *const swapped[] = {"b", "a"};
    const uint8_t images[] = {0, 255, 0, 255}, labels[] = {0, 1, 0, 1};
    const lenet_shape shape = {1, 1, 1};
    lenet_dataset *train = NULL, *same = NULL, *other = NULL, *unnamed = NULL;
    lenet_model *model = NULL;
    lenet_settings settings;
    lenet_result result;
    lenet_error error = {LENET_OK, ""};
    lenet_settings_default(&settings);
    settings.epochs = 1, settings.validation_split = 0;
    assert_int_equal(lenet_dataset_create_named(&train, "one", letters, shape, 2, 4, images, labels, NULL), LENET_OK);
    assert_int_equal(lenet_dataset_create_named(&same, "two", letters, shape, 2, 4, images, labels, NULL), LENET_OK);
    assert_int_equal(lenet_dataset_create_named(&other, "three", swapped, shape, 2, 4, images, labels, NULL), LENET_OK);
    assert_int_equal(lenet_dataset_create(&unnamed, shape, 2, 4, images, labels, NULL), LENET_OK);
    assert_int_equal(lenet_model_create(&model, "dense:2", shape, 2, NULL), LENET_OK);
    assert_int_equal(lenet_train(model, train, same, &settings, &result, NULL), LENET_OK);
    assert_int_equal(lenet_train(model, train, unnamed, &settings, &result, NULL), LENET_OK);
    assert_int_equal(lenet_train(model, unnamed, other, &settings, &result, NULL), LENET_OK);
    assert_int_equal(lenet_train(model, train, other, &settings, &result, &error), LENET_USAGE);
    assert_string_equal(error.text, "class 0 is 'a' in the training set one and 'b' in the test set three");
    lenet_model_close(&model);
    lenet_dataset_close(&train);
    lenet_dataset_close(&same);
    lenet_dataset_close(&other);
    lenet_dataset_close(&unnamed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_consistent_sources),
        cmocka_unit_test(knows_files_by_their_hash),
        cmocka_unit_test(reads_every_form_of_idx),
        WITH_MNIST(describes_the_dataset),
        WITH_MNIST(refuses_idx_truncated_anywhere),
        WITH_MNIST(refuses_wrong_magic),
        WITH_MNIST(refuses_wrong_dimensions),
        WITH_MNIST(refuses_oversized_files),
        WITH_MNIST(refuses_counts_that_disagree),
        WITH_MNIST(refuses_swapped_files),
        WITH_MNIST(refuses_labels_out_of_range),
        IN_FOLDER(refuses_what_is_not_gzip),
        IN_FOLDER(refuses_damaged_gzip),
        IN_FOLDER(refuses_more_than_one_gzip_member),
        IN_FOLDER(refuses_a_bomb),
        WITH_MNIST(needs_no_place_for_the_error),
        cmocka_unit_test(parses_idx_in_memory),
        WITH_MNIST(names_what_is_missing),
        cmocka_unit_test(suggests_the_nearest_name),
        IN_ENVIRONMENT(searches_in_order),
        IN_ENVIRONMENT(searches_the_current_folder_last),
        IN_ENVIRONMENT(prefers_a_complete_place),
        IN_ENVIRONMENT(names_the_folders_searched),
        IN_ENVIRONMENT(survives_long_paths),
        cmocka_unit_test(parses_cifar_in_memory),
        IN_FOLDER(reads_cifar_batches),
        IN_FOLDER(refuses_bad_cifar_batches),
        IN_FOLDER(reads_cifar_from_its_archive),
        IN_FOLDER(refuses_hostile_archives),
        IN_FOLDER(refuses_members_that_come_twice),
        IN_FOLDER(refuses_damaged_archives),
        WITH_MNIST(checks_made_files),
        WITH_MNIST(says_what_it_cannot_prove),
        cmocka_unit_test(checks_mnist),
        cmocka_unit_test(checks_fashion_mnist),
        cmocka_unit_test(checks_cifar10),
        IN_FOLDER(recognises_fashion_in_the_folder_of_mnist),
        IN_FOLDER(recognises_the_test_split_in_place_of_the_training_split),
        cmocka_unit_test(opens_mnist),
        cmocka_unit_test(opens_fashion_mnist),
        cmocka_unit_test(opens_cifar10),
        cmocka_unit_test(copies_what_it_is_given),
        cmocka_unit_test(refuses_wrong_arguments),
        cmocka_unit_test(hashes_all_of_it),
        WITH_MNIST(hashes_once_for_all_threads),
        cmocka_unit_test(classes_of_training_and_test_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
