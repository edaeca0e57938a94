#include "kube/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sha256.h"

enum { FILE_SIZE = 4096, SLOTS = 48, CRASHES = 2 };
static const char magic[8] = "dkpois1";

/* Identities are kept as the first 16 hex digits of their hash: fixed size, no text from users. */
struct slot {
    char id[17];
    uint8_t crashes;
    int64_t last_ms;
};

struct page {
    char magic[8];
    char current[24]; /* being planned now */
    struct slot slots[SLOTS];
};
_Static_assert(sizeof(struct page) <= FILE_SIZE, "the page holds its slots");

struct quarantine {
    struct page *page; /* mapped */
    char current[24];
    char crashed[17]; /* as found at the opening; "" none */
};

static void short_id(const char *id, char ret[17])
{
    char hex[SHA256_HEX];
    sha256_hex(id, strlen(id), hex);
    memcpy(ret, hex, 16);
    ret[16] = '\0';
}

static struct slot *slot_find(const struct quarantine *q, const char *id)
{
    for (int i = 0; i < SLOTS; i++) {
        if (memcmp(q->page->slots[i].id, id, 16) == 0) {
            return &q->page->slots[i];
        }
    }
    return NULL;
}

static struct slot *slot_oldest(const struct quarantine *q)
{
    struct slot *s = q->page->slots;
    for (int i = 1; i < SLOTS; i++) {
        s = q->page->slots[i].last_ms < s->last_ms ? &q->page->slots[i] : s;
    }
    return s;
}

static void count_crash(struct quarantine *q, int64_t now_ms)
{
    struct page *p = q->page;
    if (p->current[0] == '\0') {
        return;
    }
    struct slot *s = slot_find(q, p->current);
    if (s == NULL) {
        s = slot_oldest(q);
        *s = (struct slot){0};
        memcpy(s->id, p->current, 16);
    }
    s->crashes = s->crashes < UINT8_MAX ? s->crashes + 1 : UINT8_MAX;
    s->last_ms = now_ms;
    memset(p->current, 0, sizeof(p->current));
}

struct quarantine *quarantine_open(const char *path, int64_t now_ms, struct err *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *p = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, FILE_SIZE) == 0) {
        p = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (p == MAP_FAILED) {
        err_set(e, ERR_INVALID, "PoisonFile", "cannot map '%s': %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    if (p == MAP_FAILED) {
        return NULL;
    }
    struct quarantine *q = mem_alloc(sizeof(*q));
    q->page = p;
    if (memcmp(q->page->magic, magic, sizeof(magic)) != 0) {
        memset(p, 0, FILE_SIZE);
        memcpy(q->page->magic, magic, sizeof(magic));
    }
    memcpy(q->crashed, q->page->current, 16);
    count_crash(q, now_ms);
    return q;
}

void quarantine_close(struct quarantine *q)
{
    if (q != NULL) {
        munmap(q->page, FILE_SIZE);
        mem_free(q);
    }
}

bool quarantine_crashed(const struct quarantine *q, const char *id)
{
    char hex[17];
    short_id(id, hex);
    return q->crashed[0] != '\0' && memcmp(q->crashed, hex, 16) == 0;
}

int64_t quarantine_until_ms(const struct quarantine *q, const char *id, int64_t now_ms)
{
    char hex[17];
    short_id(id, hex);
    const struct slot *s = slot_find(q, hex);
    if (s == NULL || s->crashes < CRASHES || now_ms < s->last_ms) {
        return 0;
    }
    int64_t until = s->last_ms + QUARANTINE_MS;
    return until > now_ms ? until : 0;
}

void quarantine_enter(struct quarantine *q, const char *id)
{
    short_id(id, q->current);
    memcpy(q->page->current, q->current, 17);
}

void quarantine_leave(struct quarantine *q)
{
    struct slot *s = slot_find(q, q->current);
    if (s != NULL) {
        *s = (struct slot){0};
    }
    memset(q->page->current, 0, sizeof(q->page->current));
}

unsigned quarantine_count(const struct quarantine *q, int64_t now_ms)
{
    unsigned n = 0;
    for (int i = 0; i < SLOTS; i++) {
        const struct slot *s = &q->page->slots[i];
        n += s->crashes >= CRASHES && now_ms >= s->last_ms && s->last_ms + QUARANTINE_MS > now_ms;
    }
    return n;
}
