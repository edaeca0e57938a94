#include "kube/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"

enum option_type { TEXT, FLAG, LEVEL, NUMBER, CHOICE };

static const struct option {
    const char *name;
    enum option_type type;
    size_t at; /* offset in struct options */
    const char *meta, *help;
} table[] = {
    {"kubeconfig", TEXT, offsetof(struct options, kubeconfig), "=FILE",
     "credentials, default: $KUBECONFIG, in-cluster, ~/.kube/config"},
    {"context", TEXT, offsetof(struct options, context), "=NAME", "of the kubeconfig"},
    {"listen", TEXT, offsetof(struct options, listen), "=ADDR:PORT",
     "health and metrics, default: 127.0.0.1:0 (a free port)"},
    {"leader-elect", FLAG, offsetof(struct options, leader_elect), "",
     "act only while holding the Lease"},
    {"watch-protocol", CHOICE, offsetof(struct options, watch_http2), "=http1|http2",
     "http2: watches share a connection; default: http1, one each"},
    {"wire", CHOICE, offsetof(struct options, json), "=protobuf|json",
     "how watches ask for built-in kinds; default: protobuf where it is enough"},
    {"dry-run", FLAG, offsetof(struct options, dry_run), "",
     "write nothing: the server checks each write, the log tells it"},
    {"lease-namespace", TEXT, offsetof(struct options, lease_namespace), "=NAME",
     "where the Lease is, default: the program's own namespace"},
    {"log-level", LEVEL, offsetof(struct options, log_level), "=LEVEL",
     "debug, info, warn or error"},
    {"log-json", FLAG, offsetof(struct options, log_json), "", "log JSON instead of logfmt"},
    {"poison-file", TEXT, offsetof(struct options, poison_file), "=FILE",
     "remembers across crashes what was being planned"},
    {"record", TEXT, offsetof(struct options, record), "=FILE",
     "write what each plan was made of, and the plan, for --replay"},
    {"record-bytes", NUMBER, offsetof(struct options, record_bytes), "=N",
     "bound of FILE and FILE.old together, default: 64 MiB"},
    {"replay", TEXT, offsetof(struct options, replay), "=FILE",
     "make the recorded plans again, show what changed, and end"},
    {"dump-cache", TEXT, offsetof(struct options, dump_cache), "=FILE",
     "at SIGUSR1 write all cached objects, as --record does"},
    {"scale-timeouts", NUMBER, offsetof(struct options, scale_timeouts), "=N",
     "divide all time-outs, for tests"},
    {"version", FLAG, offsetof(struct options, version), "", "print the version"},
    {"help", FLAG, offsetof(struct options, help), "", "print this"},
};

void options_help(const struct program *p)
{
    printf("Usage: %s [OPTION…]\n\n", p->name);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char left[64];
        snprintf(left, sizeof(left), "--%s%s", table[i].name, table[i].meta);
        printf("      %-26s %s\n", left, table[i].help);
    }
    printf("%s", p->options_help != NULL ? p->options_help : "");
}

static int set_flag(const char *name, const char *value, bool *ret, struct err *e)
{
    if (value == NULL || strcmp(value, "true") == 0) {
        *ret = true;
        return 0;
    }
    if (strcmp(value, "false") == 0) {
        *ret = false;
        return 0;
    }
    return err_set(e, ERR_INVALID, "BadOption", "--%s is true or false, not '%s'", name, value);
}

static int set_number(const char *name, const char *value, int64_t *ret, struct err *e)
{
    char *end;
    errno = 0;
    long long n = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || n < 1) {
        return err_set(e, ERR_INVALID, "BadOption", "--%s is a number from 1, not '%s'", name,
                       value);
    }
    *ret = n;
    return 0;
}

/* One of the two that `meta` shows: false for the first, the default. */
static int set_choice(const struct option *t, const char *value, bool *ret, struct err *e)
{
    size_t n = strcspn(t->meta + 1, "|");
    *ret = strcmp(value, t->meta + n + 2) == 0;
    if (!*ret && (strlen(value) != n || strncmp(value, t->meta + 1, n) != 0)) {
        return err_set(e, ERR_INVALID, "BadOption", "--%s is %.*s or %s, not '%s'", t->name, (int)n,
                       t->meta + 1, t->meta + n + 2, value);
    }
    return 0;
}

static int set(struct options *o, const struct option *t, const char *value, struct err *e)
{
    void *at = (char *)o + t->at;
    switch (t->type) {
    case TEXT:
        *(const char **)at = value;
        return 0;
    case FLAG:
        return set_flag(t->name, value, at, e);
    case NUMBER:
        return set_number(t->name, value, at, e);
    case CHOICE:
        return set_choice(t, value, at, e);
    case LEVEL:
        if (log_level_parse(value, at) < 0) {
            return err_set(e, ERR_INVALID, "BadOption",
                           "--log-level is debug, info, warn or error, not '%s'", value);
        }
        return 0;
    }
    return 0;
}

static const struct option *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static int unknown(const char *name, struct err *e)
{
    return err_set(e, ERR_INVALID, "UnknownOption", "unknown option '%s', see --help", name);
}

/* One argument and perhaps the next; *i is moved past what was taken. */
static int parse_one(struct options *o, char **argv, int *i, const struct program *p, struct err *e)
{
    char name[64];
    const char *arg = argv[*i], *eq = strchr(arg, '=');
    size_t n = eq != NULL ? (size_t)(eq - arg) : strlen(arg);
    if (strncmp(arg, "--", 2) != 0 || n - 2 >= sizeof(name)) {
        return unknown(arg, e);
    }
    memcpy(name, arg + 2, n - 2);
    name[n - 2] = '\0';
    const struct option *t = find(name);
    const char *value = eq != NULL ? eq + 1 : NULL;
    if (t == NULL && p->option == NULL) {
        return unknown(arg, e);
    }
    if (value == NULL && (t == NULL || t->type != FLAG)) {
        value = argv[++*i];
        if (value == NULL) {
            return err_set(e, ERR_INVALID, "BadOption", "%s wants a value", arg);
        }
    }
    return t != NULL ? set(o, t, value, e) : p->option(p->ctx, name, value, e);
}

/* In a pod the manifests mount an emptyDir there. */
static const char *default_poison_file(void)
{
    bool in_cluster = getenv("KUBERNETES_SERVICE_HOST") != NULL;
    return in_cluster && access("/var/run/dkube", W_OK) == 0 ? "/var/run/dkube/planning" : NULL;
}

int options_parse(struct options *ret, int argc, char **argv, const struct program *p,
                  struct err *e)
{
    *ret = (struct options){
        .listen = "127.0.0.1:0",
        .lease_namespace = p->lease_namespace != NULL ? p->lease_namespace : "dkube-system",
        .poison_file = default_poison_file(),
        .log_level = LOG_INFO,
        .scale_timeouts = 1,
        .record_bytes = 64 << 20,
    };
    for (int i = 1; i < argc; i++) {
        if (parse_one(ret, argv, &i, p, e) < 0) {
            return -1;
        }
    }
    if (ret->dry_run && ret->leader_elect) {
        return err_set(e, ERR_INVALID, "BadOption",
                       "--dry-run writes nothing: leave --leader-elect out");
    }
    if (p->impure && (ret->record != NULL || ret->replay != NULL)) {
        return err_set(e, ERR_INVALID, "BadOption",
                       "the plans of %s have effects elsewhere: they can not be recorded", p->name);
    }
    if (ret->help || ret->version || p->option == NULL) {
        return 0;
    }
    return p->option(p->ctx, NULL, NULL, e);
}
