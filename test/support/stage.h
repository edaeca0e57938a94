/*
 * stage.h — one DkubeRun `vision/r1` and all that a good run names, for the specs of its
 * controller: put it, play its pods, look at its status. `stage_extra` and `stage_gpus` are members
 * of its spec: set them between stage_begin() and the first stage_put_run(). One thread; everything
 * lives until stage_end().
 */
#ifndef DKUBE_TEST_STAGE_H
#define DKUBE_TEST_STAGE_H

#include "support/paper.h"

#define NS "vision"
#define RUN "r1"
#define SHA "0123456789abcdef0123456789abcdef01234567"
#define DIGEST "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define MINUTE 60000
#define CODE ",'code':{'repo':'code','commit':'main'}"
#define INPUT ",'inputs':[{'name':'digits','kind':'Dataset','mountPath':'/data'}]"
#define OUTPUT ",'outputs':[{'name':'digits','kind':'Model','mountPath':'/out'}]"

/* Container statuses of a pod, in JSON with single quotes. */
#define ENDED(name, code, more)                                                                 \
    "{'name':'" name "','imageID':'example@" DIGEST "','state':{'terminated':{'exitCode':" code \
    ",'startedAt':'2026-09-21T14:13:30Z'" more "}}}"
#define RUNS(name) "{'name':'" name "','state':{'running':{'startedAt':'2026-09-21T14:13:30Z'}}}"
#define WAITS(name, why) \
    "{'name':'" name "','state':{'waiting':{'reason':'" why "','message':'it is so'}}}"
#define REPORT                                                         \
    "{\\'outputs\\':[{\\'name\\':\\'digits\\',\\'digest\\':\\'" DIGEST \
    "\\',\\'size\\':12,\\'files\\':3}]}"

extern struct paper stage;
extern const char *stage_extra, *stage_gpus;
extern const char stage_resolved[], stage_running[], stage_uploading[], stage_done[];

void stage_put_run(void);
void stage_put_pool(int capacity, int largest);
void stage_put_node(bool ready);
void stage_put_version(const char *kind, const char *of, int number, bool ready);
void stage_begin(void);
void stage_end(void);
void stage_settle(void);
const char *stage_run_at(const char *path);
const char *stage_pod_at(const char *pod, const char *path);
bool stage_has_pod(const char *name);
void stage_expect(const char *have, const char *want);
void stage_expect_phase(const char *phase, const char *reason);
void stage_expect_error(const char *reason, const char *word, const char *more);
void stage_pod_says(const char *name, const char *phase, const char *fields);
void stage_resolve(void);
void stage_put_admission(int attempt); /* what the ledger would write */
void stage_admit(int attempt);
void stage_start(void);
void stage_go(void);
void stage_add_to_spec(const char *more);

#endif
