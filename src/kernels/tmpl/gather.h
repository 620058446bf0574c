/* SPDX-License-Identifier: MIT */
/* gather.h - images into a block's lanes, and planes into a larger, padded one. */

enum { TILE = 16, CACHE_LINE = 64 }; /* pixels taken together; bytes fetched together */

typedef uint8_t bytes __attribute__((vector_size(LN_BLOCK))); /* 16 pixels of a sample, or a pixel of 16 samples, on any instruction set */

/*
 * Turns 16 rows of 16 bytes into their columns: four times, row i and row i + 8 are dealt alternately to rows 2 i and 2 i + 1.
 * Words of 8 bytes exchanging halves, quarters and bytes by shifts and masks took 10 microseconds for a block of MNIST, this takes 2.
 */
static inline void transpose_bytes(bytes row[LN_BLOCK])
{
    for (int round = 0; round < 4; round++) {
        bytes dealt[LN_BLOCK];
        LN_UNROLL for (int i = 0; i < 8; i++) {
            dealt[2 * i] = __builtin_shufflevector(row[i], row[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            dealt[2 * i + 1] = __builtin_shufflevector(row[i], row[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        memcpy(row, dealt, sizeof dealt);
    }
}

/* `size` <= 16 pixels from `first` on of all samples: tile[pixel][sample]. */
static inline void gather_tile(const uint8_t *const image[LN_BLOCK], size_t first, size_t size, bytes tile[TILE])
{
    for (int i = 0; i < LN_BLOCK; i++) {
        tile[i] = (bytes){0};
        if (image[i])
            memcpy(&tile[i], image[i] + first, size);
    }
    transpose_bytes(tile);
}

/* Asks for all that will be read of these images: they lie anywhere in the data set, and waiting for one line after another took half of the time. */
static inline void fetch(const uint8_t *const image[LN_BLOCK], size_t first, size_t size)
{
    for (int i = 0; i < LN_BLOCK; i++)
        for (size_t at = 0; image[i] && at < size; at += CACHE_LINE)
            __builtin_prefetch(image[i] + first + at);
}

static void gather(int channels, int height, int width, int pad, const uint8_t *images, const uint32_t *index, int count,
                   const float *scale, const float *offset, float *x)
{
    const size_t area = (size_t)height * (size_t)width;
    const ptrdiff_t columns = width + 2 * pad, plane = (height + 2 * pad) * columns, group_size = channels * plane * LN_WIDTH;
    const uint8_t *image[LN_BLOCK]; /* NULL: a sample that is not there, which is black */
    for (int i = 0; i < LN_BLOCK; i++)
        image[i] = i < count ? images + index[i] * (size_t)channels * area : NULL;
    size_t row_start = 0;
    for (int c = 0; c < channels; c++) {
        fetch(image, row_start, area);
        const vf factor = v_set(scale[c]), shift = v_set(offset[c]);
        for (int r = 0; r < height; r++, row_start += (size_t)width)
            for (int k = 0; k < width; k += TILE) {
                /* The last tile of a row overlaps the one before it, if the row is long enough. */
                const int size = width < TILE ? width : TILE, start = k + TILE <= width || width < TILE ? k : width - TILE;
                bytes tile[TILE];
                if (size == TILE)
                    gather_tile(image, row_start + (size_t)start, TILE, tile);
                else
                    gather_tile(image, row_start + (size_t)start, (size_t)size, tile);
                float *to = x + (c * plane + (r + pad) * columns + pad + start) * LN_WIDTH;
                for (int group = 0; group < LN_GROUPS; group++)
                    for (int i = 0; i < size; i++)
                        v_store(to + group * group_size + i * LN_WIDTH,
                                v_fma(v_load_u8((const uint8_t *)&tile[i] + group * LN_WIDTH), factor, shift));
            }
    }
}

/* Is every number in these `count` vectors 0, `step` floats apart? */
static inline int are_zero(ptrdiff_t count, ptrdiff_t step, const float *x)
{
    vf sum = v_set(0);
    float lane[LN_WIDTH];
    int zeros = 0;
    for (ptrdiff_t i = 0; i < count; i++)
        sum = v_add(sum, v_abs(v_load(x + i * step)));
    v_store(lane, sum);
    for (int i = 0; i < LN_WIDTH; i++)
        zeros += lane[i] == 0;
    return zeros == LN_WIDTH;
}

/* The same of a line in each of `planes` planes. */
static inline int is_black(int planes, ptrdiff_t plane, ptrdiff_t count, ptrdiff_t step, const float *x)
{
    for (int i = 0; i < planes; i++)
        if (!are_zero(count, step, x + i * plane))
            return 0;
    return 1;
}

/* From outside inwards, so that a full image costs next to nothing. */
static void find_box(int channels, int rows, int columns, const float *x, ln_box *box)
{
    const int planes = LN_GROUPS * channels;
    const ptrdiff_t row = (ptrdiff_t)columns * LN_WIDTH, plane = rows * row;
    ln_box b = {0, rows, 0, columns};
    while (b.bottom > 0 && is_black(planes, plane, columns, LN_WIDTH, x + (b.bottom - 1) * row))
        b.bottom--;
    while (b.top < b.bottom && is_black(planes, plane, columns, LN_WIDTH, x + b.top * row))
        b.top++;
    x += b.top * row;
    while (b.right > 0 && is_black(planes, plane, b.bottom - b.top, row, x + (b.right - 1) * LN_WIDTH))
        b.right--;
    while (b.left < b.right && is_black(planes, plane, b.bottom - b.top, row, x + b.left * LN_WIDTH))
        b.left++;
    *box = b;
}

static void pad(int channels, int height, int width, int border, const float *x, float *padded)
{
    const ptrdiff_t columns = width + 2 * border, plane = (height + 2 * border) * columns;
    for (int p = 0; p < LN_GROUPS * channels; p++)
        for (int r = 0; r < height; r++, x += (ptrdiff_t)width * LN_WIDTH)
            memcpy(padded + (p * plane + (r + border) * columns + border) * LN_WIDTH, x, (size_t)width * LN_WIDTH * sizeof *x);
}
