/* SPDX-License-Identifier: MIT */
/* test_printable.c - foreign text made safe to show. */
#include "util/printable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void expect(const char *text, const char *keep, const char *shown)
{
    char copy[128];
    snprintf(copy, sizeof copy, "%s", text);
    assert_string_equal(ln_make_printable(copy, keep), shown);
}

static void replaces_what_is_obeyed(void **state)
{
    (void)state;
    expect("a\tb\nc", "", "a b c");
    expect("a\tb\nc\033[1m\x7f", "\t\n", "a\tb\nc?[1m?");
    expect("\xc2\x9b\xc2\x80\xc2\x9f\xc2\xa0", "", "???\xc2\xa0");                            /* U+00A0 is a blank, and shown */
    expect("\xe2\x80\xae|\xe2\x81\xa6|\xd8\x9c|\xe2\x80\x8f|\xe2\x80\xa8", "", "?|?|?|?|?"); /* directions, a separator */
    expect("\xe2\x80\x99 \xe2\x80\xa6 \xc3\xa9 \xf0\x9f\x90\x8d", "", "\xe2\x80\x99 \xe2\x80\xa6 \xc3\xa9 \xf0\x9f\x90\x8d");
}

static void replaces_what_is_not_utf8(void **state)
{
    (void)state;
    expect("\xff|\xc3|\x80|\xc0\xaf|\xed\xa0\x80|\xf5\x80\x80\x80|\xe2\x80", "", "?|?|?|??|???|????|??");
}

static void knows_formulas(void **state)
{
    (void)state;
    assert_true(ln_is_formula("=1") && ln_is_formula("+1") && ln_is_formula("-1") && ln_is_formula("@a") && ln_is_formula("\ta"));
    assert_false(ln_is_formula("") || ln_is_formula("a=1") || ln_is_formula("'=1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_what_is_obeyed),
        cmocka_unit_test(replaces_what_is_not_utf8),
        cmocka_unit_test(knows_formulas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
