#include "support/prop.h"

#include <stdlib.h>

#include "json/jsonw.h"

uint64_t law_seed;

/* splitmix64 */
uint64_t dice_bits(struct dice *d)
{
    uint64_t z = d->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

unsigned roll(struct dice *d, unsigned n)
{
    return (unsigned)(dice_bits(d) % n);
}

bool chance(struct dice *d, unsigned percent)
{
    return roll(d, 100) < percent;
}

const char *random_text(struct dice *d, struct arena *a, unsigned n)
{
    static const char *const pieces[] = {
        "a", "b", "Z", "0", "9", "-", ".", "/", "\"", "\\", "\xc3\xa9", "\xe2\x82\xac", "\n", " "};
    const char *text = "";

    for (unsigned i = roll(d, n + 1); i > 0; i--) {
        bool plain = chance(d, 80);

        text = arena_printf(a, "%s%s", text, pieces[roll(d, plain ? 5 : ARRAY_LEN(pieces))]);
    }
    return text;
}

static void write_random(struct dice *d, struct jsonw *w, const char *key, int depth)
{
    unsigned n = roll(d, 5);

    switch (roll(d, depth > 0 ? 7 : 5)) {
    case 0:
        jsonw_str(w, key, NULL);
        break;
    case 1:
        jsonw_bool(w, key, chance(d, 50));
        break;
    case 2:
        jsonw_int(w, key, (int64_t)dice_bits(d) >> roll(d, 64));
        break;
    case 3:
        jsonw_raw(w, key, "-1.25e2", 7);
        break;
    case 4:
        jsonw_str(w, key, random_text(d, w->a, 12));
        break;
    case 5:
        jsonw_arr(w, key);
        for (unsigned i = 0; i < n; i++) {
            write_random(d, w, NULL, depth - 1);
        }
        jsonw_end(w);
        break;
    default:
        jsonw_obj(w, key);
        for (unsigned i = 0; i < n; i++) {
            write_random(d, w, arena_printf(w->a, "k%u%s", i, random_text(d, w->a, 4)), depth - 1);
        }
        jsonw_end(w);
    }
}

const char *random_json(struct dice *d, struct arena *a, int depth)
{
    struct jsonw w;

    jsonw_init(&w, a);
    write_random(d, &w, NULL, depth);
    return jsonw_text(&w);
}

static void run_case(law_fn *law, uint64_t seed)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct dice d = {seed * 0x2545f4914f6cdd1du + 1};

    law_seed = seed;
    law(&d, &a);
}

void law_run(law_fn *law)
{
    const char *one = getenv("PROP_SEED"), *many = getenv("PROP_SEEDS");
    uint64_t count = many != NULL ? strtoull(many, NULL, 10) : 200;

    if (one != NULL) {
        run_case(law, strtoull(one, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= count; seed++) {
        run_case(law, seed);
    }
}
