/* SPDX-License-Identifier: MIT */
/*
 * test_pictures.c - every file of tests/pictures shows the pixels of the .pnm file beside it, which
 * tools/golden-pictures.py made with Pillow. What is composited may differ by 1, lossy formats by 2; all else is equal.
 */
#include "lab/image.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char folder[] = "tests/pictures";

/* "P5 WIDTH HEIGHT 255\n" and grey, or P6 and RGB. */
static lab_image read_pnm(const char *path)
{
    lab_image image;
    int kind = 0, width = 0, height = 0;
    FILE *file = fopen(path, "rb");
    if (!file || fscanf(file, "P%d %d %d 255", &kind, &width, &height) != 3 || fgetc(file) != '\n')
        fail_msg("%s: no .pnm file of this kind", path);
    assert_int_equal(lab_image_create(&image, width, height, kind == 6 ? 3 : 1, path, NULL), LENET_OK);
    const size_t size = (size_t)width * (size_t)height * (size_t)image.channels;
    assert_int_equal(fread(image.pixels, 1, size, file), size);
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    return image;
}

static bool has(const char *name, const char *part) { return strstr(name, part) != NULL; }

static int tolerance_of(const char *name)
{
    if (has(name, ".jpg") || has(name, "-lossy"))
        return 2;
    return has(name, "alpha") || has(name, "rgba") || has(name, "ink") ? 1 : 0;
}

static void compare(const char *name, const lab_image *read, const lab_image *right)
{
    if (read->width != right->width || read->height != right->height || read->channels != right->channels)
        fail_msg("%s: %d x %d x %d, where %d x %d x %d are right", name, read->width, read->height, read->channels,
                 right->width, right->height, right->channels);
    for (int i = 0; i < read->width * read->height * read->channels; i++)
        if (abs(read->pixels[i] - right->pixels[i]) > tolerance_of(name))
            fail_msg("%s: value %d is %d, where %d is right", name, i, read->pixels[i], right->pixels[i]);
}

static int check_picture(const char *name)
{
    char path[600], right_path[620];
    lenet_error error;
    lab_image read = {0, 0, 0, NULL};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(right_path, sizeof right_path, "%s.pnm", path);
    if (lab_image_read(&read, path, &error))
        fail_msg("%s", error.text);
    lab_image right = read_pnm(right_path);
    compare(name, &read, &right);
    lab_image_close(&read);
    lab_image_close(&right);
    return 1;
}

static void every_picture_is_as_it_is_seen(void **state)
{
    (void)state;
    int count = 0;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries))
        if (*entry->d_name != '.' && !has(entry->d_name, ".pnm"))
            count += check_picture(entry->d_name);
    closedir(entries);
    assert_true(count > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_is_as_it_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
