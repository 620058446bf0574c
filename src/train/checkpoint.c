/* SPDX-License-Identifier: MIT */
/*
 * checkpoint.c - see checkpoint.h. The reader believes nothing: each note, piece, type, shape and the hash is
 * held against what it must be.
 */
#include "train/checkpoint.h"

#include "nn/model.h"
#include "settings/setting.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/number.h"
#include "util/sha256.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const size_t largest_file = (size_t)1 << 31;

static const char format[] = "lenet checkpoint 1";

/* Notes that are no settings. */
enum { OWN_NOTES = 7 };

/* ------------------------------------------------------------------------------------------------------- identity */

static lenet_status add_note(ln_identity *identity, const char *key, const char *value, lenet_error *error)
{
    char *copy = ln_copy_string(value);
    if (!copy)
        return ln_fail_memory(error, "the notes of a checkpoint", strlen(value));
    identity->notes[identity->count++] = (ln_note){key, copy};
    return LENET_OK;
}

/* A file counts by what it holds. */
static lenet_status add_file(ln_identity *identity, const char *key, const char *path, lenet_error *error)
{
    unsigned char *data = NULL;
    size_t size = 0;
    char hash[LN_SHA256_HEX];
    const lenet_status status = ln_read_file(path, largest_file, &data, &size, error);
    if (status)
        return status;
    ln_sha256_of(data, size, hash);
    ln_free(data);
    return *hash ? add_note(identity, key, hash, error) : ln_fail_memory(error, path, size);
}

static lenet_status add_setting(ln_identity *identity, const ln_option *setting, const lenet_settings *settings,
                                lenet_error *error)
{
    char number[LN_OPTION_LENGTH];
    if (ln_setting_is_of_the_call(setting))
        return LENET_OK;
    const char *file = ln_setting_file(setting, settings);
    if (file)
        return add_file(identity, setting->name, file, error);
    const char *text = ln_option_format(setting, ln_setting_value(setting, settings), number);
    return add_note(identity, setting->name, text ? text : "none", error);
}

static lenet_status add_subject(ln_identity *identity, const lenet_settings *settings, const lenet_model *model,
                                const lenet_dataset *train, const lenet_dataset *test, lenet_error *error)
{
    const int sees_test = test && (settings->test_each_epoch || settings->keep == LENET_KEEP_TEST);
    char input[64], classes[16];
    snprintf(input, sizeof input, "%dx%dx%d", model->shape.channels, model->shape.height, model->shape.width);
    snprintf(classes, sizeof classes, "%d", model->classes);
    const ln_note notes[OWN_NOTES] = {{"format", format},
                                      {"lenet", LENET_VERSION},
                                      {"architecture", model->architecture},
                                      {"input", input},
                                      {"classes", classes},
                                      {"data_sha256", lenet_dataset_sha256(train)},
                                      {"test_data_sha256", sees_test ? lenet_dataset_sha256(test) : "not used"}};
    lenet_status status = LENET_OK;
    for (int i = 0; i < OWN_NOTES && !status; i++)
        status = add_note(identity, notes[i].key, notes[i].value, error);
    return status;
}

lenet_status ln_identity_open(ln_identity *identity, const lenet_settings *settings, const lenet_model *model,
                              const lenet_dataset *train, const lenet_dataset *test, lenet_error *error)
{
    size_t count = OWN_NOTES;
    for (const ln_option *s = ln_settings; s->name; s++)
        count++;
    *identity = (ln_identity){.notes = ln_alloc(count, sizeof *identity->notes)};
    if (!identity->notes)
        return ln_fail_memory(error, "the notes of a checkpoint", count * sizeof *identity->notes);
    lenet_status status = add_subject(identity, settings, model, train, test, error);
    for (const ln_option *s = ln_settings; s->name && !status; s++)
        status = add_setting(identity, s, settings, error);
    return status;
}

void ln_identity_close(ln_identity *identity)
{
    for (size_t i = 0; i < identity->count; i++)
        ln_free((char *)identity->notes[i].value);
    ln_free(identity->notes);
    memset(identity, 0, sizeof *identity);
}

/* -------------------------------------------------------------------------------------------------------- writing */

/* Over the pieces in their order, not that of the file. 0: out of memory. */
static int hash_pieces(const ln_state *state, char hash[LN_SHA256_HEX])
{
    ln_sha256 *sum = ln_sha256_open();
    for (size_t i = 0; i < state->count; i++)
        ln_sha256_add(sum, state->pieces[i].memory, state->pieces[i].bytes);
    ln_sha256_close(sum, hash);
    return *hash != '\0';
}

lenet_status ln_checkpoint_write(const char *path, const ln_state *state, const ln_identity *identity,
                                 lenet_error *error)
{
    char hash[LN_SHA256_HEX];
    unsigned char *data = NULL;
    size_t size = 0;
    ln_note *notes = ln_alloc(identity->count + 1, sizeof *notes);
    if (!notes)
        return ln_fail_memory(error, path, identity->count * sizeof *notes);
    memcpy(notes, identity->notes, identity->count * sizeof *notes);
    if (!hash_pieces(state, hash)) {
        ln_free(notes);
        return ln_fail_memory(error, path, 1);
    }
    notes[identity->count] = (ln_note){"sha256", hash};
    lenet_status status = ln_safetensors_write_state(state, notes, identity->count + 1, &data, &size, error);
    if (!status)
        status = ln_write_file(path, data, size, error);
    ln_free(data);
    ln_free(notes);
    return status;
}

/* -------------------------------------------------------------------------------------------------------- reading */

/*
 * A file that lacks a setting is of a version that did not have it: there the setting was what its default
 * is.
 */
static int is_default(const ln_note *note)
{
    const ln_option *setting = ln_setting_find(note->key);
    lenet_settings defaults;
    ln_identity identity = {.notes = &(ln_note){NULL, NULL}};
    lenet_settings_default(&defaults);
    if (!setting || add_setting(&identity, setting, &defaults, NULL))
        return 0;
    const int same = identity.count && !strcmp(identity.notes->value, note->value);
    ln_free((char *)identity.notes->value);
    return same;
}

/* Is it the same number? Versions before 0.2 wrote some with a digit more. */
static int is_same_number(const ln_note *own, const char *stored)
{
    const ln_option *setting = ln_setting_find(own->key);
    double a, b;
    return setting && setting->kind == LN_OPTION_REAL && !ln_read_real(own->value, &a) && !ln_read_real(stored, &b) &&
           a == b;
}

static lenet_status check_identity(const ln_safetensors *file, const char *path, const ln_identity *identity,
                                   lenet_error *error)
{
    const char *what = ln_safetensors_note(file, "format");
    if (!what || strcmp(what, format))
        return ln_fail(error, LENET_INPUT, "%s: no checkpoint of this kind of program: its note 'format' is not '%s'",
                       path, format);
    for (size_t i = 0; i < identity->count; i++) {
        const ln_note *own = &identity->notes[i];
        const char *stored = ln_safetensors_note(file, own->key);
        if (stored ? !strcmp(stored, own->value) || is_same_number(own, stored) : is_default(own))
            continue;
        return ln_fail(error, LENET_USAGE, "%s: a checkpoint of another run: its %s is %.100s, here it is %.100s", path,
                       own->key, stored ? stored : "missing", own->value);
    }
    return LENET_OK;
}

lenet_status ln_checkpoint_parse(ln_safetensors **file, const void *data, size_t size, const char *path,
                                 const ln_identity *identity, lenet_error *error)
{
    ln_safetensors *found = NULL;
    lenet_status status = ln_safetensors_parse_parts(data, size, path, &found, error);
    if (!status)
        status = check_identity(found, path, identity, error);
    if (status)
        ln_safetensors_close(&found);
    else
        *file = found;
    return status;
}

lenet_status ln_checkpoint_open(ln_safetensors **file, const char *path, const ln_identity *identity,
                                lenet_error *error)
{
    unsigned char *data = NULL;
    size_t size = 0;
    *file = NULL;
    ln_remove_leftovers(path);
    if (access(path, F_OK) && errno == ENOENT)
        return LENET_OK;
    lenet_status status = ln_read_file(path, largest_file, &data, &size, error);
    if (!status)
        status = ln_checkpoint_parse(file, data, size, path, identity, error);
    ln_free(data);
    return status;
}

static const ln_part *find(const ln_safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->tensor_count; i++)
        if (!strcmp(file->parts[i].name, name))
            return &file->parts[i];
    return NULL;
}

size_t ln_checkpoint_rows(const ln_safetensors *file, const char *name)
{
    const ln_part *part = find(file, name);
    return part && part->rank ? part->shape[0] : 0;
}

static int is_alike(const ln_part *part, const ln_piece *piece)
{
    int same = part->type == piece->type && part->rank == piece->rank && part->bytes == piece->bytes;
    for (int i = 0; same && i < piece->rank; i++)
        same = part->shape[i] == piece->shape[i];
    return same;
}

static lenet_status check_pieces(const ln_safetensors *file, const char *path, const ln_state *state,
                                 lenet_error *error)
{
    const char *said = ln_safetensors_note(file, "sha256");
    char hash[LN_SHA256_HEX];
    ln_sha256 *sum = ln_sha256_open();
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < state->count && !status; i++) {
        const ln_piece *piece = &state->pieces[i];
        const ln_part *part = find(file, piece->name);
        if (!part || !is_alike(part, piece))
            status = ln_fail(error, LENET_INPUT, "%s: damaged: '%s' %s", path, piece->name,
                             part ? "has another type or shape" : "is missing");
        else
            ln_sha256_add(sum, part->data, part->bytes);
    }
    ln_sha256_close(sum, hash);
    if (!status && file->tensor_count != state->count)
        status = ln_fail(error, LENET_INPUT, "%s: damaged: %zu tensors where there should be %zu", path,
                         file->tensor_count, state->count);
    if (!status && !*hash)
        status = ln_fail_memory(error, path, sizeof hash);
    if (!status && (!said || strcmp(said, hash)))
        status = ln_fail(error, LENET_INPUT, "%s: damaged: its numbers do not have the hash that it names", path);
    return status;
}

lenet_status ln_checkpoint_fill(const ln_safetensors *file, const char *path, const ln_state *state, lenet_error *error)
{
    const lenet_status status = check_pieces(file, path, state, error);
    for (size_t i = 0; i < state->count && !status; i++)
        if (state->pieces[i].bytes)
            memcpy(state->pieces[i].memory, find(file, state->pieces[i].name)->data, state->pieces[i].bytes);
    return status;
}
