/* SPDX-License-Identifier: MIT */
/* gather.h - images into a block's lanes, and planes into a larger, padded one. */

static void gather(int channels, int height, int width, int pad, const uint8_t *images, const uint32_t *index, int count, float scale, float *x)
{
    const size_t pixels = (size_t)channels * (size_t)height * (size_t)width;
    const ptrdiff_t columns = width + 2 * pad, plane = (height + 2 * pad) * columns;
    static const uint8_t nothing[LN_WIDTH * 8]; /* a sample that is not there is black */
    for (int group = 0; group < LN_GROUPS; group++, x += channels * plane * LN_WIDTH) {
        const uint8_t *image[LN_WIDTH];
        ptrdiff_t step[LN_WIDTH]; /* 0 for a sample that is not there */
        for (int lane = 0; lane < LN_WIDTH; lane++) {
            const int sample = group * LN_WIDTH + lane;
            image[lane] = sample < count ? images + index[sample] * pixels : nothing;
            step[lane] = sample < count;
        }
        ptrdiff_t pixel = 0;
        for (int c = 0; c < channels; c++)
            for (int r = 0; r < height; r++) {
                float *to = x + (c * plane + (r + pad) * columns + pad) * LN_WIDTH;
                for (int k = 0; k < width; k++, pixel++, to += LN_WIDTH) {
                    uint8_t byte[LN_WIDTH];
                    for (int lane = 0; lane < LN_WIDTH; lane++)
                        byte[lane] = image[lane][pixel * step[lane]];
                    v_store(to, v_mul(v_load_u8(byte), v_set(scale)));
                }
            }
    }
}

static void pad(int channels, int height, int width, int border, const float *x, float *padded)
{
    const ptrdiff_t columns = width + 2 * border, plane = (height + 2 * border) * columns;
    for (int p = 0; p < LN_GROUPS * channels; p++)
        for (int r = 0; r < height; r++, x += (ptrdiff_t)width * LN_WIDTH)
            memcpy(padded + (p * plane + (r + border) * columns + border) * LN_WIDTH, x, (size_t)width * LN_WIDTH * sizeof *x);
}
