/* frame.c — where a JSON value ends. */
#include "kube/frame.h"

void frame_init(struct frame *f, size_t max)
{
    *f = (struct frame){0};
    buf_init(&f->buf, max);
}

void frame_reset(struct frame *f)
{
    buf_clear(&f->buf);
    f->depth = 0;
    f->string = f->escape = f->given = false;
}

void frame_done(struct frame *f)
{
    buf_done(&f->buf);
}

/* Bytes up to the end of the value that is open, or all. */
static size_t scan(struct frame *f, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = p[i];
        if (f->escape) {
            f->escape = false;
        } else if (f->string) {
            f->escape = c == '\\';
            f->string = c != '"';
        } else if (c == '"') {
            f->string = true;
        } else if (c == '{') {
            f->depth++;
        } else if (c == '}' && --f->depth == 0) {
            return i + 1;
        }
    }
    return n;
}

static size_t blanks(const struct span *s)
{
    size_t i = 0;
    while (i < s->n && (s->p[i] == ' ' || s->p[i] == '\n' || s->p[i] == '\r' || s->p[i] == '\t')) {
        i++;
    }
    return i;
}

int frame_next(struct frame *f, struct span *chunk, struct span *ret)
{
    if (f->given) {
        buf_clear(&f->buf);
        f->given = false;
    }
    if (f->depth == 0) {
        size_t skip = blanks(chunk);
        *chunk = (struct span){chunk->p + skip, chunk->n - skip};
        if (chunk->n > 0 && chunk->p[0] != '{') {
            return -1;
        }
    }
    if (chunk->n == 0) {
        return 0;
    }
    struct span piece = {chunk->p, scan(f, chunk->p, chunk->n)};
    *chunk = (struct span){chunk->p + piece.n, chunk->n - piece.n};
    if (f->buf.len + piece.n > f->buf.max) {
        return -1;
    }
    if (f->depth == 0 && f->buf.len == 0) {
        *ret = piece;
        return 1;
    }
    if (buf_add(&f->buf, piece.p, piece.n) < 0) {
        return -1;
    }
    if (f->depth > 0) {
        return 0;
    }
    *ret = (struct span){f->buf.data, f->buf.len};
    f->given = true;
    return 1;
}
