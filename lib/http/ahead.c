#include "http/ahead.h"

#include <openssl/ssl.h>

#include "base/attr.h"

#define AHEAD_BYTES 32768 /* given back while nothing is in it */

static void on_record(int sent, int version UNUSED, int type, const void *head UNUSED,
                      size_t n UNUSED, SSL *ssl UNUSED, void *ctx)
{
    struct ahead *a = ctx;
    a->records += sent == 0 && type == SSL3_RT_HEADER;
}

static CURLcode on_context(CURL *c UNUSED, void *context, void *ctx)
{
    SSL_CTX *tls = context;
    SSL_CTX_set_read_ahead(tls, 1);
    SSL_CTX_set_default_read_buffer_len(tls, AHEAD_BYTES);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_msg_callback(tls, on_record);
    SSL_CTX_set_msg_callback_arg(tls, ctx);
    return CURLE_OK;
}

void ahead_want(CURL *c, struct ahead *a)
{
    const struct curl_tlssessioninfo *info = NULL;
    if (curl_easy_getinfo(c, CURLINFO_TLS_SSL_PTR, &info) == CURLE_OK && info != NULL &&
        info->backend == CURLSSLBACKEND_OPENSSL) {
        curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, on_context);
        curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, a);
    }
}

bool ahead_is_pending(CURL *c)
{
    const struct curl_tlssessioninfo *info = NULL;
    return curl_easy_getinfo(c, CURLINFO_TLS_SSL_PTR, &info) == CURLE_OK && info != NULL &&
           info->backend == CURLSSLBACKEND_OPENSSL && info->internals != NULL &&
           SSL_has_pending(info->internals);
}
