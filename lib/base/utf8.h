/*
 * utf8.h — what is a character in UTF-8 and what is not: no surrogates, nothing written longer than
 * need be, nothing beyond U+10FFFF. Pure functions on borrowed bytes, for any thread.
 */
#ifndef DKUBE_BASE_UTF8_H
#define DKUBE_BASE_UTF8_H

#include <stddef.h>

#define UTF8_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD, for bytes that are no character */

/* Bytes of the character at s (NUL is one), 0 when there is none. Reads no further than a NUL. */
size_t utf8_len(const char *s);

#endif
