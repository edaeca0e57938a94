# shellcheck shell=bash
# The parts of the local cluster: their certificates, configuration files and command lines.
# Paths in command lines are those inside the node: /run/dkube is the state folder.

BIN=/run/dkube-bin
PKI=/run/dkube/pki

components_certs() {
    local name
    ca ca
    ca etcd-ca
    cert etcd-ca etcd "/CN=etcd" "IP:127.0.0.1"
    cert ca apiserver "/CN=kube-apiserver" \
        "IP:127.0.0.1,IP:$NODE_IP,IP:$API_IP,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
    cert ca admin "/O=system:masters/CN=admin"
    cert ca apiserver-kubelet "/O=system:masters/CN=kube-apiserver-kubelet"
    cert ca kubelet "/O=system:nodes/CN=system:node:$NODE" "IP:$NODE_IP,DNS:$NODE"
    for name in kube-controller-manager kube-scheduler kube-proxy; do
        cert ca "$name" "/CN=system:$name"
    done
    key_pair sa
    for name in kubelet kube-controller-manager kube-scheduler kube-proxy; do
        kubeconfig "$STATE/pki/$name.conf" "https://$NODE_IP:6443" "$name"
    done
    kubeconfig "$STATE/kubeconfig" "https://$NODE_IP:6443" admin
    if [ -n "${SUDO_UID:-}" ]; then
        chown "$SUDO_UID" "$STATE/kubeconfig"
    fi
}

etcd_up() {
    daemon_inside etcd $BIN/etcd --data-dir=/run/dkube/etcd --log-level=warn --name=default \
        --listen-client-urls=https://127.0.0.1:2379 --advertise-client-urls=https://127.0.0.1:2379 \
        --listen-peer-urls=https://127.0.0.1:2380 --initial-advertise-peer-urls=https://127.0.0.1:2380 \
        --initial-cluster=default=https://127.0.0.1:2380 \
        --client-cert-auth --trusted-ca-file=$PKI/etcd-ca.crt --cert-file=$PKI/etcd.crt --key-file=$PKI/etcd.key \
        --peer-client-cert-auth --peer-trusted-ca-file=$PKI/etcd-ca.crt \
        --peer-cert-file=$PKI/etcd.crt --peer-key-file=$PKI/etcd.key
}

apiserver_up() {
    daemon_inside kube-apiserver $BIN/kube-apiserver \
        --etcd-servers=https://127.0.0.1:2379 --etcd-cafile=$PKI/etcd-ca.crt \
        --etcd-certfile=$PKI/etcd.crt --etcd-keyfile=$PKI/etcd.key \
        --bind-address="$NODE_IP" --advertise-address="$NODE_IP" --secure-port=6443 \
        --client-ca-file=$PKI/ca.crt --tls-cert-file=$PKI/apiserver.crt --tls-private-key-file=$PKI/apiserver.key \
        --kubelet-certificate-authority=$PKI/ca.crt --kubelet-client-certificate=$PKI/apiserver-kubelet.crt \
        --kubelet-client-key=$PKI/apiserver-kubelet.key --kubelet-preferred-address-types=InternalIP \
        --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
        --service-cluster-ip-range="$SERVICE_NET" \
        --service-account-issuer=https://kubernetes.default.svc.cluster.local \
        --service-account-key-file=$PKI/sa.pub --service-account-signing-key-file=$PKI/sa.key
}

controllers_up() {
    daemon_inside kube-controller-manager $BIN/kube-controller-manager --leader-elect=false \
        --kubeconfig=$PKI/kube-controller-manager.conf --bind-address=127.0.0.1 \
        --use-service-account-credentials --service-account-private-key-file=$PKI/sa.key \
        --root-ca-file=$PKI/ca.crt --cluster-name="$NODE" \
        --flex-volume-plugin-dir=/run/dkube/varlib/flexvolume \
        --cluster-signing-cert-file=$PKI/ca.crt --cluster-signing-key-file=$PKI/ca.key
    daemon_inside kube-scheduler $BIN/kube-scheduler --leader-elect=false \
        --kubeconfig=$PKI/kube-scheduler.conf --bind-address=127.0.0.1
}

proxy_up() {
    daemon_inside kube-proxy $BIN/kube-proxy --kubeconfig=$PKI/kube-proxy.conf --proxy-mode=iptables \
        --cluster-cidr="$POD_NET" --hostname-override="$NODE" --conntrack-max-per-core=0 --oom-score-adj=0 \
        --healthz-bind-address=127.0.0.1:10256 --metrics-bind-address=127.0.0.1:10249
}

# lacks_resource_cap: without CAP_SYS_RESOURCE (bit 24) nobody may lower an oom_score_adj.
lacks_resource_cap() {
    local caps
    caps=$(awk '/^CapEff/ { print $2 }' /proc/self/status)
    [ $((0x$caps >> 24 & 1)) = 0 ]
}

containerd_up() {
    local hugetlb=true runtime=/usr/sbin/runc snapshotter=overlayfs
    ! grep -q hugetlb /proc/cgroups || hugetlb=false
    command -v runc >/dev/null || die "runc is missing: run hack/deps cluster"
    runtime=$(command -v runc)
    if lacks_resource_cap; then
        install -m 755 "$HACK/lib/oci-runtime" "$STATE/oci-runtime"
        runtime=/run/dkube/oci-runtime
    fi
    [ "$(stat -f -c %T "$STATE")" != overlayfs ] || snapshotter=native
    cat >"$STATE/containerd.toml" <<TOML
version = 2
root = "/run/dkube/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "dkube.io/pause:3"
  disable_apparmor = true
  disable_hugetlb_controller = $hugetlb
  tolerate_missing_hugetlb_controller = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/run/dkube/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "$snapshotter"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "$runtime"
        SystemdCgroup = false
TOML
    mkdir -p "$STATE/cni"
    # Every pod is a routed link of its own: no bridge, and no bridge module in the kernel.
    cat >"$STATE/cni/10-dkube.conflist" <<JSON
{ "cniVersion": "0.4.0", "name": "dkube", "plugins": [
  { "type": "ptp", "mtu": 1500, "ipMasq": false,
    "ipam": { "type": "host-local", "dataDir": "/run/dkube/varlib/cni/networks",
      "ranges": [[{ "subnet": "$POD_NET" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
  { "type": "portmap", "capabilities": { "portMappings": true } } ] }
JSON
    daemon_inside containerd containerd --config /run/dkube/containerd.toml
    wait_for 60 "containerd answers" ctr_inside version
}

ctr_inside() { inside ctr --address /run/containerd/containerd.sock "$@"; }

kubelet_up() {
    local v1="" oom=-999
    is_cgroup2 || v1="failCgroupV1: false"
    ! lacks_resource_cap || oom=0
    # With no name server beyond the cluster CoreDNS has nowhere to forward to.
    : >"$STATE/resolv.conf"
    cat >"$STATE/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $NODE_IP
readOnlyPort: 0
healthzBindAddress: 127.0.0.1
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $PKI/ca.crt}
authorization: {mode: Webhook}
tlsCertFile: $PKI/kubelet.crt
tlsPrivateKeyFile: $PKI/kubelet.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP
$v1
oomScoreAdj: $oom
failSwapOn: false
clusterDomain: cluster.local
clusterDNS: [$DNS_IP]
resolvConf: /run/dkube/resolv.conf
volumePluginDir: /run/dkube/varlib/flexvolume
serializeImagePulls: false
nodeStatusUpdateFrequency: 5s
# Images come from files and cannot be pulled again, and the disk is the user's own.
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%", imagefs.inodesFree: "0%"}
YAML
    daemon_inside kubelet $BIN/kubelet --config=/run/dkube/kubelet.yaml --kubeconfig=$PKI/kubelet.conf \
        --root-dir=/run/dkube/varlib/kubelet --cert-dir=$PKI --hostname-override="$NODE" --node-ip="$NODE_IP"
}
