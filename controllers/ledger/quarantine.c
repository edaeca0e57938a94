#include "controllers/ledger/quarantine.h"

#include "base/clock.h"
#include "base/span.h"

void quarantine_add(struct quarantine *q, struct rejection r)
{
    size_t at = q->count;

    for (size_t i = 0; i < q->count; i++) {
        if (str_eq(q->last[i].pod, r.pod)) {
            return;
        }
    }
    while (at > 0 && q->last[at - 1].at_ms > r.at_ms) {
        at--;
    }
    if (q->count == QUARANTINE_PODS) {
        if (at == 0) {
            return; /* older than all that are kept */
        }
        for (size_t i = 0; i + 1 < at; i++) {
            q->last[i] = q->last[i + 1];
        }
        at--;
    } else {
        for (size_t i = q->count++; i > at; i--) {
            q->last[i] = q->last[i - 1];
        }
    }
    q->last[at] = r;
}

void quarantine_judge(struct quarantine *q, int64_t now_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < q->count; i++) {
        if (now_ms < q->last[i].at_ms + QUARANTINE_WINDOW_MS + QUARANTINE_MS) {
            q->last[kept++] = q->last[i];
        }
    }
    q->count = kept;
    q->until_ms = 0;
    if (kept == QUARANTINE_PODS) {
        int64_t first = q->last[0].at_ms, last = q->last[kept - 1].at_ms;

        if (last - first <= QUARANTINE_WINDOW_MS && now_ms < last + QUARANTINE_MS) {
            q->until_ms = last + QUARANTINE_MS;
        }
    }
}

void quarantine_write(struct jsonw *w, const struct quarantine *q, bool was_there)
{
    if (q->count == 0) {
        if (was_there) { /* null: it must not be there any more */
            jsonw_str(w, "rejected", NULL);
            jsonw_str(w, "quarantinedUntil", NULL);
        }
        return;
    }
    jsonw_arr(w, "rejected");
    for (size_t i = 0; i < q->count; i++) {
        jsonw_obj(w, NULL);
        jsonw_str(w, "pod", q->last[i].pod);
        jsonw_str(w, "time", clock_rfc3339(w->a, q->last[i].at_ms));
        jsonw_end(w);
    }
    jsonw_end(w);
    jsonw_str(w, "quarantinedUntil", q->until_ms > 0 ? clock_rfc3339(w->a, q->until_ms) : NULL);
}
