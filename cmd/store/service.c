#include "cmd/store/service.h"

#include <signal.h>

#include "base/mem.h"
#include "cmd/store/review.h"

enum { BEAT_MS = 1000, GRACE_MS = 20000 };

struct service {
    struct service_conf conf;
    struct loop *loop;
    struct client *client;
    struct blobs *blobs;
    struct review *review;
    struct server *server;
    struct loop_timer beat;
};

static void on_beat(void *ctx)
{
    struct service *s = ctx;
    server_beat(s->server);
    loop_timer_in(s->loop, &s->beat, BEAT_MS, on_beat, s);
}

static void on_signal(void *ctx, int signo UNUSED)
{
    struct service *s = ctx;
    loop_stop(s->loop);
}

static int start(struct service *s, struct err *e)
{
    s->loop = loop_new();
    loop_signal(s->loop, SIGTERM, on_signal, s);
    loop_signal(s->loop, SIGINT, on_signal, s);
    s->blobs = blobs_open(s->conf.root, e);
    s->client = s->blobs != NULL
                    ? client_new(s->loop, s->conf.kubeconfig, NULL, "dkube-store/" DKUBE_VERSION, e)
                    : NULL;
    if (s->client == NULL) {
        return -1;
    }
    s->review = review_new(s->loop, s->client);
    s->server = server_start(
        &(struct server_conf){
            .listen = s->conf.listen, .blobs = s->blobs, .auth = review_auth, .ctx = s->review},
        e);
    if (s->server == NULL) {
        return -1;
    }
    review_serve(s->review, s->server);
    on_beat(s);
    return 0;
}

void service_stop(struct service *s)
{
    server_stop(s->server, GRACE_MS);
    review_free(s->review);
    client_free(s->client);
    blobs_close(s->blobs);
    loop_free(s->loop);
    mem_free(s);
}

struct service *service_start(const struct service_conf *conf, struct err *e)
{
    struct service *s = mem_alloc(sizeof(*s));
    s->conf = *conf;
    if (start(s, e) < 0) {
        service_stop(s);
        return NULL;
    }
    return s;
}

int service_port(const struct service *s)
{
    return server_port(s->server);
}

void service_run(struct service *s)
{
    loop_run(s->loop);
}
