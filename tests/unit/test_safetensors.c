/* SPDX-License-Identifier: MIT */
/*
 * test_safetensors.c - what the reader of model files accepts and refuses, and that what the writer makes can be read here
 * and by others: by a Python script of the format's definition (tests/golden/read_safetensors.py), and by PyTorch and the
 * safetensors package through it where they are installed.
 * That script is found in $LENET_SOURCE, the root of the source tree, or below the current folder.
 */
#include "util/memory.h"
#include "nn/safetensors.h"
#include "util/file.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_NAME "some/model.safetensors"

/* ------------------------------------------------------------------------------------------------- making files */

typedef struct bytes {
    unsigned char *data;
    size_t size;
} bytes;

/* A file of the given header, whose length field says `announced`, and `data_size` bytes 0, 1, 2... of data. */
static bytes make_file(const char *header, size_t header_size, uint64_t announced, size_t data_size)
{
    const size_t size = 8 + header_size + data_size;
    unsigned char *data = malloc(size); /* to the byte, so that the address sanitizer sees a read past the end */
    assert_non_null(data);
    for (int i = 0; i < 8; i++)
        data[i] = (unsigned char)(announced >> (8 * i) & 0xff);
    memcpy(data + 8, header, header_size);
    for (size_t i = 0; i < data_size; i++)
        data[8 + header_size + i] = (unsigned char)(i & 0x3f);
    return (bytes){data, size};
}

static void expect_refusal(bytes file, const char *tensor, const char *reason)
{
    ln_safetensors *const untouched = (ln_safetensors *)(void *)&file;
    ln_safetensors *parsed = untouched;
    lenet_error error = {LENET_OK, ""};
    const lenet_status status = ln_safetensors_parse(file.data, file.size, FILE_NAME, &parsed, &error);
    if (status == LENET_OK)
        fail_msg("accepted, but should be refused because: %s", reason);
    if (!strstr(error.text, reason))
        fail_msg("the reason is '%s', and should hold '%s'", error.text, reason);
    assert_int_equal(status, LENET_INPUT);
    assert_int_equal(error.status, status);
    assert_ptr_equal(parsed, untouched);
    assert_ptr_equal(strstr(error.text, FILE_NAME ": "), error.text);
    assert_null(strchr(error.text, '\n'));
    if (tensor && !strstr(error.text, tensor))
        fail_msg("'%s' does not name the tensor '%s'", error.text, tensor);
    assert_int_equal(ln_safetensors_parse(file.data, file.size, FILE_NAME, &parsed, NULL), LENET_INPUT);
    free(file.data);
}

static ln_safetensors *expect_success(bytes file)
{
    ln_safetensors *parsed = NULL;
    lenet_error error = {LENET_OK, ""};
    if (ln_safetensors_parse(file.data, file.size, FILE_NAME, &parsed, &error))
        fail_msg("refused: %s", error.text);
    memset(file.data, 0xff, file.size); /* nothing may point into the input any more */
    free(file.data);
    return parsed;
}

static bytes from_header(const char *header, size_t data_size)
{
    return make_file(header, strlen(header), strlen(header), data_size);
}

/* ---------------------------------------------------------------------------------------------------- refusals */

typedef struct refusal {
    const char *header;
    size_t data_size;
    const char *tensor, *reason;
} refusal;

#define F32(name, shape, offsets) "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static const refusal refusals[] = {
    /* JSON */
    {"", 0, NULL, "not valid JSON"},
    {"{", 0, NULL, "not valid JSON"},
    {"x", 0, NULL, "not valid JSON"},
    {"[]", 0, NULL, "not a JSON object"},
    {"7", 0, NULL, "not valid JSON"},
    {"{} {}", 0, NULL, "goes on after its JSON object ends"},
    {"{}x", 0, NULL, "goes on after its JSON object ends"},
    {"{\"a\xff\":1}", 0, NULL, "not UTF-8"},
    {"{\"a\xc0\x80\":1}", 0, NULL, "not UTF-8"},
    {"{\"a\\u0000b\":1}", 0, NULL, "not valid JSON"},
    {"{\"a\nb\":1}", 0, NULL, "not valid JSON"},
    {"{\"a\":1,}", 0, NULL, "not valid JSON"},
    {"{" F32("a", "[1]", "[0,4]") "," F32("a", "[1]", "[4,8]") "}", 8, "a", "duplicate"},
    {"{" F32("a", "[1]", "[0,4]") "," F32("\\u0061", "[1]", "[4,8]") "}", 8, "a", "duplicate"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}", 4, NULL, "duplicate"},
    {"{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, NULL, "duplicate"},
    /* metadata */
    {"{\"__metadata__\":[]}", 0, NULL, "__metadata__ is not an object"},
    {"{\"__metadata__\":null}", 0, NULL, "__metadata__ is not an object"},
    {"{\"__metadata__\":{\"epoch\":7}}", 0, "epoch", "not a string"},
    {"{\"__metadata__\":{\"epoch\":{\"a\":\"b\"}}}", 0, "epoch", "not a string"},
    /* entries */
    {"{\"fc1.bias\":7}", 0, "fc1.bias", "not an object"},
    {"{\"fc1.bias\":{}}", 0, "fc1.bias", "dtype is missing"},
    {"{\"w\":{\"dtype\":32,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "'w'", "dtype is missing or not a string"},
    {"{\"w\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "'w'", "unknown dtype 'F31'"},
    {"{\"w\":{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "'w'", "unknown dtype 'f32'"},
    {"{\"w\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "'w'", "dtype BF16, but only F32 is read"},
    {"{\"w\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8, "'w'", "dtype I64, but only F32 is read"},
    {"{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "'w'", "shape is missing"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "'w'", "data_offsets is missing"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"offsets\":[0,4]}}", 4, "'w'", "data_offsets is missing"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"strides\":[1]}}", 4, "'w'", "other than"},
    /* shapes */
    {"{" F32("w", "4", "[0,4]") "}", 4, "'w'", "shape is missing or not an array"},
    {"{" F32("w", "[1,1,1,1,1]", "[0,4]") "}", 4, "'w'", "5 dimensions"},
    {"{" F32("w", "[-1]", "[0,4]") "}", 4, "'w'", "shape holds the negative number -1"},
    {"{" F32("w", "[1.0]", "[0,4]") "}", 4, "'w'", "shape holds something that is not a whole number"},
    {"{" F32("w", "[0.5]", "[0,2]") "}", 2, "'w'", "not a whole number"},
    {"{" F32("w", "[1e0]", "[0,4]") "}", 4, "'w'", "not a whole number"},
    {"{" F32("w", "[\"1\"]", "[0,4]") "}", 4, "'w'", "not a whole number"},
    {"{" F32("w", "[true]", "[0,4]") "}", 4, "'w'", "not a whole number"},
    {"{" F32("w", "[1e999]", "[0,4]") "}", 4, NULL, "overflow"},
    {"{" F32("w", "[2147483648]", "[0,4]") "}", 4, "'w'", "more than the 2147483647"},
    {"{" F32("w", "[18446744073709551617]", "[0,4]") "}", 4, NULL, "too big integer"},
    {"{" F32("w", "[2147483647,2147483647,2147483647]", "[0,4]") "}", 4, "'w'", "the size overflows"},
    {"{" F32("w", "[1073741824,1073741824,4]", "[0,0]") "}", 0, "'w'", "the size overflows"},
    {"{" F32("w", "[1073741824,1073741824,4,0]", "[0,0]") "}", 0, "'w'", "the size overflows"},
    /* places */
    {"{" F32("w", "[1]", "[0]") "}", 4, "'w'", "not a pair"},
    {"{" F32("w", "[1]", "[0,4,8]") "}", 4, "'w'", "not a pair"},
    {"{" F32("w", "[1]", "[-4,0]") "}", 4, "'w'", "data_offsets holds the negative number -4"},
    {"{" F32("w", "[1]", "[0,4.0]") "}", 4, "'w'", "data_offsets holds something that is not a whole number"},
    {"{" F32("w", "[1]", "[4,0]") "}", 4, "'w'", "ends at 0, before it begins at 4"},
    {"{" F32("w", "[2]", "[0,8]") "}", 4, "'w'", "ends at byte 8, but the file has 4 bytes"},
    {"{" F32("w", "[1]", "[9223372036854775803,9223372036854775807]") "}", 4, "'w'", "ends at byte"},
    {"{" F32("w", "[2]", "[0,4]") "}", 4, "'w'", "4 bytes of data, but its shape needs 8"},
    {"{" F32("w", "[]", "[0,0]") "}", 0, "'w'", "0 bytes of data, but its shape needs 4"},
    {"{" F32("w", "[0]", "[0,4]") "}", 4, "'w'", "4 bytes of data, but its shape needs 0"},
    {"{" F32("w", "[1]", "[4,8]") "}", 8, "'w'", "a gap of 4 bytes before its data"},
    {"{" F32("a", "[1]", "[0,4]") "," F32("b", "[1]", "[8,12]") "}", 12, "'b'", "a gap of 4 bytes before its data"},
    {"{" F32("a", "[2]", "[0,8]") "," F32("b", "[1]", "[4,8]") "}", 8, "'b'", "overlaps that of 'a'"},
    {"{" F32("a", "[1]", "[0,4]") "," F32("b", "[1]", "[0,4]") "}", 4, "'b'", "overlaps that of 'a'"},
    {"{" F32("a", "[3]", "[0,12]") "," F32("b", "[2]", "[2,10]") "}", 12, "'b'", "overlaps that of 'a'"},
    {"{" F32("a", "[1]", "[0,4]") "}", 5, NULL, "1 bytes at the end belong to no tensor"},
    {"{}", 1, NULL, "1 bytes at the end belong to no tensor"},
};

static void test_refuses_what_is_not_exactly_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refusal *r = &refusals[i];
        expect_refusal(from_header(r->header, r->data_size), r->tensor, r->reason);
    }
}

static void test_refuses_short_files_and_wrong_lengths(void **state)
{
    (void)state;
    for (size_t size = 0; size < 8; size++) {
        bytes file = make_file("", 0, 0, 0);
        file.size = size;
        expect_refusal(file, NULL, "too few");
    }
    expect_refusal(make_file("{}", 2, 3, 0), NULL, "truncated");
    expect_refusal(make_file("{}", 2, (1u << 24) + 1, 0), NULL, "not a safetensors file");
    expect_refusal(make_file("{}", 2, 1u << 24, 0), NULL, "truncated");
    expect_refusal(make_file("{}", 2, UINT64_MAX, 0), NULL, "not a safetensors file");
    expect_refusal(make_file("{}", 2, UINT64_MAX - 7, 0), NULL, "not a safetensors file");
    expect_refusal(make_file("{}\0\0", 4, 4, 0), NULL, "goes on after");
}

static void test_refuses_deep_nesting(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *header = malloc(DEPTH + 6);
    assert_non_null(header);
    memcpy(header, "{\"a\":", 5);
    memset(header + 5, '[', DEPTH);
    header[DEPTH + 5] = '\0';
    expect_refusal(from_header(header, 0), NULL, "not valid JSON");
    free(header);
}

static void test_error_line_survives_a_hostile_name(void **state)
{
    (void)state;
    expect_refusal(from_header("{\"a\\n\\u001b[31mb\":7}", 0), "a ?[31mb", "not an object");
    char header[2100] = "{\"";
    memset(header + 2, 'n', 2000);
    memcpy(header + 2002, "\":7}", 5);
    expect_refusal(from_header(header, 0), "nnnn'", "not an object");
}

/* -------------------------------------------------------------------------------------------------- acceptance */

static void test_accepts_any_order_empty_tensors_and_white_space(void **state)
{
    (void)state;
    ln_safetensors *file = expect_success(from_header(
        " \n{" F32("late", "[2,1]", "[4,12]") "," F32(
            "none", "[3,0]", "[4,4]") ",\"__metadata__\":{\"a\":\"\",\"\\u00e9\":\"\xc3\xa9\"}," F32("one", "[]",
                                                                                                     "[0,4]") "}  \t",
        12));
    assert_int_equal(file->tensor_count, 3);
    assert_string_equal(file->tensors[0].name, "one");
    assert_int_equal(file->tensors[0].rank, 0);
    assert_int_equal(file->tensors[0].size, 1);
    assert_string_equal(file->tensors[1].name, "none");
    assert_int_equal(file->tensors[1].size, 0);
    assert_string_equal(file->tensors[2].name, "late");
    assert_int_equal(file->tensors[2].shape[0], 2);
    const unsigned char raw[] = {4, 5, 6, 7, 8, 9, 10, 11};
    assert_memory_equal(file->tensors[2].data, raw,
                        sizeof raw); /* this machine is little-endian, or the test is to be extended */
    assert_ptr_equal(ln_safetensors_find(file, "late"), &file->tensors[2]);
    assert_null(ln_safetensors_find(file, "lat"));
    assert_int_equal(file->note_count, 2);
    assert_string_equal(ln_safetensors_note(file, "\xc3\xa9"), "\xc3\xa9");
    assert_string_equal(ln_safetensors_note(file, "a"), "");
    assert_null(ln_safetensors_note(file, "b"));
    ln_safetensors_close(&file);
    assert_null(file);
    ln_safetensors_close(&file);
}

static void test_accepts_an_empty_file(void **state)
{
    (void)state;
    ln_safetensors *file = expect_success(from_header("{}", 0));
    assert_int_equal(file->tensor_count, 0);
    assert_int_equal(file->note_count, 0);
    ln_safetensors_close(&file);
}

static void test_unaligned_data_is_aligned(void **state)
{
    (void)state;
    ln_safetensors *file = expect_success(from_header("{" F32("a", "[1]", "[0,4]") "} ", 4));
    assert_int_equal((uintptr_t)file->tensors[0].data % sizeof(float), 0);
    ln_safetensors_close(&file);
}

/* ----------------------------------------------------------------------------------------------------- writing */

static float conv_values[2 * 1 * 3 * 3], bias_values[2], one_value = -0.0f, special[4];
static const lenet_tensor sample_tensors[] = {
    {"conv1.weight", 4, {2, 1, 3, 3}, 18, conv_values},
    {"conv1.bias", 1, {2}, 2, bias_values},
    {"none", 2, {0, 5}, 0, NULL},
    {"scalar \xe2\x82\xac \"quoted\"\\", 0, {0}, 1, &one_value},
    {"special", 2, {2, 2}, 4, special},
};
static const ln_note sample_notes[] = {{"format", "pt"}, {"data", "mnist"}, {"line", "a\nb\t\x01 \xf0\x9f\x98\x80"}};
enum { SAMPLE_TENSORS = 5, SAMPLE_NOTES = 3 };

static bytes write_sample(void)
{
    for (int i = 0; i < 18; i++)
        conv_values[i] = (float)i / 7.0f - 1.0f;
    bias_values[0] = 0.1f;
    bias_values[1] = -3e-39f; /* subnormal */
    special[0] = INFINITY;
    special[1] = -INFINITY;
    special[2] = 3.4028235e38f;
    special[3] = 1e-45f;
    bytes file = {NULL, 0};
    lenet_error error;
    assert_int_equal(ln_safetensors_write(sample_tensors, SAMPLE_TENSORS, sample_notes, SAMPLE_NOTES, &file.data,
                                          &file.size, &error),
                     LENET_OK);
    return file;
}

static void assert_is_sample(const ln_safetensors *file)
{
    assert_int_equal(file->tensor_count, SAMPLE_TENSORS);
    for (size_t i = 0; i < SAMPLE_TENSORS; i++) {
        const lenet_tensor *got = &file->tensors[i], *want = &sample_tensors[i];
        assert_string_equal(got->name, want->name);
        assert_int_equal(got->rank, want->rank);
        assert_memory_equal(got->shape, want->shape, sizeof got->shape);
        assert_int_equal(got->size, want->size);
        if (want->size)
            assert_memory_equal(got->data, want->data, want->size * sizeof(float)); /* to the bit: -0 is not 0 */
    }
    assert_int_equal(file->note_count, SAMPLE_NOTES);
    for (size_t i = 0; i < SAMPLE_NOTES; i++) {
        assert_string_equal(file->notes[i].key, sample_notes[i].key);
        assert_string_equal(file->notes[i].value, sample_notes[i].value);
    }
}

static void test_reads_what_it_writes(void **state)
{
    (void)state;
    const bytes file = write_sample();
    ln_safetensors *read = NULL;
    assert_int_equal(ln_safetensors_parse(file.data, file.size, FILE_NAME, &read, NULL), LENET_OK);
    assert_is_sample(read);
    ln_safetensors_close(&read);
    ln_free(file.data);
}

static void test_layout_of_a_written_file(void **state)
{
    (void)state;
    float values[] = {1.0f, -2.0f};
    const lenet_tensor tensor = {"w", 1, {2}, 2, values};
    const ln_note note = {"k", "v"};
    unsigned char *data = NULL;
    size_t size = 0;
    assert_int_equal(ln_safetensors_write(&tensor, 1, &note, 1, &data, &size, NULL), LENET_OK);
    static const char expected[] = "\x50\0\0\0\0\0\0\0"
                                   "{\"__metadata__\":{\"k\":\"v\"},"
                                   "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} "
                                   "\x00\x00\x80\x3f\x00\x00\x00\xc0";
    assert_int_equal(size, sizeof expected - 1);
    assert_memory_equal(data, expected, size);
    ln_free(data);
}

static void test_same_bytes_in_any_locale(void **state)
{
    (void)state;
    const bytes plain = write_sample();
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "C.UTF-8"))
        print_message("no other locale is installed\n");
    const bytes other = write_sample();
    assert_int_equal(plain.size, other.size);
    assert_memory_equal(plain.data, other.data, plain.size);
    expect_refusal(from_header("{" F32("w", "[1.5]", "[0,4]") "}", 4), "'w'", "not a whole number");
    setlocale(LC_ALL, "C");
    ln_free(plain.data);
    ln_free(other.data);
}

/* Every way of cutting a good file short is refused, and so is one byte more. */
static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    const bytes file = write_sample();
    for (size_t size = 0; size < file.size; size++) {
        bytes cut = {malloc(size ? size : 1), size};
        memcpy(cut.data, file.data, size);
        expect_refusal(cut, NULL, "");
    }
    bytes longer = {malloc(file.size + 1), file.size + 1};
    memcpy(longer.data, file.data, file.size);
    longer.data[file.size] = 0;
    expect_refusal(longer, NULL, "1 bytes at the end");
    ln_free(file.data);
}

static void test_writer_refuses_what_could_not_be_read(void **state)
{
    (void)state;
    float value = 0;
    const lenet_tensor good = {"w", 1, {1}, 1, &value};
    const lenet_tensor bad[][2] = {
        {good, good},
        {good, {"__metadata__", 1, {1}, 1, &value}},
        {good, {"\xff", 1, {1}, 1, &value}},
        {good, {"v", 1, {2}, 1, &value}},
        {good, {"v", 2, {-1, -1}, 1, &value}},
        {good, {"v", 5, {1, 1, 1, 1}, 1, &value}},
    };
    unsigned char *data = NULL;
    size_t size = 0;
    lenet_error error;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ln_safetensors_write(bad[i], 2, NULL, 0, &data, &size, &error), LENET_USAGE);
    const ln_note twice[] = {{"k", "v"}, {"k", "v"}}, not_utf8[] = {{"k", "\x80"}};
    assert_int_equal(ln_safetensors_write(&good, 1, twice, 2, &data, &size, &error), LENET_USAGE);
    assert_non_null(strstr(error.text, "'k' is given twice"));
    assert_int_equal(ln_safetensors_write(&good, 1, not_utf8, 1, &data, &size, NULL), LENET_USAGE);
    assert_null(data);
}

static void test_writer_refuses_a_header_above_the_limit(void **state)
{
    (void)state;
    char *text = malloc(LN_SAFETENSORS_MAX_HEADER + 1);
    assert_non_null(text);
    memset(text, 'a', LN_SAFETENSORS_MAX_HEADER);
    text[LN_SAFETENSORS_MAX_HEADER] = '\0';
    const ln_note note = {"k", text};
    unsigned char *data = NULL;
    size_t size = 0;
    assert_int_equal(ln_safetensors_write(NULL, 0, &note, 1, &data, &size, NULL), LENET_USAGE);
    text[LN_SAFETENSORS_MAX_HEADER - 25] = '\0'; /* {"__metadata__":{"k":""}} are 25 */
    assert_int_equal(ln_safetensors_write(NULL, 0, &note, 1, &data, &size, NULL), LENET_OK);
    assert_int_equal(size, 8 + LN_SAFETENSORS_MAX_HEADER);
    ln_safetensors *file = NULL;
    assert_int_equal(ln_safetensors_parse(data, size, FILE_NAME, &file, NULL), LENET_OK);
    assert_int_equal(strlen(ln_safetensors_note(file, "k")), LN_SAFETENSORS_MAX_HEADER - 25);
    ln_safetensors_close(&file);
    ln_free(data);
    free(text);
}

static void test_check_finite(void **state)
{
    (void)state;
    float values[] = {1, 2, 3};
    const lenet_tensor tensor = {"fc1.bias", 1, {3}, 3, values};
    static const struct {
        float value;
        const char *says;
    } cases[] = {{3, NULL}, {NAN, "not a number"}, {INFINITY, "infinite"}, {-INFINITY, "infinite"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        values[2] = cases[i].value;
        bytes written = {NULL, 0};
        assert_int_equal(ln_safetensors_write(&tensor, 1, NULL, 0, &written.data, &written.size, NULL), LENET_OK);
        ln_safetensors *file = NULL;
        assert_int_equal(ln_safetensors_parse(written.data, written.size, FILE_NAME, &file, NULL), LENET_OK);
        lenet_error error;
        const lenet_status status = ln_safetensors_check_finite(file, FILE_NAME, &error);
        assert_int_equal(status, cases[i].says ? LENET_INPUT : LENET_OK);
        if (cases[i].says)
            assert_non_null(strstr(error.text, FILE_NAME ": tensor 'fc1.bias': value 2 is "));
        if (cases[i].says)
            assert_non_null(strstr(error.text, cases[i].says));
        ln_safetensors_close(&file);
        ln_free(written.data);
    }
}

/* -------------------------------------------------------------------------------------------- read by others */

/* The script prints what it read, a line a note and a tensor, the values as the hexadecimal of their bytes. */
static void test_python_reads_what_is_written(void **state)
{
    (void)state;
    if (system("python3 -c '' >/dev/null 2>&1"))
        skip();
    const char *const root = getenv("LENET_SOURCE");
    const bytes file = write_sample();
    char path[] = "/tmp/lenet-safetensors-XXXXXX", command[1200], output[4096];
    close(mkstemp(path));
    lenet_error error;
    assert_int_equal(ln_write_file(path, file.data, file.size, &error), LENET_OK);
    snprintf(command, sizeof command, "PYTHONIOENCODING=utf-8 python3 '%s/tests/golden/read_safetensors.py' %s 2>&1",
             root ? root : ".", path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    output[fread(output, 1, sizeof output - 1, pipe)] = '\0';
    const int exit_status = pclose(pipe);
    unlink(path);
    ln_free(file.data);
    if (exit_status)
        fail_msg("the script failed: %s", output);
    static const char *const expected[] = {"note \"format\" \"pt\"\n",
                                           "note \"line\" \"a\\nb\\t\\u0001 \\ud83d\\ude00\"\n",
                                           "tensor \"conv1.bias\" [2] cdcccc3dc8aa2080\n",
                                           "tensor \"none\" [0, 5] \n",
                                           "tensor \"scalar \\u20ac \\\"quoted\\\"\\\\\" [] 00000080\n",
                                           "tensor \"special\" [2, 2] 0000807f000080ffffff7f7f01000000\n"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(output, expected[i]))
            fail_msg("missing '%s' in:\n%s", expected[i], output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refuses_what_is_not_exactly_right),
        cmocka_unit_test(test_refuses_short_files_and_wrong_lengths),
        cmocka_unit_test(test_refuses_deep_nesting),
        cmocka_unit_test(test_error_line_survives_a_hostile_name),
        cmocka_unit_test(test_accepts_any_order_empty_tensors_and_white_space),
        cmocka_unit_test(test_accepts_an_empty_file),
        cmocka_unit_test(test_unaligned_data_is_aligned),
        cmocka_unit_test(test_reads_what_it_writes),
        cmocka_unit_test(test_layout_of_a_written_file),
        cmocka_unit_test(test_same_bytes_in_any_locale),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_writer_refuses_what_could_not_be_read),
        cmocka_unit_test(test_writer_refuses_a_header_above_the_limit),
        cmocka_unit_test(test_check_finite),
        cmocka_unit_test(test_python_reads_what_is_written),
    };
    return cmocka_run_group_tests_name("safetensors", tests, NULL, NULL);
}
