/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/proto.h"

#include "base/attr.h"

static const struct proto_field proto_owner_reference_field[] = {
    {"kind", 1, PROTO_STRING, true, NULL},
    {"name", 3, PROTO_STRING, true, NULL},
    {"uid", 4, PROTO_STRING, true, NULL},
    {"controller", 6, PROTO_BOOL, true, NULL},
};
static const struct proto_message proto_owner_reference = {
    "OwnerReference",
    proto_owner_reference_field,
    ARRAY_LEN(proto_owner_reference_field),
};

static const struct proto_field proto_object_meta_field[] = {
    {"name", 1, PROTO_STRING, false, NULL},
    {"namespace", 3, PROTO_STRING, false, NULL},
    {"uid", 5, PROTO_STRING, false, NULL},
    {"resourceVersion", 6, PROTO_STRING, false, NULL},
    {"generation", 7, PROTO_INT64, false, NULL},
    {"creationTimestamp", 8, PROTO_TIME, false, NULL},
    {"deletionTimestamp", 9, PROTO_TIME, false, NULL},
    {"deletionGracePeriodSeconds", 10, PROTO_INT64, true, NULL},
    {"labels", 11, PROTO_MAP, false, NULL},
    {"annotations", 12, PROTO_MAP, false, NULL},
    {"ownerReferences", 13, PROTO_MESSAGES, false, &proto_owner_reference},
    {"finalizers", 14, PROTO_STRINGS, false, NULL},
};
static const struct proto_message proto_object_meta = {
    "ObjectMeta",
    proto_object_meta_field,
    ARRAY_LEN(proto_object_meta_field),
};

static const struct proto_field proto_list_meta_field[] = {
    {"resourceVersion", 2, PROTO_STRING, false, NULL},
    {"continue", 3, PROTO_STRING, false, NULL},
};
static const struct proto_message proto_list_meta = {
    "ListMeta",
    proto_list_meta_field,
    ARRAY_LEN(proto_list_meta_field),
};

static const struct proto_field proto_status_field[] = {
    {"message", 3, PROTO_STRING, false, NULL},
    {"reason", 4, PROTO_STRING, false, NULL},
    {"code", 6, PROTO_INT32, false, NULL},
};
static const struct proto_message proto_status = {
    "Status",
    proto_status_field,
    ARRAY_LEN(proto_status_field),
};

static const struct proto_field proto_partial_object_metadata_field[] = {
    {"metadata", 1, PROTO_MESSAGE, false, &proto_object_meta},
};
static const struct proto_message proto_partial_object_metadata = {
    "PartialObjectMetadata",
    proto_partial_object_metadata_field,
    ARRAY_LEN(proto_partial_object_metadata_field),
};

static const struct proto_field proto_condition_field[] = {
    {"type", 1, PROTO_STRING, true, NULL},
    {"status", 2, PROTO_STRING, true, NULL},
    {"lastTransitionTime", 4, PROTO_TIME, false, NULL},
    {"reason", 5, PROTO_STRING, false, NULL},
    {"message", 6, PROTO_STRING, false, NULL},
};
static const struct proto_message proto_condition = {
    "Condition",
    proto_condition_field,
    ARRAY_LEN(proto_condition_field),
};

static const struct proto_field proto_resource_requirements_field[] = {
    {"limits", 1, PROTO_QUANTITIES, false, NULL},
    {"requests", 2, PROTO_QUANTITIES, false, NULL},
};
static const struct proto_message proto_resource_requirements = {
    "ResourceRequirements",
    proto_resource_requirements_field,
    ARRAY_LEN(proto_resource_requirements_field),
};

static const struct proto_field proto_container_field[] = {
    {"name", 1, PROTO_STRING, true, NULL},
    {"image", 2, PROTO_STRING, false, NULL},
    {"resources", 8, PROTO_MESSAGE, false, &proto_resource_requirements},
    {"restartPolicy", 24, PROTO_STRING, true, NULL},
};
static const struct proto_message proto_container = {
    "Container",
    proto_container_field,
    ARRAY_LEN(proto_container_field),
};

static const struct proto_field proto_container_state_waiting_field[] = {
    {"reason", 1, PROTO_STRING, false, NULL},
    {"message", 2, PROTO_STRING, false, NULL},
};
static const struct proto_message proto_container_state_waiting = {
    "ContainerStateWaiting",
    proto_container_state_waiting_field,
    ARRAY_LEN(proto_container_state_waiting_field),
};

static const struct proto_field proto_container_state_running_field[] = {
    {"startedAt", 1, PROTO_TIME, false, NULL},
};
static const struct proto_message proto_container_state_running = {
    "ContainerStateRunning",
    proto_container_state_running_field,
    ARRAY_LEN(proto_container_state_running_field),
};

static const struct proto_field proto_container_state_terminated_field[] = {
    {"exitCode", 1, PROTO_INT32, true, NULL},
    {"signal", 2, PROTO_INT32, false, NULL},
    {"reason", 3, PROTO_STRING, false, NULL},
    {"message", 4, PROTO_STRING, false, NULL},
    {"startedAt", 5, PROTO_TIME, false, NULL},
    {"finishedAt", 6, PROTO_TIME, false, NULL},
};
static const struct proto_message proto_container_state_terminated = {
    "ContainerStateTerminated",
    proto_container_state_terminated_field,
    ARRAY_LEN(proto_container_state_terminated_field),
};

static const struct proto_field proto_container_state_field[] = {
    {"waiting", 1, PROTO_MESSAGE, false, &proto_container_state_waiting},
    {"running", 2, PROTO_MESSAGE, false, &proto_container_state_running},
    {"terminated", 3, PROTO_MESSAGE, false, &proto_container_state_terminated},
};
static const struct proto_message proto_container_state = {
    "ContainerState",
    proto_container_state_field,
    ARRAY_LEN(proto_container_state_field),
};

static const struct proto_field proto_container_status_field[] = {
    {"name", 1, PROTO_STRING, true, NULL},
    {"state", 2, PROTO_MESSAGE, false, &proto_container_state},
    {"lastState", 3, PROTO_MESSAGE, false, &proto_container_state},
    {"ready", 4, PROTO_BOOL, true, NULL},
    {"restartCount", 5, PROTO_INT32, true, NULL},
    {"image", 6, PROTO_STRING, true, NULL},
    {"imageID", 7, PROTO_STRING, true, NULL},
    {"started", 9, PROTO_BOOL, true, NULL},
};
static const struct proto_message proto_container_status = {
    "ContainerStatus",
    proto_container_status_field,
    ARRAY_LEN(proto_container_status_field),
};

static const struct proto_field proto_pod_spec_field[] = {
    {"containers", 2, PROTO_MESSAGES, false, &proto_container},
    {"restartPolicy", 3, PROTO_STRING, false, NULL},
    {"terminationGracePeriodSeconds", 4, PROTO_INT64, true, NULL},
    {"nodeName", 10, PROTO_STRING, false, NULL},
    {"schedulerName", 19, PROTO_STRING, false, NULL},
    {"initContainers", 20, PROTO_MESSAGES, false, &proto_container},
    {"priorityClassName", 24, PROTO_STRING, false, NULL},
    {"priority", 25, PROTO_INT32, true, NULL},
    {"overhead", 32, PROTO_QUANTITIES, false, NULL},
};
static const struct proto_message proto_pod_spec = {
    "PodSpec",
    proto_pod_spec_field,
    ARRAY_LEN(proto_pod_spec_field),
};

static const struct proto_field proto_pod_status_field[] = {
    {"phase", 1, PROTO_STRING, false, NULL},
    {"conditions", 2, PROTO_MESSAGES, false, &proto_condition},
    {"message", 3, PROTO_STRING, false, NULL},
    {"reason", 4, PROTO_STRING, false, NULL},
    {"hostIP", 5, PROTO_STRING, false, NULL},
    {"podIP", 6, PROTO_STRING, false, NULL},
    {"startTime", 7, PROTO_TIME, false, NULL},
    {"containerStatuses", 8, PROTO_MESSAGES, false, &proto_container_status},
    {"qosClass", 9, PROTO_STRING, false, NULL},
    {"initContainerStatuses", 10, PROTO_MESSAGES, false, &proto_container_status},
};
static const struct proto_message proto_pod_status = {
    "PodStatus",
    proto_pod_status_field,
    ARRAY_LEN(proto_pod_status_field),
};

static const struct proto_field proto_pod_field[] = {
    {"metadata", 1, PROTO_MESSAGE, false, &proto_object_meta},
    {"spec", 2, PROTO_MESSAGE, false, &proto_pod_spec},
    {"status", 3, PROTO_MESSAGE, false, &proto_pod_status},
};
static const struct proto_message proto_pod = {
    "Pod",
    proto_pod_field,
    ARRAY_LEN(proto_pod_field),
};

static const struct proto_field proto_taint_field[] = {
    {"key", 1, PROTO_STRING, true, NULL},
    {"value", 2, PROTO_STRING, false, NULL},
    {"effect", 3, PROTO_STRING, true, NULL},
    {"timeAdded", 4, PROTO_TIME, false, NULL},
};
static const struct proto_message proto_taint = {
    "Taint",
    proto_taint_field,
    ARRAY_LEN(proto_taint_field),
};

static const struct proto_field proto_node_spec_field[] = {
    {"unschedulable", 4, PROTO_BOOL, false, NULL},
    {"taints", 5, PROTO_MESSAGES, false, &proto_taint},
};
static const struct proto_message proto_node_spec = {
    "NodeSpec",
    proto_node_spec_field,
    ARRAY_LEN(proto_node_spec_field),
};

static const struct proto_field proto_node_status_field[] = {
    {"capacity", 1, PROTO_QUANTITIES, false, NULL},
    {"allocatable", 2, PROTO_QUANTITIES, false, NULL},
    {"conditions", 4, PROTO_MESSAGES, false, &proto_condition},
};
static const struct proto_message proto_node_status = {
    "NodeStatus",
    proto_node_status_field,
    ARRAY_LEN(proto_node_status_field),
};

static const struct proto_field proto_node_field[] = {
    {"metadata", 1, PROTO_MESSAGE, false, &proto_object_meta},
    {"spec", 2, PROTO_MESSAGE, false, &proto_node_spec},
    {"status", 3, PROTO_MESSAGE, false, &proto_node_status},
};
static const struct proto_message proto_node = {
    "Node",
    proto_node_field,
    ARRAY_LEN(proto_node_field),
};

static const struct proto_field proto_namespace_status_field[] = {
    {"phase", 1, PROTO_STRING, false, NULL},
    {"conditions", 2, PROTO_MESSAGES, false, &proto_condition},
};
static const struct proto_message proto_namespace_status = {
    "NamespaceStatus",
    proto_namespace_status_field,
    ARRAY_LEN(proto_namespace_status_field),
};

static const struct proto_field proto_namespace_field[] = {
    {"metadata", 1, PROTO_MESSAGE, false, &proto_object_meta},
    {"status", 3, PROTO_MESSAGE, false, &proto_namespace_status},
};
static const struct proto_message proto_namespace = {
    "Namespace",
    proto_namespace_field,
    ARRAY_LEN(proto_namespace_field),
};

const struct proto_kind proto_kinds[] = {
    {"", "v1", "Pod", &proto_pod},
    {"", "v1", "Node", &proto_node},
    {"", "v1", "Namespace", &proto_namespace},
    {NULL, NULL, NULL, NULL},
};

const struct proto_message *const proto_of_list_meta = &proto_list_meta;

const struct proto_message *const proto_of_object_meta = &proto_object_meta;

const struct proto_message *const proto_of_partial_object_metadata = &proto_partial_object_metadata;

const struct proto_message *const proto_of_status = &proto_status;
