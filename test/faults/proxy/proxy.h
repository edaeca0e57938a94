/*
 * proxy.h — the parts of faultproxy: links (TLS), the plan of faults, calls, streams, the journal.
 *
 * One thread a connection; a connection carries one request. The plan is parsed once and lives as
 * long as the process; its counters are under one lock inside faults.c. Nothing is freed at exit:
 * the harness ends the process. All functions may be called from any thread.
 */
#ifndef DKUBE_TEST_FAULTS_PROXY_H
#define DKUBE_TEST_FAULTS_PROXY_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "json/jsonw.h"

#define MESSAGE_MAX (64u << 20)

enum { UPSTREAMS_MAX = 2 };

struct proxy {
    struct sockaddr_in upstream[UPSTREAMS_MAX]; /* each connection goes to the next one */
    unsigned upstreams;
    bool sticky; /* but for watches the first is taken: as one kept connection would have it */
    SSL_CTX *server, *client;
    const char *pids; /* folder: PROGRAM and "apiserver" hold process numbers */
    int journal;
};
extern struct proxy proxy;

/* --- links: one TLS connection -------------------------------------------------------------- */

struct link {
    SSL *ssl;
    int fd;
    unsigned server; /* of the upstreams, once connected */
};
int link_accept(struct link *l, int fd);
/* To the next upstream, or one that takes it. */
int link_connect(struct link *l, bool watch);
void link_close(struct link *l);
void link_reset(struct link *l);              /* RST instead of FIN */
void link_cut(struct link *l);                /* FIN without TLS's goodbye */
int link_read(struct link *l, struct buf *b); /* more bytes; 0 at the end, -1 on failure */
int link_write(struct link *l, const char *p, size_t n);
bool link_is_left(struct link *l);       /* the other side has gone */
bool link_waits(struct link *l, int ms); /* true: bytes are there within ms */
/* All connections of controllers end, and new ones are refused for so long. */
void links_outage(int64_t ms);
bool links_refused(void);

/* --- the plan -------------------------------------------------------------------------------- */

enum action {
    ACT_NONE,
    ACT_CRASH,   /* SIGKILL of the program */
    ACT_SIGNAL,  /* `signal` to `target`; after STOP and `ms` CONT, after TERM and `ms` KILL */
    ACT_STATUS,  /* an answer of the proxy's own: code, reason, retryAfter */
    ACT_RESET,   /* RST; after `at` bytes of the reply */
    ACT_CUT,     /* FIN; after `at` bytes of the reply, or behind the event */
    ACT_HOLD,    /* nothing for `ms`, then RST */
    ACT_DELAY,   /* goes on after `ms` */
    ACT_TRICKLE, /* `at` bytes at a time */
    ACT_BODY,    /* the reply's body is spoilt as `how` says */
    ACT_OUTAGE,  /* the API server is away for `ms` */
    ACT_ACTOR,   /* somebody else acts: the harness does what the plan says */
    ACT_DROP,    /* events: see stream.c */
    ACT_DUP,
    ACT_SWAP,
    ACT_OLD,
    ACT_GONE,
    ACT_STALL,
    ACT_SPLIT,
    ACT_INSERT,
    ACT_REWIND,
    ACT_REPEAT,
    ACT_STALE, /* opening a watch: an initial list of the past, see stream.c */
};
enum when { WHEN_BEFORE, WHEN_COMMITTED, WHEN_AFTER, WHEN_NEVER };

struct fault {
    const char *program, *verb, *kind, *sub; /* NULL: any */
    int64_t nth, count;                      /* of the calls or events that match */
    int64_t event;                           /* 0: the call itself; else from this live event on */
    bool initial, own; /* event counts initial ones; only own writes' events */
    enum action action;
    enum when when;
    int64_t code, ms, at;
    const char *reason, *retry_after, *how, *signal, *target;
    int64_t seen; /* under the plan's lock */
    int index;
};

struct call {
    const char *method, *path; /* path with query */
    const char *program, *verb, *kind, *sub, *ns, *name, *query, *selector;
    int64_t n; /* ordinal among its (program, verb, kind, sub) */
    bool watch, list_first;
    unsigned server; /* which upstream answered */
};

int faults_load(const char *file, struct err *e);
/* The fault that strikes this call, or NULL. */
const struct fault *faults_call(const struct call *c);
/* The fault that strikes the event; `live`: not of the initial list; rv: of its object. */
const struct fault *faults_event(const struct call *c, bool live, const char *rv);
int64_t faults_ordinal(const struct call *c);
/* Resource versions that the controllers' own writes made. */
void faults_own(const char *rv);
bool faults_forced_gone(const struct call *c); /* after a stall: answer the resume with 410 */
void faults_force_gone(const struct call *c);
void faults_heal(void); /* from now on each resumed stream is answered once with 410 */

/* --- calls and streams ----------------------------------------------------------------------- */

int call_parse(struct arena *a, const struct buf *request, struct call *ret);
void call_serve(struct link *down, const struct buf *request, struct call *c, struct arena *a);
void stream_serve(struct link *down, const struct buf *request, struct call *c,
                  const struct fault *at_open);
size_t head_len(const struct buf *b); /* with its empty line; 0 while incomplete */
int forward(struct link *up, const struct buf *request);
/* What is done to processes and to everybody; true when the request itself goes on. */
bool act(const struct fault *f, const struct call *c);
void send_status(struct link *down, int code, const char *reason, const char *retry_after);

/* --- the journal: one line of JSON an entry -------------------------------------------------- */

void jot_call(const struct call *c, const struct buf *request, const struct buf *reply);
void jot_fired(const struct fault *f, const struct call *c, const char *note);
void jot_open(const struct call *c);
void jot_refused(const struct call *c, const struct buf *reply); /* a watch */
void jot_statement(const struct call *c);                        /* SQL */
void jot_event(const struct call *c, const char *type, const struct json *event, bool live);

#endif
