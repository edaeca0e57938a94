/* A watch stream or a page in protobuf: what comes of it, and whether it is refused, is the same
 * for every way to cut it. */
#include "api/protoscan.h"

#include "api/kinds.gen.h"
#include "base/buf.h"
#include "support/fuzz.h"

static const struct kind *const kinds[] = {&kind_pod, &kind_node, &kind_secret};

static void note(struct buf *log, const char *s)
{
    law(buf_printf(log, "%s ", s != NULL ? s : "-") == 0, "the log is full");
}

static void note_event(struct buf *log, const struct proto_event *ev)
{
    note(log, ev->type);
    note(log, ev->rv);
    note(log, ev->ends_list ? "end" : "");
    note(log, ev->reason);
    note(log, ev->message);
    if (ev->object != NULL) {
        law(buf_add(log, (const char *)ev->object, rec_size(ev->object)) == 0, "the log is full");
    }
}

/* All that was to be seen, in pieces of `step` bytes behind a first one. */
static struct buf scan_all(struct protoscan *s, bool pages, struct span text, size_t first,
                           size_t step)
{
    struct arena a = {0};
    struct proto_event ev;
    struct proto_page page;
    struct err e;
    struct buf log;
    int r = 0;

    buf_init(&log, 1 << 26);
    protoscan_reset(s, pages ? PROTOSCAN_PAGE : PROTOSCAN_EVENTS, 1 << 20);
    for (size_t n = first; text.n > 0 && r >= 0; n = step) {
        n = n < text.n ? n : text.n;
        char *piece = malloc(n);
        struct span chunk = {memcpy(piece, text.p, n), n};

        while ((r = protoscan_feed(s, &chunk, &a, &ev, &e)) > 0) {
            note_event(&log, &ev);
        }
        free(piece);
        text = (struct span){text.p + n, text.n - n};
    }
    note(&log, r < 0 ? e.reason : "ok");
    note(&log, protoscan_page(s, &a, &page) && r >= 0 ? "whole" : "cut");
    note(&log, page.next);
    arena_done(&a);
    return log;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 1) {
        return 0;
    }
    struct span text = {(const char *)data + 1, n - 1};
    bool pages = data[0] % 2 == 0;
    struct protoscan *s = protoscan_new(kinds[data[0] / 2 % ARRAY_LEN(kinds)]);
    struct buf whole = scan_all(s, pages, text, text.n + 1, 1);
    const size_t steps[][2] = {{1, 1},
                               {2u + data[0], 2u + data[0]},
                               {text.n / 2 + 1, text.n + 1},
                               {7, 7},
                               {text.n / 3 + 1, text.n + 1}};

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct buf cut = scan_all(s, pages, text, steps[i][0], steps[i][1]);

        law(cut.len == whole.len && memcmp(buf_str(&cut), buf_str(&whole), cut.len) == 0,
            "pieces of %zu, %zu", steps[i][0], steps[i][1]);
        buf_done(&cut);
    }
    buf_done(&whole);
    protoscan_free(s);
    return 0;
}

FUZZ_TARGET("protobuf", a_stream_in_protobuf_reads_the_same_whatever_the_pieces);
