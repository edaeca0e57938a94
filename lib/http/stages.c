#include "http/stages.h"

#include <stdio.h>

#include "base/log.h"

void stages_begin(struct stages *s, int64_t now_ms)
{
    s->name = s->longest = NULL;
    s->longest_ms = 0;
    s->longest_key[0] = '\0';
    s->since_ms = now_ms;
}

void stages_enter(struct stages *s, int64_t now_ms, const char *name, const char *who,
                  const char *key)
{
    int64_t took = now_ms - s->since_ms;

    if (s->name != NULL && took > s->longest_ms) {
        s->longest = s->name;
        s->longest_ms = took;
        snprintf(s->longest_key, sizeof(s->longest_key), "%s%s%s", s->who != NULL ? s->who : "",
                 s->who != NULL && s->key != NULL ? " " : "", s->key != NULL ? s->key : "");
    }
    s->name = name;
    s->who = who;
    s->key = key;
    s->since_ms = now_ms;
}

void stages_warn(const struct stages *s, int64_t took_ms)
{
    char ms[24], longest[24];

    snprintf(ms, sizeof(ms), "%lld", (long long)took_ms);
    snprintf(longest, sizeof(longest), "%lld", (long long)s->longest_ms);
    LOG_W("event loop was stuck", "ms", ms, "stage", s->longest, "key", s->longest_key, "stage_ms",
          longest, NULL);
}
