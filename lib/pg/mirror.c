#include "pg/mirror.h"

#include <errno.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <uthash.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "pg/schema.h"

#define BATCH_MAX 500
#define RETRY_S 1
#define DRAIN_S 5

enum item_type { ITEM_PUT, ITEM_DELETE, ITEM_SWEEP };

struct item {
    struct item *next;
    enum item_type type;
    bool refused; /* the database can never hold it */
    int64_t created_ms;
    char *kind, *ns, *name, *uid, *rv, *body; /* owned; a sweep keeps "{uid,uid}" in body */
};

struct done {
    char *uid, *rv; /* owned */
    UT_hash_handle hh;
};

struct mirror {
    pthread_t thread;
    pthread_mutex_t lock; /* everything below but what is the thread's */
    pthread_cond_t wake;
    struct item *head, **tail;
    struct done *committed;
    struct mirror_stats stats;
    bool overflow, stopping;
    struct timespec stop_by;
    char *url;
    PGconn *conn;    /* the thread's alone, and so is this: */
    bool data_fault; /* the last statement failed by what was in it */
};

static void item_free(struct item *it)
{
    mem_free(it->kind);
    mem_free(it->ns);
    mem_free(it->name);
    mem_free(it->uid);
    mem_free(it->rv);
    mem_free(it->body);
    mem_free(it);
}

static void items_free(struct item *it)
{
    while (it != NULL) {
        struct item *next = it->next;

        item_free(it);
        it = next;
    }
}

static int rv_order(const char *a, const char *b)
{
    size_t x = strlen(a), y = strlen(b);

    return x != y ? (x < y ? -1 : 1) : strcmp(a, b);
}

/* --- the loop's side ----------------------------------------------------------------------------
 */

static void done_free(struct mirror *m, struct done *d)
{
    HASH_DEL(m->committed, d);
    mem_free(d->uid);
    mem_free(d->rv);
    mem_free(d);
}

/* The object is gone: what was committed of it need not be known any more. */
static void forget(struct mirror *m, const char *uid)
{
    struct done *d;

    HASH_FIND_STR(m->committed, uid, d);
    if (d != NULL) {
        done_free(m, d);
    }
}

/* Under the lock. What is dropped is handed in again but for deletions: a sweep marks those. */
static void drop_queue(struct mirror *m)
{
    for (const struct item *it = m->head; it != NULL; it = it->next) {
        if (it->type == ITEM_DELETE) {
            forget(m, it->uid);
        }
    }
    items_free(m->head);
    m->head = NULL;
    m->tail = &m->head;
    m->stats.overflows++;
    m->stats.dropped += m->stats.queued;
    m->stats.queued = 0;
    m->overflow = true;
}

static void push(struct mirror *m, struct item *it)
{
    pthread_mutex_lock(&m->lock);
    if (m->stats.queued >= MIRROR_QUEUE_MAX) {
        drop_queue(m);
    }
    *m->tail = it;
    m->tail = &it->next;
    m->stats.queued++;
    pthread_cond_signal(&m->wake);
    pthread_mutex_unlock(&m->lock);
}

/* jsonb cannot hold U+0000, JSON can: such an escape becomes U+FFFD, so that no object blocks the
 * rest. */
static void replace_nul_escapes(char *json)
{
    for (char *p = json; (p = strchr(p, '\\')) != NULL; p += 2) {
        if (strncmp(p, "\\u0000", 6) == 0) {
            memcpy(p, "\\ufffd", 6);
        }
    }
}

static struct item *item_new(enum item_type type, const struct mirror_state *s)
{
    struct item *it = mem_alloc(sizeof *it);

    it->type = type;
    it->created_ms = s->created_ms;
    it->kind = mem_strdup(s->kind);
    it->ns = mem_strdup(s->ns != NULL ? s->ns : "");
    it->name = mem_strdup(s->name);
    it->uid = mem_strdup(s->uid);
    it->rv = mem_strdup(s->rv);
    it->body = mem_strdup(s->body);
    replace_nul_escapes(it->body);
    return it;
}

void mirror_put(struct mirror *m, const struct mirror_state *s)
{
    push(m, item_new(ITEM_PUT, s));
}

void mirror_delete(struct mirror *m, const struct mirror_state *s)
{
    push(m, item_new(ITEM_DELETE, s));
}

void mirror_sweep(struct mirror *m, const char *kind, const char *const *uids, size_t count,
                  const char *rv)
{
    struct item *it = mem_alloc(sizeof *it);
    size_t size = 3, len = 1;

    for (size_t i = 0; i < count; i++) {
        size += strlen(uids[i]) + 3;
    }
    it->type = ITEM_SWEEP;
    it->rv = mem_strdup(rv);
    it->kind = mem_strdup(kind);
    it->body = mem_alloc(size);
    it->body[0] = '{';
    for (size_t i = 0; i < count; i++) { /* uids are UUIDs of the API server: nothing to quote */
        len += (size_t)snprintf(it->body + len, size - len, "%s%s", i > 0 ? "," : "", uids[i]);
    }
    it->body[len] = '}';
    push(m, it);
}

bool mirror_committed(struct mirror *m, const char *uid, const char *rv)
{
    struct done *d;
    bool yes;

    pthread_mutex_lock(&m->lock);
    HASH_FIND_STR(m->committed, uid, d);
    yes = d != NULL && rv_order(d->rv, rv) >= 0;
    pthread_mutex_unlock(&m->lock);
    return yes;
}

bool mirror_overflowed(struct mirror *m)
{
    bool was;

    pthread_mutex_lock(&m->lock);
    was = m->overflow;
    m->overflow = false;
    pthread_mutex_unlock(&m->lock);
    return was;
}

void mirror_stats(struct mirror *m, struct mirror_stats *ret)
{
    pthread_mutex_lock(&m->lock);
    *ret = m->stats;
    pthread_mutex_unlock(&m->lock);
}

/* --- the thread's side --------------------------------------------------------------------------
 */

static void note_failure(struct mirror *m, const char *what)
{
    pthread_mutex_lock(&m->lock);
    m->stats.failures++;
    m->stats.connected = false;
    snprintf(m->stats.last_error, sizeof m->stats.last_error, "%s: %.200s", what,
             m->conn != NULL ? PQerrorMessage(m->conn) : "");
    pthread_mutex_unlock(&m->lock);
    PQfinish(m->conn);
    m->conn = NULL;
}

static int run(struct mirror *m, const char *sql)
{
    PGresult *r = PQexec(m->conn, sql);
    ExecStatusType s = PQresultStatus(r);

    PQclear(r);
    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK ? 0 : -1;
}

static void quiet_notice(void *ctx UNUSED, const char *message UNUSED)
{
}

/* A server or a network that falls silent is noticed as our other connections notice it; what the
 * URL itself says goes before. */
static PGconn *connect_to(const char *url)
{
    static const char *const names[] = {"connect_timeout",
                                        "tcp_user_timeout",
                                        "keepalives_idle",
                                        "keepalives_interval",
                                        "keepalives_count",
                                        "dbname",
                                        NULL};
    long long patience = limit(LIMIT_CONNECT_MS) / 1000, dead = limit(LIMIT_DEAD_PEER_MS);
    char wait[24], user[24], idle[24], between[24];
    const char *const values[] = {wait, user, idle, between, "3", url, NULL};

    snprintf(wait, sizeof wait, "%lld", patience > 2 ? patience : 2);
    snprintf(user, sizeof user, "%lld", dead);
    snprintf(idle, sizeof idle, "%lld", dead > 2000 ? dead / 2000 : 1);
    snprintf(between, sizeof between, "%lld", dead > 6000 ? dead / 6000 : 1);
    return PQconnectdbParams(names, values, 1);
}

static int ensure_connected(struct mirror *m)
{
    if (m->conn != NULL) {
        return 0;
    }
    m->conn = connect_to(m->url);
    if (m->conn == NULL || PQstatus(m->conn) != CONNECTION_OK) {
        note_failure(m, "connecting");
        return -1;
    }
    PQsetNoticeProcessor(m->conn, quiet_notice, NULL);
    if (run(m, "SET statement_timeout = '30s'; SET synchronous_commit = on;") < 0 ||
        run(m, "SELECT pg_advisory_lock(4919)") < 0 || run(m, pg_schema_sql) < 0 ||
        run(m, "SELECT pg_advisory_unlock(4919)") < 0) {
        note_failure(m, "making the schema");
        return -1;
    }
    pthread_mutex_lock(&m->lock);
    m->stats.connected = true;
    m->stats.last_error[0] = '\0';
    pthread_mutex_unlock(&m->lock);
    return 0;
}

/* SQLSTATE classes: data exception, program limit exceeded. The same values fail each time. */
static bool is_data_fault(const PGresult *r)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

    return state != NULL && (strncmp(state, "22", 2) == 0 || strncmp(state, "54", 2) == 0);
}

static int exec_params(struct mirror *m, const char *sql, int n, const char *const *values)
{
    PGresult *r = PQexecParams(m->conn, sql, n, NULL, values, NULL, NULL, 0);
    ExecStatusType s = PQresultStatus(r);

    m->data_fault = is_data_fault(r);
    PQclear(r);
    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK ? 0 : -1;
}

static int write_state(struct mirror *m, const struct item *it)
{
    char created[32];
    const char *const v[] = {it->uid, it->kind, it->ns,   it->name,
                             it->rv,  created,  it->body, it->type == ITEM_DELETE ? "t" : "f"};
    const char *const h[] = {it->uid, it->rv, it->body};

    snprintf(created, sizeof created, "%.3f", (double)it->created_ms / 1000.0);
    if (exec_params(m,
                    "INSERT INTO dkube.object AS o"
                    " (uid, kind, namespace, name, rv, created, body, deleted)"
                    " VALUES ($1, $2, $3, $4, $5, to_timestamp($6::float8),"
                    " $7::jsonb #- '{metadata,managedFields}',"
                    " CASE WHEN $8::boolean THEN now() END)"
                    " ON CONFLICT (uid) DO UPDATE SET rv = excluded.rv, body = excluded.body,"
                    " mirrored = now(), deleted = coalesce(o.deleted, excluded.deleted)"
                    " WHERE dkube.rv_key(o.rv) <= dkube.rv_key(excluded.rv)",
                    8, v) < 0) {
        return -1;
    }
    return exec_params(m,
                       "INSERT INTO dkube.history (uid, rv, body)"
                       " VALUES ($1, $2, $3::jsonb #- '{metadata,managedFields}')"
                       " ON CONFLICT DO NOTHING",
                       3, h);
}

static int write_sweep(struct mirror *m, const struct item *it)
{
    const char *const v[] = {it->kind, it->body, it->rv};

    return exec_params(m,
                       "UPDATE dkube.object SET deleted = now() WHERE kind = $1"
                       " AND deleted IS NULL AND NOT (uid = ANY ($2::text[]))"
                       " AND dkube.rv_key(rv) <= dkube.rv_key($3)",
                       3, v);
}

/* Left out from now on, so that it does not block the rest. */
static void refuse(struct mirror *m, struct item *it)
{
    it->refused = true;
    pthread_mutex_lock(&m->lock);
    m->stats.refused++;
    snprintf(m->stats.last_refusal, sizeof m->stats.last_refusal, "%s %s/%s: %.150s", it->kind,
             it->ns != NULL ? it->ns : "", it->name != NULL ? it->name : "",
             PQerrorMessage(m->conn));
    pthread_mutex_unlock(&m->lock);
}

/* All items or none. */
static int write_items(struct mirror *m, struct item *batch)
{
    m->data_fault = false;
    if (run(m, "BEGIN") < 0) {
        return -1;
    }
    for (struct item *it = batch; it != NULL; it = it->next) {
        if (it->refused) {
            continue;
        }
        if ((it->type == ITEM_SWEEP ? write_sweep(m, it) : write_state(m, it)) < 0) {
            if (m->data_fault) {
                refuse(m, it);
            }
            return -1;
        }
    }
    return run(m, "COMMIT");
}

static int write_batch(struct mirror *m, struct item *batch)
{
    while (write_items(m, batch) < 0) {
        if (!m->data_fault || run(m, "ROLLBACK") < 0) {
            return -1;
        }
    }
    return 0;
}

static void remember(struct mirror *m, const struct item *it)
{
    struct done *d;

    HASH_FIND_STR(m->committed, it->uid, d);
    if (d == NULL) {
        d = mem_alloc(sizeof *d);
        d->uid = mem_strdup(it->uid);
        HASH_ADD_KEYPTR(hh, m->committed, d->uid, strlen(d->uid), d);
    } else if (rv_order(d->rv, it->rv) >= 0) {
        return;
    }
    mem_free(d->rv);
    d->rv = mem_strdup(it->rv);
}

/* Takes up to BATCH_MAX items; waits while there are none. NULL: stopping and empty. */
static struct item *take(struct mirror *m)
{
    struct item *first, *last;

    pthread_mutex_lock(&m->lock);
    while (m->head == NULL && !m->stopping) {
        pthread_cond_wait(&m->wake, &m->lock);
    }
    first = last = m->head;
    if (first != NULL) {
        size_t n = 1;

        for (; n < BATCH_MAX && last->next != NULL; n++) {
            last = last->next;
        }
        m->head = last->next;
        last->next = NULL;
        if (m->head == NULL) {
            m->tail = &m->head;
        }
        m->stats.queued -= n;
    }
    pthread_mutex_unlock(&m->lock);
    return first;
}

static void finish_batch(struct mirror *m, struct item *batch)
{
    pthread_mutex_lock(&m->lock);
    m->stats.batches++;
    for (const struct item *it = batch; it != NULL; it = it->next) {
        m->stats.written += !it->refused;
        if (it->type == ITEM_DELETE) {
            forget(m, it->uid);
        } else if (it->type == ITEM_PUT && !it->refused) {
            remember(m, it);
        }
    }
    pthread_mutex_unlock(&m->lock);
    items_free(batch);
}

/* False: time to give up, because the program ends and the database does not answer. */
static bool pause_before_retry(struct mirror *m)
{
    struct timespec until, now;
    bool go_on, stopping;

    pthread_mutex_lock(&m->lock);
    stopping = m->stopping;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += RETRY_S;
    while (m->stopping == stopping &&
           pthread_cond_timedwait(&m->wake, &m->lock, &until) != ETIMEDOUT) {
        continue; /* a state came in: no reason to try sooner */
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    go_on = !m->stopping || now.tv_sec < m->stop_by.tv_sec;
    pthread_mutex_unlock(&m->lock);
    return go_on;
}

static void *mirror_thread(void *ctx)
{
    struct mirror *m = ctx;
    struct item *batch;

    while ((batch = take(m)) != NULL) {
        while (ensure_connected(m) < 0 || write_batch(m, batch) < 0) {
            if (m->conn != NULL) {
                note_failure(m, "writing");
            }
            if (!pause_before_retry(m)) {
                items_free(batch);
                return NULL;
            }
        }
        finish_batch(m, batch);
    }
    return NULL;
}

/* The thread takes no signal: they belong to the loop, which begins after it. */
static int thread_start(struct mirror *m)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int r = pthread_create(&m->thread, NULL, mirror_thread, m);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return r;
}

struct mirror *mirror_new(const char *url)
{
    struct mirror *m = mem_alloc(sizeof *m);
    pthread_condattr_t boot; /* the wall clock may jump */

    m->url = mem_strdup(url);
    m->tail = &m->head;
    pthread_mutex_init(&m->lock, NULL);
    pthread_condattr_init(&boot);
    pthread_condattr_setclock(&boot, CLOCK_MONOTONIC);
    pthread_cond_init(&m->wake, &boot);
    pthread_condattr_destroy(&boot);
    if (thread_start(m) != 0) {
        mem_exhausted();
    }
    return m;
}

void mirror_free(struct mirror *m)
{
    struct done *d, *tmp;

    if (m == NULL) {
        return;
    }
    pthread_mutex_lock(&m->lock);
    m->stopping = true;
    clock_gettime(CLOCK_MONOTONIC, &m->stop_by);
    m->stop_by.tv_sec += DRAIN_S;
    pthread_cond_signal(&m->wake);
    pthread_mutex_unlock(&m->lock);
    pthread_join(m->thread, NULL);
    PQfinish(m->conn);
    items_free(m->head);
    HASH_ITER (hh, m->committed, d, tmp) {
        done_free(m, d);
    }
    mem_free(m->url);
    mem_free(m);
}
