/* fetch.h — one plain HTTP/1.1 request to 127.0.0.1, for tests of servers. */
#ifndef DKUBE_TEST_FETCH_H
#define DKUBE_TEST_FETCH_H

#include "base/arena.h"

/* The whole reply, headers included; arena; "" when nobody listens. */
const char *fetch(struct arena *a, int port, const char *method, const char *path);

int free_port(void); /* nobody listens there just now */

#endif
