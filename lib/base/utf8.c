#include "base/utf8.h"

/* By first byte: the sequence's length and the range its second byte must be in (Unicode, table
 * 3-7). */
static const struct row {
    unsigned char first, last, length, low, high;
} rows[] = {
    {0x00, 0x7f, 1, 0x00, 0xff}, {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

size_t utf8_len(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const struct row *row = &rows[r];

        if (*s < row->first || *s > row->last) {
            continue;
        }
        if (row->length > 1 && (s[1] < row->low || s[1] > row->high)) {
            return 0;
        }
        for (size_t i = 2; i < row->length; i++) {
            if ((s[i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return row->length;
    }
    return 0;
}
