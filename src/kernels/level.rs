//! Which instructions the kernels use on this machine.

use std::fmt;
use std::sync::LazyLock;

#[cfg(target_arch = "aarch64")]
use super::simd::neon::Neon;
use super::simd::{Kernel, Simd, scalar::SCALAR};
#[cfg(target_arch = "x86_64")]
use super::simd::{avx2::Avx2, avx512::Avx512};

/// An instruction set that the kernels know, slowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Plain Rust; every machine.
    Scalar,
    /// AArch64 NEON.
    Neon,
    /// AArch64 NEON with the 8-bit dot product.
    NeonDotprod,
    /// x86 AVX2 and FMA.
    Avx2,
    /// x86 AVX2 and FMA with the 8-bit dot product of AVX-VNNI.
    AvxVnni,
    /// x86 AVX-512 with the 8-bit dot product VNNI.
    Avx512Vnni,
}

impl Level {
    /// All levels, slowest first.
    pub const ALL: [Level; 6] = [
        Self::Scalar,
        Self::Neon,
        Self::NeonDotprod,
        Self::Avx2,
        Self::AvxVnni,
        Self::Avx512Vnni,
    ];

    /// Whether this machine has the instructions.
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => Neon::<false>::new().is_some(),
            #[cfg(target_arch = "aarch64")]
            Self::NeonDotprod => Neon::<true>::new().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::<false>::new().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => Avx2::<true>::new().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => Avx512::new().is_some(),
            #[allow(unreachable_patterns)]
            _ => false,
        }
    }

    /// The levels that run on this machine, slowest first.
    pub fn available() -> impl Iterator<Item = Level> {
        Self::ALL.into_iter().filter(|level| level.is_available())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scalar => "scalar",
            Self::Neon => "neon",
            Self::NeonDotprod => "neon-dotprod",
            Self::Avx2 => "avx2",
            Self::AvxVnni => "avx-vnni",
            Self::Avx512Vnni => "avx512-vnni",
        })
    }
}

/// The kernels at one level; every operation is a method of this.
///
/// A value exists only for a level that the machine has. Results do not depend on the level, see [`crate::kernels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernels {
    level: Level,
}

impl Kernels {
    /// The fastest level of this machine, looked up once per process.
    pub fn detect() -> Self {
        static FASTEST: LazyLock<Level> =
            LazyLock::new(|| Level::available().last().unwrap_or(Level::Scalar));
        Self { level: *FASTEST }
    }

    /// The kernels at a given level, or `None` where the machine does not have it.
    pub fn at(level: Level) -> Option<Self> {
        level.is_available().then_some(Self { level })
    }

    /// The level in use.
    pub fn level(self) -> Level {
        self.level
    }

    /// Runs `kernel` with this level's instructions.
    pub(super) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[cfg(target_arch = "x86_64")]
        match self.level {
            Level::Avx512Vnni => {
                if let Some(simd) = Avx512::new() {
                    return simd.enter(kernel);
                }
            }
            Level::AvxVnni => {
                if let Some(simd) = Avx2::<true>::new() {
                    return simd.enter(kernel);
                }
            }
            Level::Avx2 => {
                if let Some(simd) = Avx2::<false>::new() {
                    return simd.enter(kernel);
                }
            }
            _ => {}
        }
        #[cfg(target_arch = "aarch64")]
        match self.level {
            Level::NeonDotprod => {
                if let Some(simd) = Neon::<true>::new() {
                    return simd.enter(kernel);
                }
            }
            Level::Neon => {
                if let Some(simd) = Neon::<false>::new() {
                    return simd.enter(kernel);
                }
            }
            _ => {}
        }
        SCALAR.enter(kernel)
    }
}
