/*
 * lease.h — one acting process a program: a coordination.k8s.io/v1 Lease, 15/10/2 s.
 *
 * Whether another's lease has run out is judged by our own clock since we last saw it change, never
 * by the times written in it. A held lease allows writes until LIMIT_LEASE_RENEW_MS after the last
 * renewal that succeeded was SENT; past that the lease is lost for good and the process must exit:
 * there is no fencing, a write that arrives late is safe by the write law (plan.h). Writes are
 * merge patches with a resourceVersion, so unknown fields survive and two candidates cannot both
 * win. One thread.
 */
#ifndef DKUBE_KUBE_LEASE_H
#define DKUBE_KUBE_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "kube/transport.h"

struct lease;
struct lease_conf { /* copied */
    const char *ns, *name;
    const char *identity; /* unique to this process */
    uint64_t seed;        /* of the jitter */
};
struct lease *lease_new(struct transport *t, const struct lease_conf *conf);
void lease_free(struct lease *l); /* requests in flight must have ended or never will */

enum lease_state { LEASE_WAITING, LEASE_HELD, LEASE_LOST, LEASE_RELEASED };
enum lease_state lease_state(const struct lease *l);

/* Sends what is due; returns the boot time at which to call again. */
int64_t lease_step(struct lease *l);

/* Milliseconds for which a write may still be under way; 0: none may be sent. */
int64_t lease_left_ms(const struct lease *l);

/* Gives the lease away if it is held; the state becomes RELEASED at once (no write is allowed any
 * more), lease_is_quiet() tells when the API server knows, or will not. */
void lease_release(struct lease *l);
bool lease_is_quiet(const struct lease *l);

const char *lease_holder(const struct lease *l); /* borrowed: as last seen; "" when nobody */
const char *lease_trouble(
    const struct lease *l); /* borrowed: the last failure's words; "" when none */

#endif
