/* How watches are read: ahead of libcurl, and lists in pieces; nothing that has come stays behind.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/http.h"
#include "http/loop.h"
#include "support/spec.h"
#include "support/web.h"

#define CHUNKS 150
#define CHUNK_BYTES 0x200
#define PATIENCE_MS 1000

/* Each write is a TLS record: chunks, their heads and ends apart, then nothing for long. */
static void send_records(struct web_conn *c)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    static const char data[CHUNK_BYTES];
    web_cork(c, true);
    web_write(c, head, sizeof(head) - 1);
    for (int i = 0; i < CHUNKS; i++) {
        web_write(c, "200\r\n", 5);
        web_write(c, data, sizeof(data));
        web_write(c, "\r\n", 2);
    }
    web_cork(c, false);
    usleep(1500 * 1000);
}

#define DRIPS 1500
#define LATE "late"

/* A list as a busy server writes it, an object at a time, and after a while an event. */
static void send_drips(struct web_conn *c)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    web_write(c, head, sizeof(head) - 1);
    for (int i = 0; i < DRIPS; i++) {
        web_write(c, "1\r\n.\r\n", 6);
        usleep(10);
    }
    web_write(c, "4\r\n" LATE "\r\n", 9);
    web_write(c, "0\r\n\r\n", 5);
}

static bool handle(void *ctx UNUSED, struct web_conn *c, const char *request)
{
    if (strstr(request, "/drips") != NULL) {
        send_drips(c);
    } else {
        send_records(c);
    }
    return false;
}

struct got {
    struct loop *l;
    size_t bytes, enough; /* the loop is stopped then; 0: never */
    char last;
};

static int on_data(void *ctx, const char *p, size_t n)
{
    struct got *g = ctx;
    g->bytes += n;
    g->last = p[n - 1];
    if (g->enough > 0 && g->bytes >= g->enough) {
        loop_stop(g->l);
    }
    return 0;
}

static void on_done(void *ctx, const struct http_response *r UNUSED)
{
    struct got *g = ctx;
    loop_stop(g->l);
}

static void on_patience_out(void *ctx)
{
    loop_stop(ctx);
}

struct scene {
    struct web_pki pki;
    struct web *w;
    struct http *h;
    struct got got;
    struct loop_timer patience;
};

static void scene_open(struct scene *s, const struct http_request *r)
{
    char url[64];

    *s = (struct scene){.got.l = loop_new()};
    web_pki_make(&s->pki, "DNS:api.example.org,IP:127.0.0.1");
    s->w = web_start(&s->pki, handle, NULL);
    snprintf(url, sizeof(url), "https://127.0.0.1:%d", web_port(s->w));
    s->h = http_new(s->got.l, &(struct http_identity){.base_url = url, .ca_pem = s->pki.ca});
    http_stream_open(s->h, r, on_data, on_done, &s->got);
}

static void scene_play(struct scene *s, int64_t patience_ms)
{
    loop_timer_in(s->got.l, &s->patience, patience_ms, on_patience_out, s->got.l);
    loop_run(s->got.l);
}

static void scene_done(struct scene *s)
{
    loop_timer_clear(s->got.l, &s->patience);
    http_free(s->h);
    web_stop(s->w);
    web_pki_free(&s->pki);
    loop_free(s->got.l);
}

/* libcurl sees the socket alone, and that is read ahead of what it is given. */
TEST(records_that_come_at_once_are_all_told_though_nothing_follows)
{
    struct scene s;
    scene_open(&s, &(struct http_request){.method = "GET", .path = "/"});
    scene_play(&s, PATIENCE_MS);
    assert_int_equal(s.got.bytes, CHUNKS * CHUNK_BYTES);
    scene_done(&s);
}

/* Two turns of the loop a millisecond, for its end and its bytes, however many pieces come. */
TEST(in_bulk_pieces_that_come_singly_are_read_together_and_none_is_lost)
{
    static const bool bulk = true;
    struct loop_stats turns;
    struct scene s;
    scene_open(&s, &(struct http_request){.method = "GET", .path = "/drips", .bulk = &bulk});
    int64_t began = clock_boot_ms();
    scene_play(&s, 60000);
    loop_stats(s.got.l, &turns);
    assert_in_range(turns.iterations, 1, 2 * (uint64_t)(clock_boot_ms() - began) + 20);
    assert_int_equal(s.got.bytes, DRIPS + strlen(LATE));
    assert_int_equal(s.got.last, 'e');
    scene_done(&s);
}

TEST(a_stream_closed_in_a_pause_says_nothing_more)
{
    static const bool bulk = true;
    struct scene s;
    scene_open(&s, &(struct http_request){.method = "GET", .path = "/drips", .bulk = &bulk});
    s.got.enough = 10;
    scene_play(&s, 60000);
    size_t bytes = s.got.bytes;
    assert_in_range(bytes, 10, DRIPS);
    http_free(s.h);
    s.h = NULL;
    scene_play(&s, 20);
    assert_int_equal(s.got.bytes, bytes);
    scene_done(&s);
}

SPEC_MAIN()
