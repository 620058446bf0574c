/* SPDX-License-Identifier: MIT */
/*
 * replay.c - a fuzz target without a fuzzer: gives every file of the folders named to LLVMFuzzerTestOneInput, in order of name.
 *
 * So the inputs of tests/fuzz/corpus are a test of every build, by any compiler. An input that breaks something ends the program (an assertion,
 * a sanitizer); its name is then the last one on stderr. A folder that holds nothing is a failure: nothing would have been tested.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

/* A block of exactly the file's size, so that a sanitizer sees the first byte read past it. NULL: a message was printed. */
static uint8_t *read_input(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    long length = -1;
    if (file && !fseek(file, 0, SEEK_END))
        length = ftell(file);
    uint8_t *data = length >= 0 ? malloc(length ? (size_t)length : 1) : NULL;
    if (data)
        rewind(file);
    if (!data || fread(data, 1, (size_t)length, file) != (size_t)length) {
        perror(path);
        free(data);
        data = NULL;
    }
    if (file)
        fclose(file);
    *size = data ? (size_t)length : 0;
    return data;
}

static int replay_file(const char *folder, const char *name)
{
    char path[4096];
    size_t size;
    const int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    uint8_t *data = length > 0 && (size_t)length < sizeof path ? read_input(path, &size) : NULL;
    if (!data)
        return 1;
    fprintf(stderr, "%s\n", name);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 0;
}

static int replay_folder(const char *folder)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_visible, alphasort);
    int failed = count < 1;
    if (failed)
        fprintf(stderr, "%s: no inputs there\n", folder);
    for (int i = 0; i < count; i++) {
        failed |= replay_file(folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    if (count > 0)
        printf("%s: %d inputs\n", folder, count);
    return failed;
}

int main(int count, char **words)
{
    int failed = count < 2;
    for (int i = 1; i < count; i++)
        failed |= replay_folder(words[i]);
    return failed;
}
