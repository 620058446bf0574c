/* SPDX-License-Identifier: MIT */
/*
 * replay.c - a main() for fuzz targets without libFuzzer: runs LLVMFuzzerTestOneInput over each file given, and over all files of each
 * folder given. So the corpora are a test with any compiler. Nothing to run is a failure, because then nothing was tested.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST_PATH = 4096 };

/* The content in memory of exactly its size, so that the address sanitizer sees a read past its end. */
static uint8_t *read_whole(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        return NULL;
    const long length = ftell(file);
    rewind(file);
    uint8_t *data = length < 0 ? NULL : malloc(length ? (size_t)length : 1);
    *size = data ? fread(data, 1, (size_t)length, file) : 0;
    fclose(file);
    return data;
}

static int replay_file(const char *path)
{
    size_t size = 0;
    uint8_t *data = read_whole(path, &size);
    if (!data) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(EXIT_FAILURE);
    }
    fprintf(stderr, "%s\n", path); /* the last one named is the one that crashed */
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static int replay_folder(const char *folder)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, NULL, alphasort);
    int done = 0;
    for (int i = 0; i < count; i++) {
        char path[LONGEST_PATH];
        const int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        struct stat status;
        if (length > 0 && length < LONGEST_PATH && stat(path, &status) == 0 && S_ISREG(status.st_mode))
            done += replay_file(path);
        free(entries[i]);
    }
    free(entries);
    return done;
}

int main(int argc, char **argv)
{
    int done = 0;
    for (int i = 1; i < argc; i++) {
        struct stat status;
        const int is_folder = stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode);
        done += is_folder ? replay_folder(argv[i]) : replay_file(argv[i]);
    }
    printf("%d inputs\n", done);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
