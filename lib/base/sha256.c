#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/mem.h"

struct sha256 {
    EVP_MD_CTX *ctx;
};

struct sha256 *sha256_new(void)
{
    struct sha256 *s = mem_alloc(sizeof *s);

    s->ctx = EVP_MD_CTX_new();
    if (s->ctx == NULL || EVP_DigestInit_ex(s->ctx, EVP_sha256(), NULL) != 1) {
        mem_exhausted();
    }
    return s;
}

void sha256_add(struct sha256 *s, const void *p, size_t n)
{
    if (EVP_DigestUpdate(s->ctx, p, n) != 1) {
        mem_exhausted();
    }
}

void sha256_free(struct sha256 *s)
{
    if (s != NULL) {
        EVP_MD_CTX_free(s->ctx);
        mem_free(s);
    }
}

void sha256_finish(struct sha256 *s, char ret_hex[SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (EVP_DigestFinal_ex(s->ctx, md, &n) != 1) {
        mem_exhausted();
    }
    for (unsigned i = 0; i < n; i++) {
        ret_hex[2 * i] = digits[md[i] >> 4];
        ret_hex[2 * i + 1] = digits[md[i] & 15];
    }
    ret_hex[2 * n] = '\0';
    sha256_free(s);
}

void sha256_hex(const void *p, size_t n, char ret_hex[SHA256_HEX])
{
    struct sha256 *s = sha256_new();

    sha256_add(s, p, n);
    sha256_finish(s, ret_hex);
}
