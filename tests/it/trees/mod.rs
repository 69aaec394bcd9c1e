//! Random trees of routers: one description, built with `GuardedRouter` and with Axum's `Router`.
//!
//! The same trees serve every test that compares routers. `Tree::random(&mut rng)` describes one, `build::guarded` and
//! `build::axum` build it, `Tree::requests` derives requests, and a `Sight` in the response names the handler that answered.

pub(crate) mod build;
pub(crate) mod requests;
pub(crate) mod sight;

/// The generator `SplitMix64`: the same trees on every machine, without a dependency.
#[derive(Clone, Debug)]
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// Returns a number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap();
        usize::try_from(self.next().checked_rem(end).unwrap()).unwrap()
    }

    /// Returns `true` once in `cases` calls on average.
    pub(crate) fn once_in(&mut self, cases: usize) -> bool {
        self.below(cases) == 0
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}

/// A router, as the calls that build it.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) calls: Vec<Call>,
    /// `true` if the router gets its state before it is nested or merged.
    pub(crate) has_state: bool,
}

/// A call of a router's method. Handlers, services and layers are numbers; each layer has its own.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    Route(String, Methods),
    RouteService(String, usize),
    Nest(String, Tree),
    NestService(String, usize),
    Merge(Tree),
    Fallback(usize),
    FallbackService(usize),
    MethodNotAllowedFallback(usize),
    Layer(usize),
    RouteLayer(usize),
}

/// The method router of a path: its first handler, and the further calls.
#[derive(Clone, Debug)]
pub(crate) struct Methods {
    /// The methods of the first handler, as an index into `build::FILTERS`; `None` for `any`.
    pub(crate) first: Option<usize>,
    pub(crate) handler: usize,
    pub(crate) calls: Vec<MethodsCall>,
}

#[derive(Clone, Debug)]
pub(crate) enum MethodsCall {
    On(usize, usize),
    Fallback(usize),
    Merge(Methods),
    Layer(usize),
    RouteLayer(usize),
}

const SEGMENTS: [&str; 8] = ["a", "b", "c", "{x}", "{y}", "v{x}", "a%20b", ""];

impl Tree {
    /// Describes a router with nested ones, three deep at most. About half of them can be built.
    pub(crate) fn random(rng: &mut Rng) -> Self {
        Self::nested(rng, &mut 0, 3)
    }

    fn nested(rng: &mut Rng, layers: &mut usize, depth: usize) -> Self {
        let more = rng.below(if depth == 3 { 5 } else { 3 });
        let calls = (0..=more).map(|_| Call::random(rng, layers, depth)).collect();
        Self { calls, has_state: rng.once_in(4) }
    }
}

impl Call {
    fn random(rng: &mut Rng, layers: &mut usize, depth: usize) -> Self {
        let inner = depth.saturating_sub(1);
        match rng.below(18) {
            0..=4 => Self::Route(path(rng), Methods::random(rng, layers, 1)),
            5 | 6 => Self::RouteService(path(rng), service(rng)),
            7..=9 if inner > 0 => Self::Nest(prefix(rng), Tree::nested(rng, layers, inner)),
            10 if inner > 0 => Self::Merge(Tree::nested(rng, layers, inner)),
            7..=11 => Self::NestService(prefix(rng), service(rng)),
            12 | 13 => Self::Fallback(handler(rng)),
            14 => Self::FallbackService(service(rng)),
            15 => Self::MethodNotAllowedFallback(handler(rng)),
            16 => Self::Layer(another(layers)),
            _ => Self::RouteLayer(another(layers)),
        }
    }
}

impl Methods {
    fn random(rng: &mut Rng, layers: &mut usize, depth: usize) -> Self {
        let first = (!rng.once_in(5)).then(|| rng.below(build::FILTERS.len()));
        let mut calls = Vec::new();
        while rng.once_in(3) {
            calls.push(match rng.below(5) {
                0 if depth > 0 => MethodsCall::Merge(Self::random(rng, layers, 0)),
                0 | 1 => MethodsCall::On(rng.below(build::FILTERS.len()), handler(rng)),
                2 => MethodsCall::Fallback(handler(rng)),
                3 => MethodsCall::Layer(another(layers)),
                _ => MethodsCall::RouteLayer(another(layers)),
            });
        }
        Self { first, handler: handler(rng), calls }
    }
}

fn handler(rng: &mut Rng) -> usize {
    rng.below(sight::HANDLERS)
}

fn service(rng: &mut Rng) -> usize {
    rng.below(sight::SERVICES)
}

fn another(layers: &mut usize) -> usize {
    *layers = layers.saturating_add(1);
    *layers
}

fn path(rng: &mut Rng) -> String {
    if rng.once_in(40) {
        return rng.pick(&["", "a", "/*a", "/:a", "/{*}", "/{}", "/{a", "/a{x}b", "/{*r}/a"]).to_owned();
    }
    let mut path = prefix(rng);
    match rng.below(8) {
        0 | 1 => "/".to_owned(),
        2 => path + "/",
        3 => path + "/{*rest}",
        4 => "/{*rest}".to_owned(),
        5 => {
            path.push('/');
            path + rng.pick(&SEGMENTS)
        }
        _ => path,
    }
}

fn prefix(rng: &mut Rng) -> String {
    if rng.once_in(50) {
        return rng.pick(&["", "/", "//", "a", "/*a", "/:a", "/{*r}", "/a/{*r}", "/{}", "/{{x"]).to_owned();
    }
    let mut prefix = String::new();
    for _ in 0..=rng.below(2) {
        prefix.push('/');
        prefix.push_str(rng.pick(&SEGMENTS[..7]));
    }
    if rng.once_in(8) {
        prefix.push('/');
    }
    prefix
}
