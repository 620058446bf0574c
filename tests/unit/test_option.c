/* SPDX-License-Identifier: MIT */
/* test_option.c - a row of options: each kind read, written, compared and checked; and settings by their names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "settings/setting.h"
#include "util/nearest.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {"one", "two", NULL}, *const words[] = {"known", NULL};

static lenet_status refuse_x(const char *text, lenet_error *error)
{
    (void)error;
    return *text == 'x' ? LENET_USAGE : LENET_OK;
}

/* A value of each kind. */
typedef struct fields {
    bool yes;
    int flag, count, place;
    size_t size;
    uint64_t wide;
    double real;
    const char *choice, *text;
} fields;

#define AT(field) .offset = offsetof(fields, field)
static const ln_option table[] = {
    {"yes", NULL, LN_OPTION_BOOL, AT(yes)},
    {"a-flag", NULL, LN_OPTION_FLAG, AT(flag)},
    {"count", "N", LN_OPTION_INT, AT(count), .low = 1, .high = 9, .fallback = "any"},
    {"size", "N", LN_OPTION_SIZE, AT(size)},
    {"wide", "N", LN_OPTION_U64, AT(wide)},
    {"real", "X", LN_OPTION_REAL, AT(real), .low = 0, .high = 1, .open_high = 1, .fallback = "none"},
    {"place", "NAME", LN_OPTION_ENUM, AT(place), .names = names},
    {"choice", "NAME", LN_OPTION_CHOICE, AT(choice), .names = names},
    {"text", "FILE", LN_OPTION_TEXT, AT(text), .fallback = "none", .file_after = "", .not_files = words, .check = refuse_x},
    {.name = NULL},
};

static void *field_of(const ln_option *option, fields *f) { return (char *)f + option->offset; }

static void expect_kept(fields *f, const char *name, const char *text, const char *kept)
{
    const ln_option *option = ln_option_find(table, name);
    char number[LN_OPTION_LENGTH];
    lenet_error error = {LENET_OK, ""};
    fields other = *f;
    ln_option_parse(option, text, field_of(option, f), &error);
    assert_string_equal(error.text, "");
    assert_string_equal(ln_option_format(option, field_of(option, f), number), kept);
    assert_int_equal(ln_option_check(option, field_of(option, f), &error), LENET_OK);
    assert_false(ln_option_is_default(option, field_of(option, f)));
    assert_false(ln_option_is_equal(option, field_of(option, f), field_of(option, &other)));
    ln_option_parse(option, kept, field_of(option, &other), NULL); /* what was written is read again */
    assert_true(ln_option_is_equal(option, field_of(option, f), field_of(option, &other)));
}

static void values_are_read_and_written(void **state)
{
    (void)state;
    fields f = {.real = NAN};
    expect_kept(&f, "yes", "true", "true");
    expect_kept(&f, "a_flag", "true", "true");
    expect_kept(&f, "count", "+9", "9");
    expect_kept(&f, "size", "18446744073709551615", "18446744073709551615");
    expect_kept(&f, "wide", "9007199254740993", "9007199254740993");
    expect_kept(&f, "real", "0.10", "0.1");
    expect_kept(&f, "real", "0", "0");
    expect_kept(&f, "place", "two", "two");
    expect_kept(&f, "choice", "TWO", "two");
    expect_kept(&f, "choice", "one:0.5", "one:0.5");
    expect_kept(&f, "text", "anything", "anything");
    assert_true(f.yes && f.flag && f.place == 1);
}

static void expect_refused(const char *name, const char *text, const char *why)
{
    fields f = {0}, before = f;
    const ln_option *option = ln_option_find(table, name);
    lenet_error error = {LENET_OK, ""};
    assert_int_equal(ln_option_parse(option, text, field_of(option, &f), &error), LENET_USAGE);
    assert_memory_equal(&f, &before, sizeof f);
    if (!strstr(error.text, why))
        fail_msg("'%s' does not say '%s'", error.text, why);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    expect_refused("yes", "1", "yes 1: it takes no value, or true or false");
    expect_refused("count", "10", "must be 1..9");
    expect_refused("count", "1.5", "not a whole number");
    expect_refused("count", "99999999999999999999", "must be 1..9");
    expect_refused("wide", "18446744073709551616", "must be 0..18446744073709551615");
    expect_refused("real", "1", "must be 0 <= X < 1");
    expect_refused("real", "inf", "not a number");
    expect_refused("place", "tow", "did you mean two? it can be one, two");
    expect_refused("place", "two:1", "unknown");
    expect_refused("choice", "three", "it can be one, two");
    expect_refused("text", "", "text '': must not be empty");
    assert_int_equal(ln_option_parse(ln_option_find(table, "text"), "x", &(const char *){NULL}, NULL), LENET_USAGE);
}

/* Who sets a field and not a text is held to the same. */
static void fields_are_checked(void **state)
{
    (void)state;
    fields f = {.count = 10, .place = 2, .real = -1, .choice = "three"};
    lenet_error error;
    for (const char *const *name = (const char *const[]){"count", "place", "real", "choice", NULL}; *name; name++) {
        const ln_option *option = ln_option_find(table, *name);
        assert_int_equal(ln_option_check(option, field_of(option, &f), &error), LENET_USAGE);
    }
    f = (fields){.count = -1};
    assert_int_equal(ln_option_check(ln_option_find(table, "count"), &f.count, &error), LENET_USAGE);
    assert_non_null(strstr(error.text, "count -1: out of range"));
}

static void defaults_in_words_are_known(void **state)
{
    (void)state;
    fields f = {.real = NAN};
    assert_true(ln_option_is_default(ln_option_find(table, "count"), &f.count));
    assert_true(ln_option_is_default(ln_option_find(table, "real"), &f.real)); /* 0 is a value of it */
    assert_true(ln_option_is_default(ln_option_find(table, "text"), &f.text));
    assert_false(ln_option_is_default(ln_option_find(table, "size"), &f.size));
    assert_null(ln_option_format(ln_option_find(table, "text"), &f.text, (char[LN_OPTION_LENGTH]){""}));
}

static void names_and_files_are_found(void **state)
{
    (void)state;
    char key[LN_OPTION_KEY];
    assert_string_equal(ln_option_key(ln_option_find(table, "a-flag"), "_sha256", key), "a_flag_sha256");
    assert_string_equal(ln_option_nearest(table, "siez"), "size");
    assert_true(ln_is_name("pair", ln_setting_find("noise-kind")->names));
    assert_false(ln_is_name("pai", ln_setting_find("noise-kind")->names) || ln_is_name("", ln_setting_find("noise-kind")->names));
    assert_null(ln_option_find(table, "flag"));
    assert_null(ln_option_find(table, "a-fla"));
    assert_null(ln_option_file(ln_option_find(table, "text"), "known"));
    assert_string_equal(ln_option_file(ln_option_find(table, "text"), "knowns"), "knowns");
    assert_string_equal(ln_option_file(ln_setting_find("noise-kind"), "matrix:m.txt"), "m.txt");
    assert_null(ln_option_file(ln_setting_find("noise-kind"), "pair"));
}

static void settings_are_set_by_name(void **state)
{
    (void)state;
    lenet_settings settings;
    lenet_error error;
    size_t count = 0;
    const char *help = NULL;
    lenet_settings_default(&settings);
    assert_int_equal(lenet_settings_set(&settings, "val-split", "0.25", &error), LENET_OK);
    assert_int_equal(lenet_settings_set(&settings, "keep_best", "none", &error), LENET_OK);
    assert_true(settings.validation_split == 0.25 && settings.keep == LENET_KEEP_LAST);
    assert_int_equal(lenet_settings_set(&settings, "epoch", "3", &error), LENET_USAGE);
    assert_string_equal(error.text, "epoch: no setting; did you mean epochs?");
    assert_int_equal(lenet_settings_set(&settings, "epochs", "0", &error), LENET_USAGE);
    assert_string_equal(error.text, "epochs 0: out of range, must be 1..1000000");
    for (const char *name; (name = lenet_settings_name(count, &help)); count++) {
        assert_non_null(help);
        assert_non_null(ln_setting_find(name));
    }
    assert_true(count > 30);
    assert_null(lenet_settings_name(1000, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_and_written), cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(fields_are_checked),          cmocka_unit_test(defaults_in_words_are_known),
        cmocka_unit_test(names_and_files_are_found),   cmocka_unit_test(settings_are_set_by_name),
    };
    return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
