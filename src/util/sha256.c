/* SPDX-License-Identifier: MIT */
/* sha256.c - SHA-256 by libcrypto's EVP interface. */
#include "util/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>

/* ln_sha256 is an EVP_MD_CTX under another name, so that no header of ours needs OpenSSL's. */
static EVP_MD_CTX *context_of(ln_sha256 *hash) { return (EVP_MD_CTX *)(void *)hash; }

ln_sha256 *ln_sha256_open(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    return (ln_sha256 *)(void *)context;
}

void ln_sha256_add(ln_sha256 *hash, const void *data, size_t size)
{
    if (hash)
        EVP_DigestUpdate(context_of(hash), data, size);
}

void ln_sha256_close(ln_sha256 *hash, char hex[LN_SHA256_HEX])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    hex[0] = '\0';
    if (!hash)
        return;
    if (EVP_DigestFinal_ex(context_of(hash), digest, &size) == 1)
        for (unsigned int i = 0; i < size; i++)
            snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    EVP_MD_CTX_free(context_of(hash));
}

void ln_sha256_of(const void *data, size_t size, char hex[LN_SHA256_HEX])
{
    ln_sha256 *hash = ln_sha256_open();
    ln_sha256_add(hash, data, size);
    ln_sha256_close(hash, hex);
}
