/* Whose clock it is: this machine's, kept within what the Date headers of replies allow. */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "http/http.h"
#include "support/spec.h"
#include "support/web.h"

static char date[80]; /* the header of each reply; "": none */

static bool handle(void *ctx UNUSED, struct web_conn *c, const char *request UNUSED)
{
    web_reply(c, 200, date, "dated");
    return true;
}

static void on_done(void *ctx, const struct http_response *r)
{
    assert_int_equal(r->status, 200);
    loop_stop(ctx);
}

struct bed {
    struct loop *l;
    struct web *w;
    struct http *h;
};

static void bed_open(struct bed *b)
{
    char url[64];
    b->l = loop_new();
    b->w = web_start(NULL, handle, NULL);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d", web_port(b->w));
    b->h = http_new(b->l, &(struct http_identity){.base_url = url});
}

static void bed_close(struct bed *b)
{
    http_free(b->h);
    web_stop(b->w);
    loop_free(b->l);
}

static int64_t ahead(const struct bed *b)
{
    return http_wall_ms(b->h) - clock_wall_ms();
}

static int64_t ahead_after_a_reply(struct bed *b)
{
    http_send(b->h, &(struct http_request){.method = "GET", .path = "/"}, on_done, b->l);
    loop_run(b->l);
    return ahead(b);
}

static void server_is_ahead(int64_t ms)
{
    time_t at = (time_t)((clock_wall_ms() + ms) / 1000);
    struct tm tm;
    strftime(date, sizeof(date), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&at, &tm));
}

TEST(the_time_is_the_servers_where_this_machines_clock_is_wrong)
{
    struct bed b;
    bed_open(&b);
    assert_in_range(ahead(&b) + 5, 0, 10); /* nothing is known yet */
    server_is_ahead(3600000);
    assert_in_range(ahead_after_a_reply(&b) - 3600000 + 1000, 0, 2000);
    server_is_ahead(-3600000);
    assert_in_range(ahead_after_a_reply(&b) + 3600000 + 1000, 0, 2000);
    date[0] = '\0';
    assert_in_range(ahead_after_a_reply(&b) + 3600000 + 1000, 0, 2000); /* still */
    bed_close(&b);
}

TEST(a_clock_that_agrees_with_the_server_stays_exact)
{
    struct bed b;
    bed_open(&b);
    server_is_ahead(0);
    assert_in_range(ahead_after_a_reply(&b) + 50, 0, 100);
    bed_close(&b);
}

TEST(a_date_that_is_none_changes_nothing)
{
    struct bed b;
    bed_open(&b);
    snprintf(date, sizeof(date), "Date: the day before yesterday\r\n");
    assert_in_range(ahead_after_a_reply(&b) + 5, 0, 10);
    bed_close(&b);
}

SPEC_MAIN()
