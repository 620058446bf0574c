/* SPDX-License-Identifier: MIT */
/* exif.c - the orientation that a camera noted, and turning a picture the right way up; see codec.h. */
#include "lab/pictures/codec.h"

#include <string.h>

enum { ORIENTATION_TAG = 0x0112, ROW = 12, SHORT = 3, LONG = 4 };

static unsigned number_at(const uint8_t *bytes, int count, int is_little)
{
    unsigned number = 0;
    for (int i = 0; i < count; i++)
        number = number << 8 | bytes[is_little ? count - 1 - i : i];
    return number;
}

/*
 * EXIF is a TIFF structure: byte order "II" or "MM", 42, the offset of a table; there, a count and rows of 12 bytes:
 * tag, type, count, value.
 */
int lab_exif_orientation(const uint8_t *data, size_t size)
{
    if (size >= 6 && !memcmp(data, "Exif\0", 6))
        data += 6, size -= 6;
    if (size < 8 || (memcmp(data, "II", 2) != 0 && memcmp(data, "MM", 2) != 0))
        return 1;
    const int is_little = data[0] == 'I';
    const size_t table = number_at(data + 4, 4, is_little);
    if (table > size - 2)
        return 1;
    const size_t rows = number_at(data + table, 2, is_little), room = (size - table - 2) / ROW;
    for (size_t i = 0; i < rows && i < room; i++) {
        const uint8_t *row = data + table + 2 + ROW * i;
        const unsigned type = number_at(row + 2, 2, is_little);
        const unsigned value = number_at(row + 8, type == LONG ? 4 : 2, is_little);
        if (number_at(row, 2, is_little) == ORIENTATION_TAG)
            return (type == SHORT || type == LONG) && value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

/*
 * In the orientations 5..8 rows and columns change places. For each pixel (x, y) of the result, (column, row) is
 * where it was stored.
 */
lenet_status lab_turn(lab_image *image, int orientation, const char *path, lenet_error *error)
{
    if (orientation == 1)
        return LENET_OK;
    const int swap = orientation >= 5, w = image->width, h = image->height;
    lab_image turned;
    const lenet_status status = lab_image_create(&turned, swap ? h : w, swap ? w : h, image->channels, path, error);
    if (status)
        return status;
    const int flip_column = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const int flip_row = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const size_t pixel = (size_t)image->channels;
    for (int y = 0; y < turned.height; y++)
        for (int x = 0; x < turned.width; x++) {
            const int column = swap ? y : x, row = swap ? x : y;
            const size_t from =
                (size_t)(flip_row ? h - 1 - row : row) * (size_t)w + (size_t)(flip_column ? w - 1 - column : column);
            memcpy(turned.pixels + ((size_t)y * (size_t)turned.width + (size_t)x) * pixel, image->pixels + from * pixel,
                   pixel);
        }
    lab_image_close(image);
    *image = turned;
    return LENET_OK;
}
