/* SPDX-License-Identifier: MIT */
/*
 * test_markup.c - text that must stay text in HTML, Markdown and LaTeX, prose, data URIs (the vectors of RFC 4648), names of files; and
 * functions as they are drawn against the formulas of docs/recipe.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/report/markup.h"
#include "lab/report/tex.h"
#include "lenet/lenet.h"
#include "lenet/tools.h"

#include <math.h>
#include <string.h>

typedef void say(lab_text *out, const char *text);

static void expect(lab_pool *pool, say *how, const char *text, const char *wanted)
{
    lab_text out = {.pool = pool};
    lab_append(&out, "%s", "");
    how(&out, text);
    assert_string_equal(out.data, wanted);
}

/* Runs a test on a pool of its own; nothing in it may give up. */
static void with_pool(void (*test)(lab_pool *pool))
{
    lab_pool pool = {0};
    if (setjmp(pool.on_failure) == 0)
        test(&pool);
    assert_int_equal(pool.error.status, LENET_OK);
    lab_pool_close(&pool);
}

static void check_escapes(lab_pool *pool)
{
    expect(pool, lab_append_html, "<a href=\"x\">&'</a>", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;");
    expect(pool, lab_append_markdown, "a|b `c` *d* _e_ [f](g) #h $i\n<j>",
           "a\\|b \\`c\\` \\*d\\* \\_e\\_ \\[f\\](g) \\#h \\$i &lt;j&gt;");
    expect(pool, lab_append_markdown, "- no list", "\\- no list");
    expect(pool, lab_append_markdown, "1. no list", "1\\. no list");
    expect(pool, lab_append_markdown, "0.93", "0.93");
    expect(pool, lab_append_html_prose, "a `b<` and *c* d", "a <code>b&lt;</code> and <em>c</em> d");
    expect(pool, lab_append_html_prose, "2 * 3 * 4 and ` alone", "2 * 3 * 4 and ` alone");
    expect(pool, lab_append_html_prose, "\\`a\\` \\*b\\* c\\d", "`a` *b* c\\d");
    expect(pool, lab_append_markdown_prose, "a `b|c` *d|e*", "a `b|c` *d\\|e*");
    expect(pool, lab_write_tex, "50 % of {a_b} & #1\\x^2 ± ~",
           "50 \\% of \\{a\\_b\\} \\& \\#1\\textbackslash{}x\\textasciicircum{}2 $\\pm$ \\textasciitilde{}");
    expect(pool, lab_write_tex_prose, "a `b_c` *d*", "a \\texttt{b\\_c} \\emph{d}");
    expect(pool, lab_append_prose, "`x` *y* \\", "\\`x\\` \\*y\\* \\\\");
}

/* Whatever a name is, put into prose and shown it is itself. */
static void check_round_trip(lab_pool *pool)
{
    const char *const names[] = {"`", "``", "*a*", "\\*", "\\\\", "a\\", "`a* \\`b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lab_text prose = {.pool = pool};
        lab_append_prose(&prose, names[i]);
        expect(pool, lab_append_html_prose, prose.data, names[i]);
    }
}

static void check_names(lab_pool *pool)
{
    assert_string_equal(lab_slug(pool, "6 The Explanations, put to/the test!"), "6-the-explanations-put-to-the-test");
    assert_string_equal(lab_slug(pool, "../..\n"), "x");
    assert_string_equal(lab_printable(pool, "a\tb\nc\x7f\xff"), "a b c?\xef\xbf\xbd");
    assert_string_equal(lab_printable(pool, NULL), "");
}

static void check_data(lab_pool *pool)
{
    const struct {
        const char *bytes, *text;
    } rfc4648[] = {{"", ""},         {"f", "Zg=="},     {"fo", "Zm8="},        {"foo", "Zm9v"},
                   {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof rfc4648 / sizeof *rfc4648; i++) {
        lab_text out = {.pool = pool};
        lab_append_data_uri(&out, "image/png", rfc4648[i].bytes, strlen(rfc4648[i].bytes));
        assert_string_equal(out.data, lab_format(pool, "data:image/png;base64,%s", rfc4648[i].text));
    }
}

static void leave(lab_pool *pool) { lab_fail(pool, LENET_INPUT, "line %d", 7); }

static void test_pool(void **state)
{
    (void)state;
    lab_pool pool = {0};
    if (setjmp(pool.on_failure) == 0) {
        assert_non_null(lab_alloc(&pool, 0, 8));
        assert_null(lab_try_alloc(&pool, SIZE_MAX / 4, 8));
        leave(&pool);
        fail();
    }
    assert_int_equal(pool.error.status, LENET_INPUT);
    assert_string_equal(pool.error.text, "line 7");
    lab_pool_close(&pool);
}

static void test_escapes(void **state) { (void)state, with_pool(check_escapes); }
static void test_round_trip(void **state) { (void)state, with_pool(check_round_trip); }
static void test_names(void **state) { (void)state, with_pool(check_names); }
static void test_data(void **state) { (void)state, with_pool(check_data); }

/* 35 points, so that blocks of 16 are full, full and not full. float32: a relative 1e-6 is a few units in the last place. */
static void test_curves(void **state)
{
    (void)state;
    enum { COUNT = 35 };
    float x[COUNT], y[COUNT], gradient[COUNT];
    lenet_error error;
    for (int i = 0; i < COUNT; i++)
        x[i] = (float)(i - 17) / 4;
    assert_int_equal(lenet_activation_curve("elu:alpha=2", COUNT, x, y, gradient, &error), LENET_OK);
    for (int i = 0; i < COUNT; i++) {
        const double e = x[i] > 0 ? x[i] : 2 * (exp((double)x[i]) - 1), d = x[i] > 0 ? 1 : 2 * exp((double)x[i]);
        assert_true(fabs((double)y[i] - e) < 2e-6 && fabs((double)gradient[i] - d) < 2e-6);
    }
    assert_int_equal(lenet_activation_curve("gelu", COUNT, x, y, gradient, &error), LENET_OK);
    for (int i = 0; i < COUNT; i++) {
        const double v = (double)x[i], below = 0.5 * erfc(-v / sqrt(2)), density = exp(-v * v / 2) / sqrt(2 * acos(-1));
        assert_true(fabs((double)y[i] - v * below) < 2e-6 && fabs((double)gradient[i] - (below + v * density)) < 2e-6);
    }
    assert_int_equal(lenet_loss_curve("cross-entropy", 10, COUNT, x, y, gradient, &error), LENET_OK);
    for (int i = 0; i < COUNT; i++) {
        const double p = exp((double)x[i]) / (exp((double)x[i]) + 9);
        assert_true(fabs((double)y[i] + log(p)) < 5e-6 && fabs((double)gradient[i] - (p - 1)) < 2e-6);
    }
    assert_int_equal(lenet_loss_curve("gce:0.5", 3, COUNT, x, y, gradient, &error), LENET_OK);
    for (int i = 0; i < COUNT; i++) {
        const double p = exp((double)x[i]) / (exp((double)x[i]) + 2);
        assert_true(fabs((double)y[i] - (1 - sqrt(p)) / 0.5) < 5e-6 && fabs((double)gradient[i] + sqrt(p) * (1 - p)) < 2e-6);
    }
    assert_int_equal(lenet_activation_curve("maxpool:2", COUNT, x, y, gradient, &error), LENET_USAGE);
    assert_int_equal(lenet_activation_curve("relu,relu", COUNT, x, y, gradient, &error), LENET_USAGE);
    assert_int_equal(lenet_loss_curve("forward", 10, COUNT, x, y, gradient, &error), LENET_USAGE);
    assert_int_equal(lenet_loss_curve("cross-entropy", 1, COUNT, x, y, gradient, &error), LENET_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes), cmocka_unit_test(test_round_trip), cmocka_unit_test(test_names),
        cmocka_unit_test(test_data),    cmocka_unit_test(test_pool),       cmocka_unit_test(test_curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
