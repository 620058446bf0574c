/* SPDX-License-Identifier: MIT */
/*
 * sha256.c - SHA-256 by libcrypto: the functions themselves, not its EVP interface. That loads providers when
 * it is first used, and crashes where memory is lacking for them (3.0); these need no memory but the hash's.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* since 3.0, in favour of EVP */
#include "util/sha256.h"

#include "util/memory.h"

#include <openssl/sha.h>
#include <stdio.h>

struct ln_sha256 {
    SHA256_CTX context;
};

ln_sha256 *ln_sha256_open(void)
{
    ln_sha256 *hash = ln_alloc(1, sizeof *hash);
    if (hash)
        SHA256_Init(&hash->context);
    return hash;
}

void ln_sha256_add(ln_sha256 *hash, const void *data, size_t size)
{
    if (hash)
        SHA256_Update(&hash->context, data, size);
}

void ln_sha256_close(ln_sha256 *hash, char hex[LN_SHA256_HEX])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    hex[0] = '\0';
    if (!hash)
        return;
    SHA256_Final(digest, &hash->context);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    ln_free(hash);
}

void ln_sha256_of(const void *data, size_t size, char hex[LN_SHA256_HEX])
{
    ln_sha256 *hash = ln_sha256_open();
    ln_sha256_add(hash, data, size);
    ln_sha256_close(hash, hex);
}
