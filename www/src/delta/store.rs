//! The last versions of documents, and what was made of each: its codings, its differences from older ones.
//!
//! Bounded in versions a path and in bytes over all; what was used longest ago goes first. A version goes with all
//! that was made of it. What is sent, and to whom, is left to the layer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use tokio::sync::OnceCell;

use super::coding::Coding;
use super::dcz::{self, Hash};

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Versions of one path, the newest included.
    pub versions: usize,
    /// Bytes of all documents and of all that was made of them.
    pub bytes: usize,
}

impl Default for Bounds {
    /// Eight versions a path, 64 MiB in all.
    fn default() -> Self {
        Self { versions: 8, bytes: 64 << 20 }
    }
}

/// What a map entry, a cell and their allocations cost beside the bytes they hold.
const OVERHEAD: usize = 256;

/// A body that is made of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// All of it.
    Whole(Coding),
    /// Its difference from the version of this hash.
    From(Hash),
}

/// One version of a document.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) hash: Hash,
    pub(super) document: Bytes,
    /// When it was last sent or begun from, by the store's count.
    used: AtomicU64,
    made: Mutex<HashMap<Form, Arc<OnceCell<Option<Sealed>>>>>,
    made_bytes: AtomicUsize,
}

impl Version {
    fn bytes(&self) -> usize {
        OVERHEAD + self.document.len() + self.made_bytes.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
impl Version {
    /// Puts other bytes in the place of each form's that was made.
    pub(super) fn rot(&self, body: Vec<u8>) {
        let body = Bytes::from(body);
        for cell in lock(&self.made).values_mut() {
            if let Some(Some(sealed)) = cell.get() {
                *cell = Arc::new(OnceCell::new_with(Some(Some(Sealed { hash: sealed.hash, body: body.clone() }))));
            }
        }
    }
}

/// A body with its hash, so that one that rots in memory is found out.
#[derive(Clone, Debug)]
struct Sealed {
    hash: Hash,
    body: Bytes,
}

/// All versions.
#[derive(Debug)]
pub(super) struct Store {
    bounds: Bounds,
    count: AtomicU64,
    paths: Mutex<HashMap<String, Vec<Arc<Version>>>>,
}

impl Store {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, count: AtomicU64::new(0), paths: Mutex::default() }
    }

    /// The version at a path that is this document, which from now on is one.
    pub(super) fn keep(&self, path: &str, document: &[u8], hash: Hash) -> Arc<Version> {
        if let Some(version) = self.find(path, &hash) {
            return version;
        }
        let version = Arc::new(Version {
            hash,
            // A slice of what the origin holds could hold more of it than its own length.
            document: Bytes::copy_from_slice(document),
            used: AtomicU64::new(self.tick()),
            made: Mutex::default(),
            made_bytes: AtomicUsize::new(0),
        });
        let mut paths = self.paths();
        let versions = paths.entry(path.to_owned()).or_default();
        // Another request may have come first.
        if let Some(version) = versions.iter().find(|version| version.hash == hash) {
            return version.clone();
        }
        versions.push(version.clone());
        if versions.len() > self.bounds.versions {
            drop_oldest(versions);
        }
        self.fit(&mut paths);
        version
    }

    /// The version at a path that has this hash, if it is still kept.
    pub(super) fn find(&self, path: &str, hash: &Hash) -> Option<Arc<Version>> {
        let version = self.paths().get(path)?.iter().find(|version| version.hash == *hash)?.clone();
        version.used.store(self.tick(), Ordering::Relaxed);
        Some(version)
    }

    /// A form of a version, made by `make` if it never was: once, however many ask, on a thread that may block.
    /// None where it could not be made, or is not what it was when it was made.
    pub(super) async fn form(
        &self,
        version: &Arc<Version>,
        form: Form,
        make: impl FnOnce() -> Option<Bytes> + Send + 'static,
    ) -> Option<Bytes> {
        let cell = lock(&version.made).entry(form).or_default().clone();
        let mut fresh = false;
        let sealed = cell.get_or_init(|| {
            fresh = true;
            async {
                let body = tokio::task::spawn_blocking(make).await.ok().flatten()?;
                Some(Sealed { hash: dcz::hash(&body), body })
            }
        });
        let sealed = sealed.await.clone();
        if fresh {
            let bytes = OVERHEAD + sealed.as_ref().map_or(0, |sealed| sealed.body.len());
            version.made_bytes.fetch_add(bytes, Ordering::Relaxed);
            self.fit(&mut self.paths());
        }
        let body = sealed.filter(|sealed| fresh || dcz::hash(&sealed.body) == sealed.hash)?.body;
        Some(body)
    }

    /// Bytes kept.
    pub(super) fn bytes(&self) -> usize {
        bytes(&self.paths())
    }

    /// Forgets a version.
    pub(super) fn forget(&self, path: &str, hash: &Hash) {
        if let Some(versions) = self.paths().get_mut(path) {
            versions.retain(|version| version.hash != *hash);
        }
    }

    fn fit(&self, paths: &mut HashMap<String, Vec<Arc<Version>>>) {
        while bytes(paths) > self.bounds.bytes {
            let oldest = paths.values_mut().min_by_key(|versions| versions.iter().map(used).min().unwrap_or(u64::MAX));
            let Some(versions) = oldest else { return };
            drop_oldest(versions);
            paths.retain(|_, versions| !versions.is_empty());
        }
    }

    fn tick(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    fn paths(&self) -> MutexGuard<'_, HashMap<String, Vec<Arc<Version>>>> {
        lock(&self.paths)
    }
}

fn bytes(paths: &HashMap<String, Vec<Arc<Version>>>) -> usize {
    paths
        .iter()
        .map(|(path, versions)| OVERHEAD + path.len() + versions.iter().map(|version| version.bytes()).sum::<usize>())
        .sum()
}

fn used(version: &Arc<Version>) -> u64 {
    version.used.load(Ordering::Relaxed)
}

fn drop_oldest(versions: &mut Vec<Arc<Version>>) {
    if let Some((at, _)) = versions.iter().enumerate().min_by_key(|(_, version)| used(version)) {
        versions.remove(at);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_form_is_made_once_however_many_ask() {
        let store = Arc::new(Store::new(Bounds::default()));
        let version = store.keep("/a", b"a document", dcz::hash(b"a document"));
        let times = Arc::new(AtomicUsize::new(0));
        let asking = (0..20).map(|_| {
            let (store, version, times) = (store.clone(), version.clone(), times.clone());
            tokio::spawn(async move {
                let make = move || {
                    times.fetch_add(1, Ordering::Relaxed);
                    Some(Bytes::from_static(b"made"))
                };
                store.form(&version, Form::Whole(Coding::Brotli), make).await
            })
        });
        for task in asking.collect::<Vec<_>>() {
            assert_eq!(task.await.unwrap().as_deref(), Some(&b"made"[..]));
        }
        assert_eq!(times.load(Ordering::Relaxed), 1);
        assert!(store.bytes() > b"a document".len() + b"made".len());
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let store = Store::new(Bounds { versions: 2, bytes: 4100 });
        let keep = |path, document: &[u8]| store.keep(path, document, dcz::hash(document));
        let find = |path, document: &[u8]| store.find(path, &dcz::hash(document)).is_some();
        keep("/a", b"1");
        keep("/a", b"2");
        assert!(find("/a", b"1"));
        keep("/a", b"3");
        assert_eq!([find("/a", b"1"), find("/a", b"2"), find("/a", b"3")], [true, false, true], "by number");
        keep("/b", &[0; 1000]);
        assert!(find("/a", b"1"));
        keep("/c", &[0; 1500]);
        assert_eq!([find("/a", b"3"), find("/b", &[0; 1000]), find("/c", &[0; 1500])], [false, true, true], "by bytes");
        assert!(store.bytes() <= 4100);
        keep("/d", &[0; 5000]);
        assert_eq!(store.bytes(), 0, "what is larger than all of the room is not kept");
    }
}
