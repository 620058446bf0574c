/* SPDX-License-Identifier: MIT */
/*
 * codec.h - the readers of single image formats, and what they share. For decode.c; everything else uses decode.h.
 *
 * A reader gives a picture as its file stores it: alpha beside the colours, rows and columns not yet turned.
 * decode.c makes of it what a person sees. A reader checks the size before it allocates, and refuses a file that has
 * lost pixels.
 */
#ifndef LENET_LAB_PICTURES_CODEC_H
#define LENET_LAB_PICTURES_CODEC_H

#include "lab/pictures/image.h"

/* A file in memory. `path` is what errors call it. */
typedef struct lab_coded {
    const uint8_t *data;
    size_t size;
    const char *path;
    lenet_error *error;
} lab_coded;

/* A picture as it is stored. */
typedef struct lab_stored {
    lab_image image; /* channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA; colours are not multiplied by alpha */
    int orientation; /* of EXIF, 1..8; 1: as it is stored */
} lab_stored;

/* Each fills `stored`, which is empty before. On failure what it holds is still to be closed. */
lenet_status lab_png_decode(lab_stored *stored, const lab_coded *file);
lenet_status lab_jpeg_decode(lab_stored *stored, const lab_coded *file);
lenet_status lab_bmp_decode(lab_stored *stored, const lab_coded *file);

/* Those that the build may lack: LENET_GIF, LENET_TIFF and LENET_WEBP, 0 or 1, say which it has. */
lenet_status lab_gif_decode(lab_stored *stored, const lab_coded *file);
lenet_status lab_tiff_decode(lab_stored *stored, const lab_coded *file);
lenet_status lab_webp_decode(lab_stored *stored, const lab_coded *file);

/*
 * The orientation 1..8 in EXIF data (a TIFF structure, with or without "Exif" and two zeros before it); 1 if there is
 * none or it makes no sense.
 */
int lab_exif_orientation(const uint8_t *data, size_t size);

/*
 * Samples of 16 bits, [pixels][channels], become 8 bits at `narrow`, which may be the same memory. `significant`: the
 * bits that the file declares as used, 0 if it declares none. docs/formats.md states when values have fewer bits.
 */
void lab_narrow(const uint16_t *wide, size_t pixels, int channels, int significant, uint8_t *narrow);

/* Lays what is transparent on white, or on black if only alpha draws the picture; then 1 or 3 channels are left. */
void lab_lay_on_ground(lab_image *image);

/* Turns the picture by its orientation. */
lenet_status lab_turn(lab_image *image, int orientation, const char *path, lenet_error *error);

#endif
