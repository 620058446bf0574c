/* SPDX-License-Identifier: MIT */
/* test_folders.c - own images: what becomes of a tree of files, in which order, and what is said of one that is not right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/data/folders.h"
#include "lab/pictures/image.h"
#include "lenet/tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static char *path_of(const char *name)
{
    static char path[4][512];
    static int turn;
    char *to = path[turn++ % 4];
    snprintf(to, sizeof path[0], "%s/%s", root, name);
    return to;
}

static int make_root(void **state)
{
    (void)state;
    strcpy(root, "/tmp/lenet-folders-XXXXXX");
    return !mkdtemp(root);
}

static int remove_root(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command);
}

static void make_folder(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root, name);
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); *slash++ = '/')
        *slash = '\0', mkdir(path, 0700);
    assert_true(!mkdir(path, 0700) || access(path, F_OK) == 0);
}

/* Every pixel is `red`, `green`, `blue`; green below 0: grey. */
static void put(const char *name, int width, int height, int red, int green, int blue)
{
    lab_image image;
    assert_int_equal(lab_image_create(&image, width, height, green < 0 ? 1 : 3, name, NULL), LENET_OK);
    for (int i = 0; i < width * height; i++) {
        image.pixels[i * image.channels] = (uint8_t)red;
        if (green >= 0)
            image.pixels[3 * i + 1] = (uint8_t)green, image.pixels[3 * i + 2] = (uint8_t)blue;
    }
    assert_int_equal(lab_image_write(&image, path_of(name), NULL), LENET_OK);
    lab_image_close(&image);
}

/* Two classes of ten grey images each, whose grey tells which they are. */
static void put_classes(const char *folder, int first)
{
    char name[64];
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "%s/%s", folder, i < 10 ? "ant" : "Bee");
        make_folder(name);
        snprintf(name, sizeof name, "%s/%s/%d.png", folder, i < 10 ? "ant" : "Bee", i % 10);
        put(name, 6, 5, first + i, -1, 0);
    }
}

static void open_data(const char *data, lenet_dataset **train, lenet_dataset **test)
{
    lenet_error error = {LENET_OK, ""};
    lab_data_open(train, test, data, NULL, NULL, NULL, &error);
    assert_string_equal(error.text, "");
}

static void a_fifth_of_each_class_tests(void **state)
{
    (void)state;
    lenet_dataset *train, *test;
    uint8_t seen[20] = {0};
    put_classes("plain", 0);
    open_data(path_of("plain"), &train, &test);
    assert_int_equal(lenet_dataset_count(train), 16);
    assert_int_equal(lenet_dataset_count(test), 4);
    assert_string_equal(lenet_dataset_class_name(train, 0), "Bee"); /* by bytes */
    assert_string_equal(lenet_dataset_class_name(test, 1), "ant");
    const lenet_shape shape = lenet_dataset_shape(train);
    assert_true(shape.channels == 1 && shape.height == 5 && shape.width == 6);
    for (int part = 0; part < 2; part++) {
        const lenet_dataset *dataset = part ? test : train;
        int before = -1;
        for (size_t i = 0; i < lenet_dataset_count(dataset); i++) {
            const int grey = lenet_dataset_images(dataset)[30 * i], label = lenet_dataset_labels(dataset)[i];
            assert_int_equal(label, grey < 10);
            assert_int_equal(seen[grey]++, 0);
            assert_true(grey > before || label == 1); /* files in order within a class */
            before = label == 1 && before >= 10 ? -1 : grey;
        }
    }
    lenet_dataset_close(&train);
    lenet_dataset_close(&test);
}

/* The hash of a part is that of a dataset made from memory; a renamed file stays where it was. */
static void content_alone_counts(void **state)
{
    (void)state;
    lenet_dataset *train, *test, *again, *test_again, *made;
    put_classes("names", 0);
    open_data(path_of("names"), &train, &test);
    open_data(path_of("plain"), &again, &test_again);
    assert_string_equal(lenet_dataset_sha256(train), lenet_dataset_sha256(again));
    assert_string_equal(lenet_dataset_sha256(test), lenet_dataset_sha256(test_again));
    assert_int_equal(lenet_dataset_create(&made, lenet_dataset_shape(train), 2, 16, lenet_dataset_images(train), lenet_dataset_labels(train), NULL),
                     LENET_OK);
    assert_string_equal(lenet_dataset_sha256(train), lenet_dataset_sha256(made));
    lenet_dataset_close(&again);
    lenet_dataset_close(&test_again);
    assert_int_equal(rename(path_of("names/ant/0.png"), path_of("names/ant/z")), 0);
    open_data(path_of("names"), &again, &test_again);
    int sum = 0;
    for (int i = 0; i < 4; i++)
        sum += lenet_dataset_images(test)[30 * i] - lenet_dataset_images(test_again)[30 * i];
    assert_int_equal(sum, 0);
    lenet_dataset_close(&train);
    lenet_dataset_close(&test);
    lenet_dataset_close(&again);
    lenet_dataset_close(&test_again);
    lenet_dataset_close(&made);
}

static void folders_for_training_and_test(void **state)
{
    (void)state;
    lenet_dataset *train, *test;
    put_classes("split/train", 0);
    put_classes("split/test", 100);
    make_folder("split/notes"); /* beside train and test anything may lie */
    open_data(path_of("split/"), &train, &test);
    assert_int_equal(lenet_dataset_count(train), 20);
    assert_int_equal(lenet_dataset_count(test), 20);
    assert_int_equal(lenet_dataset_images(train)[0], 10);
    assert_int_equal(lenet_dataset_images(test)[0], 110);
    lenet_dataset_close(&train);
    lenet_dataset_close(&test);
    open_data(path_of("split"), NULL, &test);
    assert_int_equal(lenet_dataset_count(test), 20);
    lenet_dataset_close(&test);
}

static void sizes_and_colours(void **state)
{
    (void)state;
    lenet_dataset *train, *test;
    put_classes("colours", 0);
    put("colours/ant/0.png", 12, 10, 200, 100, 0);
    char data[256];
    snprintf(data, sizeof data, "%s@5x6", path_of("colours"));
    open_data(data, &train, &test);
    assert_int_equal(lenet_dataset_shape(train).channels, 3);
    lenet_dataset_close(&train);
    lenet_dataset_close(&test);
    snprintf(data, sizeof data, "%s@3x4x1", path_of("colours"));
    open_data(data, &train, &test);
    const lenet_shape shape = lenet_dataset_shape(train);
    assert_true(shape.channels == 1 && shape.height == 3 && shape.width == 4);
    int found = 0; /* 0.299 200 + 0.587 100 = 118.5 */
    for (int i = 0; i < 20; i++)
        found += (i < 16 ? lenet_dataset_images(train)[12 * i] : lenet_dataset_images(test)[12 * (i - 16)]) == 119;
    assert_int_equal(found, 1);
    lenet_dataset_close(&train);
    lenet_dataset_close(&test);
    snprintf(data, sizeof data, "%s@5x6x3", path_of("plain"));
    open_data(data, &train, NULL);
    assert_int_equal(lenet_dataset_shape(train).channels, 3);
    lenet_dataset_close(&train);
}

static void refuse(const char *data, const char *reason)
{
    lenet_dataset *train, *test;
    lenet_error error = {LENET_OK, ""};
    const lenet_status status = lab_data_open(&train, &test, data, NULL, NULL, NULL, &error);
    assert_true(status == LENET_INPUT || status == LENET_USAGE);
    if (!strstr(error.text, reason))
        fail_msg("the error is '%s', and should hold '%s'", error.text, reason);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    refuse("mnits", "did you mean mnist?");
    refuse("/nowhere/at/all", "neither a data set");
    put_classes("wrong", 0);
    put("wrong/ant/3.png", 7, 5, 1, -1, 0);
    refuse(path_of("wrong"), "wrong/ant/3.png: 5x7 pixels (height, width), where");
    put("wrong/ant/3.png", 6, 5, 1, -1, 0);
    FILE *file = fopen(path_of("wrong/ant/readme.txt"), "w");
    fputs("no image", file);
    fclose(file);
    refuse(path_of("wrong"), "wrong/ant/readme.txt");
    unlink(path_of("wrong/ant/readme.txt"));
    truncate(path_of("wrong/ant/4.png"), 60);
    refuse(path_of("wrong"), "wrong/ant/4.png");
    put("wrong/ant/4.png", 6, 5, 1, -1, 0);
    make_folder("wrong/cow");
    refuse(path_of("wrong"), "wrong/cow: no image in it");
    put("wrong/cow/1.png", 6, 5, 1, -1, 0);
    refuse(path_of("wrong"), "one image only");
    put("wrong/cow/2.png", 6, 5, 2, -1, 0);
    make_folder("wrong/cow/more");
    refuse(path_of("wrong"), "wrong/cow/more");
    rmdir(path_of("wrong/cow/more"));
    put("wrong/stray.png", 6, 5, 1, -1, 0);
    refuse(path_of("wrong"), "wrong/stray.png: no folder");
    make_folder("one/only");
    refuse(path_of("one"), "1 folders of classes");
    make_folder("split/test/cow");
    refuse(path_of("split"), "a class that");
    rmdir(path_of("split/test/cow"));
    make_folder("split/train/cow");
    refuse(path_of("split"), "the class 'cow' of");
    rmdir(path_of("split/train/cow"));
    char data[256];
    snprintf(data, sizeof data, "%s@5x2000", path_of("plain"));
    refuse(data, "1..1024 pixels");
    make_folder("crowd");
    for (int i = 0; i < 257; i++) {
        char name[32];
        snprintf(name, sizeof name, "crowd/%d", i);
        make_folder(name);
    }
    refuse(path_of("crowd"), "257 folders of classes; there must be 2..256");
}

typedef struct skipped {
    int count;
    char last[512];
} skipped;

static bool skip_and_note(void *context, const lenet_error *why)
{
    skipped *s = context;
    assert_int_equal(why->status, LENET_INPUT);
    s->count++;
    snprintf(s->last, sizeof s->last, "%s", why->text);
    return true;
}

static bool never_skip(void *context, const lenet_error *why)
{
    (void)why;
    ++*(int *)context;
    return false;
}

static void put_text(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* With three damaged files, the first of all among them, the data are those of the folder without them. */
static void damaged_files_can_be_skipped(void **state)
{
    (void)state;
    lenet_dataset *train, *test, *right, *right_test;
    skipped seen = {0, ""};
    lenet_error error;
    const lab_reading skips = {.skip = skip_and_note, .context = &seen};
    put_classes("sound", 0);
    open_data(path_of("sound"), &right, &right_test);
    put_classes("partly", 0);
    put_text("partly/Bee/.hidden", "no image");
    put_text("partly/Bee/0a.png", "");
    put_text("partly/Bee/zz.png", "no image");
    put("partly/ant/4a.png", 6, 5, 1, -1, 0);
    assert_int_equal(truncate(path_of("partly/ant/4a.png"), 60), 0);
    assert_int_equal(lab_data_open(&train, &test, path_of("partly"), NULL, NULL, &skips, &error), LENET_OK);
    assert_int_equal(seen.count, 3);
    assert_non_null(strstr(seen.last, "partly/ant/4a.png: truncated"));
    assert_int_equal(lenet_dataset_count(train), 16);
    assert_string_equal(lenet_dataset_sha256(train), lenet_dataset_sha256(right));
    assert_string_equal(lenet_dataset_sha256(test), lenet_dataset_sha256(right_test));
    lenet_dataset_close(&train);
    lenet_dataset_close(&test);
    lenet_dataset_close(&right);
    lenet_dataset_close(&right_test);

    int asked = 0;
    const lab_reading stops = {.skip = never_skip, .context = &asked};
    assert_int_equal(lab_data_open(&train, &test, path_of("partly"), NULL, NULL, &stops, &error), LENET_INPUT);
    assert_int_equal(asked, 1);
    assert_non_null(strstr(error.text, "partly/Bee/0a.png: the file is empty"));
}

/* What is not damage stays a fault: another size, a class of which too little is left. */
static void skipping_has_its_bounds(void **state)
{
    (void)state;
    lenet_dataset *train, *test;
    skipped seen = {0, ""};
    lenet_error error;
    const lab_reading skips = {.skip = skip_and_note, .context = &seen};
    put_classes("odd", 0);
    put("odd/ant/3.png", 7, 5, 1, -1, 0);
    assert_int_equal(lab_data_open(&train, &test, path_of("odd"), NULL, NULL, &skips, &error), LENET_INPUT);
    assert_non_null(strstr(error.text, "odd/ant/3.png: 5x7 pixels"));
    assert_int_equal(seen.count, 0);
    put_classes("few", 0);
    for (int i = 0; i < 9; i++) {
        char name[64];
        snprintf(name, sizeof name, "few/ant/%d.png", i);
        put_text(name, "");
    }
    assert_int_equal(lab_data_open(&train, &test, path_of("few"), NULL, NULL, &skips, &error), LENET_INPUT);
    assert_non_null(strstr(error.text, "few/ant: without the damaged files 1 of its 10 images are left, and it takes 2"));
}

/* train/, test/ and a folder for validation: that is held out, in the order of the files, and nothing else. */
static void a_folder_for_validation(void **state)
{
    (void)state;
    static const char *const names[] = {"val", "valid", "validation"};
    lenet_dataset *train, *test;
    for (size_t i = 0; i < 3; i++) {
        char folder[64], name[96];
        lenet_settings settings;
        uint8_t use[40];
        snprintf(folder, sizeof folder, "three%zu", i);
        snprintf(name, sizeof name, "%s/train", folder);
        put_classes(name, 0);
        snprintf(name, sizeof name, "%s/%s", folder, names[i]);
        put_classes(name, 100);
        open_data(path_of(folder), &train, &test); /* a fifth of train/ tests */
        assert_int_equal(lenet_dataset_count(train), 36);
        assert_int_equal(lenet_dataset_validation(train), 20);
        assert_int_equal(lenet_dataset_count(test), 4);
        lenet_dataset_close(&train);
        lenet_dataset_close(&test);
        snprintf(name, sizeof name, "%s/test", folder);
        put_classes(name, 200);
        open_data(path_of(folder), &train, &test);
        assert_int_equal(lenet_dataset_count(train), 40);
        assert_int_equal(lenet_dataset_count(test), 20);
        lenet_settings_default(&settings);
        assert_int_equal(lenet_measure_split(train, &settings, use, NULL), LENET_OK);
        for (int k = 0; k < 40; k++) {
            assert_int_equal(use[k], k < 20 ? LENET_USE_TRAIN : LENET_USE_HOLD_OUT);
            assert_int_equal(lenet_dataset_images(train)[30 * k] >= 100, k >= 20);
        }
        settings.train_limit = 7; /* of the images to train on */
        int used = 0;
        assert_int_equal(lenet_measure_split(train, &settings, use, NULL), LENET_OK);
        for (int k = 0; k < 40; k++)
            used += use[k] == LENET_USE_TRAIN, assert_int_equal(use[k] == LENET_USE_HOLD_OUT, k >= 20);
        assert_int_equal(used, 7);
        lenet_dataset_close(&train);
        lenet_dataset_close(&test);
    }
    make_folder("three0/valid");
    refuse(path_of("three0"), "both val and valid");
    make_folder("three1/valid/cow");
    refuse(path_of("three1"), "valid/cow: a class that");
}

/* What is its own validation set counts in the hash, and is not held out again. */
static void own_validation_sets_are_not_divided(void **state)
{
    (void)state;
    lenet_dataset *train, *test;
    lenet_settings settings;
    lenet_error error;
    uint8_t use[16];
    char before[65];
    open_data(path_of("plain"), &train, &test);
    snprintf(before, sizeof before, "%s", lenet_dataset_sha256(train));
    lenet_dataset_close(&train);
    open_data(path_of("plain"), &train, NULL);
    assert_int_equal(lenet_dataset_set_validation(train, 16, &error), LENET_USAGE);
    assert_int_equal(lenet_dataset_set_validation(train, 3, &error), LENET_OK);
    assert_string_not_equal(lenet_dataset_sha256(train), before);
    lenet_settings_default(&settings);
    settings.folds = 2;
    assert_int_equal(lenet_measure_split(train, &settings, use, &error), LENET_USAGE);
    assert_non_null(strstr(error.text, "folds: "));
    settings.folds = 0, settings.validation_split = 0.25;
    assert_int_equal(lenet_measure_split(train, &settings, use, &error), LENET_USAGE);
    assert_non_null(strstr(error.text, "val-split: "));
    settings.validation_split = 0;
    assert_int_equal(lenet_measure_split(train, &settings, use, &error), LENET_OK);
    assert_true(use[12] == LENET_USE_TRAIN && use[13] == LENET_USE_HOLD_OUT);
    lenet_dataset_close(&train);
    lenet_dataset_close(&test);
}

/* The same images from a list: with folders, quotes, CR LF and a byte order mark, in another order. */
static void a_file_of_labels(void **state)
{
    (void)state;
    lenet_dataset *train, *test, *right, *right_test;
    char list[2048] = "\xef\xbb\xbfid,File,Label\r\n", *at = list + strlen(list);
    put_classes("listed", 0);
    for (int i = 19; i >= 0; i--)
        at += sprintf(at, "%d,\"%s/%d.png\",%s\r\n", i, i < 10 ? "ant" : "Bee", i % 10, i < 10 ? "ant" : "\"Bee\"");
    open_data(path_of("listed"), &right, &right_test);
    put_text("listed/labels.csv", list);
    for (int i = 0; i < 2; i++) { /* by the folder, and by the file */
        open_data(path_of(i ? "listed/labels.csv" : "listed"), &train, &test);
        assert_string_equal(lenet_dataset_sha256(train), lenet_dataset_sha256(right));
        assert_string_equal(lenet_dataset_sha256(test), lenet_dataset_sha256(right_test));
        assert_string_equal(lenet_dataset_class_name(train, 0), "Bee");
        lenet_dataset_close(&train);
        lenet_dataset_close(&test);
    }
    put_text("listed/labels.csv", "image\tclass\tsplit\nant/0.png\ta\ttrain\nBee/0.png\tb\ttrain\nant/1.png\tb\tTest\nBee/1.png\ta\tvalid\n");
    open_data(path_of("listed"), &train, &test);
    assert_int_equal(lenet_dataset_count(train), 3);
    assert_int_equal(lenet_dataset_validation(train), 1);
    assert_int_equal(lenet_dataset_count(test), 1);
    assert_int_equal(lenet_dataset_labels(test)[0], 1);
    lenet_dataset_close(&train);
    lenet_dataset_close(&test);
    lenet_dataset_close(&right);
    lenet_dataset_close(&right_test);
    static const char *const bad[][2] = {
        {"file,label\nant/0.png,a\nant/1.png,b\n", "1 images of label 'a' to train on, and it takes 2"},
        {"file,label\nant/0.png,a\nant/0.png,b\n", "lines 2 and 3 are of the same file ant/0.png"},
        {"file,label\n../0.png,a\n", "line 2: '../0.png' is no path below"},
        {"file,label\n/etc/passwd,a\n", "line 2: '/etc/passwd' is no path below"},
        {"file,label\nant/0.png,\n", "line 2: no label"},
        {"file,label\nant/0.png,a,b\n", "line 2: 3 fields, where the first line has 2"},
        {"file,label\n\"ant/0.png,a\n", "line 2: quotes that do not end"},
        {"file,label\n\"ant\"/0.png,a\n", "line 2: text after the quotes"},
        {"file,label,set\nant/0.png,a,x\n", "line 2: part 'x' is none of"},
        {"file,label\n", "lists no image"},
        {"file,label\nant/0.png,a\nant/1.png,a\n", "1 different labels"},
        {"file,label\nant/0.png,a\nant/1.png,a\nno.png,b\nant/2.png,b\n", "no.png"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_text("listed/labels.csv", bad[i][0]);
        refuse(path_of("listed"), bad[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fifth_of_each_class_tests),
        cmocka_unit_test(content_alone_counts),
        cmocka_unit_test(folders_for_training_and_test),
        cmocka_unit_test(sizes_and_colours),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(damaged_files_can_be_skipped),
        cmocka_unit_test(skipping_has_its_bounds),
        cmocka_unit_test(a_folder_for_validation),
        cmocka_unit_test(own_validation_sets_are_not_divided),
        cmocka_unit_test(a_file_of_labels),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
