/*
 * sha256.h — streaming SHA-256 over OpenSSL's EVP. Hex output is 64 lower-case digits and a NUL.
 */
#ifndef DKUBE_BASE_SHA256_H
#define DKUBE_BASE_SHA256_H

#include <stddef.h>

#define SHA256_HEX 65

struct sha256; /* owned by the caller between new and finish */

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *s, const void *p, size_t n);
void sha256_finish(struct sha256 *s, char ret_hex[SHA256_HEX]); /* frees s */
void sha256_free(struct sha256 *s);                             /* without a result; NULL is fine */
void sha256_hex(const void *p, size_t n, char ret_hex[SHA256_HEX]);

#endif
