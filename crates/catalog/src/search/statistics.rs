//! What the sources of a search have together: how many tools, and how long their fields are.

use super::field::{Counts, FIELDS, Field};
use super::segment::Segment;
use super::weights::Weights;

/// The statistics of a search.
pub(super) struct Statistics {
    tools: f32,
    sources: f32,
    /// By how much a count in a field of some length is multiplied.
    field_factors: [[f32; 256]; FIELDS],
}

impl Statistics {
    /// Of these segments.
    pub(super) fn of(segments: &[&Segment], weights: &Weights) -> Self {
        let tools = segments.iter().map(|segment| segment.len()).sum::<usize>() as f32;
        let mut field_factors = [[0.0; 256]; FIELDS];
        for (field, factors) in field_factors.iter_mut().enumerate() {
            let total = segments.iter().map(|segment| segment.totals[field]).sum::<u64>() as f32;
            let average = (total / tools.max(1.0)).max(1e-6);
            let normalisation = weights.normalisation[field];
            for (length, factor) in factors.iter_mut().enumerate() {
                let relative = 1.0 - normalisation + normalisation * length as f32 / average;
                *factor = weights.fields[field] / relative.max(1e-6);
            }
        }
        Self { tools, sources: segments.len() as f32, field_factors }
    }

    /// How much a term tells that so many tools have.
    pub(super) fn rarity(&self, documents: usize) -> f32 {
        rarity(documents as f32, self.tools)
    }

    /// How much a term tells that so many sources have in their names.
    pub(super) fn name_rarity(&self, names: usize) -> f32 {
        rarity(names as f32, self.sources)
    }

    /// The evidence of a term in a tool, not yet saturated.
    #[inline]
    pub(super) fn weigh(&self, counts: Counts, lengths: [u8; FIELDS]) -> f32 {
        let mut sum = 0.0;
        for field in Field::ALL {
            let factor = self.field_factors[field.index()][lengths[field.index()] as usize];
            sum += f32::from(counts.get(field)) * factor;
        }
        sum
    }
}

fn rarity(few: f32, of: f32) -> f32 {
    let few = few.min(of);
    (1.0 + (of - few + 0.5) / (few + 0.5)).ln()
}
