/* SPDX-License-Identifier: MIT */
/*
 * test_layout.c - where things of a figure are (layout.h): labels that do not cover each other, the best five of many lines, ticks
 * within their range; names cut between letters; and PDF files without the time of their drawing (pdf.h), sound or not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/report/layout.h"
#include "lab/report/pdf.h"

#include <libdeflate.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES = 12, POINTS = 4 };

static void with_pool(void (*test)(lab_pool *pool))
{
    lab_pool pool = {0};
    if (setjmp(pool.on_failure) == 0)
        test(&pool);
    assert_int_equal(pool.error.status, LENET_OK);
    lab_pool_close(&pool);
}

/* `count` lines that end at 1, 2, 3... in the order of `place`. */
static lab_figure *figure_of(lab_pool *pool, size_t count, bool is_least_best)
{
    lab_figure *figure = lab_alloc(pool, 1, sizeof *figure);
    lab_panel *panel = lab_figure_panels(pool, figure, 1);
    panel->x_label = panel->y_label = "x";
    panel->is_least_best = is_least_best;
    lab_series *series = lab_panel_series(pool, panel, count);
    for (size_t s = 0; s < count; s++) {
        lab_series_points(pool, &series[s], POINTS, false, 0);
        series[s].name = lab_format(pool, "line %zu", s);
        for (size_t i = 0; i < POINTS; i++) {
            series[s].x[i] = (double)i;
            series[s].y[i] = (double)((s * 5) % count) + 1;
        }
    }
    return figure;
}

/* ----------------------------------------------------------------------------------------------------------- lines */

static void check_best_five(lab_pool *pool)
{
    for (int is_least_best = 0; is_least_best < 2; is_least_best++) {
        lab_figure *figure = figure_of(pool, LINES, is_least_best == 1);
        size_t coloured = 0;
        lab_rank_series(figure);
        for (size_t s = 0; s < LINES; s++) {
            const lab_series *series = &figure->panels[0].series[s];
            const double end = series->y[POINTS - 1];
            assert_int_equal(series->is_grey, is_least_best ? end > LAB_TOP_LINES : end <= LINES - LAB_TOP_LINES);
            coloured += !series->is_grey;
        }
        assert_int_equal(coloured, LAB_TOP_LINES);
    }
    lab_figure *few = figure_of(pool, LAB_MOST_LINES, false);
    few->panels[0].series[2].y[POINTS - 1] = NAN;
    lab_rank_series(few);
    for (size_t s = 0; s < LAB_MOST_LINES; s++)
        assert_false(few->panels[0].series[s].is_grey);
}

static void check_labels(lab_pool *pool)
{
    for (size_t count = 2; count <= LINES; count++) {
        lab_figure *figure = figure_of(pool, count, false);
        for (size_t s = 0; s < count && count % 2; s++)
            figure->panels[0].series[s].y[POINTS - 1] = s ? 7 : 9; /* nearly all at one place */
        lab_rank_series(figure);
        lab_end_label labels[LINES + 1];
        const lab_frame frame = lab_frame_of(figure, &figure->panels[0], false);
        const size_t found = lab_end_labels(pool, &frame, &figure->panels[0], labels);
        assert_int_equal(found, count <= LAB_MOST_LINES ? count : LAB_TOP_LINES + 1);
        for (size_t i = 0; i < found; i++) {
            assert_true(labels[i].y >= frame.y.to - 1e-9 && labels[i].y <= frame.y.from + 1e-9);
            assert_true(!i || (labels[i].y - labels[i - 1].y > 14.9 && labels[i].end >= labels[i - 1].end));
        }
    }
}

static void check_cuts(lab_pool *pool)
{
    assert_string_equal(lab_cut(pool, "naïve", 5), "naïve");
    assert_string_equal(lab_cut(pool, "naïve", 4), "naï…");
    assert_string_equal(lab_cut(pool, "ïïï", 2), "ï…");
    assert_int_equal(lab_letters("naïve"), 5);
}

/* ----------------------------------------------------------------------------------------------------------- ticks */

static void check_ticks_of(double low, double high, bool is_log, bool is_whole)
{
    const lab_scale_line scale = {low, high, 0, 400, is_log};
    double ticks[LAB_MOST_TICKS], step;
    const size_t count = lab_ticks(&scale, is_whole, ticks, &step);
    assert_true(count <= LAB_MOST_TICKS);
    assert_true(count >= 2 || is_log || (is_whole && high - low < 2));
    for (size_t i = 0; i < count; i++) {
        assert_true(ticks[i] >= low - 1e-6 * (high - low) && ticks[i] <= high + 1e-6 * (high - low));
        assert_true(!i || ticks[i] > ticks[i - 1]);
        assert_true(!is_whole || fabs(ticks[i] - round(ticks[i])) < 1e-9);
        const double place = lab_place(&scale, ticks[i]);
        assert_true(place >= 0 && place <= 400);
    }
}

static void check_ticks(lab_pool *pool)
{
    for (double low = -3; low < 100; low = low * 1.7 + 4)
        for (double range = 1e-6; range < 1e6; range *= 3.1)
            check_ticks_of(low, low + range, false, false);
    for (int epochs = 2; epochs < 1000; epochs = epochs * 2 - 1)
        check_ticks_of(1, epochs, false, true);
    for (double high = 3e-5; high < 1e9; high *= 2.3)
        check_ticks_of(1e-5, high, true, false);
    assert_string_equal(lab_tick_text(pool, 0.30000000000000004, 0.1), "0.3");
    assert_string_equal(lab_tick_text(pool, -1e-17, 0.5), "0.0");
    assert_string_equal(lab_tick_text(pool, 40, 20), "40");
    assert_true(isnan(lab_place(&(lab_scale_line){1, 2, 0, 1, true}, 0)));
}

/* ------------------------------------------------------------------------------------------------------------- PDF */

static size_t deflate_to(char *to, const void *from, size_t size)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    const size_t used = libdeflate_zlib_compress(compressor, from, size, to, 1024);
    libdeflate_free_compressor(compressor);
    return used;
}

/* The end of a file as cairo 1.18 writes it: objects 1 (has the date, in object 2), 2, 3 (a length) and 4 (cross-references). */
static size_t make_pdf(char *to, const char *date)
{
    char content[256], packed[1024];
    char *at = to;
    at += sprintf(at, "%%PDF-1.5\n");
    const size_t second = (size_t)(at - to);
    snprintf(content, sizeof content, "1 0\n<< /Producer (cairo) /CreationDate (D:%s) >>\n", date);
    size_t size = deflate_to(packed, content, strlen(content));
    at += sprintf(at, "2 0 obj\n<< /Type /ObjStm\n   /Length 3 0 R\n   /N 1\n   /First 4\n   /Filter /FlateDecode\n>>\nstream\n");
    memcpy(at, packed, size);
    at += size;
    at += sprintf(at, "\nendstream\nendobj\n");
    const size_t third = (size_t)(at - to);
    at += sprintf(at, "3 0 obj\n   %zu\nendobj\n", size);
    const size_t fourth = (size_t)(at - to);
    const uint8_t rows[5][5] = {{0, 0, 0, 255, 255}, {2, 0, 2, 0, 0}, {1, (uint8_t)(second >> 8), (uint8_t)second, 0, 0},
                                {1, (uint8_t)(third >> 8), (uint8_t)third, 0, 0}, {1, (uint8_t)(fourth >> 8), (uint8_t)fourth, 0, 0}};
    size = deflate_to(packed, rows, sizeof rows);
    at += sprintf(at, "4 0 obj\n<< /Type /XRef\n   /Length %zu\n   /Filter /FlateDecode\n   /Size 5\n   /W [1 2 2]\n>>\nstream\n", size);
    memcpy(at, packed, size);
    at += size;
    at += sprintf(at, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", fourth);
    return (size_t)(at - to);
}

static char path[] = "/tmp/lenet-test-XXXXXX";

static size_t after_clearing(const char *bytes, size_t size, char *to)
{
    lenet_error error = {LENET_OK, ""};
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    assert_int_equal(lab_pdf_clear_date(path, &error), LENET_OK);
    file = fopen(path, "r");
    const size_t found = fread(to, 1, 4096, file);
    fclose(file);
    return found;
}

static void a_pdf_has_no_time(void **state)
{
    static char first[4096], second[4096], a[4096], b[4096];
    (void)state;
    const size_t size = after_clearing(first, make_pdf(first, "20261201053529Z"), a);
    assert_int_equal(after_clearing(second, make_pdf(second, "19991231235959Z"), b), size);
    assert_memory_equal(a, b, size);
    assert_non_null(memmem(a, size, "/CreationDate (D:20000101000000Z)", 33));
    unsigned start = 0;
    char *end = memmem(a, size, "startxref\n", 10);
    assert_int_equal(sscanf(end, "startxref\n%u", &start), 1);
    assert_memory_equal(a + start, "4 0 obj\n", 8);
    const uint8_t *rows = (uint8_t *)memmem(a + start, size - start, "stream\n", 7) + 7;
    assert_memory_equal(a + (rows[15 + 1] << 8) + rows[15 + 2], "3 0 obj\n", 8);
    assert_int_equal(after_clearing(a, size, b), size); /* what has no time stays */
    assert_memory_equal(a, b, size);
}

/* Cut off anywhere, or with one byte wrong: left as it is or written again, and never read beyond its end. */
static void a_broken_pdf_is_harmless(void **state)
{
    static char whole[4096], broken[4096], after[4096];
    (void)state;
    const size_t size = make_pdf(whole, "20261201053529Z");
    for (size_t i = 0; i < size; i += 3) {
        after_clearing(whole, i, after);
        memcpy(broken, whole, size);
        broken[i] ^= 0x15;
        after_clearing(broken, size, after);
    }
    const char *plain = "%PDF-1.4\n<< /CreationDate (D:20261201053529Z) >>\n";
    assert_int_equal(after_clearing(plain, strlen(plain), after), strlen(plain));
    assert_memory_equal(after, "%PDF-1.4\n<< /CreationDate (D:20000101000000Z) >>\n", strlen(plain));
}

static void the_best_lines_have_a_colour(void **state) { (void)state, with_pool(check_best_five); }
static void labels_do_not_cover_each_other(void **state) { (void)state, with_pool(check_labels); }
static void names_are_cut_between_letters(void **state) { (void)state, with_pool(check_cuts); }
static void ticks_are_within_their_range(void **state) { (void)state, with_pool(check_ticks); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_lines_have_a_colour), cmocka_unit_test(labels_do_not_cover_each_other),
        cmocka_unit_test(names_are_cut_between_letters), cmocka_unit_test(ticks_are_within_their_range),
        cmocka_unit_test(a_pdf_has_no_time), cmocka_unit_test(a_broken_pdf_is_harmless),
    };
    const int file = mkstemp(path);
    if (file < 0)
        return 1;
    close(file);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
