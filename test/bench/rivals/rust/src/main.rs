//! The benches' rival on kube: the same job as test/bench/operator.c.
//!
//! $BENCH_MODE: cache, watch or noop. $BENCH_VARIANT: strip (`modify` drops managedFields), allow
//! (`modify` keeps the twelve fields of test/bench/fields.txt), stream (allow, with streaming lists).
//! $BENCH_GZIP=1 asks for gzip, $BENCH_DROP=1 for objects without managedFields.
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures::channel::mpsc;
use futures::StreamExt;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{
    Container, Namespace, Node, PersistentVolumeClaim, Pod, PodCondition, PodSpec, PodStatus, Service,
    ServiceAccount,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::runtime::controller::{Action, Config as ControllerConfig, Controller};
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{watcher, WatchStreamExt};
use kube::{client::ClientBuilder, Api, Client, Config, Resource, ResourceExt};
use serde_json::json;
use tokio::sync::Notify;
use tower::util::MapRequestLayer;

const NEVER: &str = "1000000000000000000";

fn asked(name: &str) -> bool {
    std::env::var(name).is_ok_and(|v| v == "1")
}

/// With $BENCH_DROP=1 the server is asked to leave managedFields out.
fn without_fields<B>(mut r: http::Request<B>) -> http::Request<B> {
    if asked("BENCH_DROP") {
        let drop = "application/json;drop=metadata.managedFields,application/json";
        r.headers_mut().insert(http::header::ACCEPT, http::HeaderValue::from_static(drop));
    }
    r
}

async fn connect() -> Result<Client, Box<dyn std::error::Error>> {
    let mut config = Config::infer().await?;
    config.disable_compression = !asked("BENCH_GZIP");
    Ok(ClientBuilder::try_from(config)?.with_layer(&MapRequestLayer::new(without_fields)).build())
}

fn now_ns() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as i64
}

fn cpu_us() -> i64 {
    let mut u = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    let u = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, u.as_mut_ptr());
        u.assume_init()
    };
    (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1_000_000 + u.ru_utime.tv_usec + u.ru_stime.tv_usec
}

#[derive(Clone, Copy, PartialEq)]
enum Variant {
    Strip,
    Allow,
    Stream,
}

impl Variant {
    fn config(self) -> watcher::Config {
        match self {
            Variant::Stream => watcher::Config::default().streaming_lists(),
            _ => watcher::Config::default(),
        }
    }
}

fn keep_pod(p: &mut Pod) {
    let meta = &mut p.metadata;
    let kept = Pod {
        metadata: kube::api::ObjectMeta {
            name: meta.name.take(),
            namespace: meta.namespace.take(),
            uid: meta.uid.take(),
            resource_version: meta.resource_version.take(),
            labels: meta.labels.take(),
            owner_references: meta.owner_references.take(),
            annotations: meta.annotations.take(),
            ..Default::default()
        },
        spec: p.spec.take().map(|s| PodSpec {
            node_name: s.node_name,
            containers: s
                .containers
                .into_iter()
                .map(|c| Container { image: c.image, ..Default::default() })
                .collect(),
            ..Default::default()
        }),
        status: p.status.take().map(|s| PodStatus {
            phase: s.phase,
            pod_ip: s.pod_ip,
            conditions: s.conditions.map(|l| {
                l.into_iter()
                    .map(|c| PodCondition { type_: c.type_, status: c.status, ..Default::default() })
                    .collect()
            }),
            ..Default::default()
        }),
    };
    *p = kept;
}

fn strip<K: Resource>(o: &mut K) {
    o.meta_mut().managed_fields = None;
}

/// A store kept by a task of its own.
fn cached<K>(client: &Client, v: Variant) -> Store<K>
where
    K: Resource<DynamicType = ()> + Clone + serde::de::DeserializeOwned + std::fmt::Debug + Send + Sync + 'static,
{
    let (reader, writer) = reflector::store();
    let stream = watcher(Api::<K>::all(client.clone()), v.config())
        .default_backoff()
        .modify(strip)
        .reflect(writer);
    tokio::spawn(stream.for_each(|_| std::future::ready(())));
    reader
}

fn modify_pod(v: Variant) -> impl FnMut(&mut Pod) {
    move |p| if v == Variant::Strip { strip(p) } else { keep_pod(p) }
}

struct Sample {
    sent: i64,
    rv: u64,
    now: i64,
}

async fn note(pod: Arc<Pod>, samples: Arc<Arc<Mutex<Vec<Sample>>>>) -> Result<Action, kube::Error> {
    let now = now_ns();
    if let Some(sent) = pod.annotations().get("bench/sent").filter(|s| *s != NEVER) {
        samples.lock().unwrap().push(Sample {
            sent: sent.parse().unwrap_or(0),
            rv: pod.resource_version().and_then(|v| v.parse().ok()).unwrap_or(0),
            now,
        });
    }
    Ok(Action::await_change())
}

struct Noop {
    pods: Store<Pod>,
    children: HashMap<String, Vec<ObjectRef<Pod>>>,
    last: Mutex<HashMap<String, u64>>,
    done: AtomicU64,
    changed: AtomicU64,
}

impl Noop {
    fn new(pods: Store<Pod>) -> Self {
        let mut children: HashMap<String, Vec<ObjectRef<Pod>>> = HashMap::new();
        for p in pods.state() {
            if let Some(o) = p.owner_references().iter().find(|o| o.controller == Some(true)) {
                children.entry(o.uid.clone()).or_default().push(ObjectRef::from_obj(&*p));
            }
        }
        Noop { pods, children, last: Default::default(), done: 0.into(), changed: 0.into() }
    }

    fn view(&self, uid: &str) -> (usize, usize) {
        let refs = self.children.get(uid).map(Vec::as_slice).unwrap_or_default();
        let found: Vec<_> = refs.iter().filter_map(|r| self.pods.get(r)).collect();
        let running = |p: &&Arc<Pod>| {
            p.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Running")
        };
        (found.len(), found.iter().filter(running).count())
    }
}

async fn reconcile_noop(s: Arc<Service>, n: Arc<Noop>) -> Result<Action, kube::Error> {
    let uid = s.metadata.uid.as_deref().unwrap_or_default();
    let (replicas, ready) = n.view(uid);
    let plan = json!({"replicas": replicas, "readyReplicas": ready, "selector": s.name_any()}).to_string();
    let mut h = std::collections::hash_map::DefaultHasher::new();
    plan.hash(&mut h);
    let hash = h.finish();
    let mut last = n.last.lock().unwrap();
    if last.get(uid) != Some(&hash) {
        last.insert(uid.to_string(), hash);
        n.changed.fetch_add(1, Ordering::Relaxed);
    }
    n.done.fetch_add(1, Ordering::Relaxed);
    Ok(Action::await_change())
}

async fn run_noop(services: Store<Service>, pods: Store<Pod>, seconds: u64) {
    let n = Arc::new(Noop::new(pods));
    let refs: Vec<_> = services.state().iter().map(|s| ObjectRef::from_obj(&**s)).collect();
    let (tx, rx) = mpsc::unbounded();
    let none = futures::stream::pending();
    let controller = Controller::for_stream(none, services)
        .with_config(ControllerConfig::default().concurrency(1))
        .reconcile_on(rx)
        .run(reconcile_noop, |_, _, _| Action::await_change(), n.clone());
    tokio::spawn(controller.for_each(|_| std::future::ready(())));
    let (mut asked, began) = (0u64, Instant::now());
    while began.elapsed() < Duration::from_secs(seconds) && !refs.is_empty() {
        for r in &refs {
            tx.unbounded_send(r.clone()).unwrap();
        }
        asked += refs.len() as u64;
        while n.done.load(Ordering::Relaxed) < asked {
            tokio::task::yield_now().await;
        }
    }
    let rate = n.done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64();
    println!("noop {:.0} {}", rate, n.changed.load(Ordering::Relaxed));
    let _ = std::io::stdout().flush();
}

fn write_samples(samples: &[Sample]) -> std::io::Result<()> {
    if let Ok(file) = std::env::var("BENCH_OUT") {
        let mut f = std::io::BufWriter::new(std::fs::File::create(file)?);
        for s in samples {
            writeln!(f, "{} {} {}", s.sent, s.rv, s.now)?;
        }
        f.flush()?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mode = std::env::var("BENCH_MODE").unwrap_or_default();
    let variant = match std::env::var("BENCH_VARIANT").as_deref() {
        Ok("strip") => Variant::Strip,
        Ok("stream") => Variant::Stream,
        _ => Variant::Allow,
    };
    let client = connect().await?;
    let samples: Arc<Mutex<Vec<Sample>>> = Default::default();
    let (pods, writer) = reflector::store();
    // Not Store::wait_until_ready(): the Controller waits on it as well, and of several waiters on one
    // store kube wakes only the last.
    let listed = Arc::new(Notify::new());
    let tell = listed.clone();
    let stream = watcher(Api::<Pod>::all(client.clone()), variant.config())
        .default_backoff()
        .modify(modify_pod(variant))
        .reflect(writer)
        .inspect(move |e| {
            if let Ok(watcher::Event::InitDone) = e {
                tell.notify_one();
            }
        });
    if mode == "watch" {
        let c = Controller::for_stream(stream.applied_objects(), pods.clone())
            .with_config(ControllerConfig::default().concurrency(16))
            .run(note, |_, _, _| Action::await_change(), samples.clone().into());
        tokio::spawn(c.for_each(|_| std::future::ready(())));
    } else {
        tokio::spawn(stream.for_each(|_| std::future::ready(())));
    }
    let services = cached::<Service>(&client, variant);
    let (nodes, spaces) = (cached::<Node>(&client, variant), cached::<Namespace>(&client, variant));
    let (accounts, claims) =
        (cached::<ServiceAccount>(&client, variant), cached::<PersistentVolumeClaim>(&client, variant));
    let (slices, jobs) = (cached::<EndpointSlice>(&client, variant), cached::<Job>(&client, variant));
    listed.notified().await;
    services.wait_until_ready().await?;
    nodes.wait_until_ready().await?;
    spaces.wait_until_ready().await?;
    accounts.wait_until_ready().await?;
    claims.wait_until_ready().await?;
    slices.wait_until_ready().await?;
    jobs.wait_until_ready().await?;
    println!("ready {}", cpu_us());
    std::io::stdout().flush()?;
    if mode == "noop" {
        run_noop(services, pods, 5).await;
        return Ok(());
    }
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    term.recv().await;
    write_samples(&samples.lock().unwrap())?;
    std::process::exit(0)
}
