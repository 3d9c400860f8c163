//! A thread that has seen its largest batch allocates nothing more per window.

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use sayso::error::ModelError;
use sayso::kernels::Kernels;
use sayso::model::fast::{F32Projection, FastEngine, Int8Projection, Projection};
use sayso::model::{Answers, Batch, Bundle, BundleFile, Engine, ModelConfig, Weights, Workspace};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn bundle() -> Bundle {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
    Bundle::read(&folder).expect("the default bundle")
}

fn allocations_in_steady_state<P: Projection>(file: Result<BundleFile, ModelError>) -> usize {
    let config = bundle().config;
    let config = ModelConfig::from_bytes(&config.bytes, &config.path).expect("the default configuration");
    let file = file.expect("the bundle has both precisions");
    let weights = Weights::from_bytes(&file.bytes, &file.path).expect("the default weights");
    let engine = FastEngine::<P>::load(&config, &weights, Kernels::detect()).expect("the default model");
    let window = |length: u32| -> Vec<u32> { (0..length).map(|token| 1000 + token).collect() };
    let (mut batch, mut workspace, mut answers) =
        (Batch::default(), Workspace::default(), Answers::default());
    let mut label = |lengths: &[u32]| {
        batch.clear();
        for &length in lengths {
            let middle = length as usize / 2;
            batch.push(&window(length), &[1..middle, middle..length as usize]);
        }
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        engine
            .forward(&batch, &mut workspace, &mut answers)
            .expect("windows of known tokens");
        ALLOCATIONS.load(Ordering::Relaxed) - before
    };
    assert!(label(&[320, 100, 90]) > 0, "the counter counts");
    label(&[40, 17, 320]) + label(&[5]) + label(&[320, 190])
}

/// One test, so that no other thread allocates while it counts.
#[test]
fn a_warm_engine_allocates_nothing() {
    let bundle = bundle();
    assert_eq!(
        allocations_in_steady_state::<Int8Projection>(bundle.int8_weights()),
        0
    );
    assert_eq!(
        allocations_in_steady_state::<F32Projection>(bundle.float_weights()),
        0
    );
}
