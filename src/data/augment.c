/* SPDX-License-Identifier: MIT */
/*
 * augment.c - see augment.h. What is drawn for an image comes to one map from the places of the new image to
 * those of the old one, so that it is resampled once, however many operations there are; whole moves and
 * mirrorings are copies. docs/recipe.md has the definitions.
 */
#include "data/augment.h"

#include "util/error.h"
#include "util/memory.h"
#include "util/nearest.h"
#include "util/number.h"
#include "util/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef enum kind { SHIFT, FLIP, CROP, ROTATE, SCALE, ELASTIC, ERASE, INVERT, KINDS } kind;

static const ln_choice_number by[] = {{"by", 0, 1024, 2}, {NULL, 0, 0, 0}},
                              padding[] = {{"padding", 0, 1024, 4}, {NULL, 0, 0, 0}},
                              half[] = {{"chance", 0, 1, 0.5}, {NULL, 0, 0, 0}},
                              degrees[] = {{"degrees", 0, 180, 10}, {NULL, 0, 0, 0}},
                              share[] = {{"by", 0, 0.9, 0.1}, {NULL, 0, 0, 0}},
                              bend[] = {{"size", 0, 100, 1.4}, {"radius", 1, 26, 4}, {NULL, 0, 0, 0}};

static const struct {
    const ln_choice_number *numbers;
    int is_whole; /* they are */
    const char *help;
} table[KINDS] = {
    [SHIFT] = {by, 1, "shift[:by=2]  moved by -by..by pixels in both directions"},
    [FLIP] = {half, 0, "flip[:chance=0.5]  left and right exchanged"},
    [CROP] = {padding, 1, "crop[:padding=4]  random crop of the image with so many black pixels added on each side"},
    [ROTATE] = {degrees, 0, "rotate[:degrees=10]  rotated about the centre by -degrees..degrees"},
    [SCALE] = {share, 0, "scale[:by=0.1]  scaled about the centre by 1 - by..1 + by"},
    [ELASTIC] = {bend, 0,
                 "elastic[:size=1.4][:radius=4]  bent by a smooth random field, size pixels in the mean square"},
    [ERASE] = {half, 0, "erase[:chance=0.5]  a rectangle of 2..33 % of the image made black"},
    [INVERT] = {half, 0, "invert[:chance=0.5]  255 - pixel: a negative"},
};

/* in the order of kind */
const char *const ln_augment_names[] = {"shift", "flip", "crop", "rotate", "scale", "elastic", "erase", "invert", NULL};

/* One operation of a list. */
typedef struct operation {
    kind kind;
    double numbers[LN_CHOICE_NUMBERS];
} operation;

typedef struct list {
    operation operations[KINDS];
    int count;
} list;

struct ln_augment {
    list list;
    lenet_shape shape;
    size_t pixels, most;
    uint64_t seed;
    uint32_t epoch;
    size_t place;
    uint8_t *images;   /* [workers][most][pixels] */
    uint8_t *bordered; /* [workers][channels][height + 2][width + 2] */
    /* [workers][3][height][width]: two of displacements, and scratch; NULL without elastic */
    int32_t *fields;
    double amplitude; /* of elastic: from a smoothed sum to 1/65536 pixels */
};

const char *ln_augment_help(const char *name)
{
    for (int k = 0; k < KINDS; k++)
        if (!strcmp(name, ln_augment_names[k]))
            return table[k].help;
    return NULL;
}

/* --------------------------------------------------------------------------------------------------------- the list */

static lenet_status read_operation(const char *word, list *to, lenet_error *error)
{
    char name[32], why[160];
    operation *o = &to->operations[to->count];
    int found = 0;
    while (found < KINDS && !ln_choice_is(word, ln_augment_names[found]))
        found++;
    snprintf(name, sizeof name, "%.*s", (int)ln_choice_length(word), word);
    if (found == KINDS) {
        const char *near = ln_nearest_name(name, ln_augment_names);
        return ln_fail(error, LENET_USAGE,
                       "augment %s: unknown%s%s; it can be shift, flip, crop, rotate, scale, elastic, erase, invert",
                       name, near ? "; did you mean " : "", near ? near : "");
    }
    for (int i = 0; i < to->count; i++)
        if ((int)to->operations[i].kind == found)
            return ln_fail(error, LENET_USAGE, "augment: %s comes twice", name);
    o->kind = (kind)found;
    if (!ln_choice_read(word, table[found].numbers, o->numbers, why))
        return ln_fail(error, LENET_USAGE, "augment %s: %s", word, why);
    if (table[found].is_whole && o->numbers[0] != floor(o->numbers[0]))
        return ln_fail(error, LENET_USAGE, "augment %s: pixels are whole", word);
    if (o->kind == ELASTIC && o->numbers[1] != floor(o->numbers[1]))
        return ln_fail(error, LENET_USAGE, "augment %s: the radius is whole", word);
    to->count++;
    return LENET_OK;
}

static lenet_status read_list(const char *text, list *to, lenet_error *error)
{
    *to = (list){.count = 0};
    for (int is_last = 0; !is_last;) {
        char word[128];
        const size_t length = strcspn(text, ",");
        is_last = !text[length];
        if (length >= sizeof word)
            return ln_fail(error, LENET_USAGE, "augment %.40s...: too long", text);
        snprintf(word, sizeof word, "%.*s", (int)length, text);
        text += length + 1;
        if (is_last && !to->count && !strcmp(word, "none"))
            return LENET_OK;
        const lenet_status status = read_operation(word, to, error);
        if (status)
            return status;
    }
    return LENET_OK;
}

lenet_status ln_augment_check(const char *text, lenet_error *error)
{
    list ignored;
    return read_list(text, &ignored, error);
}

static const operation *find(const list *l, kind wanted)
{
    for (int i = 0; i < l->count; i++)
        if (l->operations[i].kind == wanted)
            return &l->operations[i];
    return NULL;
}

/* ---------------------------------------------------------------------------------------------------------- the map */

/*
 * From a place of the new image to one of the old, both from the middle: x' = a x + b y + e, y' = c x + d y +
 * f. Entries of whole moves and mirrorings are exact.
 */
typedef struct map {
    double a, b, c, d, e, f;
} map;

/* First to where `last` says, then on to where `first` did. */
static map compose(map first, map last)
{
    return (map){first.a * last.a + first.b * last.c,           first.a * last.b + first.b * last.d,
                 first.c * last.a + first.d * last.c,           first.c * last.b + first.d * last.d,
                 first.a * last.e + first.b * last.f + first.e, first.c * last.e + first.d * last.f + first.f};
}

static map move_by(double x, double y) { return (map){1, 0, 0, 1, x, y}; }

/*
 * By Taylor's series for an eighth of the angle (below 0.4, so that nine terms are exact to the last bits),
 * doubled three times.
 */
static map turn_by(double turn)
{
    const double angle = turn * (3.14159265358979323846 / 1440), square = angle * angle;
    double sine = 0, cosine = 0;
    for (int k = 17; k >= 1; k -= 2)
        sine = 1 - sine * square / ((k + 1) * (k + 2.0));
    for (int k = 16; k >= 0; k -= 2)
        cosine = 1 - cosine * square / ((k + 1) * (k + 2.0));
    sine *= angle;
    for (int i = 0; i < 3; i++) {
        const double doubled = 2 * sine * cosine;
        cosine = 1 - 2 * sine * sine;
        sine = doubled;
    }
    return (map){cosine, -sine, sine, cosine, 0, 0};
}

static double between(ln_random *random, double low, double high)
{
    return low + (high - low) * ln_random_unit(random);
}

static int whole_up_to(ln_random *random, int most)
{
    return (int)ln_random_below(random, 2 * (uint32_t)most + 1) - most;
}

static map draw_map(const list *l, ln_random *random)
{
    map m = {1, 0, 0, 1, 0, 0};
    for (int i = 0; i < l->count; i++) {
        const operation *o = &l->operations[i];
        const double number = o->numbers[0];
        if (o->kind == SHIFT || o->kind == CROP) {
            const int x = whole_up_to(random, (int)number), y = whole_up_to(random, (int)number);
            m = compose(m, move_by(x, y));
        } else if (o->kind == FLIP) {
            if (ln_random_unit(random) < number)
                m = compose(m, (map){-1, 0, 0, 1, 0, 0});
        } else if (o->kind == ROTATE) {
            m = compose(m, turn_by(between(random, -number, number)));
        } else if (o->kind == SCALE) {
            const double inverse = 1 / between(random, 1 - number, 1 + number);
            m = compose(m, (map){inverse, 0, 0, inverse, 0, 0});
        }
    }
    return m;
}

/* ------------------------------------------------------------------------------------------------------- resampling */

/* A mirroring, or none, and a move by whole pixels. */
static int is_whole(const map *m)
{
    return (m->a == 1 || m->a == -1) && m->b == 0 && m->c == 0 && m->d == 1 && m->e == floor(m->e) &&
           m->f == floor(m->f);
}

/* A row moved by `left` pixels: to[x] = from[x + left], black outside. */
static void move_row(const uint8_t *from, int width, int left, uint8_t *to)
{
    const int first = left < 0 ? -left : 0, end = left > 0 ? width - left : width;
    if (first >= end) {
        memset(to, 0, (size_t)width);
        return;
    }
    memset(to, 0, (size_t)first);
    memcpy(to + first, from + first + left, (size_t)(end - first));
    memset(to + end, 0, (size_t)(width - end));
}

static void copy(lenet_shape s, const map *m, const uint8_t *from, uint8_t *to)
{
    const int limit = 1 << 12, is_mirrored = m->a < 0;
    const int left = m->e < -limit  ? -limit
                     : m->e > limit ? limit
                                    : (int)m->e,
              up = m->f < -limit  ? -limit
                   : m->f > limit ? limit
                                  : (int)m->f;
    for (int c = 0; c < s.channels; c++, from += s.height * s.width)
        for (int y = 0; y < s.height; y++, to += s.width) {
            if (y + up < 0 || y + up >= s.height) {
                memset(to, 0, (size_t)s.width);
                continue;
            }
            /* Mirrored: to[x] = from[width - 1 - x + left]. */
            move_row(from + (y + up) * s.width, s.width, left, to);
            for (int x = 0; is_mirrored && x < s.width / 2; x++) {
                const uint8_t swap = to[x];
                to[x] = to[s.width - 1 - x];
                to[s.width - 1 - x] = swap;
            }
        }
}

enum { ONE = 1 << 16 }; /* a pixel */

static int64_t fixed(double x) { return (int64_t)floor(x * ONE + 0.5); }

static size_t bordered_size(lenet_shape s) { return (size_t)(s.height + 2) * (size_t)(s.width + 2); }

/*
 * Copies the planes into a frame of black pixels, so that sampling needs no check of bounds for each of four
 * pixels. The frame is never written: it is black since its memory was allocated.
 */
static void put_into_border(lenet_shape s, const uint8_t *from, uint8_t *bordered)
{
    const size_t pitch = (size_t)s.width + 2;
    for (int c = 0; c < s.channels; c++, bordered += bordered_size(s))
        for (int y = 0; y < s.height; y++, from += s.width)
            memcpy(bordered + (size_t)(y + 1) * pitch + 1, from, (size_t)s.width);
}

enum { RUN = 64 };

/*
 * Where up to RUN new pixels of a row come from: the first of four old ones, and weights of 1/256 for the
 * second column and row.
 */
typedef struct run {
    uint32_t at[RUN]; /* in a plane with its border */
    uint8_t right[RUN], down[RUN];
} run;

/*
 * Of a place in 1/65536 pixels from the middle of the first old pixel. What is outside comes from the
 * border's corner.
 */
static inline void locate(lenet_shape s, int64_t x, int64_t y, run *r, int i)
{
    /* what is negative is large */
    const uint64_t column = (uint64_t)((x >> 16) + 1), row = (uint64_t)((y >> 16) + 1);
    const int is_inside = column <= (uint64_t)s.width && row <= (uint64_t)s.height;
    r->at[i] = is_inside ? (uint32_t)(row * ((uint64_t)s.width + 2) + column) : 0;
    r->right[i] = is_inside ? (uint8_t)(x >> 8) : 0;
    r->down[i] = is_inside ? (uint8_t)(y >> 8) : 0;
}

/* Not inlined, for gcc's registers do not go round otherwise. */
__attribute__((noinline)) static void blend(const run *r, int count, const uint8_t *bordered, size_t pitch,
                                            uint8_t *restrict to)
{
    for (int i = 0; i < count; i++) {
        const uint8_t *at = bordered + r->at[i], *below = at + pitch;
        const int32_t top = 256 * at[0] + (at[1] - at[0]) * r->right[i],
                      bottom = 256 * below[0] + (below[1] - below[0]) * r->right[i];
        to[i] = (uint8_t)((256 * top + (bottom - top) * r->down[i] + 32768) >> 16);
    }
}

/* `fields` NULL: not bent. `bordered` is room for the image with its border. */
static void resample(lenet_shape s, const map *m, const int32_t *fields, const uint8_t *from, uint8_t *bordered,
                     uint8_t *to)
{
    const size_t plane = (size_t)s.height * (size_t)s.width;
    const double middle_x = (s.width - 1) / 2.0, middle_y = (s.height - 1) / 2.0;
    const int64_t a = fixed(m->a), b = fixed(m->b), c = fixed(m->c), d = fixed(m->d);
    const int64_t start_x = fixed(m->e - m->a * middle_x - m->b * middle_y + middle_x),
                  start_y = fixed(m->f - m->c * middle_x - m->d * middle_y + middle_y);
    put_into_border(s, from, bordered);
    for (int y = 0; y < s.height; y++)
        for (int first = 0, count; first < s.width; first += count, to += count) {
            run r;
            int64_t at_x = start_x + a * first + b * y, at_y = start_y + c * first + d * y;
            count = s.width - first < RUN ? s.width - first : RUN;
            for (int i = 0; !fields && i < count; i++, at_x += a, at_y += c)
                locate(s, at_x, at_y, &r, i);
            for (int i = 0; fields && i < count; i++, at_x += a, at_y += c, fields++) {
                const int64_t right = fields[0], down = fields[plane];
                locate(s, at_x + (a * right + b * down) / ONE, at_y + (c * right + d * down) / ONE, &r, i);
            }
            for (int channel = 0; channel < s.channels; channel++)
                blend(&r, count, bordered + (size_t)channel * bordered_size(s), (size_t)s.width + 2,
                      to + (size_t)channel * plane);
        }
}

/* ---------------------------------------------------------------------------------------------------------- elastic */

/*
 * Each row's sum with the `radius` rows before and after it; the last is followed by the first. Columns side
 * by side, which a compiler does four at a time, where one running sum along a line would wait for itself.
 */
static void sum_rows(const int32_t *from, int32_t *restrict to, int height, int width, int radius)
{
    memset(to, 0, (size_t)width * sizeof *to);
    for (int i = -radius; i <= radius; i++) {
        const int32_t *row = from + (i % height + height) % height * width;
        for (int x = 0; x < width; x++)
            to[x] += row[x];
    }
    for (int y = 1; y < height; y++, to += width) {
        const int32_t *enters = from + (y + radius) % height * width,
                      *leaves = from + ((y - 1 - radius) % height + height) % height * width;
        for (int x = 0; x < width; x++)
            to[width + x] = to[x] + enters[x] - leaves[x];
    }
}

static void turn_over(const int32_t *from, int32_t *restrict to, int height, int width)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            to[x * height + y] = from[y * width + x];
}

/*
 * Twice in each direction. Numbers of -255..255 stay within 32 bits: a radius of 26 makes them 53^4 times as
 * large.
 */
static void smooth(int32_t *field, int32_t *scratch, int height, int width, int radius)
{
    sum_rows(field, scratch, height, width, radius);
    sum_rows(scratch, field, height, width, radius);
    turn_over(field, scratch, height, width);
    sum_rows(scratch, field, width, height, radius);
    sum_rows(field, scratch, width, height, radius);
    turn_over(scratch, field, width, height);
}

/* floor(x + 0.5), without the library call that floor is in a build for every x86-64. */
static int32_t nearest(double x)
{
    const int32_t whole = (int32_t)(x + 0.5);
    return whole - (whole > x + 0.5);
}

/* Random displacements in 1/65536 pixels, smooth, into fields[0] (right) and fields[1] (down). */
static void draw_fields(const ln_augment *augment, int radius, ln_random *random, int32_t *fields)
{
    const int height = augment->shape.height, width = augment->shape.width;
    const size_t plane = (size_t)height * (size_t)width;
    for (size_t i = 0; i < 2 * plane; i += 4) {
        const uint32_t word = ln_random_word(random);
        for (size_t k = 0; k < 4 && i + k < 2 * plane; k++)
            fields[i + k] = 2 * (int32_t)(word >> 8 * k & 255) - 255;
    }
    for (int which = 0; which < 2; which++) {
        int32_t *field = fields + (size_t)which * plane;
        smooth(field, fields + 2 * plane, height, width, radius);
        for (size_t i = 0; i < plane; i++)
            field[i] = nearest(field[i] * augment->amplitude);
    }
}

/*
 * The sum of the squares of the weights that smoothing a ring of `count` gives: what is left of the variance
 * of independent numbers.
 */
static double weight_of_ring(int count, int radius)
{
    int32_t ring[1024] = {0}, scratch[1024];
    double squares = 0;
    ring[0] = 1;
    sum_rows(ring, scratch, count, 1, radius);
    sum_rows(scratch, ring, count, 1, radius);
    for (int i = 0; i < count; i++)
        squares += (double)ring[i] * ring[i];
    return squares;
}

/*
 * So that the root mean square of a displacement is `size` pixels: the odd numbers of -255..255 have a
 * variance of (256^2 - 1) / 3.
 */
static double amplitude_of(lenet_shape shape, double size, int radius)
{
    const double variance = 65535 / 3.0 * weight_of_ring(shape.height, radius) * weight_of_ring(shape.width, radius);
    return size * ONE / sqrt(variance);
}

/* ------------------------------------------------------------------------------------------------------------ erase */

/* A rectangle of `area` pixels and `aspect` times as high as wide; up to ten times, until one fits. */
static void erase(lenet_shape s, double chance, ln_random *random, uint8_t *image)
{
    const double all = (double)s.height * s.width;
    if (ln_random_unit(random) >= chance)
        return;
    for (int attempt = 0; attempt < 10; attempt++) {
        const double area = between(random, 0.02, 0.33) * all, aspect = between(random, 0.3, 1 / 0.3);
        const int height = (int)floor(sqrt(area * aspect) + 0.5), width = (int)floor(sqrt(area / aspect) + 0.5);
        if (height < 1 || width < 1 || height >= s.height || width >= s.width)
            continue;
        const int top = (int)ln_random_below(random, (uint32_t)(s.height - height) + 1),
                  left = (int)ln_random_below(random, (uint32_t)(s.width - width) + 1);
        for (int c = 0; c < s.channels; c++)
            for (int y = top; y < top + height; y++)
                memset(image + ((size_t)c * (size_t)s.height + (size_t)y) * (size_t)s.width + left, 0, (size_t)width);
        return;
    }
}

/* -------------------------------------------------------------------------------------------------------- an image */

static void invert(const ln_augment *augment, double chance, ln_random *random, uint8_t *image)
{
    if (ln_random_unit(random) >= chance)
        return;
    for (size_t i = 0; i < augment->pixels; i++)
        image[i] = (uint8_t)(255 - image[i]);
}

static void change(const ln_augment *augment, size_t place, int32_t *fields, const uint8_t *from, uint8_t *bordered,
                   uint8_t *to)
{
    const operation *elastic = find(&augment->list, ELASTIC), *cover = find(&augment->list, ERASE),
                    *negative = find(&augment->list, INVERT);
    ln_random random = ln_random_open(augment->seed, LN_FOR_AUGMENT, augment->epoch, (uint32_t)place);
    const map m = draw_map(&augment->list, &random);
    if (elastic)
        draw_fields(augment, (int)elastic->numbers[1], &random, fields);
    if (!elastic && is_whole(&m))
        copy(augment->shape, &m, from, to);
    else
        resample(augment->shape, &m, elastic ? fields : NULL, from, bordered, to);
    if (cover)
        erase(augment->shape, cover->numbers[0], &random, to);
    if (negative)
        invert(augment, negative->numbers[0], &random, to);
}

lenet_status ln_augment_open(ln_augment **out, const char *text, lenet_shape shape, uint64_t seed, int workers,
                             size_t most, lenet_error *error)
{
    const size_t plane = (size_t)shape.height * (size_t)shape.width, pixels = plane * (size_t)shape.channels;
    list l;
    lenet_status status = read_list(text, &l, error);
    if (status)
        return status;
    const operation *elastic = find(&l, ELASTIC);
    ln_augment *made = ln_alloc(1, sizeof *made);
    if (!made)
        return ln_fail_memory(error, "augmentation", sizeof *made);
    *made = (ln_augment){.list = l, .shape = shape, .pixels = pixels, .most = most, .seed = seed};
    made->images = ln_alloc((size_t)workers * most, pixels);
    made->bordered = ln_alloc((size_t)workers * (size_t)shape.channels, bordered_size(shape));
    if (elastic) {
        made->fields = ln_alloc((size_t)workers * 3, plane * sizeof *made->fields);
        made->amplitude = amplitude_of(shape, elastic->numbers[0], (int)elastic->numbers[1]);
    }
    if (!made->images || !made->bordered || (elastic && !made->fields)) {
        ln_augment_close(&made);
        return ln_fail_memory(error, "augmentation", (size_t)workers * most * pixels);
    }
    *out = made;
    return LENET_OK;
}

void ln_augment_close(ln_augment **augment)
{
    if (!*augment)
        return;
    ln_free((*augment)->fields);
    ln_free((*augment)->bordered);
    ln_free((*augment)->images);
    ln_free(*augment);
    *augment = NULL;
}

void ln_augment_begin(ln_augment *augment, int epoch, size_t place)
{
    augment->epoch = (uint32_t)epoch;
    augment->place = place;
}

const uint8_t *ln_augment_apply(void *context, int worker, const uint8_t *images, const uint32_t *index, size_t first,
                                int count)
{
    const ln_augment *augment = context;
    const size_t plane = (size_t)augment->shape.height * (size_t)augment->shape.width;
    uint8_t *changed = augment->images + (size_t)worker * augment->most * augment->pixels;
    uint8_t *bordered =
        augment->bordered + (size_t)worker * (size_t)augment->shape.channels * bordered_size(augment->shape);
    int32_t *fields = augment->fields ? augment->fields + (size_t)worker * 3 * plane : NULL;
    for (int i = 0; i < count; i++)
        change(augment, augment->place + first + (size_t)i, fields, images + index[i] * augment->pixels, bordered,
               changed + (size_t)i * augment->pixels);
    return changed;
}
