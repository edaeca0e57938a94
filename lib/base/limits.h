/*
 * limits.h — the one table of time-outs and limits. Every bounded thing names its row here, has a
 * gauge, and says what happens when it is full. Tests divide the time-outs with limits_scale(20);
 * sizes never scale. Times are milliseconds, sizes bytes.
 */
#ifndef DKUBE_BASE_LIMITS_H
#define DKUBE_BASE_LIMITS_H

#include <stdint.h>

/* X(name, default, is_time, what happens at the limit) */
#define LIMITS(X)                                                                               \
    X(CONNECT_MS, 10000, 1, "the connection attempt fails and is retried with back-off")        \
    X(REQUEST_MS, 30000, 1, "the request's outcome is unknown: a live GET decides")             \
    X(WATCH_MIN_MS, 300000, 1, "least timeoutSeconds asked of a watch (jittered up to twice)")  \
    X(WATCH_GRACE_MS, 5000, 1, "a watch silent this long past its time-out is cut and resumed") \
    X(DEAD_PEER_MS, 30000, 1, "TCP_USER_TIMEOUT: a peer that acknowledges nothing is dropped")  \
    X(CONN_LIFE_MS, 3600000, 0, "a connection this old is not reused")                          \
    X(WATCH_BACKOFF_MS, 800, 1, "first pause after a failed watch, doubled and jittered")       \
    X(WATCH_BACKOFF_MAX_MS, 30000, 1, "longest pause after a failed watch")                     \
    X(WATCH_ABSENT_MS, 5000, 1, "longest pause until an optional kind is looked for again")     \
    X(RETRY_AFTER_MS, 60000, 1, "a server that asks for a longer pause gets this one")          \
    X(QUEUE_BACKOFF_MS, 5, 0, "first pause of a failing key, doubled")                          \
    X(QUEUE_BACKOFF_MAX_MS, 1000000, 1, "longest pause of a failing key")                       \
    X(RYW_MS, 10000, 1, "an own write unseen this long: a live GET says whether to wait on")    \
    X(ANSWER_MS, 10000, 1, "an answer to a need older than this is dropped")                    \
    X(NEED_ROUNDS, 3, 0, "plans that ask more often are put into back-off")                     \
    X(NEEDS_AT_ONCE, 8, 0, "further needs of a plan wait for a reply")                          \
    X(PASSES_IN_FLIGHT, 16, 0, "further keys wait in the queue")                                \
    X(LEASE_MS, 15000, 1, "leaseDuration")                                                      \
    X(LEASE_RENEW_MS, 10000, 1, "renew deadline: past it every write is refused and we exit")   \
    X(LEASE_RETRY_MS, 2000, 1, "pause between lease attempts (jitter 1.2)")                     \
    X(TOKEN_REREAD_MS, 60000, 1, "token files are read again")                                  \
    X(HEARTBEAT_MS, 10000, 0, "/healthz fails when the loop's heartbeat is older")              \
    X(EXEC_PLUGIN_MS, 60000, 1, "a credential plugin that runs longer is killed")               \
    X(SHUTDOWN_MS, 20000, 1, "passes still in flight at SIGTERM after this are abandoned")      \
    X(SLOW_ITERATION_MS, 50, 0, "loop iterations longer than this are counted")                 \
    X(STUCK_ITERATION_MS, 500, 0,                                                               \
      "loop iterations longer than this are logged with key and stage")                         \
    X(OBJECT_BYTES, 4 << 20, 0, "a larger object on a watch is an error: the kind relists")     \
    X(RESPONSE_BYTES, 8 << 20, 0, "a larger reply to a request is an error (decoded bytes)")    \
    X(LIST_PAGE, 500, 0, "objects a LIST page")                                                 \
    X(QUEUE_KEYS, 200000, 0, "keys beyond are dropped from the delayed set and counted")        \
    X(EVENTS_PENDING, 1000, 0, "further Events are dropped and counted")                        \
    X(STORE_SILENT_MS, 60000, 1, "a client of the store that moves no byte so long is dropped") \
    X(JSON_DEPTH, 10000, 0, "deeper documents are refused; the API server allows as many")

enum limit {
#define LIMIT_ENUM(name, value, is_time, text) LIMIT_##name,
    LIMITS(LIMIT_ENUM)
#undef LIMIT_ENUM
        LIMIT_COUNT
};

int64_t limit(enum limit which);          /* the value in force */
const char *limit_name(enum limit which); /* "CONNECT_MS" */
const char *limit_text(enum limit which); /* what happens at the limit */
void limits_scale(int64_t divisor); /* tests: every time-out divided, at least 1 ms; 1 restores */

#endif
