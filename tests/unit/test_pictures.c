/* SPDX-License-Identifier: MIT */
/*
 * test_pictures.c - every file of tests/pictures shows the pixels of the .pnm file beside it, which
 * tools/golden-pictures.py made with Pillow, and never other ones however it is cut.
 *
 * What is composited may differ by 1, lossy formats by 2; all else is equal. A format whose library this build does
 * not have is skipped.
 *
 * ctest: single
 */
#include "lab/pictures/decode.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char folder[] = "tests/pictures";

enum { LARGEST_FILE = 4096 };

/* A file, and what it shows. */
typedef struct picture {
    char name[300];
    uint8_t data[LARGEST_FILE];
    size_t size;
    lab_image right;
} picture;

static bool has(const char *name, const char *part) { return strstr(name, part) != NULL; }

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

static void open_picture(picture *p, const char *name)
{
    char path[700];
    snprintf(p->name, sizeof p->name, "%s", name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    p->size = fread(p->data, 1, sizeof p->data, file);
    assert_true(p->size < sizeof p->data);
    fclose(file);
    strcat(path, ".pnm");
    p->right = read_pnm(path);
}

static int tolerance_of(const char *name)
{
    if (has(name, ".jpg") || has(name, "-lossy"))
        return 2;
    return has(name, "alpha") || has(name, "rgba") || has(name, "ink") || has(name, "16-bits") || has(name, "cmyk");
}

static void compare(const picture *p, const lab_image *read)
{
    const lab_image *right = &p->right;
    if (read->width != right->width || read->height != right->height || read->channels != right->channels)
        fail_msg("%s: %d x %d x %d, where %d x %d x %d are right", p->name, read->width, read->height, read->channels,
                 right->width, right->height, right->channels);
    for (int i = 0; i < read->width * read->height * read->channels; i++)
        if (abs(read->pixels[i] - right->pixels[i]) > tolerance_of(p->name))
            fail_msg("%s: value %d is %d, where %d is right", p->name, i, read->pixels[i], right->pixels[i]);
}

static void shows_what_is_right(picture *p)
{
    lab_image read = {0, 0, 0, NULL};
    lenet_error error;
    if (lab_image_decode(&read, p->data, p->size, p->name, &error))
        fail_msg("%s", error.text);
    compare(p, &read);
    lab_image_close(&read);
}

/* From a copy of just this size, so that a sanitizer sees a read past its end. Returns whether it was accepted. */
static bool decode_copy(const picture *p, size_t size, lab_image *read, lenet_error *error)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, p->data, size);
    *read = (lab_image){0, 0, 0, NULL};
    const lenet_status status = lab_image_decode(read, copy, size, p->name, error);
    free(copy);
    assert_true(status == LENET_OK || (status == LENET_INPUT && !read->pixels));
    return !status;
}

/* What lies after the last pixel may be missing; else the file is refused in one line that names it. */
static void loses_no_pixel_when_cut(picture *p)
{
    for (size_t size = 0; size < p->size; size++) {
        lab_image read;
        lenet_error error = {LENET_OK, ""};
        if (decode_copy(p, size, &read, &error))
            compare(p, &read);
        else if (strncmp(error.text, p->name, strlen(p->name)) != 0)
            fail_msg("%s, cut to %zu bytes: '%s' does not name it", p->name, size, error.text);
        lab_image_close(&read);
    }
}

/* A changed bit may show in the pixels, where a format has no checksum; nothing goes out of bounds. */
static void bears_a_changed_bit(picture *p)
{
    for (size_t at = 0; at < p->size; at++) {
        lab_image read;
        lenet_error error;
        const uint8_t bit = (uint8_t)(1 << at % 8);
        p->data[at] ^= bit;
        if (decode_copy(p, p->size, &read, &error))
            assert_true((int64_t)read.width * read.height <= LAB_IMAGE_PIXELS);
        lab_image_close(&read);
        p->data[at] ^= bit;
    }
}

static bool is_readable(const char *format)
{
    bool readable = false;
    const char *name;
    for (size_t i = 0; (name = lab_image_format(i, &readable)); i++)
        if (!strcmp(name, format))
            return readable;
    fail_msg("%s is no format", format);
    return false;
}

/* A format, the end of its files' names, and what is to hold of each of them. */
typedef struct subject {
    const char *format, *suffix;
    void (*check)(picture *p);
} subject;

static void check_files(void **state)
{
    const subject *s = *state;
    int count = 0;
    if (!is_readable(s->format))
        skip();
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, s->suffix) != 0)
            continue;
        picture p;
        open_picture(&p, entry->d_name);
        s->check(&p);
        lab_image_close(&p.right);
        count++;
    }
    closedir(entries);
    assert_true(count > 4);
}

#define EACH(format, suffix, check)                                                                                    \
    {                                                                                                                  \
        #format " " #check, check_files, NULL, NULL, &(subject) { #format, suffix, check }                             \
    }
#define ALL(format, suffix)                                                                                            \
    EACH(format, suffix, shows_what_is_right), EACH(format, suffix, loses_no_pixel_when_cut),                          \
        EACH(format, suffix, bears_a_changed_bit)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ALL(PNG, ".png"), ALL(JPEG, ".jpg"), ALL(BMP, ".bmp"), ALL(GIF, ".gif"), ALL(TIFF, ".tif"), ALL(WebP, ".webp"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
