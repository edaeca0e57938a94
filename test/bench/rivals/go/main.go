// The benches' rival on controller-runtime: the same job as test/bench/operator.c.
//
// $BENCH_MODE: cache, watch or noop. $BENCH_VARIANT: plain, strip (TransformStripManagedFields) or
// allow (a transform that keeps the twelve fields of test/bench/fields.txt). $BENCH_GZIP=1 asks for
// gzip, $BENCH_DROP=1 for objects without managedFields.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

const (
	never      = "1000000000000000000"
	ownerIndex = "owner"
	noopFor    = 5 * time.Second
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "rival:", err)
		os.Exit(1)
	}
}

func keepPod(o any) (any, error) {
	p, ok := o.(*corev1.Pod)
	if !ok {
		return o, nil
	}
	kept := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: p.Name, Namespace: p.Namespace, UID: p.UID, ResourceVersion: p.ResourceVersion,
			Labels: p.Labels, OwnerReferences: p.OwnerReferences, Annotations: p.Annotations,
		},
		Spec:   corev1.PodSpec{NodeName: p.Spec.NodeName},
		Status: corev1.PodStatus{Phase: p.Status.Phase, PodIP: p.Status.PodIP},
	}
	for i := range p.Spec.Containers {
		kept.Spec.Containers = append(kept.Spec.Containers, corev1.Container{Image: p.Spec.Containers[i].Image})
	}
	for _, c := range p.Status.Conditions {
		kept.Status.Conditions = append(kept.Status.Conditions, corev1.PodCondition{Type: c.Type, Status: c.Status})
	}
	return kept, nil
}

func cacheOptions(variant string) cache.Options {
	switch variant {
	case "strip":
		return cache.Options{DefaultTransform: cache.TransformStripManagedFields()}
	case "allow":
		return cache.Options{
			DefaultTransform: cache.TransformStripManagedFields(),
			ByObject:         map[client.Object]cache.ByObject{&corev1.Pod{}: {Transform: keepPod}},
		}
	}
	return cache.Options{}
}

// withoutFields asks the server to leave managedFields out.
type withoutFields struct{ http.RoundTripper }

func (w withoutFields) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	types := strings.Split(r.Header.Get("Accept"), ",")
	for i, t := range types {
		types[i] = t + ";drop=metadata.managedFields," + t
	}
	r.Header.Set("Accept", strings.Join(types, ","))
	return w.RoundTripper.RoundTrip(r)
}

func cpuMicros() int64 {
	var u syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return (u.Utime.Nano() + u.Stime.Nano()) / 1000
}

type sample struct {
	sent int64
	rv   uint64
	now  int64
}

// watcher notes when each stamped pod is reconciled.
type watcher struct {
	client.Client
	mu      sync.Mutex
	samples []sample
}

func (w *watcher) Reconcile(ctx context.Context, r reconcile.Request) (reconcile.Result, error) {
	now := time.Now().UnixNano()
	var pod corev1.Pod
	if err := w.Get(ctx, r.NamespacedName, &pod); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	sent := pod.Annotations["bench/sent"]
	if sent == "" || sent == never {
		return reconcile.Result{}, nil
	}
	at, _ := strconv.ParseInt(sent, 10, 64)
	rv, _ := strconv.ParseUint(pod.ResourceVersion, 10, 64)
	w.mu.Lock()
	w.samples = append(w.samples, sample{at, rv, now})
	w.mu.Unlock()
	return reconcile.Result{}, nil
}

func (w *watcher) write(file string) {
	if file == "" {
		return
	}
	f, err := os.Create(file)
	must(err)
	b := bufio.NewWriter(f)
	for _, s := range w.samples {
		fmt.Fprintln(b, s.sent, s.rv, s.now)
	}
	must(b.Flush())
	must(f.Close())
}

type plan struct {
	Replicas      int    `json:"replicas"`
	ReadyReplicas int    `json:"readyReplicas"`
	Selector      string `json:"selector"`
}

// noop views a parent with its children, hashes what it would write and finds that nothing changed.
type noop struct {
	client.Client
	last    map[types.UID]uint64
	done    atomic.Int64
	changed atomic.Int64
}

func (n *noop) Reconcile(ctx context.Context, r reconcile.Request) (reconcile.Result, error) {
	var parent corev1.Service
	var pods corev1.PodList
	if err := n.Get(ctx, r.NamespacedName, &parent); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if err := n.List(ctx, &pods, client.InNamespace(r.Namespace),
		client.MatchingFields{ownerIndex: string(parent.UID)}, client.UnsafeDisableDeepCopy); err != nil {
		return reconcile.Result{}, err
	}
	p := plan{Replicas: len(pods.Items), Selector: parent.Name}
	for i := range pods.Items {
		if pods.Items[i].Status.Phase == corev1.PodRunning {
			p.ReadyReplicas++
		}
	}
	body, err := json.Marshal(p)
	if err != nil {
		return reconcile.Result{}, err
	}
	h := fnv.New64a()
	h.Write(body)
	if n.last[parent.UID] != h.Sum64() {
		n.last[parent.UID] = h.Sum64()
		n.changed.Add(1)
	}
	n.done.Add(1)
	return reconcile.Result{}, nil
}

func (n *noop) drive(ctx context.Context, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
	var list corev1.ServiceList
	must(n.List(ctx, &list, client.InNamespace("default")))
	want := n.done.Load()
	for last := int64(-1); last != want; last, want = want, n.done.Load() {
		time.Sleep(200 * time.Millisecond) // the first reconciles of the list
	}
	first, began := want, time.Now()
	for time.Since(began) < noopFor && len(list.Items) > 0 {
		for i := range list.Items {
			q.Add(reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
		want += int64(len(list.Items))
		for n.done.Load() < want {
			time.Sleep(50 * time.Microsecond)
		}
	}
	fmt.Printf("noop %.0f %d\n", float64(n.done.Load()-first)/time.Since(began).Seconds(), n.changed.Load())
	os.Exit(0)
}

func ownerOf(o client.Object) []string {
	if ref := metav1.GetControllerOf(o); ref != nil {
		return []string{string(ref.UID)}
	}
	return nil
}

func addNoop(ctx context.Context, mgr manager.Manager) chan struct{} {
	n := &noop{Client: mgr.GetClient(), last: map[types.UID]uint64{}}
	ready := make(chan struct{})
	must(mgr.GetFieldIndexer().IndexField(ctx, &corev1.Pod{}, ownerIndex, ownerOf))
	capture := source.Func(func(ctx context.Context, q workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		go func() {
			<-ready
			n.drive(ctx, q)
		}()
		return nil
	})
	must(ctrl.NewControllerManagedBy(mgr).Named("noop").For(&corev1.Service{}).WatchesRawSource(capture).Complete(n))
	return ready
}

func main() {
	log.SetLogger(logr.Discard())
	ctx := ctrl.SetupSignalHandler()
	conf, err := ctrl.GetConfig()
	must(err)
	conf.DisableCompression = os.Getenv("BENCH_GZIP") != "1"
	if os.Getenv("BENCH_DROP") == "1" {
		conf.Wrap(func(rt http.RoundTripper) http.RoundTripper { return withoutFields{rt} })
	}
	mgr, err := ctrl.NewManager(conf, ctrl.Options{
		Cache:   cacheOptions(os.Getenv("BENCH_VARIANT")),
		Metrics: server.Options{BindAddress: "127.0.0.1:0"},
	})
	must(err)
	w := &watcher{Client: mgr.GetClient()}
	ready := make(chan struct{})
	switch os.Getenv("BENCH_MODE") {
	case "watch":
		must(ctrl.NewControllerManagedBy(mgr).Named("pods").For(&corev1.Pod{}).Complete(w))
	case "noop":
		ready = addNoop(ctx, mgr)
	}
	for _, o := range []client.Object{
		&corev1.Pod{}, &corev1.Service{}, &corev1.Node{}, &corev1.Namespace{}, &corev1.ServiceAccount{},
		&corev1.PersistentVolumeClaim{}, &discoveryv1.EndpointSlice{}, &batchv1.Job{},
	} {
		_, err := mgr.GetCache().GetInformer(ctx, o, cache.BlockUntilSynced(false))
		must(err)
	}
	must(mgr.Add(manager.RunnableFunc(func(ctx context.Context) error {
		if !mgr.GetCache().WaitForCacheSync(ctx) {
			return context.Canceled
		}
		fmt.Println("ready", cpuMicros())
		close(ready)
		return nil
	})))
	must(mgr.Start(ctx))
	w.write(os.Getenv("BENCH_OUT"))
}
