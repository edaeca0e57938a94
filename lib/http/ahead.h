/*
 * ahead.h — inside lib/http: a watch's TLS connection is read 32 KiB at a time, not a record's
 * head and its body by a read each.
 *
 * libcurl waits for the socket alone, and does not see what OpenSSL has read ahead of it. So after
 * each of its turns a stream that has something left there gets another one (http.c, drain()), as
 * long as records come out of it: the rest of a record that is not all there yet is waited for.
 */
#ifndef DKUBE_HTTP_AHEAD_H
#define DKUBE_HTTP_AHEAD_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct ahead {
    uint64_t records; /* that came out so far, of all its connections */
};

/* Before a handle starts whose connection is its own; `a` outlives the connection. Without OpenSSL
 * beneath libcurl nothing is read ahead. */
void ahead_want(CURL *c, struct ahead *a);

/* OpenSSL holds bytes of this transfer's connection that libcurl has not had. */
bool ahead_is_pending(CURL *c);

#endif
