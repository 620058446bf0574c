/* SPDX-License-Identifier: MIT */
/*
 * webp.c - WebP files, by libwebp: lossy, lossless, with alpha; of an animation the first frame, on its canvas. Only
 * built where libwebp is.
 */
#include "lab/pictures/codec.h"
#include "util/error.h"

#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

static int read_orientation(const WebPDemuxer *demuxer)
{
    WebPChunkIterator chunk;
    int orientation = 1;
    if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk)) {
        orientation = lab_exif_orientation(chunk.chunk.bytes, chunk.chunk.size);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    return orientation;
}

/* The canvas is transparent where the frame is not. */
static lenet_status decode_frame(lab_image *canvas, const WebPIterator *frame, const lab_coded *file)
{
    const int stride = canvas->width * canvas->channels;
    const size_t size = (size_t)stride * (size_t)canvas->height;
    const size_t at = (size_t)frame->y_offset * (size_t)stride + (size_t)(frame->x_offset * canvas->channels);
    const WebPData *data = &frame->fragment;
    if (!(canvas->channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto)(data->bytes, data->size, canvas->pixels + at,
                                                                          size - at, stride))
        return ln_fail(file->error, LENET_INPUT, "%s: truncated or damaged WebP", file->path);
    return LENET_OK;
}

static lenet_status read_first_frame(lab_stored *stored, const WebPDemuxer *demuxer, const lab_coded *file)
{
    const int64_t width = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH);
    const int64_t height = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT);
    WebPIterator frame;
    lenet_status status = lab_check_size(width, height, file->path, file->error);
    if (status)
        return status;
    if (!WebPDemuxGetFrame(demuxer, 1, &frame))
        return ln_fail(file->error, LENET_INPUT, "%s: damaged: a WebP without a picture", file->path);
    const int is_all = frame.width == width && frame.height == height;
    if (frame.x_offset + (int64_t)frame.width > width || frame.y_offset + (int64_t)frame.height > height)
        status = ln_fail(file->error, LENET_INPUT, "%s: damaged: a WebP larger than its canvas", file->path);
    if (!status)
        status = lab_image_create(&stored->image, (int)width, (int)height, frame.has_alpha || !is_all ? 4 : 3,
                                  file->path, file->error);
    if (!status)
        status = decode_frame(&stored->image, &frame, file);
    WebPDemuxReleaseIterator(&frame);
    return status;
}

lenet_status lab_webp_decode(lab_stored *stored, const lab_coded *file)
{
    const WebPData data = {file->data, file->size};
    WebPDemuxer *demuxer = WebPDemux(&data);
    if (!demuxer)
        return ln_fail(file->error, LENET_INPUT, "%s: truncated or damaged WebP", file->path);
    stored->orientation = read_orientation(demuxer);
    const lenet_status status = read_first_frame(stored, demuxer, file);
    WebPDemuxDelete(demuxer);
    return status;
}
