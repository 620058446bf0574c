/* SPDX-License-Identifier: MIT */
/* test_yaml.c - trees with their lines, JSON as YAML, and every refusal with the line that it names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/text/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lab_yaml *parse(const char *text)
{
    lab_yaml *root = NULL;
    lenet_error error = {LENET_OK, ""};
    if (lab_yaml_parse(&root, "f", text, strlen(text), &error))
        print_error("%s\n", error.text);
    assert_non_null(root);
    return root;
}

static void expect(const lab_yaml *map, const char *key, int line, const char *text, bool is_null)
{
    const lab_yaml *item = lab_yaml_find(map, key);
    assert_non_null(item);
    assert_int_equal(item->kind, LAB_YAML_SCALAR);
    assert_int_equal(item->line, line);
    assert_string_equal(item->text, text);
    assert_int_equal(item->is_null, is_null);
}

static void test_scalars_are_texts(void **state)
{
    (void)state;
    lab_yaml *root = parse("# a comment\nlr: 1e-3\nhex: 0x10\nno: off\n\nquoted: 'null'\nnothing:\ntilde: ~\narch: conv:6@5x5,relu\n");
    assert_int_equal(root->kind, LAB_YAML_MAP);
    assert_int_equal(root->count, 7);
    assert_string_equal(root->items[2].key, "no");
    expect(root, "lr", 2, "1e-3", false);
    expect(root, "hex", 3, "0x10", false);
    expect(root, "no", 4, "off", false);
    expect(root, "quoted", 6, "null", false);
    expect(root, "nothing", 7, "", true);
    expect(root, "tilde", 8, "~", true);
    expect(root, "arch", 9, "conv:6@5x5,relu", false);
    assert_null(lab_yaml_find(root, "gone"));
    assert_null(lab_yaml_find(&root->items[0], "lr"));
    lab_yaml_close(&root);
    assert_null(root);
}

static void test_lists_and_levels(void **state)
{
    (void)state;
    lab_yaml *root = parse("grid:\n  lr: [0.1, 0.01,\n    0.001]\n  noise:\n    - a\n    - b: 1\n");
    const lab_yaml *grid = lab_yaml_find(root, "grid"), *rates = lab_yaml_find(grid, "lr"), *noise = lab_yaml_find(grid, "noise");
    assert_int_equal(rates->kind, LAB_YAML_LIST);
    assert_int_equal(rates->count, 3);
    assert_int_equal(rates->items[2].line, 3);
    assert_string_equal(rates->items[2].text, "0.001");
    assert_null(rates->items[0].key);
    assert_int_equal(noise->count, 2);
    expect(&noise->items[1], "b", 6, "1", false);
    lab_yaml_close(&root);
}

static void test_json(void **state)
{
    (void)state;
    lab_yaml *root = parse("{\n  \"options\": {\"data\": \"mni\\u0073t\\/\\\"\", \"folder\": null,\n  \"list\": [1, -2.5e+3, true]},\n  \"none\": []\n}\n");
    const lab_yaml *options = lab_yaml_find(root, "options");
    expect(options, "data", 2, "mnist/\"", false);
    expect(options, "folder", 2, "null", true);
    assert_string_equal(lab_yaml_find(options, "list")->items[1].text, "-2.5e+3");
    assert_int_equal(lab_yaml_find(root, "none")->kind, LAB_YAML_LIST);
    assert_int_equal(lab_yaml_find(root, "none")->count, 0);
    lab_yaml_close(&root);
}

static void test_nothing_is_null(void **state)
{
    (void)state;
    const char *texts[] = {"", "# only a comment\n", "---\n", "~"};
    for (size_t i = 0; i < 4; i++) {
        lab_yaml *root = parse(texts[i]);
        assert_int_equal(root->kind, LAB_YAML_SCALAR);
        assert_true(root->is_null);
        lab_yaml_close(&root);
    }
}

static void refused(const char *text, size_t size, const char *beginning, const char *word)
{
    lab_yaml *root = NULL;
    lenet_error error = {LENET_OK, ""};
    assert_int_equal(lab_yaml_parse(&root, "f", text, size, &error), LENET_INPUT);
    assert_int_equal(error.status, LENET_INPUT);
    assert_null(root);
    assert_int_equal(strncmp(error.text, beginning, strlen(beginning)), 0);
    assert_non_null(strstr(error.text, word));
}

static void test_refusals(void **state)
{
    (void)state;
    const struct {
        const char *text, *beginning, *word;
    } cases[] = {
        {"a: 1\nb: 2\na: 3\n", "f:3: ", "twice, first in line 1"},
        {"a: 1\n[b]: 2\n", "f:2: ", "key"},
        {"a: &x 1\n", "f:1: ", "anchors"},
        {"a: &x [1]\n", "f:1: ", "anchors"},
        {"a: 1\nb: *x\n", "f:2: ", "anchors"},
        {"a: 1\n---\nb: 2\n", "f:2: ", "second document"},
        {"a: [1, 2\nb: 3\n", "f:", "expected"},
        {"a: 'x\n", "f:", "scalar"},
        {"a: \"\\0\"\n", "f:1: ", "NUL"},
        {"a: \xff\n", "f:1: ", "UTF-8"},
        {"a: b: c\n", "f:1: ", "mapping values"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        refused(cases[i].text, strlen(cases[i].text), cases[i].beginning, cases[i].word);
    char deep[200];
    memset(deep, '[', sizeof deep);
    refused(deep, sizeof deep, "f:1: ", "64 levels");
}

static void test_files(void **state)
{
    (void)state;
    lab_yaml *root = NULL;
    lenet_error error;
    assert_int_equal(lab_yaml_read(&root, "/nowhere/at all", &error), LENET_INPUT);
    assert_non_null(strstr(error.text, "/nowhere/at all: "));
    assert_int_equal(lab_yaml_read(&root, "/", &error), LENET_INPUT);
    char path[] = "/tmp/lenet-yaml-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    for (int i = 0; i < 9000; i++) /* more than one read */
        fprintf(file, "key%d: %d\n", i, i);
    assert_int_equal(fclose(file), 0);
    const lenet_status status = lab_yaml_read(&root, path, &error);
    remove(path);
    assert_int_equal(status, LENET_OK);
    assert_int_equal(root->count, 9000);
    expect(root, "key8999", 9000, "8999", false);
    lab_yaml_close(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars_are_texts), cmocka_unit_test(test_lists_and_levels), cmocka_unit_test(test_json),
        cmocka_unit_test(test_nothing_is_null),   cmocka_unit_test(test_refusals),         cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
