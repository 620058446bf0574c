/* SPDX-License-Identifier: MIT */
/*
 * test_proof.c - no bit of a model file can be turned over without a word: the file is refused, or it says what it said. Files of before
 * the proof, and files that another tool has laid out anew, are read.
 */
#include "nn/proof.h"

#include "util/file.h"
#include "util/memory.h"
#include "data_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A model file and what it says. */
typedef struct scene {
    char *folder, path[256], hash[65], *architecture;
    unsigned char *data;
    size_t size;
    lenet_error error;
} scene;

static int set_up(void **state)
{
    scene *s = calloc(1, sizeof *s);
    lenet_model *model = NULL;
    assert_non_null(s);
    s->folder = make_folder();
    snprintf(s->path, sizeof s->path, "%s/model", s->folder);
    assert_int_equal(lenet_model_create(&model, "dense:3,relu,dense:2", (lenet_shape){1, 2, 2}, 2, NULL), LENET_OK);
    assert_int_equal(lenet_model_initialize(model, "he-normal", 1, NULL), LENET_OK);
    assert_int_equal(lenet_model_set_note(model, "class_names", "[\"a\",\"b\"]", NULL), LENET_OK);
    assert_int_equal(lenet_model_save(model, s->path, NULL), LENET_OK);
    lenet_model_sha256(model, s->hash);
    s->architecture = strdup(lenet_model_architecture(model));
    lenet_model_close(&model);
    assert_int_equal(ln_read_file(s->path, 1 << 20, &s->data, &s->size, NULL), LENET_OK);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    scene *s = *state;
    remove_folder(s->folder);
    free(s->architecture);
    ln_free(s->data);
    free(s);
    return 0;
}

static lenet_status load(scene *s)
{
    lenet_model *model = NULL;
    char hash[65];
    assert_int_equal(ln_write_file(s->path, s->data, s->size, NULL), LENET_OK);
    const lenet_status status = lenet_model_load(&model, s->path, &s->error);
    if (status)
        return status;
    lenet_model_sha256(model, hash);
    assert_string_equal(hash, s->hash);
    assert_string_equal(lenet_model_architecture(model), s->architecture);
    assert_string_equal(lenet_model_note(model, "class_names"), "[\"a\",\"b\"]");
    assert_int_equal(lenet_model_classes(model), 2);
    lenet_model_close(&model);
    return LENET_OK;
}

static void every_bit_is_proven(void **state)
{
    scene *s = *state;
    size_t read = 0;
    assert_int_equal(load(s), LENET_OK);
    for (size_t i = 0; i < s->size; i++)
        for (int bit = 0; bit < 8; bit++) {
            s->data[i] ^= (unsigned char)(1u << bit);
            const lenet_status status = load(s);
            if (status && status != LENET_INPUT)
                fail_msg("byte %zu, bit %d: %s", i, bit, s->error.text);
            read += !status;
            s->data[i] ^= (unsigned char)(1u << bit);
        }
    assert_in_range(read, 0, 40); /* blanks of the header that became other blanks */
}

/* The text with what is said about it replaced, of the same length. */
static void replace(scene *s, const char *from, const char *to)
{
    unsigned char *at = memmem(s->data, s->size, from, strlen(from));
    assert_non_null(at);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
}

static void the_reason_is_said(void **state)
{
    scene *s = *state;
    replace(s, "dense:3,relu", "dense:3,tanh");
    assert_int_equal(load(s), LENET_INPUT);
    assert_non_null(strstr(s->error.text, "damaged: its content does not have the SHA-256 that it names"));
}

static void a_proof_does_not_vanish(void **state)
{
    scene *s = *state;
    replace(s, "\"sha256\":\"", "\"shb256\":\"");
    assert_int_equal(load(s), LENET_INPUT);
    replace(s, "\"shb256\":\"", "\"sha256\":\"");
    replace(s, "\"proof\"", "\"prooe\"");
    assert_int_equal(load(s), LENET_INPUT);
}

/* Both notes gone: a file of before, or one that was changed on purpose. */
static void older_files_are_read(void **state)
{
    scene *s = *state;
    replace(s, "\"sha256\":\"", "\"shb256\":\"");
    replace(s, "\"proof\"", "\"prooe\"");
    assert_int_equal(load(s), LENET_OK);
}

/* As Python's safetensors may write it: notes and tensors in another order. */
static void the_order_does_not_count(void **state)
{
    scene *s = *state;
    ln_safetensors *file = NULL;
    assert_int_equal(ln_safetensors_parse(s->data, s->size, "x", &file, NULL), LENET_OK);
    lenet_tensor *tensors = calloc(file->tensor_count, sizeof *tensors);
    ln_note *notes = calloc(file->note_count, sizeof *notes);
    for (size_t i = 0; i < file->tensor_count; i++)
        tensors[i] = file->tensors[file->tensor_count - 1 - i];
    for (size_t i = 0; i < file->note_count; i++)
        notes[i] = file->notes[file->note_count - 1 - i];
    ln_free(s->data);
    s->data = NULL;
    assert_int_equal(ln_safetensors_write(tensors, file->tensor_count, notes, file->note_count, &s->data, &s->size, NULL), LENET_OK);
    ln_safetensors_close(&file);
    free(tensors);
    free(notes);
    assert_int_equal(load(s), LENET_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_bit_is_proven),  TEST(the_reason_is_said),       TEST(a_proof_does_not_vanish),
        TEST(older_files_are_read), TEST(the_order_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
