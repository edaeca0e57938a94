/* native.c — what the simulated server knows of built-in kinds: no more than their lists and maps.
 */
#include "sim/api/inside.h"

#define STATUS_CONDITIONS                                                    \
    "\"conditions\":{\"type\":\"array\",\"x-kubernetes-list-type\":\"map\"," \
    "\"x-kubernetes-list-map-keys\":[\"type\"],\"items\":{\"type\":\"object\",\"x-loose\":true}}"
#define LIST(name, keys)                                                   \
    "\"" name "\":{\"type\":\"array\",\"x-kubernetes-list-type\":\"map\"," \
    "\"x-kubernetes-list-map-keys\":[" keys "],\"items\":{\"type\":\"object\",\"x-loose\":true}}"
#define SET(name) \
    "\"" name     \
    "\":{\"type\":\"array\",\"x-kubernetes-list-type\":\"set\",\"items\":{\"type\":\"string\"}}"
#define TEXTS(name) \
    "\"" name "\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}"
#define PART(name, fields) \
    "\"" name "\":{\"type\":\"object\",\"x-loose\":true,\"properties\":{" fields "}}"

const char api_metadata_schema[] =
    "{\"type\":\"object\",\"x-loose\":true,\"properties\":{" TEXTS("labels") "," TEXTS(
        "annotations") "," SET("finalizers") ","
                                             "\"ownerReferences\":{\"type\":\"array\",\"x-"
                                             "kubernetes-list-type\":\"map\","
                                             "\"x-kubernetes-list-map-keys\":[\"uid\"],\"items\":{"
                                             "\"type\":\"object\",\"x-loose\":true,"
                                             "\"x-kubernetes-map-type\":\"atomic\"}}}}";

#define CONTAINER                                                                          \
    "\"items\":{\"type\":\"object\",\"x-loose\":true,\"properties\":{" LIST(               \
        "env",                                                                             \
        "\"name\"") "," LIST("volumeMounts",                                               \
                             "\"mountPath\"") "," LIST("volumeDevices",                    \
                                                       "\"devicePath\"") "," LIST("ports", \
                                                                                  "\"con"  \
                                                                                  "taine"  \
                                                                                  "rPort"  \
                                                                                  "\","    \
                                                                                  "\"pro"  \
                                                                                  "tocol"  \
                                                                                  "\"") "}}"
#define CONTAINERS(name)                                                   \
    "\"" name "\":{\"type\":\"array\",\"x-kubernetes-list-type\":\"map\"," \
    "\"x-kubernetes-list-map-keys\":[\"name\"]," CONTAINER "}"

#define POD                                                                                      \
    PART("spec",                                                                                 \
         CONTAINERS("containers") "," CONTAINERS("initContainers") "," LIST(                     \
             "volumes",                                                                          \
             "\"name\"") "," TEXTS("nodeSelector") "," LIST("imagePullSecrets",                  \
                                                            "\"name\"") "," LIST("hostAliases",  \
                                                                                 "\"ip\""))      \
    "," PART("status", STATUS_CONDITIONS "," LIST("podIPs", "\"ip\"") "," LIST("hostIPs", "\"ip" \
                                                                                          "\""))

const struct api_native api_natives[] = {
    {"", "v1", "Namespace", "namespaces", false, true, "{\"spec\":{},\"status\":{}}",
     PART("spec", "") "," PART("status", STATUS_CONDITIONS)},
    {"", "v1", "Node", "nodes", false, true,
     "{\"spec\":{},\"status\":{\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":0}},"
     "\"nodeInfo\":{}}}",
     PART("spec", "") "," PART("status", STATUS_CONDITIONS "," LIST("addresses", "\"type\""))},
    {"", "v1", "Pod", "pods", true, true, "{\"spec\":{\"containers\":null},\"status\":{}}", POD},
    {"", "v1", "ConfigMap", "configmaps", true, false, "{}", TEXTS("data") "," TEXTS("binaryData")},
    {"", "v1", "Secret", "secrets", true, false, "{}", TEXTS("data")},
    {"", "v1", "ServiceAccount", "serviceaccounts", true, false, "{}", LIST("secrets", "\"name\"")},
    {"", "v1", "Service", "services", true, true, "{\"spec\":{},\"status\":{\"loadBalancer\":{}}}",
     PART("spec", LIST("ports", "\"port\",\"protocol\"") "," TEXTS("selector")) "," PART(
         "status", STATUS_CONDITIONS)},
    {"", "v1", "ResourceQuota", "resourcequotas", true, true, "{\"spec\":{},\"status\":{}}",
     PART("spec", TEXTS("hard")) "," PART("status", TEXTS("hard") "," TEXTS("used"))},
    {"", "v1", "LimitRange", "limitranges", true, false, "{\"spec\":{\"limits\":null}}",
     PART("spec", "")},
    {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, true,
     "{\"spec\":{\"resources\":{}},\"status\":{}}", PART("spec", "") "," PART("status", "")},
    {"events.k8s.io", "v1", "Event", "events", true, false, "{}", PART("series", "")},
    {"coordination.k8s.io", "v1", "Lease", "leases", true, false, "{\"spec\":{}}",
     PART("spec", "")},
    {"rbac.authorization.k8s.io", "v1", "Role", "roles", true, false, "{\"rules\":null}",
     PART("x", "")},
    {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false, false,
     "{\"rules\":null}", PART("x", "")},
    {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true, false,
     "{\"roleRef\":{}}", PART("roleRef", "")},
    {"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false, false,
     "{\"roleRef\":{}}", PART("roleRef", "")},
    {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true, false, "{\"spec\":{}}",
     PART("spec", "")},
    {"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true, true,
     "{\"spec\":{},\"status\":{}}", PART("spec", "") "," PART("status", STATUS_CONDITIONS)},
    {"batch", "v1", "Job", "jobs", true, true, "{\"spec\":{},\"status\":{}}",
     PART("spec", "") "," PART("status", "")},
    {"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true, false, "{}", PART("x", "")},
};
const size_t api_native_count = ARRAY_LEN(api_natives);
