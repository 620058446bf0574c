/* SPDX-License-Identifier: MIT */
/*
 * gif.c - GIF files, by giflib: the first frame on the canvas, which is transparent where the frame is not. What comes
 * after that frame is not read. Only built where giflib is.
 */
#include "lab/pictures/codec.h"
#include "util/error.h"

#include <gif_lib.h>
#include <stdlib.h>
#include <string.h>

typedef struct source {
    const lab_coded *file;
    size_t at;
} source;

static int read_bytes(GifFileType *gif, GifByteType *bytes, int count)
{
    source *s = gif->UserData;
    const size_t left = s->file->size - s->at, got = (size_t)count < left ? (size_t)count : left;
    memcpy(bytes, s->file->data + s->at, got);
    s->at += got;
    return (int)got;
}

static lenet_status refuse(const lab_coded *file, int code)
{
    const char *reason = GifErrorString(code);
    if (code == D_GIF_ERR_NOT_ENOUGH_MEM)
        return ln_fail(file->error, LENET_FAILURE, "%s: out of memory", file->path);
    return ln_fail(file->error, LENET_INPUT, "%s: truncated or damaged GIF%s%s", file->path, reason ? ": " : "",
                   reason ? reason : "");
}

/* A control block has the transparent index: -1: none. Other extensions are passed over. */
static int read_extension(GifFileType *gif, int *transparent)
{
    int code = 0;
    GifByteType *block = NULL;
    GraphicsControlBlock control;
    int result = DGifGetExtension(gif, &code, &block);
    if (result == GIF_OK && block && code == GRAPHICS_EXT_FUNC_CODE &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
        *transparent = control.TransparentColor;
    while (result == GIF_OK && block)
        result = DGifGetExtensionNext(gif, &block);
    return result;
}

/* Goes on to the first frame. */
static int find_frame(GifFileType *gif, int *transparent)
{
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    for (;;) {
        if (DGifGetRecordType(gif, &record) != GIF_OK)
            return GIF_ERROR;
        if (record == IMAGE_DESC_RECORD_TYPE)
            return DGifGetImageDesc(gif);
        if (record != EXTENSION_RECORD_TYPE || read_extension(gif, transparent) != GIF_OK)
            return GIF_ERROR;
    }
}

static void put_row(lab_image *canvas, const GifImageDesc *frame, const ColorMapObject *colours, int transparent,
                    const GifPixelType *row, int y)
{
    const size_t at = (size_t)(frame->Top + y) * (size_t)canvas->width + (size_t)frame->Left;
    uint8_t *to = canvas->pixels + 4 * at;
    for (int x = 0; x < frame->Width; x++, to += 4) {
        static const GifColorType none = {0, 0, 0};
        const GifColorType colour = row[x] < colours->ColorCount ? colours->Colors[row[x]] : none;
        const uint8_t pixel[4] = {colour.Red, colour.Green, colour.Blue, row[x] == transparent ? 0 : 255};
        memcpy(to, pixel, sizeof pixel);
    }
}

/* The rows of an interlaced frame come in four passes. */
static int read_rows(GifFileType *gif, lab_image *canvas, const ColorMapObject *colours, int transparent)
{
    static const int first[4] = {0, 4, 2, 1}, step[4] = {8, 8, 4, 2};
    const GifImageDesc *frame = &gif->Image;
    GifPixelType *row = malloc((size_t)frame->Width);
    if (!row) {
        gif->Error = D_GIF_ERR_NOT_ENOUGH_MEM;
        return GIF_ERROR;
    }
    int result = GIF_OK;
    for (int pass = 0; pass < (frame->Interlace ? 4 : 1); pass++)
        for (int y = first[pass]; y < frame->Height && result == GIF_OK; y += frame->Interlace ? step[pass] : 1) {
            result = DGifGetLine(gif, row, frame->Width);
            if (result == GIF_OK)
                put_row(canvas, frame, colours, transparent, row, y);
        }
    free(row);
    return result;
}

static int larger(int a, int b) { return a > b ? a : b; }

static lenet_status read_first_frame(lab_stored *stored, GifFileType *gif, const lab_coded *file)
{
    int transparent = NO_TRANSPARENT_COLOR;
    if (find_frame(gif, &transparent) != GIF_OK)
        return refuse(file, gif->Error);
    const GifImageDesc *frame = &gif->Image;
    const ColorMapObject *colours = frame->ColorMap ? frame->ColorMap : gif->SColorMap;
    if (!colours)
        return refuse(file, D_GIF_ERR_NO_COLOR_MAP);
    lenet_status status = lab_check_size(frame->Width, frame->Height, file->path, file->error);
    if (!status)
        status = lab_image_create(&stored->image, larger(gif->SWidth, frame->Left + frame->Width),
                                  larger(gif->SHeight, frame->Top + frame->Height), 4, file->path, file->error);
    if (!status && read_rows(gif, &stored->image, colours, transparent) != GIF_OK)
        status = gif->Error == D_GIF_ERR_NOT_ENOUGH_MEM
                     ? ln_fail(file->error, LENET_FAILURE, "%s: out of memory", file->path)
                     : refuse(file, gif->Error);
    return status;
}

lenet_status lab_gif_decode(lab_stored *stored, const lab_coded *file)
{
    source s = {file, 0};
    int code = 0;
    GifFileType *gif = DGifOpen(&s, read_bytes, &code);
    if (!gif)
        return refuse(file, code);
    const lenet_status status = read_first_frame(stored, gif, file);
    DGifCloseFile(gif, &code);
    return status;
}
