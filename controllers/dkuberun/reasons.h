/*
 * reasons.h — every reason that a DkubeRun may give in status.reason, in its conditions and Events:
 * the one table, from which docs/reference/reasons.md is printed.
 *
 * X(constant, reason, what it means and what to do)
 */
#ifndef DKUBE_CONTROLLERS_DKUBERUN_REASONS_H
#define DKUBE_CONTROLLERS_DKUBERUN_REASONS_H

#define RUN_REASONS(X)                                                                            \
    /* on the way */                                                                              \
    X(RESOLVING, "Resolving", "the commit, the versions and the image are being looked up")       \
    X(NO_VERSION_YET, "NoVersionYet", "an input has no ready version yet; the run waits for one") \
    X(VERSION_NOT_READY, "VersionNotReady", "the version that is asked for is not ready yet")     \
    X(POOL_PENDING, "PoolPending", "the pool is being counted, or is being deleted")              \
    X(POOL_SHORT, "PoolShort", "nodes of the pool are missing; the run waits for them")           \
    X(WAITING_FOR_GPUS, "WaitingForGPUs", "in the pool's queue; status.position says where")      \
    X(ADMITTED, "Admitted", "it has been given GPUs, or needs none; the pod is being made")       \
    X(STARTING, "Starting", "the pod fetches code and inputs and pulls the image")                \
    X(UNSCHEDULABLE, "Unschedulable", "no node has room for the pod's CPU or memory; it waits")   \
    X(STEP_IMAGE, "StepImageMissing",                                                             \
      "DKube's own image cannot be pulled on the node; an operator must make it available")       \
    X(RUNNING, "Running", "the program runs")                                                     \
    X(UPLOADING, "UploadingOutputs", "the program has ended; its outputs are being stored")       \
    X(POD_LEAVING, "PodLeaving", "the cluster is ending the pod, as when a node is drained")      \
    X(STOP_REQUESTED, "StopRequested", "spec.stop is true, or the run is being deleted")          \
    X(RESTARTING, "Restarting", "an attempt failed and another one is left of spec.restarts")     \
    X(NOT_SCHEDULED, "NotScheduled",                                                              \
      "the pod did not get onto its node in time; its GPUs go back and it queues again")          \
    X(POD_REJECTED, "PodRejected",                                                                \
      "the node refused the pod; its GPUs go back and it queues again after a pause")             \
    X(QUOTA_EXCEEDED, "QuotaExceeded",                                                            \
      "the namespace's ResourceQuota has no room for the pod; it holds no GPUs and tries again")  \
    X(POD_FORBIDDEN, "PodForbidden",                                                              \
      "the API server does not allow the pod now; it holds no GPUs and tries again")              \
    X(RECALLED, "Recalled",                                                                       \
      "the pool that lent the GPUs needs them back; it waits again while restarts are left")      \
    X(NAME_TAKEN, "NameTaken",                                                                    \
      "a pod of that name is somebody else's; delete it, or rename the run")                      \
    /* the end */                                                                                 \
    X(COMPLETE, "Complete", "exit code 0, and every output is in the store")                      \
    X(STOPPED, "Stopped", "stopped on request")                                                   \
    X(NO_GROUP, "NoGroup", "the namespace is no group's; use the namespace of your group")        \
    X(UNKNOWN_CODE_REPO, "UnknownCodeRepo", "spec.code.repo names no CodeRepo of the namespace")  \
    X(UNKNOWN_REPOSITORY, "UnknownRepository", "the CodeRepo's spec.url cannot be read")          \
    X(UNKNOWN_COMMIT, "UnknownCommit", "spec.code.commit is not in the repository")               \
    X(ADDRESS_REFUSED, "AddressRefused",                                                          \
      "the CodeRepo's spec.url names an address from which nothing is fetched")                   \
    X(UNKNOWN_DATASET, "UnknownDataset", "spec.inputs or spec.outputs names no Dataset")          \
    X(UNKNOWN_MODEL, "UnknownModel", "spec.inputs or spec.outputs names no Model")                \
    X(UNKNOWN_VERSION, "UnknownVersion", "spec.inputs names a version that is not there")         \
    X(UNKNOWN_IMAGE, "UnknownImage",                                                              \
      "spec.image cannot be pulled; correct it, or add a pull secret")                            \
    X(IMAGE_NOT_RUNNABLE, "ImageNotRunnable", "a container of spec.image cannot be started")      \
    X(RESOLVE_FAILED, "ResolveFailed", "the commit could not be looked up; make a new run")       \
    X(NO_POOL, "NoPool", "the group has no pool, so spec.gpus must be 0")                         \
    X(UNKNOWN_POOL, "UnknownPool", "the pool that the group names does not exist")                \
    X(WRONG_GPU_TYPE, "WrongGPUType", "the pool has no GPUs of spec.gpuType")                     \
    X(NO_FREE_GPUS, "NoFreeGPUs", "spec.freeOnly is true, and no GPU is free for the run now")    \
    X(EXCEEDS_POOL, "ExceedsPool", "it asks for more GPUs than the pool owns")                    \
    X(EXCEEDS_NODE, "ExceedsNode",                                                                \
      "a pod of it needs more GPUs than the pool has on any one node")                            \
    X(POLICY_DENIED, "PolicyDenied", "a policy of the cluster or namespace forbids the pod")      \
    X(POD_INVALID, "PodInvalid", "the API server calls the pod invalid; it names the field")      \
    X(FETCH_FAILED, "FetchFailed", "code or inputs could not be brought into the pod")            \
    X(STEP_FAILED, "StepFailed", "DKube's own container in the pod failed")                       \
    X(START_FAILED, "StartFailed", "the container could not be started")                          \
    X(COMMAND_NOT_FOUND, "CommandNotFound",                                                       \
      "spec.command names a program that is not in the image")                                    \
    X(COMMAND_FAILED, "CommandFailed", "the command ended with an exit code other than 0")        \
    X(OUT_OF_MEMORY, "OutOfMemory", "the program used more than spec.resources.memory")           \
    X(OUTPUT_UPLOAD_FAILED, "OutputUploadFailed", "an output could not be stored; none was kept") \
    X(OUTPUT_MISSING, "OutputMissing", "the program left nothing in an output; none was kept")    \
    X(MAX_RUNTIME, "MaxRuntimeExceeded", "the program ran longer than spec.maxRuntime")           \
    X(NODE_LOST, "NodeLost", "the node or the pod was lost more often than spec.restarts allows")

enum run_reason {
#define RUN_REASON_ENUM(c, text, help) REASON_##c,
    RUN_REASONS(RUN_REASON_ENUM)
#undef RUN_REASON_ENUM
        REASON_COUNT
};

const char *reason_text(enum run_reason r); /* "ExceedsPool" */
const char *reason_help(enum run_reason r);
/* The reason that `text` names, or `dflt`. */
enum run_reason reason_parse(const char *text, enum run_reason dflt);

#endif
