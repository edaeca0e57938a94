#include "support/pods.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARIABLES = 38, SERVED_BYTES = 10800 };

static void add(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
static void add(struct buf *b, const char *fmt, ...)
{
    char text[2048];
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof(text) || buf_add(b, text, (size_t)n) < 0) {
        abort();
    }
}

/* A number that looks like no other's neighbour. */
static uint32_t mix(uint32_t i)
{
    i = (i ^ 61) ^ (i >> 16);
    i *= 9;
    i ^= i >> 4;
    i *= 0x27d4eb2d;
    return i ^ (i >> 15);
}

static void add_uid(struct buf *b, int i)
{
    uint32_t x = mix((uint32_t)i + 1);

    add(b, "%08x-%04x-4%03x-8%03x-%012d", x, (x >> 7) & 0xffff, (x >> 3) & 0xfff, x & 0xfff, i);
}

/* About as many bytes as a kubelet's and a controller's ownership of such a pod. */
static void add_managed(struct buf *b, size_t until)
{
    add(b, ",\"managedFields\":[{\"manager\":\"kubelet\",\"operation\":\"Update\",\"apiVersion\":"
           "\"v1\",\"time\":\"2026-01-02T03:04:05Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{");
    for (int k = 0; b->len < until; k++) {
        add(b, "\"f:field%d\":{\".\":{},\"f:a\":{},\"f:b\":{\"k:{\\\"type\\\":\\\"x%d\\\"}\":{}}},",
            k, k);
    }
    add(b, "\"f:z\":{}},\"subresource\":\"status\"}]");
}

size_t pods_managed(const char *text, size_t *ret_len)
{
    const char *from = strstr(text, ",\"managedFields\":["), *p = from;
    int depth = 0;

    *ret_len = 0;
    if (from == NULL) {
        return 0;
    }
    do { /* no string of theirs holds a bracket */
        p = strpbrk(p, "[]");
        if (p == NULL) {
            return 0;
        }
        depth += *p++ == '[' ? 1 : -1;
    } while (depth > 0);
    *ret_len = (size_t)(p - from);
    return (size_t)(from - text);
}

static void add_meta(struct buf *b, int i, bool served)
{
    int parent = i / PODS_PER_PARENT;
    size_t start = b->len;

    add(b, "\"metadata\":{\"name\":\"app-%05d-%05x-%05d\",\"namespace\":\"default\",", parent,
        mix((uint32_t)parent) & 0xfffff, i);
    if (served) {
        add(b, "\"uid\":\"");
        add_uid(b, i);
        add(b, "\",\"resourceVersion\":\"1000000000\",\"creationTimestamp\":"
               "\"2026-01-02T03:04:05Z\",\"generation\":1,");
    }
    add(b, "\"labels\":{\"app\":\"app-%05d\",\"pod-template-hash\":\"%05x\",\"tier\":\"front\"},",
        parent, mix((uint32_t)parent) & 0xfffff);
    add(b,
        "\"annotations\":{\"bench/sent\":\"1000000000000000000\",\"note\":\"quotes \\\"inside\\\""
        " and a line\\n\"},");
    add(b,
        "\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"name\":\"app-%05d\","
        "\"uid\":\"",
        parent);
    add_uid(b, 1000000 + parent);
    add(b, "\",\"controller\":true}]");
    if (served) {
        add_managed(b, start + SERVED_BYTES / 2);
    }
    add(b, "}");
}

static void add_spec(struct buf *b, int i)
{
    add(b,
        "\"spec\":{\"nodeName\":\"node-%03d\",\"restartPolicy\":\"Always\",\"containers\":[{"
        "\"name\":\"main\",\"image\":\"registry.example/team/app-%05d:v1.%d\",\"resources\":{"
        "\"requests\":{\"cpu\":\"500m\",\"memory\":\"1Gi\"}},\"env\":[{\"name\":\"NUMBER\","
        "\"value\":\"%d\"}",
        i % 100, i / PODS_PER_PARENT, i % 7, i);
    for (int k = 0; k < VARIABLES; k++) {
        add(b,
            ",{\"name\":\"VARIABLE_%d\",\"value\":\"a value of a usual length, %d of pod %d, "
            "such as addresses and options have\"}",
            k, k, i);
    }
    add(b, "]}]}");
}

static void add_status(struct buf *b, int i)
{
    uint32_t x = mix((uint32_t)i);

    add(b,
        "\"status\":{\"phase\":\"Running\",\"podIP\":\"10.%d.%d.%d\",\"podIPs\":[{\"ip\":"
        "\"10.%d.%d.%d\"}],\"hostIP\":\"192.168.0.%d\",\"startTime\":\"2026-01-02T03:04:06Z\",",
        i >> 16, (i >> 8) & 255, i & 255, i >> 16, (i >> 8) & 255, i & 255, i % 100);
    add(b, "\"conditions\":[");
    static const char *const types[] = {"Initialized", "Ready", "ContainersReady", "PodScheduled"};
    for (int k = 0; k < 4; k++) {
        add(b,
            "%s{\"type\":\"%s\",\"status\":\"True\",\"lastTransitionTime\":"
            "\"2026-01-02T03:04:%02uZ\"}",
            k > 0 ? "," : "", types[k], (x >> k) % 60);
    }
    add(b,
        "],\"containerStatuses\":[{\"name\":\"main\",\"ready\":true,\"started\":true,"
        "\"restartCount\":0,\"image\":\"registry.example/team/app-%05d:v1.%d\",\"imageID\":"
        "\"registry.example/team/app@sha256:%08x%056d\",\"containerID\":\"containerd://%08x%056d\","
        "\"state\":{\"running\":{\"startedAt\":\"2026-01-02T03:04:07Z\"}}}]}",
        i / PODS_PER_PARENT, i % 7, x, i, x, i);
}

void pods_pod(struct buf *b, int i, bool served)
{
    add(b, "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",");
    add_meta(b, i, served);
    add(b, ",");
    add_spec(b, i);
    if (served) {
        add(b, ",");
        add_status(b, i);
    }
    add(b, "}");
}

void pods_status(struct buf *b, int i)
{
    add(b, "{");
    add_status(b, i);
    add(b, "}");
}

void pods_parent(struct buf *b, int i, bool served)
{
    add(b,
        "{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"app-%05d\","
        "\"namespace\":\"default\"",
        i);
    if (served) {
        add(b, ",\"uid\":\"");
        add_uid(b, 1000000 + i);
        add(b, "\",\"resourceVersion\":\"1000000000\",\"creationTimestamp\":"
               "\"2026-01-02T03:04:05Z\",\"generation\":1");
    }
    add(b,
        ",\"labels\":{\"app\":\"app-%05d\"}},\"spec\":{\"clusterIP\":\"None\",\"ports\":[{"
        "\"name\":\"http\",\"port\":80,\"protocol\":\"TCP\",\"targetPort\":80}],\"selector\":{"
        "\"app\":\"app-%05d\"},\"type\":\"ClusterIP\"}",
        i, i);
    if (served) {
        add(b, ",\"status\":{\"loadBalancer\":{}}");
    }
    add(b, "}");
}
