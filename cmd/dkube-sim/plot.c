#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/dkube-sim/sim.h"

#define WIDTH 1000
#define HEIGHT 220
#define LEFT 60
#define GAP 60

static int64_t most_of(const struct result *r, bool waiting)
{
    int64_t most = 1;

    for (size_t i = 0; i < r->sample_count; i++) {
        int64_t v = waiting ? r->samples[i].waiting : r->samples[i].used;

        most = v > most ? v : most;
    }
    return most;
}

static void draw(FILE *f, const struct result *r, bool waiting, int top, const char *title)
{
    int64_t most = most_of(r, waiting);

    fprintf(f, "<text x=\"%d\" y=\"%d\">%s (most: %" PRId64 ")</text>\n", LEFT, top - 8, title,
            most);
    fprintf(f, "<path d=\"M%d %dv%dh%d\" fill=\"none\" stroke=\"#888\"/>\n", LEFT, top, HEIGHT,
            WIDTH);
    fprintf(f, "<polyline fill=\"none\" stroke=\"%s\" points=\"", waiting ? "#b03030" : "#3060b0");
    for (size_t i = 0; i < r->sample_count; i++) {
        int64_t v = waiting ? r->samples[i].waiting : r->samples[i].used;

        fprintf(f, "%.1f,%.1f ", LEFT + WIDTH * (double)i / (double)r->sample_count,
                top + HEIGHT - HEIGHT * (double)v / (double)most);
    }
    fprintf(f, "\"/>\n");
}

int plot(const struct trace *t, const struct result *r, const char *file, struct err *e)
{
    FILE *f = fopen(file, "we");
    bool failed;

    if (f == NULL) {
        return err_set(e, ERR_INVALID, "NoPlot", "cannot write %s: %s", file, strerror(errno));
    }
    fprintf(f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "font-family=\"sans-serif\" font-size=\"13\">\n",
            LEFT + WIDTH + 20, 2 * (HEIGHT + GAP) + 20);
    draw(f, r, false, GAP, "GPUs in use");
    draw(f, r, true, GAP + HEIGHT + GAP, "jobs waiting");
    fprintf(f, "<text x=\"%d\" y=\"20\">%s, %s estimates; %.1f days</text>\n</svg>\n", LEFT,
            policy_name(r->policy), estimate_name(r->estimate), (double)t->span_ms / 86400000.0);
    failed = ferror(f) != 0;
    if (fclose(f) != 0 || failed) {
        return err_set(e, ERR_INVALID, "NoPlot", "cannot write %s: the disk may be full", file);
    }
    return 0;
}
