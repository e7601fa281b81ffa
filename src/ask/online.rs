//! What manifests name → what registries say of it today. Only where `--online` asked for it; what could not be asked is
//! a problem, never a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::catalogue::eol::{self, Table};
use crate::inventory::version::State;
use crate::inventory::{ImageRef, Inventory, Role, Service, Version};
use crate::report::{Problem, summary::first_few};
use crate::source::Location;

use super::deployments::{self, Between, Deployment};
use super::endoflife;
use super::github::{self, Api};
use super::http::{Client, HttpError, Limits, Proxies, Secret};
use super::registry::{Credentials, Labels, Registry};
use crate::publish::Repository;

/// Most images that one run asks for.
const IMAGES: usize = 60;
/// How many are asked at a time.
const AT_A_TIME: usize = 6;

/// What the network is asked with; `main` reads it once.
#[derive(Debug, Default)]
pub struct Settings {
    /// The proxies of the machine.
    pub proxies: Proxies,
    /// Docker's `config.json`.
    pub credentials: Credentials,
    /// GitHub.
    pub github: github::Settings,
    /// The address of endoflife.date's API, where it is another.
    pub endoflife: Option<String>,
    /// What a question may cost.
    pub limits: Limits,
}

/// The world, asked once for each thing.
pub struct World {
    runtime: Option<tokio::runtime::Runtime>,
    inner: Arc<Inner>,
}

struct Inner {
    client: Result<Client, String>,
    credentials: Credentials,
    taken: Mutex<BTreeMap<(String, String), Secret>>,
    images: Mutex<BTreeMap<Asked, Result<Labels, String>>>,
    endoflife: String,
    ends: Mutex<BTreeMap<&'static str, Result<endoflife::Answer, String>>>,
    github: github::Settings,
    deployed: Mutex<BTreeMap<(Repository, String), Answer<Deployment>>>,
    between: Mutex<BTreeMap<(Repository, String, String), Answer<Between>>>,
}

/// What was answered; `None` where there is no such thing.
type Answer<T> = Result<Option<T>, String>;

/// An image and the platform that is named beside it.
type Asked = (ImageRef, Option<String>);

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World(..)")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A name that is still looked up holds nobody up.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Inner {
    async fn labels(&self, (image, platform): &Asked) -> Result<Labels, String> {
        let client = self.client.as_ref().map_err(Clone::clone)?;
        let registry = Registry { client, credentials: &self.credentials, taken: &self.taken };
        registry.labels(image, platform.as_deref()).await
    }

    fn known(&self, asked: &Asked) -> Option<Result<Labels, String>> {
        self.images.lock().unwrap_or_else(PoisonError::into_inner).get(asked).cloned()
    }

    fn keep(&self, asked: Asked, answer: Result<Labels, String>) {
        self.images.lock().unwrap_or_else(PoisonError::into_inner).insert(asked, answer);
    }
}

impl World {
    /// A world that can be asked. Nothing is asked yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok();
        let client = Client::new(&settings.proxies, settings.limits).map_err(|e| e.to_string());
        let inner = Inner {
            client,
            credentials: settings.credentials,
            taken: Mutex::default(),
            images: Mutex::default(),
            endoflife: settings.endoflife.unwrap_or_else(|| endoflife::ADDRESS.to_owned()),
            ends: Mutex::default(),
            github: settings.github,
            deployed: Mutex::default(),
            between: Mutex::default(),
        };
        Self { runtime, inner: Arc::new(inner) }
    }

    /// The repository on GitHub that one of these remotes leads to.
    #[must_use]
    pub fn repository(&self, remotes: &[(String, String)]) -> Option<Repository> {
        self.inner.github.repository(remotes)
    }

    /// The newest deployment of an environment that succeeded.
    ///
    /// # Errors
    /// Why it is not known: one lower-case phrase.
    pub fn deployed(&self, repository: &Repository, environment: &str) -> Result<Option<Deployment>, String> {
        let key = (repository.clone(), environment.to_owned());
        self.once(&self.inner.deployed, key, repository, async |api| deployments::newest(&api, environment).await)
    }

    /// How far a commit, or a name of one, is behind another.
    ///
    /// # Errors
    /// Why it is not known: one lower-case phrase.
    pub fn between(&self, repository: &Repository, base: &str, head: &str) -> Result<Option<Between>, String> {
        let key = (repository.clone(), base.to_owned(), head.to_owned());
        self.once(&self.inner.between, key, repository, async |api| deployments::between(&api, base, head).await)
    }

    /// Asks GitHub, where it was not asked the same before.
    fn once<K: Ord, T: Clone>(
        &self,
        known: &Mutex<BTreeMap<K, Answer<T>>>,
        key: K,
        repository: &Repository,
        ask: impl AsyncFnOnce(Api<'_>) -> Result<Option<T>, HttpError>,
    ) -> Answer<T> {
        let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = lock().get(&key) {
            return answer.clone();
        }
        let runtime = self.runtime.as_ref().ok_or("it was not asked")?;
        let client = self.inner.client.as_ref().map_err(Clone::clone)?;
        let answer = runtime.block_on(async { ask(Api::new(client, &self.inner.github, repository)?).await }).map_err(|e| e.to_string());
        lock().insert(key, answer.clone());
        answer
    }

    /// What an image states of itself: of `platform` where an index has several.
    ///
    /// # Errors
    /// Why it is not known: one lower-case phrase.
    pub fn labels(&self, image: &ImageRef, platform: Option<&str>) -> Result<Labels, String> {
        let asked = (image.clone(), platform.map(str::to_owned));
        self.ask_all(vec![asked.clone()]);
        self.inner.known(&asked).unwrap_or_else(|| Err("it was not asked".to_owned()))
    }

    /// Asks for many at a time.
    fn ask_all(&self, wanted: Vec<Asked>) {
        let wanted: BTreeSet<Asked> = wanted.into_iter().filter(|a| self.inner.known(a).is_none()).collect();
        self.each(wanted, |inner, asked| async move {
            let answer = inner.labels(&asked).await;
            inner.keep(asked, answer);
        });
    }

    /// Does something for each, several at a time.
    fn each<K, F: Future<Output = ()> + Send + 'static>(&self, wanted: impl IntoIterator<Item = K>, ask: impl Fn(Arc<Inner>, K) -> F) {
        let Some(runtime) = &self.runtime else { return };
        runtime.block_on(async {
            let mut running = tokio::task::JoinSet::new();
            for one in wanted {
                if running.len() >= AT_A_TIME {
                    let _next = running.join_next().await;
                }
                running.spawn(ask(Arc::clone(&self.inner), one));
            }
            while running.join_next().await.is_some() {}
        });
    }

    /// When the release lines of what two environments run end, as endoflife.date says it; where it says nothing, by the
    /// table of this program, and why.
    pub fn ends(&self, from: &Inventory, to: &Inventory) -> (Table, Vec<Problem>) {
        let products = endoflife::products([from, to]);
        let lock = |inner: &Inner| inner.ends.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let known = lock(&self.inner);
        self.each(products.iter().copied().filter(|p| !known.contains_key(p)), |inner, product| async move {
            let answer = match &inner.client {
                Ok(client) => endoflife::ask(client, &inner.endoflife, product).await.map_err(|e| e.to_string()),
                Err(why) => Err(why.clone()),
            };
            inner.ends.lock().unwrap_or_else(PoisonError::into_inner).insert(product, answer);
        });
        let mut known = lock(&self.inner);
        let mut table = eol::snapshot().clone();
        let mut refused: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
        for product in products {
            match known.remove(product).unwrap_or_else(|| Err("it was not asked".to_owned())) {
                Ok((day, cycles)) => table.replace(product, day, cycles),
                Err(why) => refused.entry(why).or_default().push(product),
            }
        }
        (table, refused.iter().map(|(why, products)| endoflife::unanswered(why, products)).collect())
    }

    /// Asks what the images of two environments are today. Tags that move, and digests alone, become versions where the
    /// image states one. Gives what each image states, by its reference, and what could not be asked.
    pub fn images(&self, from: &mut Inventory, to: &mut Inventory) -> (BTreeMap<String, Labels>, Vec<Problem>) {
        let shared: BTreeSet<String> = to.services.iter().filter_map(Service::image).map(ImageRef::name).collect();
        // In this order: what nothing is known of, then the age of what production runs, then that of the same in development.
        let mut wanted: BTreeMap<(u8, Asked), Location> = BTreeMap::new();
        for (side, inventory) in [(0, &*from), (1, &*to)] {
            for service in inventory.services.iter().flat_map(|s| std::iter::once(s).chain(&s.also)) {
                let Some(image) = service.image() else { continue };
                // What development builds itself is in no registry.
                let built = side == 0 && service.build.is_some();
                let order = match () {
                    () if is_open(service) && !built => 0,
                    () if side == 1 => 1,
                    () if !built && shared.contains(&image.name()) => 2,
                    () => continue,
                };
                wanted.entry((order, asked(service, image))).or_insert_with(|| service.stated_at().clone());
            }
        }
        let mut problems = Vec::new();
        if let Some(((_, (image, _)), at)) = wanted.iter().nth(IMAGES) {
            let words = format!("`{image}` and {} more images were not asked for: one run asks for {IMAGES}", wanted.len() - IMAGES - 1);
            problems.push(Problem::at(at.clone(), words).warning());
        }
        self.ask_all(wanted.keys().take(IMAGES).map(|(_, asked)| asked.clone()).collect());
        let mut out = BTreeMap::new();
        let mut refused: BTreeMap<String, Vec<(&ImageRef, &Location)>> = BTreeMap::new();
        for ((_, asked), at) in wanted.iter().take(IMAGES) {
            match self.inner.known(asked) {
                Some(Ok(labels)) => {
                    out.insert(asked.0.text.clone(), labels);
                }
                Some(Err(why)) => refused.entry(why).or_default().push((&asked.0, at)),
                None => refused.entry("it was not asked".into()).or_default().push((&asked.0, at)),
            }
        }
        problems.extend(refused.into_iter().filter_map(|(why, images)| unanswered(&why, &images)));
        for inventory in [from, to] {
            for service in &mut inventory.services {
                self.state(service);
                service.also.iter_mut().for_each(|s| self.state(s));
            }
        }
        (out, problems)
    }

    /// Sets the version that an image states today, where its reference states none.
    fn state(&self, service: &mut Service) {
        let Some(image) = service.image().filter(|_| is_open(service)) else { return };
        let Some(Ok(labels)) = self.inner.known(&asked(service, image)) else { return };
        let Some(crate::inventory::Value::Known(software)) = service.software.as_mut().map(|f| &mut f.value) else { return };
        let Some(version) = labels.version_of(software) else { return };
        software.today = version.number().map(|n| n + &version.prerelease);
        let written = std::mem::take(&mut software.version);
        software.version = Version { text: written.text, flavours: written.flavours, ..version };
    }
}

fn asked(service: &Service, image: &ImageRef) -> Asked {
    let platform = service.platform.as_ref().and_then(|p| p.value.known());
    (image.clone(), platform.filter(|p| p.contains('/')).cloned())
}

/// Does what is written name software, and no version of it, so that a registry may tell it?
#[must_use]
pub fn is_open(service: &Service) -> bool {
    let Some(software) = service.known_software().filter(|s| s.built_from.is_none()) else { return false };
    let digest_alone = software.image.as_ref().is_some_and(|i| i.tag.is_none() && i.digest.is_some());
    service.role == Role::Backing && (software.version.state == State::Floating || digest_alone)
}

/// One problem for one reason.
fn unanswered(why: &str, images: &[(&ImageRef, &Location)]) -> Option<Problem> {
    let (_, at) = images.first()?;
    let words = format!("the registry does not say what {} is today: {why}", first_few(images, 3, |(i, _)| format!("`{i}`")));
    let help = "see that the registry can be reached (`https_proxy`) and shows the image (`docker login`)";
    Some(Problem::at((*at).clone(), words).warning().help(help))
}
