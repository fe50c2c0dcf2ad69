#!/bin/bash
# The first process of a node, in namespaces of its own (network, mount, pid, uts, ipc).
# Takes from the environment: NODE, NODE_ADDRESS, ZONE, DISK (the node's own files), IMAGES, BIN,
# PKI, LOGS. Ends only when it is killed: the kernel then ends all that runs in the node, as a
# power-off does.
set -eu

hostname "$NODE"
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/netns

# The usual paths, with this node's files behind them: manifests work unchanged.
while read -r folder; do
    mkdir -p "$DISK/disk$folder"
    mount --bind "$DISK/disk$folder" "$folder"
done <"$DISK/folders"
cp "$DISK/cni.conflist" /etc/cni/net.d/10-tidemill.conflist

# kubelet wants these values and would change the whole machine's. It reads and writes files instead.
while read -r setting value; do
    mkdir -p "$DISK/sysctl"
    echo "$value" >"$DISK/sysctl/$setting"
    mount --bind "$DISK/sysctl/$setting" "/proc/sys/${setting//.//}"
done <<'SETTINGS'
vm.overcommit_memory 1
vm.panic_on_oom 0
kernel.panic 10
kernel.panic_on_oops 1
kernel.keys.root_maxkeys 1000000
kernel.keys.root_maxbytes 25000000
SETTINGS

# Volumes that a pod mounts must reach the pods beside it.
mount --make-rshared /

# These three belong to the network namespace.
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables

# Runs a daemon for as long as the node has power, as an init system would.
keep() {
    local name=$1
    shift
    while :; do
        "$@" >>"$LOGS/$NODE-$name.log" 2>&1 || echo "$name ended with $?" >>"$LOGS/$NODE-$name.log"
        sleep 1
    done
}

keep containerd containerd --config "$DISK/containerd.toml" &
until ctr version >/dev/null 2>&1; do sleep 0.1; done

mkdir -p "$DISK/imported"
for archive in "$IMAGES"/*.tar; do
    mark=$DISK/imported/$(basename "$archive")
    [ -e "$mark" ] || { ctr -n k8s.io images import "$archive" && touch "$mark"; }
done

keep kubelet "$BIN/kubelet" --config="$DISK/kubelet.yaml" --kubeconfig="$PKI/$NODE.kubeconfig" \
    --hostname-override="$NODE" --node-ip="$NODE_ADDRESS" --root-dir=/var/lib/kubelet \
    --node-labels="topology.kubernetes.io/zone=$ZONE" &
keep kube-proxy "$BIN/kube-proxy" --config="$DISK/kube-proxy.yaml" &
touch "$DISK/started"

# Orphans of the node become children of this shell, which collects them while it waits.
wait
