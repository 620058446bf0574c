/* SPDX-License-Identifier: MIT */
/*
 * test_image.c - lab/pictures/image.h and lab/data/prepare.h: image files of every kind that libpng and libjpeg can be made to
 * write, the same files damaged, and pictures that go through the preparation. The files are made in memory.
 */
#include "lab/pictures/decode.h"
#include "lab/data/prepare.h"

#include <libdeflate.h>
#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h> /* after stdio.h, which it needs */

#if LENET_TIFF
#include <tiffio.h>
#endif

#include <cmocka.h>

/* A file in memory. */
typedef struct file {
    uint8_t *data;
    size_t size;
} file;

/* ------------------------------------------------------------------------------------------------------ making PNG */

static void append(png_structp png, png_bytep data, size_t size)
{
    file *f = png_get_io_ptr(png);
    f->data = realloc(f->data, f->size + size);
    assert_non_null(f->data);
    memcpy(f->data + f->size, data, size);
    f->size += size;
}

/* What kind of PNG: as libpng names it. `pixels` are rows of the bytes that this kind has. */
typedef struct kind {
    int colour_type, bits, interlace;
    int bytes_per_pixel;
} kind;

static file make_png(kind k, int width, int height, const uint8_t *pixels)
{
    file f = {NULL, 0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    static const png_color palette[4] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {9, 9, 9}};
    const png_byte opacity[4] = {255, 255, 255, 0};
    png_set_write_fn(png, &f, append, NULL);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, k.bits, k.colour_type, k.interlace,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (k.colour_type == PNG_COLOR_TYPE_PALETTE) {
        png_set_PLTE(png, info, palette, 4);
        png_set_tRNS(png, info, opacity, 4, NULL);
    }
    png_write_info(png, info);
    for (int pass = png_set_interlace_handling(png); pass > 0; pass--)
        for (int y = 0; y < height; y++)
            png_write_row(png, pixels + (size_t)y * (size_t)width * (size_t)k.bytes_per_pixel);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return f;
}

static const kind grey8 = {PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_NONE, 1};

/* A picture of which every pixel is different. */
static file small_png(void)
{
    uint8_t pixels[9 * 7];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(4 * i);
    return make_png(grey8, 9, 7, pixels);
}

static void put_big_endian(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* A PNG whose header says what it likes, its CRC right. */
static file png_of_size(uint32_t width, uint32_t height)
{
    file f = small_png();
    put_big_endian(f.data + 16, width);
    put_big_endian(f.data + 20, height);
    put_big_endian(f.data + 29, libdeflate_crc32(0, f.data + 12, 17));
    return f;
}

/* ----------------------------------------------------------------------------------------------------- making JPEG */

static file make_jpeg(J_COLOR_SPACE space, int components, int progressive, int orientation, int width, int height,
                      const uint8_t *pixels)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL;
    unsigned long size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &data, &size);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = components;
    jpeg.in_color_space = space;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 100, TRUE);
    if (progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    if (orientation) {
        const uint8_t exif[] = {'E',  'x',  'i', 'f', 0, 0, 'M', 'M', 0, 42,
                                0,    0,    0,   8,   0, 1, /* a table of one row at 8 */
                                0x01, 0x12, 0,   3,   0, 0, 0,   1,   0, (uint8_t)orientation,
                                0,    0,    0,   0,   0, 0};
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, exif, sizeof exif);
    }
    for (int y = 0; y < height; y++) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(pixels + (size_t)y * (size_t)width * (size_t)components);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return (file){data, size};
}

/* Quadrants of 16 x 8: upper left white, the others darker and darker, so that every turn shows. */
static file quadrants(int progressive, int orientation)
{
    uint8_t pixels[16 * 32];
    for (int y = 0; y < 16; y++)
        for (int x = 0; x < 32; x++)
            pixels[y * 32 + x] = (uint8_t)(255 - 80 * (2 * (y >= 8) + (x >= 16)));
    return make_jpeg(JCS_GRAYSCALE, 1, progressive, orientation, 32, 16, pixels);
}

/* --------------------------------------------------------------------------------------------------------- checking */

static lab_image accept(file f)
{
    lab_image image = {0, 0, 0, NULL};
    lenet_error error = {LENET_OK, ""};
    if (lab_image_decode(&image, f.data, f.size, "picture", &error))
        fail_msg("%s", error.text);
    free(f.data);
    return image;
}

static void refuse(const uint8_t *data, size_t size, const char *reason)
{
    lab_image image = {0, 0, 0, NULL};
    lenet_error error = {LENET_OK, ""};
    /* A copy of just this size, so that a sanitizer sees a read past its end. */
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    assert_int_equal(lab_image_decode(&image, copy, size, "picture", &error), LENET_INPUT);
    assert_null(image.pixels);
    assert_memory_equal(error.text, "picture: ", 9);
    if (!strstr(error.text, reason))
        fail_msg("'%s' does not say '%s'", error.text, reason);
    free(copy);
}

static void refuse_file(file f, const char *reason)
{
    refuse(f.data, f.size, reason);
    free(f.data);
}

static void check_size(const lab_image *image, int width, int height, int channels)
{
    assert_int_equal(image->width, width);
    assert_int_equal(image->height, height);
    assert_int_equal(image->channels, channels);
}

/* -------------------------------------------------------------------------------------------------------- PNG tests */

static void png_is_read_as_written(void **state)
{
    (void)state;
    lab_image image = accept(small_png());
    check_size(&image, 9, 7, 1);
    for (int i = 0; i < 9 * 7; i++)
        assert_int_equal(image.pixels[i], (uint8_t)(4 * i));
    lab_image_close(&image);

    char path[] = "/tmp/lenet-test-XXXXXX";
    close(mkstemp(path));
    for (int channels = 1; channels <= 3; channels += 2) {
        lab_image written, read = {0, 0, 0, NULL};
        assert_int_equal(lab_image_create(&written, 5, 3, channels, path, NULL), LENET_OK);
        for (int i = 0; i < 15 * channels; i++)
            written.pixels[i] = (uint8_t)(17 * i);
        assert_int_equal(lab_image_write(&written, path, NULL), LENET_OK);
        assert_int_equal(lab_image_read(&read, path, NULL), LENET_OK);
        check_size(&read, 5, 3, channels);
        assert_memory_equal(read.pixels, written.pixels, (size_t)(15 * channels));
        lab_image_close(&written);
        lab_image_close(&read);
    }
    unlink(path);
}

/* 16 bits mean the same light as 8 bits, of which they have more: half of 65535 is 128. */
static void png_of_16_bits(void **state)
{
    (void)state;
    const kind k = {PNG_COLOR_TYPE_GRAY, 16, PNG_INTERLACE_NONE, 2};
    lab_image image = accept(make_png(k, 4, 1, (const uint8_t[]){0, 0, 0x80, 0x80, 0xff, 0xff, 0x40, 0x40}));
    check_size(&image, 4, 1, 1);
    assert_memory_equal(image.pixels, ((const uint8_t[]){0, 0x80, 0xff, 0x40}), 4);
    lab_image_close(&image);
}

static void png_with_palette_and_transparency_on_white(void **state)
{
    (void)state;
    const kind palette = {PNG_COLOR_TYPE_PALETTE, 8, PNG_INTERLACE_NONE, 1};
    lab_image image = accept(make_png(palette, 4, 1, (const uint8_t[]){2, 1, 0, 3}));
    check_size(&image, 4, 1, 3);
    assert_memory_equal(image.pixels, ((const uint8_t[]){0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255}), 12);
    lab_image_close(&image);

    const kind grey_alpha = {PNG_COLOR_TYPE_GRAY_ALPHA, 8, PNG_INTERLACE_NONE, 2};
    image = accept(make_png(grey_alpha, 3, 1, (const uint8_t[]){0, 255, 0, 0, 200, 255}));
    check_size(&image, 3, 1, 1);
    assert_memory_equal(image.pixels, ((const uint8_t[]){0, 255, 200}), 3);
    lab_image_close(&image);

    const kind rgba = {PNG_COLOR_TYPE_RGB_ALPHA, 8, PNG_INTERLACE_NONE, 4};
    image = accept(make_png(rgba, 2, 1, (const uint8_t[]){10, 20, 30, 255, 10, 20, 30, 0}));
    check_size(&image, 2, 1, 3);
    assert_memory_equal(image.pixels, ((const uint8_t[]){10, 20, 30, 255, 255, 255}), 6);
    lab_image_close(&image);
}

/* As a browser shows it, in values as stored: in linear light 0 on white would become 188. */
static void half_transparent_is_composited_as_stored(void **state)
{
    (void)state;
    const kind grey_alpha = {PNG_COLOR_TYPE_GRAY_ALPHA, 8, PNG_INTERLACE_NONE, 2};
    const int right[4] = {127, 191, 63, 191};
    lab_image image = accept(make_png(grey_alpha, 4, 1, (const uint8_t[]){0, 128, 0, 64, 0, 192, 128, 128}));
    check_size(&image, 4, 1, 1);
    for (int i = 0; i < 4; i++)
        assert_in_range(image.pixels[i], right[i] - 1, right[i] + 1);
    lab_image_close(&image);
}

/* Sixteen bits and seven passes: the rows of each pass go into the same memory. */
static void png_of_16_bits_interlaced(void **state)
{
    (void)state;
    uint8_t pixels[11 * 9 * 6];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37);
    const kind plain = {PNG_COLOR_TYPE_RGB, 16, PNG_INTERLACE_NONE, 6}, interlaced = {PNG_COLOR_TYPE_RGB, 16, PNG_INTERLACE_ADAM7, 6};
    lab_image one = accept(make_png(plain, 11, 9, pixels)), other = accept(make_png(interlaced, 11, 9, pixels));
    check_size(&other, 11, 9, 3);
    assert_memory_equal(one.pixels, other.pixels, 11 * 9 * 3);
    lab_image_close(&one);
    lab_image_close(&other);
}

static void png_interlaced_is_the_same(void **state)
{
    (void)state;
    uint8_t pixels[19 * 13];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 7);
    const kind interlaced = {PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_ADAM7, 1};
    lab_image image = accept(make_png(interlaced, 19, 13, pixels));
    check_size(&image, 19, 13, 1);
    assert_memory_equal(image.pixels, pixels, sizeof pixels);
    lab_image_close(&image);
}

static void png_of_absurd_size(void **state)
{
    (void)state;
    refuse_file(png_of_size(100000, 100000), "100000 x 100000 pixels, more than the 64 million");
    refuse_file(png_of_size(0x7fffffff, 0x7fffffff), "more than");
    refuse_file(png_of_size(0xffffffff, 1), "4294967295 x 1 pixels, more than");
    refuse_file(png_of_size(0, 7), "0 x 7");
    refuse_file(png_of_size(9, 0), "9 x 0");
    refuse_file(png_of_size(9, 8), "PNG"); /* a row more than there is */
    refuse_file(png_of_size(8001, 8000), "more than");
}

static void png_cut_or_changed_anywhere(void **state)
{
    (void)state;
    file f = small_png();
    for (size_t size = 0; size < f.size; size++)
        refuse(f.data, size, size == 0 ? "empty" : size < 8 ? "not a PNG" : "truncated");
    for (size_t i = 0; i < f.size; i++) {
        f.data[i] ^= 0x10;
        refuse(f.data, f.size, "");
        f.data[i] ^= 0x10;
    }
    f.data[f.size - 20] ^= 1; /* in the CRC of the last IDAT */
    refuse_file(f, "");
    f = small_png();
    f.data[33 + 8] ^= 1; /* the first byte of its pixels */
    refuse_file(f, "wrong CRC of the PNG's chunk IDAT at byte 33");
}

/* ------------------------------------------------------------------------------------------------------- JPEG tests */

static void check_quadrants(const lab_image *image, int upper_left, int upper_right, int lower_left, int lower_right)
{
    const int w = image->width, h = image->height;
    const int places[4] = {h / 4 * w + w / 4, h / 4 * w + 3 * w / 4, 3 * h / 4 * w + w / 4, 3 * h / 4 * w + 3 * w / 4};
    const int wanted[4] = {upper_left, upper_right, lower_left, lower_right};
    for (int i = 0; i < 4; i++)
        assert_in_range(image->pixels[places[i]] + 3, wanted[i], wanted[i] + 6);
}

static void jpeg_is_turned_the_right_way(void **state)
{
    (void)state;
    enum { A = 255, B = 175, C = 95, D = 15 }; /* as stored: A B above C D */
    static const int turned[9][4] = {{A, B, C, D}, {A, B, C, D}, {B, A, D, C}, {D, C, B, A}, {C, D, A, B},
                                     {A, C, B, D}, {C, A, D, B}, {D, B, C, A}, {B, D, A, C}};
    for (int orientation = 0; orientation <= 8; orientation++) {
        lab_image image = accept(quadrants(orientation % 2, orientation));
        const int *t = turned[orientation];
        check_size(&image, orientation < 5 ? 32 : 16, orientation < 5 ? 16 : 32, 1);
        check_quadrants(&image, t[0], t[1], t[2], t[3]);
        lab_image_close(&image);
    }
    lab_image image = accept(quadrants(0, 9)); /* there is no such turn */
    check_size(&image, 32, 16, 1);
    lab_image_close(&image);
}

static void jpeg_in_colour_and_for_printing(void **state)
{
    (void)state;
    uint8_t rgb[16 * 16 * 3], cmyk[16 * 16 * 4];
    for (int i = 0; i < 16 * 16; i++) {
        memcpy(rgb + 3 * i, ((const uint8_t[]){200, 100, 50}), 3);
        memcpy(cmyk + 4 * i, ((const uint8_t[]){255, 128, 0, 255}), 4); /* inverted, as Adobe's programs store it */
    }
    lab_image image = accept(make_jpeg(JCS_RGB, 3, 0, 0, 16, 16, rgb));
    check_size(&image, 16, 16, 3);
    const int wanted[3] = {200, 100, 50}, printed[3] = {255, 128, 0};
    for (int c = 0; c < 3; c++)
        assert_in_range(image.pixels[c] + 4, wanted[c], wanted[c] + 8);
    lab_image_close(&image);

    image = accept(make_jpeg(JCS_CMYK, 4, 0, 0, 16, 16, cmyk));
    check_size(&image, 16, 16, 3);
    for (int c = 0; c < 3; c++)
        assert_in_range(image.pixels[c] + 4, printed[c], printed[c] + 8);
    lab_image_close(&image);
}

static void jpeg_cut_or_changed_anywhere(void **state)
{
    (void)state;
    for (int progressive = 0; progressive < 2; progressive++) {
        file f = quadrants(progressive, 6);
        for (size_t size = 1; size + 2 < f.size; size++)
            refuse(f.data, size, size < 3 ? "not a PNG, JPEG" : "truncated or damaged JPEG");
        for (size_t i = 0; i < f.size; i++)
            for (int bit = 0; bit < 8; bit++) { /* some of it shows in pixels only; none of it may do harm */
                lab_image image = {0, 0, 0, NULL};
                f.data[i] ^= (uint8_t)(1 << bit);
                if (!lab_image_decode(&image, f.data, f.size, "picture", NULL))
                    assert_true((long)image.width * image.height <= LAB_IMAGE_PIXELS);
                lab_image_close(&image);
                f.data[i] ^= (uint8_t)(1 << bit);
            }
        free(f.data);
    }
}

static void jpeg_of_absurd_size(void **state)
{
    (void)state;
    file f = quadrants(0, 0);
    size_t at = 0;
    while (!(f.data[at] == 0xff && f.data[at + 1] == 0xc0)) /* the frame header: height and width at 5 */
        at++;
    memset(f.data + at + 5, 0xf0, 4);
    refuse(f.data, f.size, "61680 x 61680 pixels, more than the 64 million");
    memset(f.data + at + 5, 0, 2);
    refuse_file(f, "JPEG");
}

/* ------------------------------------------------------------------------------------------------- other formats */

static bool is_readable(const char *format)
{
    bool readable = false;
    const char *name;
    for (size_t i = 0; (name = lab_image_format(i, &readable)); i++)
        if (!strcmp(name, format))
            return readable;
    return false;
}

/* Tiny files that claim to be huge: refused by their header, before memory is taken. */
static void other_formats_of_absurd_size(void **state)
{
    (void)state;
    static const uint8_t bmp[] = "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\xff\xff\xff\x7f\xff\xff\xff\x7f\1\0\x18\0\0\0\0\0\0\0\0\0"
                                 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    static const uint8_t gif[] = "GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\1\0\1\0\x80\0\0\0\0\0\0\2\2D\1\0;";
    static const uint8_t tiff[] = "II*\0\x08\0\0\0\5\0"
                                  "\0\1\4\0\1\0\0\0\xff\xff\xff\x7f\1\1\4\0\1\0\0\0\xff\xff\xff\x7f"
                                  "\x06\1\3\0\1\0\0\0\1\0\0\0\x11\1\4\0\1\0\0\0\x08\0\0\0"
                                  "\x17\1\4\0\1\0\0\0\1\0\0\0\0\0\0\0";
    static const uint8_t webp[] = "RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\x0f\xff\x0f\0";
    refuse(bmp, sizeof bmp - 1, "2147483647 x 2147483647 pixels, more than the 64 million");
    if (is_readable("GIF"))
        refuse(gif, sizeof gif - 1, "65535 x 65535 pixels, more than the 64 million");
    if (is_readable("TIFF"))
        refuse(tiff, sizeof tiff - 1, "2147483647 x 2147483647 pixels, more than the 64 million");
    if (is_readable("WebP"))
        refuse(webp, sizeof webp - 1, "WebP");
}

#if LENET_TIFF
/* `samples` of 16 bits and `planes` of them apart, in tiles of 16 x 16 that reach beyond the picture. */
static void write_tiled(const char *path, int width, int height, const uint16_t *samples, bool is_apart)
{
    TIFF *tiff = TIFFOpen(path, "w");
    assert_non_null(tiff);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 16);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, is_apart ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 16);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
    for (int plane = 0; plane < (is_apart ? 3 : 1); plane++)
        for (int top = 0; top < height; top += 16)
            for (int left = 0; left < width; left += 16) {
                uint16_t tile[16 * 16 * 3] = {0};
                const int each = is_apart ? 1 : 3;
                for (int i = 0; i < 16 * 16 * each; i++) {
                    const int x = left + i / each % 16, y = top + i / each / 16, c = is_apart ? plane : i % 3;
                    tile[i] = x < width && y < height ? samples[(y * width + x) * 3 + c] : 0;
                }
                assert_int_not_equal(TIFFWriteTile(tiff, tile, (uint32_t)left, (uint32_t)top, 0, (uint16_t)plane), -1);
            }
    TIFFClose(tiff);
}

static void tiff_in_tiles_and_planes(void **state)
{
    (void)state;
    enum { WIDTH = 37, HEIGHT = 21 };
    uint16_t samples[WIDTH * HEIGHT * 3];
    char path[] = "/tmp/lenet-test-XXXXXX";
    close(mkstemp(path));
    for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
        samples[i] = (uint16_t)(i % 256 * 257);
    for (int is_apart = 0; is_apart < 2; is_apart++) {
        lab_image image = {0, 0, 0, NULL};
        lenet_error error;
        write_tiled(path, WIDTH, HEIGHT, samples, is_apart);
        if (lab_image_read(&image, path, &error))
            fail_msg("%s", error.text);
        check_size(&image, WIDTH, HEIGHT, 3);
        for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
            assert_int_equal(image.pixels[i], (uint8_t)i);
        lab_image_close(&image);
    }
    unlink(path);
}
#else
static void tiff_in_tiles_and_planes(void **state)
{
    (void)state;
    skip();
}
#endif

/* ------------------------------------------------------------------------------------------------- what is no image */

static void refuse_path(const char *path, const char *reason)
{
    lab_image image = {0, 0, 0, NULL};
    lenet_error error;
    assert_int_equal(lab_image_read(&image, path, &error), LENET_INPUT);
    assert_memory_equal(error.text, path, strlen(path));
    if (!strstr(error.text, reason))
        fail_msg("'%s' does not say '%s'", error.text, reason);
}

static void what_is_no_image_is_named(void **state)
{
    (void)state;
    const char text[] = "this is a text", svg[] = "<svg/>", zip[] = "PK\003\004";
    refuse((const uint8_t *)text, sizeof text, "not a PNG, JPEG, BMP, GIF, TIFF or WebP image");
    refuse((const uint8_t *)svg, sizeof svg, "not a PNG, JPEG, BMP, GIF, TIFF or WebP image");
    refuse((const uint8_t *)zip, sizeof zip, "not a PNG, JPEG, BMP, GIF, TIFF or WebP image");
    refuse_path("/tmp", "not a regular file");
    refuse_path("/tmp/lenet-test-missing.png", "cannot be opened");
    char folder[] = "/tmp/lenet-test-XXXXXX", fifo[64];
    assert_non_null(mkdtemp(folder));
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    refuse_path(fifo, "not a regular file"); /* and does not wait for a writer */
    unlink(fifo);
    rmdir(folder);
}

/* ------------------------------------------------------------------------------------------------------ preparation */

static const lenet_shape mnist_shape = {1, 28, 28}, cifar_shape = {3, 32, 32};

static void resizing_averages_areas(void **state)
{
    (void)state;
    uint8_t pixels[] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120};
    const lab_image image = {4, 3, 1, pixels};
    lab_image resized;
    assert_int_equal(lab_resize(&image, (lab_box){0, 0, 4, 3}, 1, 1, &resized, "x", NULL), LENET_OK);
    assert_int_equal(resized.pixels[0], 65);
    lab_image_close(&resized);
    /* 3 rows to 2: the middle row belongs to both halves. */
    assert_int_equal(lab_resize(&image, (lab_box){1, 0, 2, 3}, 2, 2, &resized, "x", NULL), LENET_OK);
    assert_memory_equal(resized.pixels, ((const uint8_t[]){33, 43, 87, 97}), 4);
    lab_image_close(&resized);
    assert_int_equal(lab_resize(&image, (lab_box){2, 1, 2, 1}, 4, 2, &resized, "x", NULL), LENET_OK);
    assert_memory_equal(resized.pixels, ((const uint8_t[]){70, 70, 80, 80, 70, 70, 80, 80}), 8);
    lab_image_close(&resized);
}

/* Something like a 7 in the way MNIST has it: 20 rows high, its centre of mass on pixel 14. */
static void draw_seven(uint8_t pixels[28 * 28])
{
    memset(pixels, 0, 28 * 28);
    for (int y = 0; y < 20; y++)
        for (int x = 0; x < 14; x++) {
            const int bar = y < 3, stem = x >= 13 - y / 2 - 3 && x <= 13 - y / 2;
            if (bar || stem)
                pixels[(y + 6) * 28 + x + 6] = bar && !stem ? 200 : 255;
        }
}

static void prepare(const lab_image *image, lab_style style, lenet_shape shape, uint8_t *pixels, lab_steps *steps)
{
    lenet_error error;
    if (lab_prepare(image, style, shape, pixels, steps, "picture", &error))
        fail_msg("%s", error.text);
    assert_in_range(steps->count, 1, LAB_STEPS);
}

/* The picture as it comes out of a first preparation, so that what follows starts from a fixed point. */
static void prepare_seven(uint8_t pixels[28 * 28])
{
    uint8_t drawn[28 * 28];
    lab_steps steps;
    draw_seven(drawn);
    prepare(&(lab_image){28, 28, 1, drawn}, LAB_STYLE_DIGIT, mnist_shape, pixels, &steps);
}

static double difference(const uint8_t *a, const uint8_t *b, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += abs(a[i] - b[i]);
    return sum / count;
}

static void a_digit_comes_out_as_it_went_in(void **state)
{
    (void)state;
    uint8_t seven[28 * 28], again[28 * 28];
    lab_steps steps;
    prepare_seven(seven);
    prepare(&(lab_image){28, 28, 1, seven}, LAB_STYLE_DIGIT, mnist_shape, again, &steps);
    assert_memory_equal(again, seven, sizeof seven);
    double mass = 0, x = 0, y = 0;
    for (int i = 0; i < 28 * 28; i++) {
        mass += seven[i];
        x += seven[i] * (i % 28);
        y += seven[i] * (i / 28.0 - i % 28 / 28.0);
    }
    assert_true(x / mass > 13.49 && x / mass < 14.51);
    assert_true(y / mass > 13.49 && y / mass < 14.51);
}

/* Dark on light, five times as large, off centre, in three channels, on paper that is not white and not even. */
static void a_drawing_becomes_a_digit(void **state)
{
    (void)state;
    enum { WIDTH = 211, HEIGHT = 190 };
    uint8_t seven[28 * 28], result[28 * 28];
    uint8_t *pixels = malloc(WIDTH * HEIGHT * 3);
    lab_steps steps;
    assert_non_null(pixels);
    prepare_seven(seven);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            const int row = (y - 45) / 5, column = (x - 3) / 5;
            const int inside = y >= 45 && x >= 3 && row < 28 && column < 28;
            const int paper = 225 + (x * 7 + y * 13) % 5 + x / 50;
            const int ink = inside ? seven[row * 28 + column] : 0;
            memset(pixels + (y * WIDTH + x) * 3, paper - ink * 200 / 255, 3);
        }
    prepare(&(lab_image){WIDTH, HEIGHT, 3, pixels}, LAB_STYLE_DIGIT, mnist_shape, result, &steps);
    assert_true(difference(result, seven, 28 * 28) < 5);
    assert_non_null(strstr(steps.text[0], "made grey"));
    assert_non_null(strstr(steps.text[1], "inverted"));
    assert_non_null(strstr(steps.text[2], "contrast stretched"));
    assert_non_null(strstr(steps.text[steps.count - 1], "centre of mass"));
    free(pixels);
}

static void an_article_fills_the_image(void **state)
{
    (void)state;
    uint8_t pixels[40 * 60], result[28 * 28];
    lab_steps steps;
    memset(pixels, 255, sizeof pixels);
    for (int y = 10; y < 50; y++)
        memset(pixels + y * 40 + 5, 155, 20); /* 20 x 40, a grey that means something */
    prepare(&(lab_image){40, 60, 1, pixels}, LAB_STYLE_ARTICLE, mnist_shape, result, &steps);
    for (int i = 0; i < 28 * 28; i++)
        assert_int_equal(result[i], i % 28 >= 7 && i % 28 < 21 ? 100 : 0);
}

static void what_is_blank_is_refused(void **state)
{
    (void)state;
    uint8_t pixels[50 * 50], result[28 * 28];
    lab_steps steps;
    lenet_error error;
    memset(pixels, 230, sizeof pixels);
    const lab_image image = {50, 50, 1, pixels}, dot = {1, 1, 1, pixels};
    assert_int_equal(lab_prepare(&image, LAB_STYLE_DIGIT, mnist_shape, result, &steps, "picture", &error), LENET_INPUT);
    assert_non_null(strstr(error.text, "picture: nothing on it but background"));
    assert_int_equal(lab_prepare(&dot, LAB_STYLE_ARTICLE, mnist_shape, result, &steps, "picture", &error), LENET_INPUT);
    pixels[1234] = 0;
    assert_int_equal(lab_prepare(&image, LAB_STYLE_DIGIT, mnist_shape, result, &steps, "picture", &error), LENET_OK);
    assert_int_equal(lab_prepare(&image, LAB_STYLE_RAW, (lenet_shape){2, 28, 28}, result, &steps, "x", &error),
                     LENET_USAGE);
}

static void a_photo_is_cut_to_its_middle(void **state)
{
    (void)state;
    uint8_t pixels[64 * 128 * 3], result[3 * 32 * 32], plain[32 * 32 * 3];
    lab_steps steps;
    for (int i = 0; i < 64 * 128; i++) { /* red left, green in the middle, blue right */
        const int third = i % 128 < 32 ? 0 : i % 128 < 96 ? 1 : 2;
        for (int c = 0; c < 3; c++)
            pixels[3 * i + c] = c == third ? 255 : 0;
    }
    prepare(&(lab_image){128, 64, 3, pixels}, LAB_STYLE_PHOTO, cifar_shape, result, &steps);
    for (int i = 0; i < 3 * 1024; i++)
        assert_int_equal(result[i], i / 1024 == 1 ? 255 : 0);
    prepare(&(lab_image){128, 64, 3, pixels}, LAB_STYLE_RAW, cifar_shape, result, &steps);
    assert_int_equal(result[0], 255);             /* red at the left */
    assert_int_equal(result[2 * 1024 + 31], 255); /* blue at the right */
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * 11);
    prepare(&(lab_image){32, 32, 3, plain}, LAB_STYLE_PHOTO, cifar_shape, result, &steps);
    assert_string_equal(steps.text[0], "used as it is");
    for (int i = 0; i < 1024; i++)
        for (int c = 0; c < 3; c++)
            assert_int_equal(result[c * 1024 + i], plain[3 * i + c]);
    prepare(&(lab_image){32, 32, 1, plain}, LAB_STYLE_PHOTO, cifar_shape, result, &steps);
    assert_memory_equal(result, plain, 1024);
    assert_memory_equal(result + 2048, plain, 1024);
}

/* Every shape of picture into every shape of model: nothing may go out of bounds. */
static void every_size_fits(void **state)
{
    (void)state;
    static const int sizes[] = {1, 2, 3, 27, 28, 29, 100, 1000};
    static const lenet_shape shapes[] = {{1, 28, 28}, {3, 32, 32}, {1, 1, 1}, {1, 5, 40}, {3, 40, 5}};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    for (int i = 0; i < SIZES * SIZES; i++) {
        const int width = sizes[i % SIZES], height = sizes[i / SIZES];
        lab_image image;
        assert_int_equal(lab_image_create(&image, width, height, 1, "x", NULL), LENET_OK);
        image.pixels[(size_t)(width * height) / 2] = 255;
        image.pixels[0] = 200;
        for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
            for (lab_style style = LAB_STYLE_DIGIT; style <= LAB_STYLE_RAW; style++) {
                const lenet_shape shape = shapes[s];
                const size_t size = (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
                uint8_t *pixels = malloc(size);
                lab_steps steps;
                assert_non_null(pixels);
                const lenet_status status = lab_prepare(&image, style, shape, pixels, &steps, "x", NULL);
                assert_true(status == LENET_OK || status == LENET_INPUT);
                free(pixels);
            }
        lab_image_close(&image);
    }
}

static void styles_follow_the_data(void **state)
{
    (void)state;
    assert_int_equal(lab_style_of("mnist", 1), LAB_STYLE_DIGIT);
    assert_int_equal(lab_style_of("fashion-mnist", 1), LAB_STYLE_ARTICLE);
    assert_int_equal(lab_style_of("kmnist", 1), LAB_STYLE_ARTICLE);
    assert_int_equal(lab_style_of(NULL, 1), LAB_STYLE_DIGIT);
    assert_int_equal(lab_style_of("cifar10", 3), LAB_STYLE_PHOTO);
    assert_int_equal(lab_style_of(NULL, 3), LAB_STYLE_PHOTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_is_read_as_written),
        cmocka_unit_test(png_of_16_bits),
        cmocka_unit_test(png_with_palette_and_transparency_on_white),
        cmocka_unit_test(half_transparent_is_composited_as_stored),
        cmocka_unit_test(png_interlaced_is_the_same),
        cmocka_unit_test(png_of_16_bits_interlaced),
        cmocka_unit_test(png_of_absurd_size),
        cmocka_unit_test(png_cut_or_changed_anywhere),
        cmocka_unit_test(jpeg_is_turned_the_right_way),
        cmocka_unit_test(jpeg_in_colour_and_for_printing),
        cmocka_unit_test(jpeg_cut_or_changed_anywhere),
        cmocka_unit_test(jpeg_of_absurd_size),
        cmocka_unit_test(other_formats_of_absurd_size),
        cmocka_unit_test(tiff_in_tiles_and_planes),
        cmocka_unit_test(what_is_no_image_is_named),
        cmocka_unit_test(resizing_averages_areas),
        cmocka_unit_test(a_digit_comes_out_as_it_went_in),
        cmocka_unit_test(a_drawing_becomes_a_digit),
        cmocka_unit_test(an_article_fills_the_image),
        cmocka_unit_test(what_is_blank_is_refused),
        cmocka_unit_test(a_photo_is_cut_to_its_middle),
        cmocka_unit_test(every_size_fits),
        cmocka_unit_test(styles_follow_the_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
