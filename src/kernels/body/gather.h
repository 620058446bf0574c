/* SPDX-License-Identifier: MIT */
/* gather.h - images into a block's lanes, and planes into a larger, padded one. */

enum { TILE = 8 }; /* pixels taken together */

/* Exchanges the upper bits of `a` with the lower of `b`, where mask marks the lower bits. */
static inline void exchange(uint64_t *a, uint64_t *b, int shift, uint64_t mask)
{
    const uint64_t swap = ((*a >> shift) ^ *b) & mask;
    *b ^= swap;
    *a ^= swap << shift;
}

/* Turns 8 rows of 8 bytes into their columns: halves, then quarters, then bytes change places. */
static inline void transpose_bytes(uint64_t row[8])
{
    for (int i = 0; i < 4; i++)
        exchange(&row[i], &row[i + 4], 32, 0x00000000ffffffffu);
    for (int i = 0; i < 8; i += 4)
        for (int k = i; k < i + 2; k++)
            exchange(&row[k], &row[k + 2], 16, 0x0000ffff0000ffffu);
    for (int i = 0; i < 8; i += 2)
        exchange(&row[i], &row[i + 1], 8, 0x00ff00ff00ff00ffu);
}

/* `size` <= 8 pixels from `first` on of all samples: tile[pixel][sample]. */
static inline void gather_tile(const uint8_t *const image[LN_BLOCK], size_t first, size_t size, uint8_t tile[TILE][LN_BLOCK])
{
    for (int half = 0; half < LN_BLOCK; half += 8) {
        uint64_t row[8] = {0};
        for (int i = 0; i < 8; i++)
            if (image[half + i])
                memcpy(&row[i], image[half + i] + first, size);
        transpose_bytes(row);
        for (int i = 0; i < TILE; i++)
            memcpy(&tile[i][half], &row[i], sizeof row[i]);
    }
}

static void gather(int channels, int height, int width, int pad, const uint8_t *images, const uint32_t *index, int count,
                   const float *scale, const float *offset, float *x)
{
    const size_t pixels = (size_t)channels * (size_t)height * (size_t)width;
    const ptrdiff_t columns = width + 2 * pad, plane = (height + 2 * pad) * columns, group_size = channels * plane * LN_WIDTH;
    const uint8_t *image[LN_BLOCK]; /* NULL: a sample that is not there, which is black */
    for (int i = 0; i < LN_BLOCK; i++)
        image[i] = i < count ? images + index[i] * pixels : NULL;
    size_t row_start = 0;
    for (int c = 0; c < channels; c++) {
        const vf factor = v_set(scale[c]), shift = v_set(offset[c]);
        for (int r = 0; r < height; r++, row_start += (size_t)width)
            for (int k = 0; k < width; k += TILE) {
                /* The last tile of a row overlaps the one before it, if the row is long enough. */
                const int size = width < TILE ? width : TILE, start = k + TILE <= width || width < TILE ? k : width - TILE;
                uint8_t tile[TILE][LN_BLOCK];
                if (size == TILE)
                    gather_tile(image, row_start + (size_t)start, TILE, tile);
                else
                    gather_tile(image, row_start + (size_t)start, (size_t)size, tile);
                float *to = x + (c * plane + (r + pad) * columns + pad + start) * LN_WIDTH;
                for (int group = 0; group < LN_GROUPS; group++)
                    for (int i = 0; i < size; i++)
                        v_store(to + group * group_size + i * LN_WIDTH, v_fma(v_load_u8(&tile[i][group * LN_WIDTH]), factor, shift));
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
