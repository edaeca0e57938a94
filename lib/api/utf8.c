/* utf8.c — strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
#include "api/utf8.h"

#include <stdint.h>

/* How many bytes at the front are plain ASCII. */
static size_t plain(struct span s)
{
    size_t i = 0;
    uint64_t word;

    for (; i + sizeof word <= s.n; i += sizeof word) {
        memcpy(&word, s.p + i, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    while (i < s.n && (unsigned char)s.p[i] < 0x80) {
        i++;
    }
    return i;
}

/* By its first byte: how long a character is, and between what its second byte must be. */
struct lead {
    size_t n; /* 0: none begins so */
    unsigned char low, high;
};

static struct lead lead_of(unsigned char c)
{
    if (c >= 0xc2 && c <= 0xdf) {
        return (struct lead){2, 0x80, 0xbf};
    }
    if (c >= 0xe0 && c <= 0xef) {
        return (struct lead){3, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf};
    }
    if (c >= 0xf0 && c <= 0xf4) {
        return (struct lead){4, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf};
    }
    return (struct lead){0};
}

/* The length of the character at the front, which is no ASCII; 0: it is none. */
static size_t character(struct span s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    struct lead lead = lead_of(p[0]);

    if (lead.n == 0 || lead.n > s.n || p[1] < lead.low || p[1] > lead.high) {
        return 0;
    }
    for (size_t i = 2; i < lead.n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return lead.n;
}

/* The first byte that has to be replaced, or the end. */
static size_t good(struct span s)
{
    size_t i = 0;

    for (;;) {
        size_t n;

        i += plain((struct span){s.p + i, s.n - i});
        n = i < s.n ? character((struct span){s.p + i, s.n - i}) : 0;
        if (n == 0) {
            return i;
        }
        i += n;
    }
}

struct span utf8_mended(struct arena *a, struct span text)
{
    size_t n = text.n > 0 ? good(text) : 0, len = 0;
    char *out;

    if (n == text.n) {
        return text;
    }
    out = arena_alloc(a, 3 * text.n);
    for (;;) {
        memcpy(out + len, text.p, n);
        len += n;
        text = (struct span){text.p + n, text.n - n};
        if (text.n == 0) {
            return (struct span){out, len};
        }
        memcpy(out + len, "\xef\xbf\xbd", 3);
        len += 3;
        text = (struct span){text.p + 1, text.n - 1};
        n = text.n > 0 ? good(text) : 0;
    }
}
