/* Watches over TLS, read ahead of libcurl: nothing that has come stays behind. */
#include <stdio.h>
#include <unistd.h>

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

static bool handle(void *ctx UNUSED, struct web_conn *c, const char *request UNUSED)
{
    send_records(c);
    return false;
}

struct got {
    struct loop *l;
    size_t bytes;
};

static int on_data(void *ctx, const char *p UNUSED, size_t n)
{
    struct got *g = ctx;
    g->bytes += n;
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

/* libcurl sees the socket alone, and that is read ahead of what it is given. */
TEST(records_that_come_at_once_are_all_told_though_nothing_follows)
{
    struct got g = {.l = loop_new()};
    struct loop_timer patience = {0};
    struct web_pki pki;
    char url[64];

    web_pki_make(&pki, "DNS:api.example.org,IP:127.0.0.1");
    struct web *w = web_start(&pki, handle, NULL);
    snprintf(url, sizeof(url), "https://127.0.0.1:%d", web_port(w));
    struct http *h = http_new(g.l, &(struct http_identity){.base_url = url, .ca_pem = pki.ca});
    http_stream_open(h, &(struct http_request){.method = "GET", .path = "/"}, on_data, on_done, &g);
    loop_timer_in(g.l, &patience, PATIENCE_MS, on_patience_out, g.l);
    loop_run(g.l);
    assert_int_equal(g.bytes, CHUNKS * CHUNK_BYTES);
    loop_timer_clear(g.l, &patience);
    http_free(h);
    web_stop(w);
    web_pki_free(&pki);
    loop_free(g.l);
}

SPEC_MAIN()
